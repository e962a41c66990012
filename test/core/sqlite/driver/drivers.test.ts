import {spawnSync} from 'node:child_process';
import {existsSync} from 'node:fs';
import {join} from 'node:path';
import {DatabaseSync} from 'node:sqlite';
import {describe, expect, test} from 'vitest';
import {connect} from '../../../../source/core/sqlite/connection.ts';
import type {Database} from '../../../../source/core/sqlite/database.ts';
import {loadBetterSqlite3} from '../../../../source/core/sqlite/driver/better-sqlite3.ts';
import {currentDriver, driverFor, withDriver} from '../../../../source/core/sqlite/driver/choose.ts';
import type {Driver, NativeConnection} from '../../../../source/core/sqlite/driver/driver.ts';
import {loadNodeSqlite} from '../../../../source/core/sqlite/driver/node-sqlite.ts';
import {sqliteCode} from '../../../../source/core/sqlite/failure.ts';
import {openInMemory} from '../../../../source/core/sqlite/open.ts';
import {projectFolder} from '../../../project-folder.ts';

/** False in Node.js 22. */
const canSerialize = 'serialize' in DatabaseSync.prototype;

/** True in `npm run test:node-sqlite`. */
const isHidden = process.env.NODE_OPTIONS?.includes('hide-better-sqlite3') === true;
const packages = isHidden ? [] : [loadBetterSqlite3(undefined)];
const drivers = [...packages, loadNodeSqlite()].map((driver): [string, Driver] => [driver.name, driver]);

function codeOf(work: () => unknown): string | undefined {
	try {
		work();
		return 'nothing was thrown';
	} catch (error) {
		return sqliteCode(error);
	}
}

describe.each(drivers)('%s', (_name, driver) => {
	const open = (sql = ''): NativeConnection => {
		const native = driver.open(':memory:');
		native.exec(sql);
		return native;
	};
	const database = (sql: string): Database => connect(open(sql), ':memory:');

	test('compiles exactly one statement', () => {
		const native = open();
		for (const sql of ['', '  ', '-- nothing', ';']) expect(() => native.prepare(sql)).toThrow(/no statements/);
		for (const sql of ['SELECT 1; SELECT 2', 'CREATE TABLE t (a); DROP TABLE t'])
			expect(() => native.prepare(sql)).toThrow(/more than one statement/);
		for (const sql of ['SELECT 1;', 'SELECT 1; -- done', "SELECT ';'", 'SELECT 1 /* ; */']) expect(native.prepare(sql).reader).toBe(true);
	});

	test.each([
		['a text with a NUL character', 'a\0b', '610062'],
		['an empty blob', new Uint8Array(), ''],
	])('stores %s exactly', (_what, value, expected) => {
		const native = open('CREATE TABLE t (v ANY) STRICT');
		native.prepare('INSERT INTO t VALUES (?)').run(value);
		const {type, hex} = native.prepare('SELECT typeof(v) AS type, hex(v) AS hex FROM t').get() as {type: string; hex: string};
		expect([type, hex]).toEqual([typeof value === 'string' ? 'text' : 'blob', expected]);
	});

	test('returns an empty blob that can be stored again', () => {
		const native = open();
		const {v} = native.prepare("SELECT x'' AS v").get() as {v: unknown};
		expect(native.prepare('SELECT typeof(?) AS type').get(v)).toEqual({type: 'blob'});
	});

	test('refuses a statement with too few, too many or missing named parameters', () => {
		const native = open('CREATE TABLE t (a, b)');
		const insert = native.prepare('INSERT INTO t VALUES (?, ?)');
		expect(() => insert.run(1n)).toThrow(/^Too few parameter values/);
		expect(() => insert.run(1n, 2n, 3n)).toThrow(/^Too many parameter values/);
		expect(() => native.prepare('SELECT :a').get({b: 1n})).toThrow(/^Missing named parameter "a"/);
		insert.run(1n, 2n);
		insert.run([3n, 4n]);
		native.prepare('INSERT INTO t VALUES (:a, @b)').run({a: 5n, b: 6n, unused: 7n});
		native.prepare("INSERT INTO t VALUES ($a, '? :x')").run({a: 8n});
		expect(native.prepare('SELECT a, b FROM t', 'arrays').all()).toEqual([
			[1n, 2n],
			[3n, 4n],
			[5n, 6n],
			[8n, '? :x'],
		]);
	});

	test('keeps integers, reals, texts with a NUL, blobs and NULL', () => {
		const db = database('CREATE TABLE t (a)');
		// Node.js 22 reads a text only up to a NUL.
		const text = driver.name === 'node:sqlite' && !canSerialize ? 'ab' : 'a\0b';
		const values = [1, -1, 9007199254740993n, -(2n ** 63n), 1.5, text, 'ü', Buffer.from([0, 255]), null];
		for (const value of values) db.run('INSERT INTO t VALUES (?)', value);
		expect(db.tuples('SELECT a FROM t').map(([value]) => value)).toEqual(values);
		expect(db.tuples('SELECT typeof(a) FROM t').map(([type]) => type)).toEqual([...Array(4).fill('integer'), 'real', 'text', 'text', 'blob', 'null']);
	});

	test('reads rows as objects and as arrays', () => {
		const native = open();
		const sql = "SELECT 1 AS a, x'01' AS b, 2 AS a";
		expect(native.prepare(sql).get()).toEqual({a: 2n, b: Buffer.from([1])});
		expect(native.prepare(sql, 'arrays').get()).toEqual([1n, Buffer.from([1]), 2n]);
		expect([...native.prepare(sql, 'arrays').iterate()]).toEqual([[1n, Buffer.from([1]), 2n]]);
		expect(native.prepare('SELECT 1 WHERE 0').get()).toBeUndefined();
	});

	test('counts only the rows that a statement itself has changed', () => {
		const native = open('CREATE TABLE t (a); INSERT INTO t VALUES (1), (2)');
		expect(native.prepare('UPDATE t SET a = 3').run()).toMatchObject({changes: 2});
		expect(native.prepare('CREATE TABLE u (a)').run()).toMatchObject({changes: 0});
		expect(native.prepare('DELETE FROM t WHERE a = 9').run()).toMatchObject({changes: 0});
		expect(() => native.prepare('CREATE TABLE v (a)').all()).toThrow(/does not return data/);
	});

	test('reports errors with their extended result code', () => {
		const native = open('CREATE TABLE t (a UNIQUE, b NOT NULL CHECK (b > 0)); INSERT INTO t VALUES (1, 1)');
		expect(codeOf(() => native.exec('INSERT INTO t VALUES (1, 1)'))).toBe('SQLITE_CONSTRAINT_UNIQUE');
		expect(codeOf(() => native.prepare('INSERT INTO t VALUES (2, NULL)').run())).toBe('SQLITE_CONSTRAINT_NOTNULL');
		expect(codeOf(() => native.prepare('INSERT INTO t VALUES (2, -1) RETURNING a').all())).toBe('SQLITE_CONSTRAINT_CHECK');
		expect(codeOf(() => [...native.prepare('SELECT abs(-9223372036854775807 - 1)').iterate()])).toBe('SQLITE_ERROR');
		expect(codeOf(() => native.prepare('SELECT x FROM y'))).toBe('SQLITE_ERROR');
		const folder = projectFolder({'text.db': 'this is no database, whatever its name says'});
		expect(codeOf(() => driver.open(join(folder.path, 'missing.db'), {fileMustExist: true}))).toBe('SQLITE_CANTOPEN');
		expect(existsSync(join(folder.path, 'missing.db'))).toBe(false);
		expect(codeOf(() => driver.open(join(folder.path, 'text.db')).prepare('SELECT * FROM sqlite_schema').all())).toBe('SQLITE_NOTADB');
	});

	test('opens a file with any name, and reports a lock', () => {
		const folder = projectFolder({});
		const file = join(folder.path, 'a ?#%41 &ü.db');
		const native = driver.open(file, {});
		native.exec('CREATE TABLE t (a); BEGIN IMMEDIATE');
		const other = driver.open(file, {fileMustExist: true, timeout: 20});
		expect(other.prepare('SELECT name FROM sqlite_schema', 'arrays').all()).toEqual([['t']]);
		expect(codeOf(() => other.exec('BEGIN IMMEDIATE'))).toBe('SQLITE_BUSY');
		expect([native.inTransaction, other.inTransaction]).toEqual([true, false]);
		const reader = driver.open(file, {readonly: true, fileMustExist: true});
		native.exec('COMMIT');
		expect(codeOf(() => reader.exec('CREATE TABLE u (a)'))).toBe('SQLITE_READONLY');
		for (const one of [native, other, reader]) one.close();
	});

	test('takes text in double quotes for a name, and the schema only with writable_schema in unsafe mode', () => {
		const native = open('CREATE TABLE t (a)');
		expect(codeOf(() => native.exec('CREATE INDEX i ON t (a) WHERE a = "x"'))).toBe('SQLITE_ERROR');
		expect(codeOf(() => native.exec('SELECT "x" FROM t'))).toBe('SQLITE_ERROR');
		const rename = "PRAGMA writable_schema = ON; UPDATE sqlite_schema SET sql = replace(sql, '(a)', '(b)'); PRAGMA writable_schema = OFF";
		// Node.js 22 cannot switch the protection on, so there only the pragma counts.
		const isProtected = driver.name === 'better-sqlite3' || 'enableDefensive' in DatabaseSync.prototype;
		expect(codeOf(() => native.exec(isProtected ? rename : rename.replace('= ON', '= OFF')))).toBe('SQLITE_ERROR');
		native.unsafeMode(true);
		native.exec(rename);
		native.unsafeMode(false);
		expect(native.prepare('SELECT sql FROM sqlite_schema', 'arrays').get()).toEqual(['CREATE TABLE t (b)']);
	});

	test('backs up between two calls of progress, and a thrown error leaves the file unchanged', async () => {
		const folder = projectFolder({});
		const target = join(folder.path, 'copy.db');
		const old = driver.open(target, {});
		old.exec('CREATE TABLE old (a)');
		const native = open(
			'CREATE TABLE t (a); WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 50) INSERT INTO t SELECT zeroblob(3000) FROM n',
		);
		const stop = new Error('stop');
		await expect(
			native.backup(target, {
				pages: 2000,
				progress: () => {
					throw stop;
				},
			}),
		).rejects.toBe(stop);
		expect(old.prepare('SELECT name FROM sqlite_schema', 'arrays').all()).toEqual([['old']]);
		old.exec('BEGIN EXCLUSIVE; ROLLBACK');
		await native.backup(target, {pages: 2000, progress: () => true});
		expect(old.prepare('SELECT count(*), sum(length(a)) FROM t', 'arrays').all()).toEqual([[50n, 150_000n]]);
		old.close();
	});

	test('creates an equal database in memory from its bytes', () => {
		if (driver.name === 'node:sqlite' && !canSerialize) {
			expect(() => open().serialize()).toThrow('this version of Node.js cannot serialize a database');
			return;
		}
		const native = open("CREATE TABLE t (a); INSERT INTO t (rowid, a) VALUES (7, 'x')");
		expect(driver.deserialize(native.serialize()).prepare('SELECT rowid, a FROM t', 'arrays').all()).toEqual([[7n, 'x']]);
	});

	test('opens every database of a generator that runs with it, even after another one has run in between', async () => {
		async function* versions(): AsyncGenerator<string, void, void> {
			for (let count = 0; count < 3; count++) {
				await Promise.resolve();
				const db = openInMemory();
				yield db.sqliteVersion;
				db.close();
			}
		}
		const found: string[] = [];
		for await (const version of withDriver(driver, versions)) {
			found.push(version);
			expect(currentDriver()).toBe(driverFor({}));
		}
		expect(found).toEqual(Array(3).fill(driver.sqliteVersion));
	});
});

test('better-sqlite3 is the default, and node:sqlite if it does not load', () => {
	expect(currentDriver().name).toBe(isHidden ? 'node:sqlite' : 'better-sqlite3');
	expect(driverFor({name: 'node:sqlite'}).name).toBe('node:sqlite');
	if (isHidden) expect(() => driverFor({name: 'better-sqlite3'})).toThrow('the package better-sqlite3 is not installed');
});

test('node:sqlite is loaded without its warning, and other warnings are printed', () => {
	const driver = new URL('../../../../source/core/sqlite/driver/node-sqlite.ts', import.meta.url);
	const code = `const {loadNodeSqlite} = await import(${JSON.stringify(driver)}); loadNodeSqlite().open(':memory:').close(); process.emitWarning('another one');`;
	const {stdout, stderr} = spawnSync(process.execPath, ['--input-type=module', '-e', code], {encoding: 'utf8'});
	expect(stdout).toBe('');
	expect(stderr).toContain('Warning: another one');
	expect(stderr).not.toContain('SQLite is an experimental feature');
});
