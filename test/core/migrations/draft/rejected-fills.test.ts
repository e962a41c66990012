import {expect, test} from 'vitest';
import {projectFolder, toml} from '../../../project-folder.ts';

const project = () => {
	const folder = projectFolder({
		'migrate.toml': toml,
		'models/schema.sql': 'CREATE TABLE user (id INTEGER PRIMARY KEY, full_name TEXT, email TEXT NOT NULL);\nCREATE TABLE tag (name TEXT);',
		'migrations/20260101_000000_start.sql': 'CREATE TABLE user (id INTEGER PRIMARY KEY, name TEXT, email TEXT);\nCREATE TABLE tag (name TEXT);',
		'migrations/20260102_000000_pending.sql': 'CREATE TABLE later (id INTEGER);',
	});
	folder.write('models/later.sql', 'CREATE TABLE later (id INTEGER);');
	return folder;
};

test.each([
	['(SELECT 1 FROM missing)', 'no such table: missing'],
	['(SELECT missing FROM tag)', 'no such column: missing'],
	['missing(full_name)', 'no such function: missing'],
	["max(name) || '@'", 'misuse of aggregate'],
])('a fill that SQLite rejects is not drafted, even without rows or a database: %s', async (fill, reason) => {
	const folder = project();
	for (const hasDatabase of [false, true]) {
		if (hasDatabase) expect((await folder.lite('upgrade', '--to', '20260101')).code).toBe(0);
		const {code, stderr} = await folder.lite('create', 'x', '--rename', 'user.name=full_name', '--fill', `user.email=${fill}`);
		expect({code, stderr}).toMatchObject({code: 1, stderr: expect.stringContaining(reason)});
		expect(stderr).toContain('over the current columns: id, name, email');
		expect(folder.files('migrations')).toHaveLength(2);
	}
});

test.each(["lower(name) || '@'", '(SELECT min(name) FROM tag)', "coalesce((SELECT id FROM later), '')", "'x'"])(
	'a fill over the old row, other tables and pending tables is drafted: %s',
	async (fill) => {
		const folder = project();
		expect(await folder.lite('create', 'x', '--rename', 'user.name=full_name', '--fill', `user.email=${fill}`)).toMatchObject({code: 0, stderr: ''});
		expect((await folder.lite('upgrade')).code).toBe(0);
	},
);

test('a fill is checked next to other changes, foreign keys, views and triggers', async () => {
	const kept = `CREATE TABLE parent (id INTEGER PRIMARY KEY);
CREATE TABLE child (id INTEGER PRIMARY KEY, parent INTEGER REFERENCES parent (id));
CREATE TABLE log (line TEXT);
CREATE VIEW shown AS SELECT child.id FROM child JOIN parent ON parent.id = child.parent;
CREATE TRIGGER logged AFTER INSERT ON log BEGIN DELETE FROM child; END;`;
	const folder = projectFolder({
		'migrate.toml': toml,
		'migrations/20260101_000000_start.sql': `CREATE TABLE "one more" (id INTEGER PRIMARY KEY, parent INTEGER REFERENCES parent (id), tag TEXT);
CREATE TABLE plain (n INTEGER);
CREATE INDEX plain_n ON plain (n);
${kept}`,
		'models/schema.sql': `CREATE TABLE "one more" (id INTEGER PRIMARY KEY, parent INTEGER REFERENCES parent (id), tag TEXT NOT NULL);
CREATE TABLE plain (n INTEGER);
${kept}`,
	});
	const created = (fill: string) => folder.lite('create', 'x', '--drop', 'plain_n', '--fill', `one more.tag=${fill}`);
	expect((await created('(SELECT max(missing) FROM shown)')).stderr).toContain('no such column: missing');
	expect((await created('(SELECT max(line) FROM loged)')).stderr).toContain('no such table: loged');
	expect(await created("coalesce((SELECT max(id) FROM shown), (SELECT n FROM plain), (SELECT line FROM log), 'x')")).toMatchObject({
		code: 0,
		stderr: '',
	});
	expect((await folder.lite('upgrade')).code).toBe(0);
});
