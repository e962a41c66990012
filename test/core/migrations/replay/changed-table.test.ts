import {writeFileSync} from 'node:fs';
import {join} from 'node:path';
import {describe, expect, test} from 'vitest';
import {readTable} from '../../../../source/core/ddl/read.ts';
import {tableHash} from '../../../../source/core/operations/table-hash.ts';
import {projectForEachTest} from '../../../project-folder.ts';
import {runnerFor} from '../run.ts';

const project = projectForEachTest();
const {run, done, failed} = runnerFor(project);
const [start, one, two] = ['20260101_000000_start', '20260102_000000_one', '20260103_000000_two'];
const user = (more = '') => `CREATE TABLE user (id INTEGER PRIMARY KEY, name TEXT${more})`;
const hash = (sql: string) => tableHash(readTable(sql));
const change = (sql: string, from: string | undefined) =>
	`op.changeTable('user', \`${sql}\`${from === undefined ? '' : `, {from: '${hash(from)}'}`});`;

/** A database with rows, where `start` is applied. */
async function started(): Promise<void> {
	project.migration(start, `op.createTable('${user()}'); op.createTable('CREATE TABLE log (x)');`);
	await done();
	project.exec("INSERT INTO user VALUES (1, 'Ann'), (2, 'Bob')");
}

function columns(): unknown {
	return project.value("SELECT group_concat(name) FROM pragma_table_info('user')");
}

describe('a change of a whole table, written for one definition of it', () => {
	test('runs if the table has that definition, regardless of its spelling', async () => {
		await started();
		project.exec(
			'ALTER TABLE user RENAME TO away; CREATE TABLE "USER" ([ID] integer primary key, `name` text); INSERT INTO user SELECT * FROM away; DROP TABLE away',
		);
		project.migration(one, change(user(', age INTEGER UNIQUE'), user()));
		await done();
		expect(project.all('SELECT * FROM user')).toEqual([
			{id: 1, name: 'Ann', age: null},
			{id: 2, name: 'Bob', age: null},
		]);
	});

	test.each([
		['adds a column', "op.addColumn('user', 'age INTEGER');", 'id,name,age'],
		['drops a column', "op.dropColumn('user', 'name');", 'id'],
		['renames a column', "op.renameColumn('user', 'name', 'title');", 'id,title'],
		['changes the whole table', change(user(', age INTEGER'), user()), 'id,name,age'],
		['changes it with plain SQL', "op.execute('ALTER TABLE user ADD COLUMN age INTEGER');", 'id,name,age'],
	])('stops the run before anything is written if an applied migration %s, and names that migration', async (_what, other, left) => {
		await started();
		project.migration(one, other);
		await done({consent: true});
		const path = project.migration(two, change(user(', city TEXT UNIQUE'), user()));
		const event = await failed({consent: true, acceptEdited: true});
		expect(event).toMatchObject({
			code: 'plan',
			message: `${two} was written for a different definition of user`,
			details: [`${one} changed user after that`],
			location: {file: path, table: 'user'},
			hint: `remove the file of ${two}, which would undo other changes, and run lite-migr create <name> again`,
			backup: null,
		});
		expect(event.state).toBe(`nothing was written: app.db is at ${one}`);
		expect(columns()).toBe(left);
		expect(project.value('SELECT count(*) FROM user')).toBe(2);
	});

	test('stops the run of both, if both are pending', async () => {
		await started();
		project.migration(one, "op.addColumn('user', 'age INTEGER');");
		project.migration(two, change(user(', city TEXT UNIQUE'), user()));
		expect(await failed({consent: true})).toMatchObject({message: expect.stringContaining(two), details: [`${one} changed user after that`]});
		expect(columns()).toBe('id,name');
	});

	test('stops a new database as well', async () => {
		project.migration(start, `op.createTable('${user()}');`);
		project.migration(one, "op.addColumn('user', 'age INTEGER');");
		project.migration(two, change(user(', city TEXT UNIQUE'), user()));
		expect(await failed({consent: true})).toMatchObject({details: [`${one} changed user after that`]});
	});

	test('is not stopped by a migration that changes another table, or an index or trigger of this one', async () => {
		await started();
		project.migration(
			one,
			`op.addColumn('log', 'y'); op.createIndex('CREATE INDEX user_name ON user (name)');
			op.createTrigger('CREATE TRIGGER user_log AFTER INSERT ON user BEGIN INSERT INTO log (x) VALUES (new.id); END');`,
		);
		project.migration(two, change(user(', city TEXT UNIQUE'), user()));
		await done({consent: true});
		expect(columns()).toBe('id,name,city');
		expect(project.value("SELECT count(*) FROM sqlite_schema WHERE name IN ('user_name', 'user_log')")).toBe(2);
	});

	test('says that the table was changed outside lite-migr, if no migration changed it', async () => {
		await started();
		project.exec('ALTER TABLE user ADD COLUMN byhand TEXT');
		project.exec("UPDATE user SET byhand = 'kept'");
		project.migration(one, change(user(', city TEXT UNIQUE'), user()));
		const event = await failed({consent: true});
		expect(event).toMatchObject({message: `${one} was written for a different definition of user`, details: ['user was changed outside lite-migr']});
		expect(event.hint).toMatch(/lite-migr baseline <name>.*\n.*lite-migr create <name>/);
		expect(project.value("SELECT count(*) FROM user WHERE byhand = 'kept'")).toBe(2);
	});

	test('reports an earlier operation of the same migration that changes the table', async () => {
		await started();
		project.migration(one, `op.addColumn('user', 'age INTEGER');\n${change(user(', city TEXT UNIQUE'), user())}`);
		expect(await failed({consent: true})).toMatchObject({details: [`an earlier operation of ${one} changes user`], location: {line: 5}});
	});

	test('reports that no migration creates the definition it was written for, for example after a file was removed', async () => {
		await started();
		project.migration(two, change(user(', age INTEGER, city TEXT UNIQUE'), user(', age INTEGER')));
		expect(await failed({consent: true})).toMatchObject({
			details: ['no earlier migration creates that definition of user'],
			hint: expect.stringContaining(`remove the file of ${two}`),
		});
	});

	test('still stops if a missing file makes it impossible to find the migration that changed the table', async () => {
		await started();
		project.migration(one, "op.addColumn('user', 'age INTEGER');");
		await done();
		project.removeMigration(one);
		project.migration(two, change(user(', city TEXT UNIQUE'), user()));
		expect(await failed({consent: true, acceptEdited: true})).toMatchObject({code: 'plan', message: expect.stringContaining(two)});
		expect(columns()).toBe('id,name,age');
	});

	test('can be written for several definitions, one for each database', async () => {
		await started();
		project.exec('ALTER TABLE user ADD COLUMN byhand TEXT');
		const from = [hash(user()), hash(user(', byhand TEXT'))].map((each) => `'${each}'`).join(', ');
		project.migration(one, `op.changeTable('user', '${user(', byhand TEXT, city TEXT UNIQUE')}', {from: [${from}]});`);
		await done({consent: true});
		expect(columns()).toBe('id,name,byhand,city');
	});

	test('changes any table if it names no definition', async () => {
		await started();
		project.migration(one, "op.addColumn('user', 'age INTEGER');");
		project.migration(two, change(user(', city TEXT UNIQUE'), undefined));
		await done({consent: true});
		expect(columns()).toBe('id,name,city');
	});

	test.each(["'nonsense'", '7', '[]', "''", "['3f9c1a2b', 1]"])('needs a hash as its definition, not %s', async (value) => {
		await started();
		project.migration(one, `op.changeTable('user', '${user(', age INTEGER UNIQUE')}', {from: ${value}});`);
		expect(await failed()).toMatchObject({code: 'migration', message: expect.stringContaining('from must be a hash'), location: {line: 4}});
	});

	test('stops a downgrade that would undo more than its upgrade did', async () => {
		await started();
		const wide = user(', city TEXT UNIQUE');
		project.migration(one, change(wide, user()), `op.changeTable('user', '${user()}', {from: '${hash(wide)}'});`);
		await done();
		project.exec("ALTER TABLE user ADD COLUMN byhand TEXT DEFAULT 'kept'");
		const event = await failed({direction: 'downgrade', consent: true});
		expect(event).toMatchObject({details: ['user was changed outside lite-migr'], hint: expect.stringContaining('lite-migr restore')});
		expect(project.value("SELECT count(*) FROM user WHERE byhand = 'kept'")).toBe(2);
		project.exec('ALTER TABLE user DROP COLUMN byhand');
		await done({direction: 'downgrade', consent: true});
		expect(columns()).toBe('id,name');
	});
});

describe('a rewrite in plain SQL, after a comment with the definition it was written for', () => {
	const rewrite = `CREATE TABLE user_new (id INTEGER PRIMARY KEY, name TEXT, city TEXT UNIQUE);
INSERT INTO user_new (id, name) SELECT id, name FROM user;
DROP TABLE user;
ALTER TABLE user_new RENAME TO user;
`;
	const sqlMigration = (name: string, text: string) => writeFileSync(join(project.migrationsDir, `${name}.sql`), text);

	test('stops the run if the table has another definition', async () => {
		await started();
		project.migration(one, "op.addColumn('user', 'age INTEGER');");
		await done();
		sqlMigration(two, `-- upgrade\n-- changes user ${hash(user())}\n-- user: copy rows\n${rewrite}`);
		expect(await failed({consent: true})).toMatchObject({
			message: `${two} was written for a different definition of user`,
			details: [`${one} changed user after that`],
		});
		expect(columns()).toBe('id,name,age');
	});

	test('runs if the table has that definition, even after another statement', async () => {
		await started();
		sqlMigration(one, `-- upgrade\nALTER TABLE log ADD COLUMN y;\n-- changes user ${hash(user(', x'))} ${hash(user())}\n${rewrite}`);
		await done({consent: true});
		expect(columns()).toBe('id,name,city');
		expect(project.value('SELECT count(*) FROM user')).toBe(2);
	});

	test('is checked for names with spaces and quotes, and other comments are left alone', async () => {
		await started();
		project.exec('CREATE TABLE "a ""b" (x)');
		sqlMigration(one, '-- upgrade\n-- changes everything, and more\n-- changes user soon\n-- changes "a ""b" 00000000\nDROP TABLE "a ""b";\n');
		expect(await failed({consent: true})).toMatchObject({message: `${one} was written for a different definition of a "b`});
	});
});

describe('a migration whose upgrade was edited before it was applied', () => {
	test('reports the definition that its downgrade must name, and why undoing it fails', async () => {
		await started();
		const [created, edited] = [user(', city TEXT UNIQUE'), user(', city TEXT UNIQUE CHECK (city <> 7)')];
		const downgrade = (from: string) => `op.changeTable('user', '${user()}', {from: '${hash(from)}'});`;
		project.migration(one, change(edited, user()), downgrade(created));
		const events = await run();
		expect(events).toContainEqual({
			type: 'notice',
			message: `the downgrade of ${one} was written for a different definition of user than its upgrade creates: set from to '${hash(edited)}' in its downgrade`,
		});
		expect(await failed({direction: 'downgrade', consent: true})).toMatchObject({
			code: 'plan',
			details: ['its upgrade was edited and no longer creates that definition of user'],
		});
		project.migration(one, change(edited, user()), downgrade(edited));
		await done({direction: 'downgrade', consent: true, acceptEdited: true});
		expect(columns()).toBe('id,name');
	});
});
