import {existsSync, mkdirSync, renameSync, writeFileSync} from 'node:fs';
import {stripTypeScriptTypes} from 'node:module';
import {pathToFileURL} from 'node:url';
import {describe, expect, test} from 'vitest';
import type {ApplyEvent} from '../../../../source/core/migrations/event.ts';
import {apply} from '../../../../source/index.ts';
import {projectForEachTest} from '../../../project-folder.ts';

const project = projectForEachTest();

async function lastEvent(database: string, migrationsDir = project.migrationsDir): Promise<ApplyEvent | undefined> {
	let last: ApplyEvent | undefined;
	for await (const event of apply({database, migrationsDir})) last = event;
	return last;
}

const columns = () => project.all("SELECT name FROM pragma_table_info('user')").map(({name}) => name);

function writeMigrations(): void {
	project.migration('20260101_000000_user', "op.createTable('CREATE TABLE user (id INTEGER PRIMARY KEY)');", "op.dropTable('user');");
	project.migration('20260102_000000_age', "op.addColumn('user', 'age INTEGER');", "op.dropColumn('user', 'age');");
}

describe('the database of apply()', () => {
	test('can be a file: URL', async () => {
		writeMigrations();
		expect(await lastEvent(pathToFileURL(project.file).href)).toMatchObject({type: 'done'});
		expect(columns()).toEqual(['id', 'age']);
	});

	test.each([
		[':memory:', ':memory: would be another empty database in your program'],
		['libsql://127.0.0.1', 'a program cannot migrate libsql 127.0.0.1 with apply()'],
		['d1:shop', 'a program cannot migrate d1 shop with apply()'],
		['postgres://127.0.0.1/shop', 'lite-migr cannot open postgres: databases'],
	])('%s is refused, and no file of that name is created', async (database, message) => {
		writeMigrations();
		expect(await lastEvent(database)).toMatchObject({type: 'failed', code: 'usage', message});
		expect(existsSync(database)).toBe(false);
	});
});

describe('the migrations of a program', () => {
	test('load as TypeScript from a package in node_modules, where Node refuses it', async () => {
		writeMigrations();
		mkdirSync(project.at('node_modules/shop'), {recursive: true});
		renameSync(project.migrationsDir, project.at('node_modules/shop/migrations'));
		expect(await lastEvent(project.file, project.at('node_modules/shop/migrations'))).toMatchObject({type: 'done'});
		expect(columns()).toEqual(['id', 'age']);
	});

	test('count as edited if a build compiled them, and the error says what to ship instead', async () => {
		writeMigrations();
		await lastEvent(project.file);
		for (const name of project.files('migrations')) {
			mkdirSync(project.at('dist'), {recursive: true});
			const text = project.read(`migrations/${name}`).replaceAll('    ', '\t');
			writeFileSync(project.at(`dist/${name.replace('.ts', '.js')}`), stripTypeScriptTypes(text).replace(/^import .*$/m, ''));
		}
		const failed = await lastEvent(project.file, project.at('dist'));
		expect(failed).toMatchObject({type: 'failed', code: 'answerNeeded', message: 'files of applied migrations were edited'});
		expect(failed).toMatchObject({hint: expect.stringContaining('ship the TypeScript files, a bundle of lite-migr bundle, or use format = "sql"')});
		expect(failed).toMatchObject({details: expect.arrayContaining([expect.stringContaining('compiling a migration to JavaScript also edits it')])});
	});
});
