import {mkdirSync, writeFileSync} from 'node:fs';
import {join} from 'node:path';
import {describe, expect, test} from 'vitest';
import {openDatabase} from '../../../../source/core/sqlite/open.ts';
import {builtLite} from '../../../cli/built-bin.ts';
import {toml} from '../../../project-folder.ts';
import {generations, kitStatements, project} from './project.ts';

describe.each(generations)('through the built command, with drizzle-orm of generation %s', {timeout: 120_000}, (generation) => {
	function started(models: Readonly<Record<string, string>>): string {
		const folder = project(generation, {'migrate.toml': toml});
		mkdirSync(join(folder, 'models'));
		for (const [name, text] of Object.entries(models)) writeFileSync(join(folder, 'models', name), text);
		return folder;
	}

	test('an empty database gets the schema of the models, and no differences remain', async () => {
		const folder = started({
			'user.ts': `
				import {integer, sqliteTable, text} from 'drizzle-orm/sqlite-core';
				export const user = sqliteTable('user', {id: integer().primaryKey(), email: text().notNull().unique()});
			`,
			'post.ts': `
				import {check, integer, sqliteTable, sqliteView, text} from 'drizzle-orm/sqlite-core';
				import {gt} from 'drizzle-orm';
				import {user} from './user';
				export const post = sqliteTable('post', {id: integer().primaryKey(), user: integer().references(() => user.id), title: text()}, (table) => [check('known', gt(table.user, 0))]);
				export const titles = sqliteView('titles').as((query) => query.select({title: post.title}).from(post));
			`,
			'index.ts': `export * from './user'; export * from './post';`,
		});
		expect(await builtLite(folder, ['create', 'start', '--yes'])).toMatchObject({code: 0, stderr: ''});
		expect(await builtLite(folder, ['upgrade', '--yes'])).toMatchObject({code: 0, stderr: ''});
		expect(await builtLite(folder, ['check'])).toMatchObject({code: 0});
		const db = openDatabase(join(folder, 'app.db'), {readonly: true});
		expect(db.all("SELECT name FROM sqlite_schema WHERE name IN ('user', 'post', 'titles') ORDER BY name").map(({name}) => name)).toEqual([
			'post',
			'titles',
			'user',
		]);
		db.close();
	});

	test('a table for another database is reported with file and line', async () => {
		const folder = started({
			'user.ts': `import {integer, pgTable} from 'drizzle-orm/pg-core';\nexport const user = pgTable('user', {id: integer()});\n`,
		});
		const {code, stderr} = await builtLite(folder, ['create', 'start']);
		expect(code).toBe(1);
		expect(stderr).toContain('user is a PgTable of drizzle-orm, but lite-migr only supports SQLite');
		expect(stderr).toContain('models/user.ts:2');
		expect(stderr).not.toContain('    at ');
	});

	test('a database from drizzle-kit is pulled as Drizzle models without differences', async () => {
		const folder = started({});
		const made = project(generation, {'shop.ts': undefined});
		const db = openDatabase(join(folder, 'app.db'), {create: true});
		for (const statement of await kitStatements(made, 'shop.ts')) db.exec(statement);
		db.close();
		expect(await builtLite(folder, ['pull', '--format', 'drizzle'])).toMatchObject({code: 0, stderr: ''});
		const {code, stdout} = await builtLite(folder, ['diff']);
		expect(stdout).toContain('no differences');
		expect(code).toBe(0);
	});
});
