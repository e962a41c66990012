import {describe, expect, test} from 'vitest';
import {copyRemote} from '../../../../source/core/migrations/remote/copy-remote.ts';
import type {Database} from '../../../../source/core/sqlite/database.ts';
import {openInMemory} from '../../../../source/core/sqlite/open.ts';

/** Copies a database and returns what a query returns in both. */
function both(setup: string, query: string): readonly [remote: unknown, copy: unknown] {
	const [remote, copy] = [openInMemory(), openInMemory()];
	remote.exec(setup);
	copyRemote(remote, copy, '_lite_migr');
	const result = [remote.tuples(query), copy.tuples(query)] as const;
	remote.close();
	copy.close();
	return result;
}

/** False for node:sqlite of Node.js 22, which reads a text only up to its first NUL. Servers are read over HTTP. */
const readsNul = String(openInMemory().value("SELECT 'a' || char(0) || 'b'")).length === 3;

const values = `(1), (1.0), (-0.0), (4294967296), (4294967296.0), (9007199254740993), (-9223372036854775808), (0.1 + 0.2), (9e999), (-9e999), ('1'), ('1.0'),
	(''), (x''), (x'31'), ${readsNul ? "('a' || char(0) || 'b'), " : ''}('grüße 日本'), (CAST(x'ff61fe' AS TEXT)), (NULL), ('line' || char(10))`;

describe('a copy of a database on a server', () => {
	test.each(['', 'NUMERIC', 'INTEGER', 'REAL', 'TEXT', 'BLOB'])('keeps the type and the bytes of every value in a column of type %s', (type) => {
		const [remote, copy] = both(`CREATE TABLE t (v ${type}); INSERT INTO t VALUES ${values}`, 'SELECT rowid, typeof(v), hex(v), quote(v) FROM t');
		expect(copy).toEqual(remote);
	});

	test('keeps the type of every value in a STRICT table and in one WITHOUT ROWID', () => {
		const setup = `CREATE TABLE s (v ANY) STRICT; INSERT INTO s VALUES ${values}; CREATE TABLE w (k PRIMARY KEY, v) WITHOUT ROWID; INSERT INTO w SELECT rowid * 1.0, v FROM s;`;
		const [remote, copy] = both(setup, 'SELECT typeof(v), hex(v) FROM s UNION ALL SELECT typeof(k), hex(v) FROM w');
		expect(copy).toEqual(remote);
	});

	test.each([
		['no name for the rowid', 'CREATE TABLE t (rowid, oid, _rowid_)', "INSERT INTO t VALUES (1, 1.0, 'x'), (NULL, x'00', 2)", '*'],
		[
			'a key in other letters',
			'CREATE TABLE t (a, Id INTEGER, PRIMARY KEY (iD))',
			"INSERT INTO t VALUES ('x', 9007199254740993), ('y', -5)",
			'id, *',
		],
		['98 columns', `CREATE TABLE t (${Array.from({length: 98}, (_, index) => `c${index}`).join()})`, "INSERT INTO t (c97) VALUES ('z')", 'rowid, *'],
		['generated columns', 'CREATE TABLE t (a, b AS (a + 1), c AS (a + 2) STORED, d)', 'INSERT INTO t (a, d) VALUES (1, 2.0)', 'rowid, *, typeof(d)'],
	])('contains all rows of a table with %s', (_what, table, rows, columns) => {
		const [remote, copy] = both(`${table}; ${rows}`, `SELECT ${columns} FROM t ORDER BY 1`);
		expect(copy).toEqual(remote);
	});

	test('reads all pages of a table with the smallest and the largest rowids', () => {
		const setup = `CREATE TABLE t (a); WITH n (i) AS (VALUES (0) UNION ALL SELECT i + 1 FROM n WHERE i < 4999)
			INSERT INTO t (rowid, a) SELECT CASE WHEN i < 2500 THEN -9223372036854775808 + i ELSE 9223372036854775807 - i END, i FROM n`;
		const [remote, copy] = both(setup, 'SELECT count(*), min(rowid), max(rowid), sum(a) FROM t');
		expect(copy).toEqual(remote);
	});

	test.each([
		["UPDATE t SET v = CASE id WHEN 1 THEN 'b' ELSE 'a' END", true],
		["UPDATE t SET v = 'c' WHERE id = 2", true],
		['UPDATE t SET v = NULL WHERE id = 2', true],
		['UPDATE t SET n = 1.0', true],
		['DELETE FROM t WHERE id = 2; INSERT INTO t VALUES (3, 1, 1)', true],
		['UPDATE t SET v = v', false],
		['CREATE INDEX i ON t (v)', false],
	])('notices that rows have changed since then: %s is %s', (change, isNoticed) => {
		const [remote, copy] = [openInMemory(), openInMemory()];
		remote.exec("CREATE TABLE t (id INTEGER PRIMARY KEY, v, n); INSERT INTO t VALUES (1, 'a', 1), (2, 'b', 1)");
		const {changed} = copyRemote(remote, copy, '_lite_migr');
		const isChanged = (db: Database) => db.value(`SELECT ${changed.get('t')}`) === 1;
		expect(isChanged(remote)).toBe(false);
		remote.exec(change);
		expect(isChanged(remote)).toBe(isNoticed);
		remote.close();
		copy.close();
	});
});
