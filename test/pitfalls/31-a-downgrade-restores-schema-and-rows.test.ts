import {readFileSync} from 'node:fs';
import {describe, expect, test} from 'vitest';
import {managedSchema} from '../../source/core/migrations/history/managed-schema.ts';
import {sameSchema} from '../../source/core/schema/equality.ts';
import {introspect} from '../../source/core/sqlite/introspect.ts';
import {projectFolder, toml} from '../project-folder.ts';
import {formats, modelsAndDatabase} from './models-and-database.ts';

const start = `CREATE TABLE user (id INTEGER PRIMARY KEY AUTOINCREMENT, name TEXT DEFAULT 'x', age TEXT, nick TEXT);
CREATE TABLE post (id INTEGER PRIMARY KEY, user_id INTEGER, title TEXT);
CREATE TABLE log (x TEXT);
CREATE INDEX user_name ON user (name);
CREATE VIEW names AS SELECT name FROM user;
CREATE TRIGGER user_new AFTER INSERT ON user BEGIN INSERT INTO log VALUES (new.name); END;
`;
const rows = "INSERT INTO user VALUES (1, 'Ann', '7', 'A'), (2, 'Bob', NULL, NULL); INSERT INTO post VALUES (1, 1, 'a'); ";

describe.each(formats)('pitfall 31: an upgrade and its downgrade, in a .%s migration', (format) => {
	test.each([
		['a new table', start.replace('CREATE INDEX', 'CREATE TABLE extra (x);\nCREATE INDEX'), {}],
		['a new column', start.replace('nick TEXT', 'nick TEXT, mail TEXT'), {}],
		['a renamed column', start.replaceAll('name', 'full_name'), {renames: [{table: 'user', column: 'name', to: 'full_name'}], allowDrops: true}],
		['a renamed table', start.replace('TABLE post', 'TABLE article'), {renames: [{table: 'post', to: 'article'}]}],
		['another type, default and NOT NULL', start.replace("name TEXT DEFAULT 'x', age TEXT", "name TEXT NOT NULL DEFAULT 'y', age INTEGER"), {}],
		['a foreign key', start.replace('user_id INTEGER', 'user_id INTEGER REFERENCES user(id) ON DELETE CASCADE'), {}],
		[
			'an index, a view and a trigger',
			start.replace('ON user (name)', 'ON user (age)').replace('SELECT name FROM', 'SELECT age FROM').replace('VALUES (new.name)', "VALUES ('new')"),
			{},
		],
	] as const)('restore the schema and the rows (%s)', async (_name, models, answers) => {
		const project = modelsAndDatabase(start + rows, models, format);
		const schema = () => project.database((db) => managedSchema(introspect(db), []));
		const [before, users, posts] = [schema(), project.rows('user', 'id, age, nick'), project.rows('post', 'id, user_id, title')];
		await project.migrate(answers, true);
		expect(sameSchema(schema(), before)).toBe(false);
		expect((await project.downgrade(true)).last).toMatchObject({type: 'done', currentMigration: null});
		expect(sameSchema(schema(), before)).toBe(true);
		expect([project.rows('user', 'id, age, nick'), project.rows('post', 'id, user_id, title')]).toEqual([users, posts]);
	});

	test('say in the file which values cannot be restored, and restore everything else', async () => {
		const project = modelsAndDatabase(
			start + rows,
			start
				.replace(', nick TEXT', '')
				.replace('CREATE TABLE log (x TEXT);\n', '')
				.replace(/CREATE TRIGGER.*\n/, ''),
			format,
		);
		const path = await project.create({allowDrops: true});
		expect(readFileSync(path, 'utf8')).toMatch(/(?:\/\/|--) user\.nick: dropped with its values\. A downgrade cannot restore them\.\n/);
		expect((await project.upgrade(true)).last.type).toBe('done');
		expect((await project.downgrade(true)).last.type).toBe('done');
		expect(project.rows('user', 'id, name, nick')).toEqual(["integer 1 | text 'Ann' | null NULL", "integer 2 | text 'Bob' | null NULL"]);
		expect(project.value('SELECT count(*) FROM log')).toBe(0);
	});
});

test('pitfall 31: a migration without a downgrade cannot be undone, and the error names the command that restores a backup', async () => {
	const project = projectFolder({
		'migrate.toml': toml,
		'migrations/20260101_000000_a.ts': "export function upgrade(op) { op.createTable('CREATE TABLE a (x)'); }\n",
	});
	expect((await project.lite('upgrade')).code).toBe(0);
	expect(await project.lite('downgrade')).toMatchObject({
		code: 1,
		stderr: expect.stringMatching(
			/^✗ 20260101_000000_a cannot be undone: it has no downgrade\n[\s\S]*nothing was written: app\.db is at 20260101_000000_a\n[\s\S]*or restore a backup with lite-migr restore\n$/,
		),
	});
	project.write('migrations/20260102_000000_b.sql', 'CREATE TABLE b (x);\n');
	expect((await project.lite('upgrade')).code).toBe(0);
	expect((await project.lite('downgrade')).stderr).toContain('add a "-- downgrade" line, followed by the statements that undo the migration, or ');
});
