import {describe, expect, test} from 'vitest';
import type {Run} from '../../../source/core/operations/operation.ts';
import type {Database} from '../../../source/core/sqlite/database.ts';
import {openDatabase, openInMemory} from '../../../source/core/sqlite/open.ts';
import {runCode} from '../../../source/core/sqlite/run-code.ts';
import {beginGuarded} from '../../../source/core/sqlite/transaction.ts';
import {otherProcess} from './other-process.ts';
import {temporaryFolder, thrownBy} from './temporary-folder.ts';

const folder = temporaryFolder();

function memory(sql: string): Database {
	const db = openInMemory();
	db.exec(sql);
	return db;
}

async function run(db: Database, code: Run['run'], signal?: AbortSignal) {
	const transaction = await beginGuarded(db);
	try {
		const operation = {kind: 'run', run: code} as const;
		const step = {kind: 'run', strategy: 'data', object: '', summary: '', reason: '', operations: [], operation} as const;
		const result = await runCode({db, ...(signal === undefined ? {} : {signal})}, step);
		await transaction.commit();
		return result;
	} finally {
		transaction.end();
	}
}

describe('the code of op.run', () => {
	test('reads and writes with all methods of better-sqlite3, without rounding large integers', async () => {
		const db = memory('CREATE TABLE t (a, b)');
		const seen: unknown[] = [];
		const result = await run(db, async ({db}) => {
			const insert = db.prepare('INSERT INTO t VALUES (?, ?)');
			seen.push(insert.run(1, 9007199254740993n), insert.run([2, true]));
			db.prepare('INSERT INTO t VALUES (:a, @b)').run({a: 3, b: null});
			await Promise.resolve();
			seen.push(
				db.prepare('SELECT b FROM t WHERE a = ?').get(1),
				[...db.prepare('SELECT a FROM t').iterate()],
				db.prepare('SELECT b, typeof(b) AS t FROM t WHERE a > 1').all(),
			);
			db.exec('DELETE FROM t WHERE a = 1');
		});
		expect(seen).toEqual([
			{changes: 1, lastInsertRowid: 1},
			{changes: 1, lastInsertRowid: 2},
			{b: 9007199254740993n},
			[{a: 1}, {a: 2}, {a: 3}],
			[
				{b: 1, t: 'integer'},
				{b: null, t: 'null'},
			],
		]);
		expect(result).toEqual({rows: null});
	});

	test('must not change the schema, and the error names the operation to use instead', async () => {
		const cases: readonly [string, string, string][] = [
			['CREATE TABLE n (a)', 'created table n', 'op.createTable'],
			['DROP TABLE t', 'dropped table t', 'op.dropTable'],
			['ALTER TABLE t ADD COLUMN c', 'changed table t', 'op.addColumn'],
			['CREATE INDEX i ON t (a)', 'created index i', 'op.createIndex'],
			['CREATE VIEW v AS SELECT 1', 'created view v', 'op.createView'],
		];
		for (const [sql, what, instead] of cases) {
			const db = memory('CREATE TABLE t (a, b)');
			const failed = await thrownBy(() => run(db, ({db}) => void db.exec(sql)));
			expect(failed.message).toContain(what);
			expect(failed.hint).toContain(instead);
			expect(db.all('SELECT name, sql FROM sqlite_schema')).toEqual([{name: 't', sql: 'CREATE TABLE t (a, b)'}]);
		}
	});

	test('may ANALYZE, and may use a temporary table that it drops again', async () => {
		const db = memory('CREATE TABLE t (a); CREATE INDEX i ON t (a); INSERT INTO t VALUES (1)');
		await run(db, ({db}) => void db.exec('ANALYZE; CREATE TEMP TABLE x AS SELECT * FROM t; INSERT INTO t SELECT a + 1 FROM x; DROP TABLE temp.x'));
		expect(db.value('SELECT count(*) FROM t')).toBe(2);
		const failed = await thrownBy(() => run(db, ({db}) => void db.exec('CREATE TEMP TABLE t (a)')));
		expect(failed.message).toContain('temporary objects: t');
	});

	test('must not end the transaction or begin another', async () => {
		for (const sql of ['COMMIT', 'BEGIN', 'ROLLBACK', '-- x\nEND TRANSACTION', 'VACUUM', 'SELECT 1; COMMIT']) {
			const db = memory('CREATE TABLE t (a)');
			const failed = await thrownBy(() =>
				run(db, ({db}) => {
					db.exec('INSERT INTO t VALUES (1)');
					db.exec(sql);
				}),
			);
			expect(failed.message).toContain('is not allowed in a migration');
			expect(db.value('SELECT count(*) FROM t')).toBe(0);
		}
	});

	test('may use savepoints, but must release them', async () => {
		const db = memory('CREATE TABLE t (a)');
		await run(db, ({db}) => {
			db.exec('SAVEPOINT a; INSERT INTO t VALUES (1); SAVEPOINT b; INSERT INTO t VALUES (2)');
			db.exec('ROLLBACK TO b; RELEASE a');
		});
		expect(db.value('SELECT count(*) FROM t')).toBe(1);
		expect((await thrownBy(() => run(db, ({db}) => void db.prepare('SAVEPOINT left').run()))).message).toContain('savepoint left open');
	});

	test('may throw anything', async () => {
		const db = memory('CREATE TABLE t (a)');
		const thrown = async (value: unknown) =>
			(
				await thrownBy(() =>
					run(db, () => {
						throw value;
					}),
				)
			).message;
		expect(await thrown('a string')).toBe('a string');
		expect(await thrown(undefined)).toContain('undefined was thrown');
		expect(await thrown(null)).toContain('null was thrown');
		expect(await thrown(new Error('\x1b[2J'))).toBe('\\x1b[2J');
		expect((await thrownBy(() => run(db, () => Promise.reject(7)))).message).toContain('7');
	});

	test('cannot use its database after it has ended, or block it with an unfinished iteration', async () => {
		const db = memory('CREATE TABLE t (a); INSERT INTO t VALUES (1), (2)');
		let kept: {exec(sql: string): unknown} | undefined;
		await run(db, ({db}) => {
			kept = db;
			db.prepare('SELECT * FROM t').iterate().next();
		});
		expect(() => kept?.exec('DELETE FROM t')).toThrow('only be used while op.run is running');
		db.exec('DELETE FROM t');
	});

	test('is abandoned on cancel', async () => {
		const db = memory('CREATE TABLE t (a)');
		const controller = new AbortController();
		const failed = await thrownBy(() =>
			run(
				db,
				({db}) => {
					db.exec('INSERT INTO t VALUES (1)');
					controller.abort();
					return new Promise(() => {});
				},
				controller.signal,
			),
		);
		expect(failed.code).toBe('cancelled');
		expect(db.value('SELECT count(*) FROM t')).toBe(0);
	});
});

describe('code that would end the process without a message', () => {
	const program = (code: string) => `
		import {openDatabase} from 'source/core/sqlite/open.ts';
		import {runCode} from 'source/core/sqlite/run-code.ts';
		import {beginGuarded} from 'source/core/sqlite/transaction.ts';
		const db = openDatabase(process.argv[1]);
		const transaction = await beginGuarded(db);
		db.exec('INSERT INTO t VALUES (1)');
		try {
			await runCode({db}, {kind: 'run', strategy: 'data', object: '', summary: '', reason: '', operations: [], operation: {kind: 'run', run: ${code}}});
			await transaction.commit();
			console.log('committed');
		} catch (error) {
			console.log('failed:', error.message);
			process.exitCode = 1;
		} finally {
			transaction.end();
		}`;

	function prepared() {
		const path = folder.at('app.db');
		const db = openDatabase(path, {create: true});
		db.exec('CREATE TABLE t (a)');
		db.close();
		return path;
	}

	function rowsOf(path: string) {
		const db = openDatabase(path);
		const rows = db.value('SELECT count(*) FROM t');
		db.close();
		return rows;
	}

	test('a promise that never settles fails with a message', async () => {
		const path = prepared();
		const other = otherProcess(program('() => new Promise(() => {})'), path);
		expect(await other.ended).toBe(1);
		expect(other.output()).toContain('can never settle');
		expect(rowsOf(path)).toBe(0);
	});

	test('a promise that waits for a timer or a file is awaited', async () => {
		const path = prepared();
		const other = otherProcess(
			program(
				`async () => { const fs = await import('node:fs/promises'); await fs.readFile('package.json'); await new Promise((done) => setTimeout(done, 2500)) }`,
			),
			path,
		);
		expect(await other.ended).toBe(0);
		expect(rowsOf(path)).toBe(1);
	});

	test('process.exit leaves the database unchanged', async () => {
		const path = prepared();
		const other = otherProcess(program('() => process.exit(0)'), path);
		expect(await other.ended).toBe(0);
		expect(other.output()).toBe('');
		expect(rowsOf(path)).toBe(0);
	});
});
