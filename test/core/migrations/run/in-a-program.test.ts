import {existsSync, mkdirSync, readdirSync, readFileSync, renameSync, writeFileSync} from 'node:fs';
import {stripTypeScriptTypes} from 'node:module';
import {join} from 'node:path';
import {pathToFileURL} from 'node:url';
import {inspect} from 'node:util';
import {describe, expect, test} from 'vitest';
import type {ApplyEvent} from '../../../../source/core/migrations/event.ts';
import {apply, openDatabase} from '../../../../source/index.ts';
import {projectForEachTest, toml} from '../../../project-folder.ts';

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

describe('the hints of a program', () => {
	type Request = Parameters<typeof apply>[0];

	async function failedWith(options: Partial<Extract<Request, {readonly migrationsDir: string}>>) {
		let last: ApplyEvent | undefined;
		for await (const event of apply({database: project.file, migrationsDir: project.migrationsDir, ...options} as Request)) last = event;
		if (last?.type !== 'failed') throw new Error(`ended with ${last?.type}`);
		return last;
	}

	/** What can go wrong, and the hint, which names an option of the program. */
	const problems: Readonly<Record<string, readonly [() => Promise<{readonly hint: string | null}>, string]>> = {
		'a locked database': [
			async () => {
				const db = project.open();
				db.exec('BEGIN EXCLUSIVE');
				return await failedWith({wait: 0.05}).finally(() => db.close());
			},
			'set a longer timeout with the option wait, in seconds',
		],
		'a missing folder': [() => failedWith({database: project.at('data/app.db')}), 'change the path of the database'],
		'no database to downgrade': [() => failedWith({database: project.at('no.db'), direction: 'downgrade'}), 'check the path of the database'],
		'a file that is not a database': [
			async () => {
				project.write('text.db', 'some text that is not a database');
				return await failedWith({database: project.at('text.db')});
			},
			'check the path of the database',
		],
		'a text that is not a plan id': [() => failedWith({plan: 'x'}), 'run with dryRun: true to see the id of the plan'],
		'a target that is not applied': [
			() => failedWith({direction: 'downgrade', to: '20260103'}),
			"to apply it, run an upgrade with to: '20260103_000000_drop'",
		],
		'a loss': [() => failedWith({}), 'set consent: true\nto try it on a copy first, set dryRun: true'],
		'another plan': [() => failedWith({plan: '00000000'}), 'to see the new plan, set dryRun: true\nto run it, set plan:'],
		'an edited file': [
			async () => {
				project.migration('20260102_000000_age', "op.addColumn('user', 'age TEXT');", "op.dropColumn('user', 'age');");
				return await failedWith({consent: true});
			},
			'if the change is intended, set acceptEdited: true (consent does not cover it)',
		],
		'a newer database': [
			async () => {
				project.removeMigration('20260103_000000_drop');
				project.removeMigration('20260102_000000_age');
				return await failedWith({});
			},
			"run a downgrade with to: '20260101_000000_user'",
		],
		'no folder for the backup': [
			async () => {
				project.write('taken', '');
				return await failedWith({consent: true, backup: 'always', backupDir: project.at('taken/backups')});
			},
			"change the option backupDir; to run without a backup, use backup: 'never'",
		],
	};

	test.each(Object.entries(problems))('name options instead of flags: %s', async (_, [fail, hint]) => {
		writeMigrations();
		await lastEvent(project.file);
		project.migration('20260103_000000_drop', "op.dropColumn('user', 'age');", "op.addColumn('user', 'age INTEGER');");
		const failed = await fail();
		expect(failed.hint).toContain(hint);
		expect(JSON.stringify(failed)).not.toMatch(/ --[a-z]|migrate\.toml/);
	});

	test('of openDatabase() name the path', () => {
		expect(() => openDatabase(project.at('no.db'))).toThrow(
			expect.objectContaining({code: 'database', hint: 'run an upgrade to create it, or check the path of the database'}),
		);
	});

	test('are the only ones in an error that is printed with all its properties', () => {
		let printed = '';
		try {
			openDatabase(project.at('no.db'));
		} catch (error) {
			printed = inspect(error);
		}
		expect(printed).toContain("hint: 'run an upgrade to create it");
		expect(printed).not.toMatch(/migrate\.toml|programHint|\[cause\]/);
	});

	test('of the command line name flags', async () => {
		project.write('migrate.toml', toml);
		writeMigrations();
		expect((await project.lite('upgrade', '--plan', 'x')).stderr).toContain('run lite-migr upgrade --dry-run');
		expect((await project.lite('upgrade', '--steps', '0')).stderr).toContain('--steps');
	});

	test('are the only texts of a run that name a flag outside a command of lite-migr', () => {
		const core = join(import.meta.dirname, '../../../../source/core');
		const folders = ['sqlite', ...['run', 'history', 'backup', 'replay', 'preflight', 'effects'].map((name) => `migrations/${name}`)];
		const files = folders
			.flatMap((name) => readdirSync(join(core, name)).map((file) => join(core, name, file)))
			.filter((path) => path.endsWith('.ts'));
		const lines = files.flatMap((path) =>
			readFileSync(path, 'utf8')
				.split('\n')
				.filter((line) => /['"`].*(?<![\w-])--[a-z]/.test(line) && !/^\s*(?:\/\/|\*|\/\*)/.test(line)),
		);
		expect(lines.length).toBeGreaterThan(5);
		expect(lines.filter((line) => !/command: |lite-migr [a-z]+ |'lite-migr', direction|disable-warning/.test(line))).toEqual([]);
	});
});
