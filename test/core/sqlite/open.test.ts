import {copyFileSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, truncateSync, writeFileSync} from 'node:fs';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {afterEach, beforeEach, describe, expect, test} from 'vitest';
import {nativeOf} from '../../../source/core/sqlite/connection.ts';
import {openDatabase, openInMemory} from '../../../source/core/sqlite/open.ts';

let folder: string;
beforeEach(() => {
	folder = mkdtempSync(join(tmpdir(), 'lite-migr-'));
});
afterEach(() => rmSync(folder, {recursive: true, force: true}));

const at = (name: string) => join(folder, name);

function failure(run: () => unknown) {
	try {
		run();
	} catch (error) {
		return error as {code: string; message: string; hint?: string};
	}
	throw new Error('nothing was thrown');
}

function made(name: string, rows = 2000) {
	const db = openDatabase(at(name), {create: true});
	db.exec('CREATE TABLE t (id INTEGER PRIMARY KEY, v TEXT)');
	db.run(
		`INSERT INTO t SELECT value, hex(randomblob(20)) FROM (WITH RECURSIVE n(value) AS (SELECT 1 UNION ALL SELECT value + 1 FROM n LIMIT ?) SELECT value FROM n)`,
		rows,
	);
	db.close();
	return at(name);
}

describe('opening a database file', () => {
	test('reports a missing file without creating it', () => {
		expect(failure(() => openDatabase(at('app.db')))).toMatchObject({code: 'database', message: expect.stringContaining('no database at')});
		expect(() => readFileSync(at('app.db'))).toThrow();
	});

	test('reports a missing collation of another program if a table cannot be read without it', () => {
		const db = openDatabase(at('app.db'), {create: true});
		db.exec('CREATE TABLE t (a TEXT COLLATE NOCASE); CREATE INDEX i ON t (a)');
		nativeOf(db).unsafeMode(true);
		db.exec("PRAGMA writable_schema = ON; UPDATE sqlite_schema SET sql = replace(sql, 'NOCASE', 'unicase'); PRAGMA writable_schema = RESET");
		expect(failure(() => db.value('SELECT max(a) FROM t'))).toMatchObject({
			code: 'database',
			message: 'no such collation sequence: unicase',
			hint: expect.stringContaining('collation unicase comes from another program'),
		});
		db.close();
	});

	test('keeps a new file that another program has locked in the meantime', () => {
		const other: {db?: ReturnType<typeof openDatabase>} = {};
		const onCreated = () => {
			other.db = openDatabase(at('app.db'));
			other.db.exec('BEGIN EXCLUSIVE; CREATE TABLE t (a)');
		};
		expect(failure(() => openDatabase(at('app.db'), {create: true, wait: 0, onCreated}))).toMatchObject({code: 'locked'});
		other.db?.exec('COMMIT');
		other.db?.close();
		const db = openDatabase(at('app.db'));
		expect(db.value('SELECT count(*) FROM t')).toBe(0);
		db.close();
	});

	test('reports a missing folder for a new file', () => {
		expect(failure(() => openDatabase(at('none/app.db'), {create: true}))).toMatchObject({code: 'files'});
	});

	test('rejects a folder', () => {
		mkdirSync(at('app.db'));
		expect(failure(() => openDatabase(at('app.db')))).toMatchObject({code: 'database', message: expect.stringContaining('is a folder')});
	});

	test('treats a file of zero bytes as an empty database', () => {
		writeFileSync(at('app.db'), '');
		const db = openDatabase(at('app.db'));
		expect(db.all('SELECT * FROM sqlite_schema')).toEqual([]);
		db.close();
	});

	test('rejects text, encrypted and truncated files, with the reason', () => {
		writeFileSync(at('text.db'), 'hello\n'.repeat(300));
		expect(failure(() => openDatabase(at('text.db'))).message).toContain('a text file');
		writeFileSync(at('secret.db'), Buffer.from(Array.from({length: 4096}, (_, index) => (index * 151 + 7) % 256)));
		expect(failure(() => openDatabase(at('secret.db'))).message).toContain('encrypted');
		truncateSync(made('cut.db'), 20_000);
		expect(failure(() => openDatabase(at('cut.db')))).toMatchObject({code: 'database', message: expect.stringContaining('truncated')});
		truncateSync(made('stump.db'), 50);
		expect(failure(() => openDatabase(at('stump.db'))).code).toBe('database');
	});

	test('reports a damaged schema', () => {
		const file = made('app.db');
		const bytes = readFileSync(file);
		const place = bytes.indexOf('CREATE TABLE');
		bytes.write('KREATE', place, 'latin1');
		writeFileSync(file, bytes);
		expect(failure(() => openDatabase(file))).toMatchObject({code: 'database', message: expect.stringContaining('malformed database schema')});
	});

	test('reports a lock of another connection', () => {
		const holder = openDatabase(made('app.db'));
		holder.exec('BEGIN EXCLUSIVE');
		expect(failure(() => openDatabase(at('app.db'), {wait: 0.01}))).toMatchObject({
			code: 'locked',
			hint: expect.stringContaining('wait in migrate.toml'),
		});
		holder.close();
	});

	test('rolls back the changes of a killed process, even if the database is only read', () => {
		made('live.db');
		const db = openDatabase(at('live.db'));
		db.exec('PRAGMA cache_size = 5; BEGIN; UPDATE t SET v = hex(randomblob(20)); DELETE FROM t WHERE id > 10');
		// The files on disk at this moment are what a killed process would leave.
		for (const end of ['', '-journal']) copyFileSync(at(`live.db${end}`), at(`killed.db${end}`));
		db.close();
		const read = openDatabase(at('killed.db'), {readonly: true});
		expect(read.all('SELECT count(*) AS many, count(v) AS given FROM t')).toEqual([{many: 2000, given: 2000}]);
		expect(() => read.exec('DELETE FROM t')).toThrow('readonly');
		read.close();
		expect(existsSync(at('killed.db-journal'))).toBe(false);
	});

	test('refuses a file name that ends in whitespace, which better-sqlite3 would trim', () => {
		expect(failure(() => openDatabase(at('app.db '), {create: true})).code).toBe('usage');
	});

	test('does not trust the schema of the file', () => {
		const db = openInMemory();
		expect(db.value('PRAGMA trusted_schema')).toBe(0);
		db.close();
	});
});

describe('values', () => {
	test('are returned as they were stored: integers beyond 2^53 as bigint, others as numbers', () => {
		const db = openInMemory();
		expect(db.get('SELECT ? AS a, ? AS b, ? AS c, ? AS d', 9007199254740993n, 1, 1.5, null)).toEqual({a: 9007199254740993n, b: 1, c: 1.5, d: null});
		expect(db.get('SELECT typeof(?) AS a, typeof(?) AS b', 1, 1.5)).toEqual({a: 'integer', b: 'real'});
		expect([...db.iterate('VALUES (1), (9007199254740993)')].map((row) => Object.values(row)[0])).toEqual([1, 9007199254740993n]);
		db.close();
	});

	test('are counted as changes by run, even for a statement that returns rows', () => {
		const db = openInMemory();
		db.exec('CREATE TABLE t (a)');
		expect(db.run('INSERT INTO t VALUES (1), (2), (3) RETURNING a')).toBe(3);
		expect(db.run('DELETE FROM t WHERE a > ?', 1)).toBe(2);
		expect(db.value('SELECT count(*) FROM t')).toBe(1);
		db.close();
	});
});
