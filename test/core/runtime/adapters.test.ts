import {DatabaseSync} from 'node:sqlite';
// @ts-expect-error: the package has no types.
import initSqlJs from 'sql.js';
import {describe, expect, onTestFinished, test} from 'vitest';
import {d1} from '../../../source/core/runtime/adapters/d1.ts';
import {expoSqlite} from '../../../source/core/runtime/adapters/expo-sqlite.ts';
import {libsqlClient} from '../../../source/core/runtime/adapters/libsql-client.ts';
import {nodeSqlite} from '../../../source/core/runtime/adapters/node-sqlite.ts';
import {sqlJs} from '../../../source/core/runtime/adapters/sql-js.ts';
import type {Bundle} from '../../../source/core/runtime/bundle.ts';
import type {Connection} from '../../../source/core/runtime/connection.ts';
import {migrate} from '../../../source/core/runtime/migrate.ts';
import type {SqlJs} from '../../laws/check-bundle.ts';
import {projectFolder} from '../../project-folder.ts';
import {firstRows, releaseNames, releases} from './releases.ts';

function database(): DatabaseSync {
	const db = new DatabaseSync(':memory:');
	onTestFinished(() => db.close());
	return db;
}

/**
 * The functions of expo-sqlite that the adapter calls, over node:sqlite: the package itself needs a phone. As there, an exclusive transaction opens another
 * connection, and foreign keys are off at first.
 */
function expoLike(path: string): Parameters<typeof expoSqlite>[0] & {readonly db: DatabaseSync} {
	const opened = () => new DatabaseSync(path, {enableForeignKeyConstraints: false});
	const db = opened();
	onTestFinished(() => db.close());
	return {
		db,
		getAllAsync: async (sql) => db.prepare(sql).all(),
		execAsync: async (sql) => db.exec(sql),
		async withExclusiveTransactionAsync(task) {
			const other = opened();
			other.exec('BEGIN');
			try {
				await task({execAsync: async (sql) => other.exec(sql)});
				other.exec('COMMIT');
			} catch (error) {
				other.exec('ROLLBACK');
				throw error;
			} finally {
				other.close();
			}
		},
	};
}

describe('expo-sqlite, by its functions', () => {
	test.each([
		['a file', () => projectFolder().file],
		['a database in memory', () => ':memory:'],
	])('upgrades %s, refuses a newer one and steps back, with foreign keys on', async (_, path) => {
		const bundles = await releases();
		const [old, latest] = [bundles[0] as Bundle, bundles.at(-1) as Bundle];
		const expo = expoLike(path());
		const {db} = expo;
		db.exec('PRAGMA foreign_keys = ON');
		const connection = expoSqlite(expo);
		await migrate(connection, old);
		for (const sql of firstRows) db.exec(sql);
		expect((await migrate(connection, latest)).applied).toHaveLength(5);
		await expect(migrate(connection, old)).rejects.toMatchObject({code: 'databaseNewer'});
		expect((await migrate(connection, old, {downgrade: true, consent: true})).at).toBe(releaseNames[0]);
		expect(db.prepare('SELECT count(*) AS n FROM post').get()).toEqual({n: 3});
	});

	test('leaves a database in memory unchanged if a statement fails', async () => {
		const bundles = await releases();
		const expo = expoLike(':memory:');
		await migrate(expoSqlite(expo), bundles[0] as Bundle);
		const contents = () => expo.db.prepare('SELECT name, sql FROM sqlite_schema UNION ALL SELECT name, checksum FROM _lite_migr').all();
		const before = contents();
		const failing = {...expo, execAsync: async (sql: string) => expo.db.exec(/INSERT INTO _lite_migr /.test(sql) ? 'no SQL' : sql)};
		await expect(migrate(expoSqlite(failing), bundles.at(-1) as Bundle)).rejects.toThrow();
		expect(expo.db.isTransaction).toBe(false);
		expect(contents()).toEqual(before);
	});
});

describe('sql.js', () => {
	test('leaves everything unchanged, regardless of which statement fails', async () => {
		const sqlJsModule: SqlJs = await initSqlJs();
		const bundles = await releases();
		const latest = bundles.at(-1) as Bundle;
		const db = new sqlJsModule.Database();
		const connection = sqlJs(db);
		await migrate(connection, bundles[0] as Bundle);
		for (const sql of firstRows) db.run(sql);
		const contents = async () =>
			JSON.stringify(
				await Promise.all(
					['SELECT type, name, sql FROM sqlite_schema', 'SELECT name FROM _lite_migr', 'SELECT * FROM user', 'SELECT * FROM post'].map(
						connection.query,
					),
				),
			);
		const before = await contents();
		let failures = 0;
		for (let isDone = false; !isDone; ) {
			const failing: Connection = {
				...connection,
				batch: (statements, needs) =>
					connection.batch(statements.toSpliced(failures, 0, ...(failures < statements.length ? ['SELECT no_such_function()'] : [])), needs),
			};
			isDone = await migrate(failing, latest).then(
				() => true,
				() => false,
			);
			if (!isDone) expect(await contents()).toBe(before);
			failures += 1;
		}
		expect(failures).toBeGreaterThan(50);
		expect((await migrate(connection, latest)).applied).toEqual([]);
		db.close();
	});
});

describe('a connection that fails', () => {
	async function prepared(): Promise<{readonly db: DatabaseSync; readonly old: Bundle; readonly latest: Bundle}> {
		const bundles = await releases();
		const db = database();
		const old = bundles[0] as Bundle;
		await migrate(nodeSqlite(db), old);
		return {db, old, latest: bundles.at(-1) as Bundle};
	}

	const remote = (db: DatabaseSync, batch: Connection['batch']): Connection => ({
		...nodeSqlite(db),
		features: {...nodeSqlite(db).features, isRemote: true},
		batch,
	});

	test('after the server has committed, is a success: the history is read back', async () => {
		const {db, latest} = await prepared();
		const connection = remote(db, async (statements, needs) => {
			await nodeSqlite(db).batch(statements, needs);
			throw new Error('fetch failed');
		});
		expect(await migrate(connection, latest)).toEqual({applied: [], undone: [], at: releaseNames.at(-1)});
	});

	test('before that, is an unknown outcome, and never called unchanged', async () => {
		const {db, latest} = await prepared();
		const connection = remote(db, async () => {
			throw new Error('fetch failed');
		});
		await expect(migrate(connection, latest)).rejects.toMatchObject({
			code: 'outcomeUnknown',
			details: ['the migration was sent, but its outcome is unknown'],
		});
	});

	test('because the file is read-only, says so', async () => {
		const {db, latest} = await prepared();
		db.exec('PRAGMA query_only = ON');
		await expect(migrate(nodeSqlite(db), latest)).rejects.toMatchObject({code: 'database', message: expect.stringContaining('readonly')});
	});

	test('while the history changes all the time, gives up after a few attempts', async () => {
		const {db, latest} = await prepared();
		let rows = 0;
		const connection = remote(db, async (statements, needs) => {
			db.exec(`INSERT INTO _lite_migr (name) VALUES ('20260101_00000${++rows}_other')`);
			await nodeSqlite(db).batch(statements, needs);
		});
		await expect(migrate(connection, latest, {acceptEdited: true})).rejects.toMatchObject({code: 'guard'});
		expect(rows).toBe(6);
	});
});

describe('what a connection cannot run', () => {
	test.each([
		[{statementBytes: 200_000}, 'it has a statement of 200000 bytes, and at most 100000 are accepted there'],
		[{columns: 120}, 'it has a table with 120 columns, and at most 100 are accepted there'],
		[{foreignKeysOff: true as const}, 'it has a foreign key that SQLite cannot enforce, and foreign keys cannot be switched off there'],
	])('is refused before anything is sent: %j', async (needs, reason) => {
		const sent: string[] = [];
		const binding = {
			prepare: (sql: string) => ({all: async () => ({results: sql.includes('sqlite_schema') ? [] : [], sql})}),
			batch: async () => sent.push('batch'),
		};
		const bundle: Bundle = {
			format: 1,
			migrations: [{name: '20260101_000000_a', checksum: 'x', tables: [], up: {needs, statements: []}, downgrade: '[]', down: null}],
		};
		await expect(migrate(d1(binding), bundle)).rejects.toMatchObject({code: 'plan', details: [reason, 'the database is unchanged']});
		expect(sent).toEqual([]);
	});

	test('is refused in an open transaction if foreign keys must be off, and the transaction continues', async () => {
		const db = database();
		const bundle: Bundle = {
			format: 1,
			migrations: [
				{
					name: '20260101_000000_a',
					checksum: 'x',
					tables: [],
					up: {needs: {foreignKeysOff: true}, statements: ['CREATE TABLE a (x)']},
					downgrade: '[]',
					down: null,
				},
			],
		};
		db.exec('BEGIN; CREATE TABLE mine (x)');
		await expect(migrate(nodeSqlite(db), bundle)).rejects.toMatchObject({
			code: 'plan',
			message: 'foreign keys cannot be switched off in an open transaction, and a migration needs that',
		});
		db.exec('COMMIT');
		expect(db.prepare('SELECT name FROM sqlite_schema').all()).toEqual([{name: 'mine'}]);
		expect((await migrate(nodeSqlite(db), bundle)).applied).toHaveLength(1);
	});

	test('a module that this SQLite does not have is refused by name', async () => {
		const bundle: Bundle = {
			format: 1,
			migrations: [
				{name: '20260101_000000_a', checksum: 'x', tables: [], up: {needs: {modules: ['vec0']}, statements: []}, downgrade: '[]', down: null},
			],
		};
		await expect(migrate(nodeSqlite(database()), bundle)).rejects.toMatchObject({
			code: 'plan',
			details: ['it needs the module vec0, which this SQLite does not have', 'the database is unchanged'],
		});
	});

	test('a libSQL client has no legacy_alter_table', async () => {
		const client = {execute: async () => ({columns: [], rows: []}), batch: async () => []};
		const bundle: Bundle = {
			format: 1,
			migrations: [
				{name: '20260101_000000_a', checksum: 'x', tables: [], up: {needs: {legacyAlterTable: true}, statements: []}, downgrade: '[]', down: null},
			],
		};
		await expect(migrate(libsqlClient(client), bundle)).rejects.toMatchObject({code: 'plan', message: 'libSQL cannot run 20260101_000000_a'});
	});
});

describe('node:sqlite', () => {
	test('works with a connection that returns rows as arrays', async () => {
		const latest = (await releases()).at(-1) as Bundle;
		const db = new DatabaseSync(':memory:', {returnArrays: true});
		onTestFinished(() => db.close());
		await migrate(nodeSqlite(db), latest);
		expect(await migrate(nodeSqlite(db), latest)).toMatchObject({applied: [], at: latest.migrations.at(-1)?.name});
	});

	test('refuses a temporary table, which a migration could change instead of the table that it hides', async () => {
		const bundles = await releases();
		const db = database();
		await migrate(nodeSqlite(db), bundles[0] as Bundle);
		db.exec('CREATE TEMP TABLE post AS SELECT * FROM main.post');
		await expect(migrate(nodeSqlite(db), bundles.at(-1) as Bundle)).rejects.toMatchObject({
			code: 'database',
			message: 'the connection has temporary objects: post',
			details: ['the database is unchanged'],
		});
		db.exec('DROP TABLE temp.post; CREATE TEMP TABLE _lite_migr (x)');
		await expect(migrate(nodeSqlite(db), bundles.at(-1) as Bundle)).rejects.toMatchObject({
			message: 'the connection has temporary objects: _lite_migr',
		});
		db.exec('DROP TABLE temp._lite_migr');
		expect((await migrate(nodeSqlite(db), bundles.at(-1) as Bundle)).applied).toHaveLength(5);
	});
});
