import {DatabaseSync} from 'node:sqlite';
import {describe, expect, onTestFinished, test} from 'vitest';
import {nodeSqlite} from '../../../source/core/runtime/adapters/node-sqlite.ts';
import type {Bundle} from '../../../source/core/runtime/bundle.ts';
import {type MigrateOptions, migrate} from '../../../source/core/runtime/migrate.ts';
import {type ProjectFolder, projectFolder, toml} from '../../project-folder.ts';
import {bundleOf} from './bundles.ts';

function project(): ProjectFolder {
	const folder = projectFolder({'migrate.toml': toml});
	folder.migration('20260101_000000_a', `op.createTable('CREATE TABLE a (id INTEGER PRIMARY KEY)');`, `op.dropTable('a');`);
	folder.migration('20260103_000000_c', `op.createTable('CREATE TABLE c (id INTEGER PRIMARY KEY)');`, `op.dropTable('c');`);
	return folder;
}

function database(file = ':memory:'): DatabaseSync {
	const db = new DatabaseSync(file);
	onTestFinished(() => db.close());
	return db;
}

const apply = async (db: DatabaseSync, bundle: Bundle, options?: MigrateOptions) => await migrate(nodeSqlite(db), bundle, options);
const namesIn = (db: DatabaseSync) =>
	db
		.prepare('SELECT name FROM _lite_migr ORDER BY id')
		.all()
		.map(({name}) => name);

describe('the history of a device', () => {
	test('a renamed migration is recognized, and its new name is recorded with the next migration', async () => {
		const folder = project();
		const db = database();
		await apply(db, await bundleOf(folder.migrationsDir));
		folder.write('migrations/20260104_000000_c.ts', folder.read('migrations/20260103_000000_c.ts'));
		folder.removeMigration('20260103_000000_c');
		expect(await apply(db, await bundleOf(folder.migrationsDir))).toEqual({applied: [], undone: [], at: '20260104_000000_c'});
		folder.migration('20260105_000000_d', `op.createTable('CREATE TABLE d (id INTEGER PRIMARY KEY)');`);
		expect((await apply(db, await bundleOf(folder.migrationsDir))).applied).toEqual(['20260105_000000_d']);
		expect(namesIn(db)).toEqual(['20260101_000000_a', '20260104_000000_c', '20260105_000000_d']);
	});

	test('edited and missing migrations stop a run, unless they are accepted', async () => {
		const folder = project();
		const db = database();
		await apply(db, await bundleOf(folder.migrationsDir));
		folder.migration('20260101_000000_a', `op.createTable('CREATE TABLE a (id INTEGER PRIMARY KEY, more)');`);
		folder.migration('20260105_000000_d', `op.createTable('CREATE TABLE d (id INTEGER PRIMARY KEY)');`);
		const edited = await bundleOf(folder.migrationsDir);
		await expect(apply(db, edited)).rejects.toMatchObject({
			code: 'answerNeeded',
			details: ['edited after they were applied: 20260101_000000_a', 'the database is unchanged'],
		});
		folder.removeMigration('20260101_000000_a');
		const missing = await bundleOf(folder.migrationsDir);
		await expect(apply(db, missing, {consent: true})).rejects.toMatchObject({
			code: 'answerNeeded',
			details: ['missing: 20260101_000000_a', 'the database is unchanged'],
		});
		expect((await apply(db, missing, {acceptEdited: true})).applied).toEqual(['20260105_000000_d']);
	});

	test('an earlier migration of a merged branch is applied if it uses other tables, and refused otherwise', async () => {
		const folder = project();
		const db = database();
		await apply(db, await bundleOf(folder.migrationsDir));
		folder.migration('20260102_000000_b', `op.createTable('CREATE TABLE b (id INTEGER PRIMARY KEY REFERENCES a)');`);
		expect((await apply(db, await bundleOf(folder.migrationsDir))).applied).toEqual(['20260102_000000_b']);
		folder.migration('20260102_000001_b', `op.execute('INSERT INTO a SELECT id FROM b');`);
		folder.migration('20260104_000000_d', `op.addColumn('a', 'n INTEGER');`);
		const both = await bundleOf(folder.migrationsDir);
		const late = {...both, migrations: both.migrations.filter(({name}) => name !== '20260102_000001_b')};
		await apply(db, late);
		await expect(apply(db, both)).rejects.toMatchObject({
			code: 'history',
			message: '20260102_000001_b comes before 20260104_000000_d, which is already applied, and both use the same tables',
		});
	});

	test('a squash counts as applied if all of its parts are, is applied to a new database, and is refused in between', async () => {
		const folder = project();
		const parts = await bundleOf(folder.migrationsDir);
		const [all, half, none] = [database(), database(), database()];
		await apply(all, parts);
		await apply(half, {...parts, migrations: parts.migrations.slice(0, 1)});
		await folder.lite('upgrade');
		expect(await folder.lite('squash', 'both', '--to', '20260103_000000_c')).toMatchObject({code: 0});
		const squashed = await bundleOf(folder.migrationsDir);
		const [squash] = squashed.migrations;
		expect(squash?.replaces).toEqual(['20260101_000000_a', '20260103_000000_c']);
		expect(await apply(all, squashed)).toMatchObject({applied: []});
		expect((await apply(none, squashed)).applied).toEqual([squash?.name]);
		await expect(apply(half, squashed)).rejects.toMatchObject({
			code: 'history',
			message: `this database has applied only 1 of the 2 migrations that ${squash?.name} replaces`,
		});
		for (const name of squash?.replaces ?? []) folder.write(`migrations/${name}.ts`, folder.read(`migrations/_squashed/${name}.ts`));
		const withParts = await bundleOf(folder.migrationsDir);
		expect(withParts.migrations.find(({name}) => name === squash?.name)?.up).toBeNull();
		expect((await apply(half, withParts)).applied).toEqual(['20260103_000000_c']);
		expect((await apply(none, withParts)).applied).toEqual([]);
		expect((await apply(database(), withParts)).applied).toEqual(['20260101_000000_a', '20260103_000000_c']);
	});

	test('a squash replaces its parts in the order of migrations', async () => {
		const migration = (name: string, more: Partial<Bundle['migrations'][number]> = {}): Bundle['migrations'][number] => ({
			name,
			checksum: name,
			tables: ['c'],
			up: {statements: []},
			downgrade: '[]',
			down: null,
			...more,
		});
		const parts = ['20260101_000000_a', '20260103_000000_c'];
		const squash = migration('20260103_000000_both', {replaces: parts});
		const early = migration('20260102_000000_early');
		const bundle: Bundle = {format: 1, migrations: [early, squash]};
		const applied = database();
		await apply(applied, {format: 1, migrations: parts.map((name) => migration(name))});
		await expect(apply(applied, bundle)).rejects.toMatchObject({
			code: 'history',
			message: expect.stringMatching(/^20260102_000000_early comes before 20260103_000000_both/),
		});
		const squashed = database();
		await apply(squashed, {format: 1, migrations: [squash]});
		await expect(apply(squashed, bundle)).rejects.toMatchObject({code: 'history'});
		expect((await apply(database(), bundle)).applied).toEqual(['20260102_000000_early', '20260103_000000_both']);
	});

	test('a table of pylite-orm is completed', async () => {
		const folder = project();
		const db = database();
		db.exec(
			'CREATE TABLE _lite_migr (id INTEGER PRIMARY KEY AUTOINCREMENT, name TEXT NOT NULL UNIQUE, applied_at TIMESTAMP DEFAULT CURRENT_TIMESTAMP)',
		);
		db.exec("INSERT INTO _lite_migr (name) VALUES ('20260101_000000_a.py'); CREATE TABLE a (id INTEGER PRIMARY KEY)");
		expect((await apply(db, await bundleOf(folder.migrationsDir))).applied).toEqual(['20260103_000000_c']);
		expect(db.prepare('SELECT checksum IS NULL AS c FROM _lite_migr ORDER BY id').all()).toEqual([{c: 1}, {c: 0}]);
	});

	test('a database of lite-migr upgrade and one of the runtime have the same history and schema', async () => {
		const folder = project();
		await folder.lite('upgrade');
		const db = database();
		await apply(db, await bundleOf(folder.migrationsDir));
		const local = database(folder.file);
		const columns = 'SELECT id, name, checksum, tool_version, adopted FROM _lite_migr ORDER BY id';
		expect(db.prepare(columns).all()).toEqual(local.prepare(columns).all());
		const schema = 'SELECT type, name, sql FROM sqlite_schema ORDER BY name';
		expect(db.prepare(schema).all()).toEqual(local.prepare(schema).all());
		const operations = "SELECT coalesce(downgrade -> 'operations', downgrade) AS d FROM _lite_migr ORDER BY id";
		expect(db.prepare(operations).all()).toEqual(local.prepare(operations).all());
	});

	test.each([
		['a trigger', 'CREATE TRIGGER t AFTER INSERT ON _lite_migr BEGIN SELECT 1; END', 'has a trigger: t'],
		['another table', 'DROP TABLE _lite_migr; CREATE TABLE _lite_migr (x)', 'is not a migration history table'],
	])('%s with the name of the history table is an error', async (_, sql, message) => {
		const folder = project();
		const db = database();
		const bundle = await bundleOf(folder.migrationsDir);
		await apply(db, {...bundle, migrations: bundle.migrations.slice(0, 1)});
		db.exec(sql);
		await expect(apply(db, bundle)).rejects.toMatchObject({code: 'history', message: expect.stringContaining(message)});
	});

	test('a table that was changed outside lite-migr is not rebuilt, and the error names it', async () => {
		const folder = project();
		const db = database();
		await apply(db, await bundleOf(folder.migrationsDir));
		db.exec('ALTER TABLE a ADD COLUMN mine; INSERT INTO a VALUES (1, 2)');
		folder.migration('20260104_000000_d', "op.changeTable('a', 'CREATE TABLE a (id INTEGER PRIMARY KEY, n TEXT UNIQUE)');");
		await expect(apply(db, await bundleOf(folder.migrationsDir), {consent: true})).rejects.toMatchObject({
			code: 'plan',
			message: '20260104_000000_d: the script was written for tables with other columns, indexes, triggers or foreign keys: a',
		});
		expect(db.prepare('SELECT * FROM a').all()).toEqual([{id: 1, mine: 2}]);
	});

	test('a bundle with a different format is refused', async () => {
		await expect(apply(database(), {format: 2, migrations: []} as unknown as Bundle)).rejects.toMatchObject({code: 'usage'});
	});
});

describe('losses', () => {
	test('nothing is asked about tables and columns that the same run creates', async () => {
		const folder = project();
		folder.migration('20260104_000000_d', `op.execute('INSERT INTO a VALUES (1)'); op.addColumn('a', "n TEXT DEFAULT 'x'");`);
		folder.migration('20260105_000000_e', `op.dropColumn('a', 'n'); op.execute('DELETE FROM a'); op.dropTable('c');`);
		expect((await apply(database(), await bundleOf(folder.migrationsDir))).applied).toHaveLength(4);
	});

	test('values that one migration moves to another column by hand are asked about when the next one drops it', async () => {
		const folder = projectFolder({'migrate.toml': toml});
		folder.migration('20260101_000000_a', `op.createTable('CREATE TABLE a (id INTEGER PRIMARY KEY, x TEXT)');`);
		const db = database();
		await apply(db, await bundleOf(folder.migrationsDir));
		db.exec("INSERT INTO a VALUES (1, 'v')");
		folder.migration(
			'20260102_000000_move',
			"op.execute('ALTER TABLE a ADD COLUMN y TEXT'); op.execute('UPDATE a SET y = x'); op.execute('ALTER TABLE a DROP COLUMN x');",
		);
		const moved = await bundleOf(folder.migrationsDir);
		folder.migration('20260103_000000_drop', "op.dropColumn('a', 'y');");
		await expect(apply(db, await bundleOf(folder.migrationsDir))).rejects.toMatchObject({
			details: ['a.y: would be dropped with 1 value', 'the database is unchanged'],
		});
		expect((await apply(db, moved)).applied).toHaveLength(1);
		expect(db.prepare('SELECT * FROM a').all()).toEqual([{id: 1, y: 'v'}]);
	});

	test('a table that existed before its CREATE TABLE IF NOT EXISTS is asked about', async () => {
		const folder = projectFolder({'migrate.toml': toml});
		folder.migration('20260101_000000_a', "op.execute('CREATE TABLE IF NOT EXISTS a (id INTEGER PRIMARY KEY, x TEXT)');");
		folder.migration('20260102_000000_b', "op.dropColumn('a', 'x');");
		const db = database();
		db.exec("CREATE TABLE a (id INTEGER PRIMARY KEY, x TEXT); INSERT INTO a VALUES (1, 'v')");
		const bundle = await bundleOf(folder.migrationsDir);
		await expect(apply(db, bundle)).rejects.toMatchObject({details: ['a.x: would be dropped with 1 value', 'the database is unchanged']});
		expect((await apply(database(), bundle)).applied).toHaveLength(2);
	});

	test('a complete rebuild by hand needs no consent, and an incomplete one does', async () => {
		const rebuild = (where: string) => `-- upgrade
PRAGMA foreign_keys=OFF;
CREATE TABLE __new_a (id INTEGER PRIMARY KEY, n TEXT NOT NULL);
INSERT INTO __new_a SELECT id, upper(n) FROM a${where};
DROP TABLE a;
ALTER TABLE __new_a RENAME TO a;
PRAGMA foreign_keys=ON;
`;
		const folder = projectFolder({'migrate.toml': toml});
		folder.migration(
			'20260101_000000_a',
			`op.createTable('CREATE TABLE a (id INTEGER PRIMARY KEY, n TEXT)'); op.createTable('CREATE TABLE b (a REFERENCES a ON DELETE CASCADE)');`,
		);
		const db = database();
		await apply(db, await bundleOf(folder.migrationsDir));
		db.exec("INSERT INTO a VALUES (1, 'x'), (2, 'y'), (3, 'z'); INSERT INTO b VALUES (1), (2)");
		folder.migration('20260102_000000_part.sql', rebuild(' WHERE id <> 3'));
		await expect(apply(db, await bundleOf(folder.migrationsDir))).rejects.toMatchObject({
			code: 'answerNeeded',
			details: ['a: 1 row would be deleted', 'the database is unchanged'],
		});
		folder.remove('migrations/20260102_000000_part.sql');
		folder.migration('20260103_000000_all.sql', rebuild(''));
		await apply(db, await bundleOf(folder.migrationsDir));
		expect(db.prepare('SELECT * FROM a').all()).toEqual([
			{id: 1, n: 'X'},
			{id: 2, n: 'Y'},
			{id: 3, n: 'Z'},
		]);
		expect(db.prepare('SELECT count(*) AS n FROM b').get()).toEqual({n: 2});
	});

	test.each([
		['DELETE FROM a WHERE n IS NULL', ['a: 1 row would be deleted']],
		['UPDATE a SET n = NULL WHERE id = 1', ['a.n: 1 value would be lost']],
		["UPDATE a SET n = 'same' WHERE id > 2", ['a.n: 12 values would change, and many different values become few']],
		['DROP TABLE a', ['a: would be dropped with 14 rows']],
		["INSERT OR REPLACE INTO a VALUES (1, 'other')", ['a: 1 row would be deleted']],
		['ALTER TABLE a DROP COLUMN n', ['a.n: 13 values would be lost']],
	])('a statement that loses rows or values needs consent: %s', async (sql, details) => {
		const folder = projectFolder({'migrate.toml': toml});
		folder.migration('20260101_000000_a', `op.createTable('CREATE TABLE a (id INTEGER PRIMARY KEY, n TEXT)');`);
		const db = database();
		await apply(db, await bundleOf(folder.migrationsDir));
		db.exec('INSERT INTO a VALUES (2, NULL)');
		for (const id of [1, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14]) db.exec(`INSERT INTO a VALUES (${id}, 'n${id}')`);
		folder.migration('20260102_000000_b', `op.execute(${JSON.stringify(sql)});`);
		const bundle = await bundleOf(folder.migrationsDir);
		await expect(apply(db, bundle)).rejects.toMatchObject({code: 'answerNeeded', details: [...details, 'the database is unchanged']});
		expect(db.prepare('SELECT count(*) AS n FROM a').get()).toEqual({n: 14});
		expect((await apply(db, bundle, {consent: true})).applied).toHaveLength(1);
	});

	test.each([
		'UPDATE a SET n = upper(n)',
		"INSERT INTO a VALUES (99, 'new')",
		"UPDATE a SET n = '' WHERE n IS NULL",
		'ALTER TABLE a RENAME COLUMN n TO m',
		'ALTER TABLE a RENAME TO b',
		'DELETE FROM a WHERE id > 1000',
	])('a statement that loses nothing needs no consent: %s', async (sql) => {
		const folder = projectFolder({'migrate.toml': toml});
		folder.migration('20260101_000000_a', `op.createTable('CREATE TABLE a (id INTEGER PRIMARY KEY, n TEXT)');`);
		const db = database();
		await apply(db, await bundleOf(folder.migrationsDir));
		db.exec("INSERT INTO a VALUES (1, 'x'), (2, NULL)");
		folder.migration('20260102_000000_b', `op.execute(${JSON.stringify(sql)});`);
		expect((await apply(db, await bundleOf(folder.migrationsDir))).applied).toHaveLength(1);
	});
});
