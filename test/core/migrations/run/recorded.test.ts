import {readdirSync, rmSync} from 'node:fs';
import {beforeEach, describe, expect, test} from 'vitest';
import {noDecisions} from '../../../../source/core/diff/question.ts';
import {baseline} from '../../../../source/core/migrations/adopt/baseline.ts';
import type {ApplyEvent} from '../../../../source/core/migrations/event.ts';
import {projectForEachTest} from '../../../project-folder.ts';
import {runnerFor} from '../run.ts';

const project = projectForEachTest();
const {run, done, failed} = runnerFor(project);
const [a, b, c] = ['20260101_000000_a', '20260102_000000_b', '20260103_000000_c'];
const user = 'CREATE TABLE user (id INTEGER PRIMARY KEY, name TEXT)';

const noticesOf = (events: readonly ApplyEvent[]) => events.flatMap((event) => (event.type === 'notice' ? [event.message] : []));
const recorded = () => project.all('SELECT name FROM _lite_migr ORDER BY id').map(({name}) => name);
const down = {direction: 'downgrade'} as const;

describe('a downgrade without the file of its migration', () => {
	beforeEach(async () => {
		project.migration(a, `op.createTable('${user}');`, "op.dropTable('user');");
		project.migration(
			b,
			"op.createTable('CREATE TABLE log (x)'); op.addColumn('user', 'age INTEGER');",
			"op.dropColumn('user', 'age'); op.dropTable('log');",
		);
		await done();
		project.exec("INSERT INTO user VALUES (1, 'Ann', 7); INSERT INTO log VALUES (1)");
	});

	test('needs consent, lists its operations, and then restores the schema, with a backup first', async () => {
		project.removeMigration(b);
		const refused = await failed(down);
		expect(refused).toMatchObject({code: 'answerNeeded', backup: null});
		expect(refused.details[0]).toBe(
			`_lite_migr: ${b} has no file, so it is undone with the downgrade stored in the database, which runs: dropColumn('user', 'age'); dropTable('log')`,
		);
		expect(refused.details).toContain('log will be dropped with 1 row');
		expect(recorded()).toEqual([a, b]);
		const finished = await done({...down, consent: true});
		expect(finished).toMatchObject({
			applied: [{name: b}],
			currentMigration: a,
			backup: expect.stringContaining('.db'),
			undo: [expect.stringMatching(/^lite-migr restore /)],
		});
		expect(project.all('SELECT * FROM user')).toEqual([{id: 1, name: 'Ann'}]);
		expect(recorded()).toEqual([a]);
	});

	test('needs consent even if nothing is lost', async () => {
		project.migration(c, "op.createIndex('CREATE INDEX user_name ON user (name)');", "op.dropIndex('user_name');");
		await done();
		project.removeMigration(c);
		expect(await failed(down)).toMatchObject({code: 'answerNeeded'});
		await done({...down, consent: true});
		expect(project.value("SELECT count(*) FROM sqlite_schema WHERE name = 'user_name'")).toBe(0);
	});

	test('leaves a branch whose files are all missing', async () => {
		rmSync(project.migrationsDir, {recursive: true});
		expect(await done({...down, steps: 2, consent: true})).toMatchObject({currentMigration: null});
		expect(project.all("SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite%'")).toEqual([{name: '_lite_migr'}]);
	});

	test('is tried on a copy by a dry run', async () => {
		project.removeMigration(b);
		expect(await done({...down, dryRun: true})).toMatchObject({applied: [{name: b}], dryRun: true});
		expect(recorded()).toEqual([a, b]);
	});

	test('is not used if the file exists, edited or not', async () => {
		project.migration(b, '', "op.execute('DELETE FROM log');");
		await done({...down, consent: true, acceptEdited: true});
		expect(project.value('SELECT count(*) FROM log')).toBe(0);
	});

	test('is rolled back like any other if it fails', async () => {
		project.exec(
			`UPDATE _lite_migr SET downgrade = '[{"kind":"dropTable","table":"log"},{"kind":"execute","sql":"DELETE FROM nowhere","parameters":[]}]'`,
		);
		project.removeMigration(b);
		expect(await failed({...down, consent: true})).toMatchObject({code: 'migration', message: expect.stringContaining('no such table')});
		expect(project.value('SELECT count(*) FROM log')).toBe(1);
	});

	test('fails if the stored text was not written by lite-migr, or if code could not be stored', async () => {
		project.exec(`UPDATE _lite_migr SET downgrade = '[{"kind":"run","run":"process.exit()"}]'`);
		project.removeMigration(b);
		expect(await failed({...down, consent: true})).toMatchObject({code: 'history', message: `the stored downgrade of ${b} cannot be read`});
		project.migration(c, '', 'op.run(() => {});');
		await done({acceptEdited: true});
		project.removeMigration(c);
		expect(await failed({...down, consent: true})).toMatchObject({
			code: 'history',
			message: `${c} cannot be undone: its file is missing`,
			details: ['the database does not store a downgrade of it: it runs code (op.run), which cannot be stored'],
		});
	});

	test('works in a database of an earlier version for migrations that are applied from now on', async () => {
		for (const column of ['adopted', 'downgrade']) project.exec(`ALTER TABLE _lite_migr DROP COLUMN ${column}`);
		project.exec('UPDATE _lite_migr SET duration_ms = 5');
		project.migration(c, "op.createTable('CREATE TABLE c (x)');", "op.dropTable('c');");
		await done();
		for (const name of [b, c]) project.removeMigration(name);
		await done({...down, consent: true});
		expect(await failed({...down, consent: true})).toMatchObject({
			message: `${b} cannot be undone: its file is missing`,
			details: ['the database does not store a downgrade of it: an earlier version applied it'],
		});
		expect(recorded()).toEqual([a, b]);
	});

	test('keeps the values of parameters', async () => {
		project.migration(
			c,
			"op.execute('DELETE FROM log');",
			"op.execute('INSERT INTO log VALUES (?), (?), (?)', [9007199254740993n, new Uint8Array([7]), 'x']);",
		);
		await done({consent: true});
		project.removeMigration(c);
		await done({...down, consent: true});
		expect(project.all('SELECT typeof(x) AS type, CAST(x AS TEXT) AS text FROM log')).toEqual([
			{type: 'integer', text: '9007199254740993'},
			{type: 'blob', text: '\u0007'},
			{type: 'text', text: 'x'},
		]);
	});
});

describe('undoing a migration that was only marked as applied', () => {
	const adopt = (name: string) =>
		baseline({
			dbPath: project.file,
			migrationsDir: project.migrationsDir,
			ignore: [],
			wait: 1,
			format: 'ts',
			name,
			decisions: noDecisions,
			answers: undefined,
			now: new Date('2026-01-01T00:00:00Z'),
			toolVersion: '1.0.0',
		});

	beforeEach(() => project.exec(`${user}; CREATE TABLE log (x); INSERT INTO user VALUES (1, 'Ann'); INSERT INTO log VALUES (1)`));

	const rows = () => [project.value('SELECT count(*) FROM user'), project.value('SELECT count(*) FROM log')];

	test('only removes its record, without consent or backup, and says so', async () => {
		const {applied} = await adopt('start');
		const events = await run(down);
		expect(events.at(-1)).toMatchObject({
			type: 'done',
			applied: [{name: applied[0], steps: 0}],
			currentMigration: null,
			backup: null,
			undo: [`lite-migr baseline ${applied[0]}`],
		});
		expect(noticesOf(events)).toEqual([`${applied[0]} was marked as applied here, not run: only its record is removed, and no table changes`]);
		expect({rows: rows(), recorded: recorded()}).toEqual({rows: [1, 1], recorded: []});
	});

	test('works even if its file is missing', async () => {
		await adopt('start');
		rmSync(project.migrationsDir, {recursive: true});
		await done(down);
		expect({rows: rows(), recorded: recorded()}).toEqual({rows: [1, 1], recorded: []});
	});

	test('also undoes later migrations, which really ran', async () => {
		const {applied} = await adopt('start');
		project.migration('20260202_000000_more', "op.createTable('CREATE TABLE more (x)');", "op.dropTable('more');");
		await done();
		expect(await done({...down, steps: 2, consent: true})).toMatchObject({
			undo: [`lite-migr baseline ${applied[0]}`, 'lite-migr upgrade', expect.stringContaining('restore')],
		});
		expect(rows()).toEqual([1, 1]);
		expect(project.value("SELECT count(*) FROM sqlite_schema WHERE name = 'more'")).toBe(0);
	});

	test('keeps a change by hand that was adopted into the history', async () => {
		await adopt('start');
		project.exec('ALTER TABLE user ADD COLUMN byhand TEXT');
		project.exec("UPDATE user SET byhand = 'kept'");
		await adopt('drift');
		await done(down);
		expect(project.value("SELECT count(*) FROM user WHERE byhand = 'kept'")).toBe(1);
		expect(recorded()).toHaveLength(1);
	});

	test('drops what it created, with consent, if it was run on a new database', async () => {
		await adopt('start');
		rmSync(project.file);
		await done();
		expect(await failed(down)).toMatchObject({code: 'answerNeeded'});
		await done({...down, consent: true});
		expect(project.value("SELECT count(*) FROM sqlite_schema WHERE name IN ('user', 'log')")).toBe(0);
	});

	test('works in a database of an earlier version, which did not record the difference', async () => {
		const {applied} = await adopt('start');
		for (const column of ['adopted', 'downgrade']) project.exec(`ALTER TABLE _lite_migr DROP COLUMN ${column}`);
		expect(noticesOf(await run({...down, consent: true}))).toEqual([
			`${applied[0]} was applied by an earlier version, and may only have been marked as applied: only its record is removed, and no table changes`,
		]);
		expect(rows()).toEqual([1, 1]);
	});

	test('runs the downgrade if an earlier version recorded how long the migration ran', async () => {
		project.migration(a, "op.createTable('CREATE TABLE t (x)');", "op.dropTable('t');");
		await done();
		for (const column of ['adopted', 'downgrade']) project.exec(`ALTER TABLE _lite_migr DROP COLUMN ${column}`);
		project.exec('UPDATE _lite_migr SET duration_ms = 3');
		await done({...down, consent: true});
		expect(project.value("SELECT count(*) FROM sqlite_schema WHERE name = 't'")).toBe(0);
	});
});

describe('a database that is newer than the files', () => {
	beforeEach(async () => {
		for (const name of [a, b, c]) project.migration(name, `op.createTable('CREATE TABLE "${name}" (x)');`, `op.dropTable('${name}');`);
		await done();
	});

	test.each([{}, {consent: true}, {consent: true, acceptEdited: true}, {dryRun: true}])('is not written by an upgrade: %o', async (options) => {
		for (const name of [b, c]) project.removeMigration(name);
		const before = readdirSync(project.at('.'));
		expect(await failed(options)).toMatchObject({
			code: 'databaseNewer',
			message: `app.db is newer than this program: the last migration here is ${a}`,
			details: [`applied to the database, and not here: ${b}, ${c}`],
			hint: expect.stringContaining(`lite-migr downgrade --to ${a}`),
			backup: null,
		});
		expect(readdirSync(project.at('.'))).toEqual(before);
		expect(recorded()).toEqual([a, b, c]);
	});

	test('is not written even if an older file is pending', async () => {
		for (const name of [b, c]) project.removeMigration(name);
		project.migration('20260101_120000_between', "op.createTable('CREATE TABLE between (x)');");
		expect(await failed({consent: true, acceptEdited: true})).toMatchObject({code: 'databaseNewer'});
		expect(project.value("SELECT count(*) FROM sqlite_schema WHERE name = 'between'")).toBe(0);
	});

	test('steps back to the files with the downgrades that it stores', async () => {
		for (const name of [b, c]) project.removeMigration(name);
		expect(await done({...down, to: a, consent: true})).toMatchObject({currentMigration: a, applied: [{name: c}, {name: b}]});
		await done();
		expect(recorded()).toEqual([a]);
	});

	test('counts as a database with missing files if one of them is older than a file', async () => {
		for (const name of [a, c]) project.removeMigration(name);
		expect(await failed({consent: true})).toMatchObject({code: 'answerNeeded', details: [`missing: ${a}, ${c}`]});
	});

	test('counts as a database with missing files if there are no files at all, because the folder is most likely wrong', async () => {
		for (const name of [a, b, c]) project.removeMigration(name);
		expect(await failed({consent: true})).toMatchObject({code: 'answerNeeded', hint: expect.stringContaining('check migrations_dir')});
	});
});
