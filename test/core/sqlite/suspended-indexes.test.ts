import {describe, expect, test} from 'vitest';
import type {Operation} from '../../../source/core/operations/operation.ts';
import {plan} from '../../../source/core/plan/plan.ts';
import type {Database} from '../../../source/core/sqlite/database.ts';
import {executeStep} from '../../../source/core/sqlite/execute-step.ts';
import {introspect} from '../../../source/core/sqlite/introspect.ts';
import {openInMemory} from '../../../source/core/sqlite/open.ts';
import {beginGuarded} from '../../../source/core/sqlite/transaction.ts';
import {writeSchema} from '../../../source/core/sqlite/write-schema.ts';

/** Replaces a collation in the definitions of indexes. NOCASE under another name is a collation that no connection has. */
function recollate(db: Database, from: string, to: string): void {
	writeSchema(db, () => db.run(`UPDATE sqlite_schema SET sql = replace(sql, ?, ?) WHERE type = 'index'`, from, to));
}

/** Creates a database in which the collation of some indexes is missing. */
function withMissingCollation(): Database {
	const db = openInMemory();
	db.exec(`CREATE TABLE t (id INTEGER PRIMARY KEY, a TEXT, b TEXT, c TEXT);
		INSERT INTO t (a, b, c) VALUES ('B', '1', 'x'), ('a', '2', 'Y'), ('C', NULL, 'z'), (NULL, '4', 'X');
		CREATE INDEX first ON t (b);
		CREATE UNIQUE INDEX t_a ON t (a COLLATE NOCASE, id);
		CREATE INDEX part ON t (id) WHERE a < 'c' COLLATE NOCASE;
		CREATE INDEX expressed ON t (a || b COLLATE NOCASE, c);
		CREATE TABLE other (id INTEGER PRIMARY KEY, x TEXT); INSERT INTO other VALUES (1, 'kept');`);
	recollate(db, 'NOCASE', 'of_the_app');
	return db;
}

async function run(db: Database, ...operations: readonly Operation[]): Promise<void> {
	const transaction = await beginGuarded(db);
	try {
		for (const step of plan(introspect(db), operations, {sqliteVersion: db.sqliteVersion}).steps) for await (const _ of executeStep(step, {db}));
		await transaction.commit();
	} finally {
		transaction.end();
	}
}

/** Executes a statement of a migration outside a transaction. */
async function runAlone(db: Database, sql: string): Promise<void> {
	const {steps} = plan(introspect(db), [{kind: 'execute', sql, parameters: []}], {sqliteVersion: db.sqliteVersion});
	for (const step of steps) for await (const _ of executeStep(step, {db, inTransaction: false}));
}

const definitions = (db: Database) => db.tuples(`SELECT name, tbl_name, sql FROM sqlite_schema WHERE type = 'index' ORDER BY rowid`);

/** The indexes under their usual collation are complete and in order. */
function expectSound(db: Database): void {
	recollate(db, 'of_the_app', 'NOCASE');
	expect(db.tuples('PRAGMA integrity_check')).toEqual([['ok']]);
}

describe('an index with a collation of another program', () => {
	test('stays valid when its table is renamed', async () => {
		const db = withMissingCollation();
		await run(db, {kind: 'renameTable', table: 't', to: 'new name'});
		expect(definitions(db).map(([name, table]) => [name, table])).toEqual(['first', 't_a', 'part', 'expressed'].map((name) => [name, 'new name']));
		expectSound(db);
		expect(db.tuples('SELECT a FROM "new name" INDEXED BY t_a ORDER BY a COLLATE NOCASE').flat()).toEqual([null, 'a', 'B', 'C']);
	});

	test('follows a rename of its columns', async () => {
		const db = withMissingCollation();
		await run(db, {kind: 'renameColumn', table: 't', column: 'a', to: 'renamed'});
		expect(introspect(db).indexes.map(({columns}) => columns.map(({expression}) => expression.text))).toEqual([
			['b'],
			['renamed', 'id'],
			['id'],
			['renamed || b COLLATE of_the_app', 'c'],
		]);
		expectSound(db);
	});

	test.each([
		['renames', 'ALTER TABLE t RENAME TO "new name"'],
		['adds a column', 'ALTER TABLE t ADD COLUMN d TEXT NOT NULL DEFAULT 1 CHECK (d > 0)'],
		['renames a column', 'ALTER TABLE t RENAME a TO z'],
	])('stays valid if a statement of a migration %s', async (_, sql) => {
		const db = withMissingCollation();
		const before = definitions(db);
		db.exec('UPDATE other SET x = x');
		const counters = () => db.tuples('SELECT changes(), last_insert_rowid()');
		const counted = counters();
		expect(counted).not.toEqual([[0, 0]]);
		await run(db, {kind: 'execute', sql, parameters: []});
		expect(counters()).toEqual(counted);
		expect(definitions(db).length).toBe(before.length);
		expectSound(db);
	});

	test.each([
		['fails in the middle', 'ALTER TABLE t ADD COLUMN d TEXT CHECK (d IS NOT NULL)', 'CHECK constraint failed'],
		['drops a column of another index', 'ALTER TABLE t DROP COLUMN b', 'error in index first after drop column: no such column: b'],
		['drops a column of this index', 'ALTER TABLE t DROP COLUMN a', 'error in index t_a after drop column: no such column: a'],
	])('stays valid if a statement outside a transaction %s', async (_, sql, message) => {
		const db = withMissingCollation();
		const before = definitions(db);
		await expect(runAlone(db, sql)).rejects.toThrow(message);
		expect(db.inTransaction).toBe(false);
		expect(definitions(db)).toEqual(before);
		expectSound(db);
	});

	test('is changed by a statement outside a transaction, all or nothing', async () => {
		const db = withMissingCollation();
		await runAlone(db, 'ALTER TABLE t RENAME TO renamed');
		expect(db.inTransaction).toBe(false);
		expect(definitions(db).map(([, table]) => table)).toEqual(['renamed', 'renamed', 'renamed', 'renamed']);
		expectSound(db);
	});

	test('does not prevent changes of other tables and columns, and is not changed by them', async () => {
		const db = withMissingCollation();
		const before = definitions(db);
		await run(
			db,
			{kind: 'renameColumn', table: 'other', column: 'x', to: 'y'},
			{kind: 'changeTable', table: 'other', sql: 'CREATE TABLE other (id INTEGER PRIMARY KEY, y TEXT DEFAULT 1)', fill: {}},
			{kind: 'renameTable', table: 'other', to: 'another'},
			{kind: 'addColumn', table: 't', definition: 'd TEXT'},
		);
		await run(db, {kind: 'dropColumn', table: 't', column: 'd'});
		expect(definitions(db)).toEqual(before);
		expect(db.tuples('SELECT * FROM another')).toEqual([[1, 'kept']]);
		expectSound(db);
	});

	test('is kept by a rewrite of its table that does not change its entries', async () => {
		const db = withMissingCollation();
		db.exec('DROP INDEX part; DROP INDEX expressed');
		await run(db, {kind: 'changeTable', table: 't', sql: 'CREATE TABLE t (id INTEGER PRIMARY KEY, a TEXT, b INTEGER, c TEXT)', fill: {}});
		expectSound(db);
		expect(db.tuples('SELECT a FROM t INDEXED BY t_a ORDER BY a COLLATE NOCASE').flat()).toEqual([null, 'a', 'B', 'C']);
		expect(() => db.exec(`INSERT INTO t (id, a) VALUES (1, 'b')`)).toThrow('UNIQUE');
	});

	test.each(['one entry', 'several entries'])('stops a rewrite of its table if it lacks %s', async (missing) => {
		const db = withMissingCollation();
		db.exec('DROP INDEX part; DROP INDEX expressed');
		const before = definitions(db);
		// Rows that are written without the row of the index in the schema have no entry.
		const [row = []] = db.tuples(`SELECT rowid, type, name, tbl_name, rootpage, sql FROM sqlite_schema WHERE name = 't_a'`);
		writeSchema(db, () => db.run(`DELETE FROM sqlite_schema WHERE name = 't_a'`));
		db.exec(missing === 'one entry' ? `INSERT INTO t (a) VALUES ('d')` : `INSERT INTO t (a) SELECT value FROM json_each('[1,2,3,4,5,6]')`);
		writeSchema(db, () => db.run('INSERT INTO sqlite_schema (rowid, type, name, tbl_name, rootpage, sql) VALUES (?, ?, ?, ?, ?, ?)', ...row));
		const change = {kind: 'changeTable', table: 't', sql: 'CREATE TABLE t (id INTEGER PRIMARY KEY, a TEXT, b INTEGER, c TEXT)', fill: {}} as const;
		await expect(run(db, change)).rejects.toThrow('no such collation sequence: of_the_app');
		expect(definitions(db)).toEqual(before);
	});

	test('stops a rewrite that changes its entries, and nothing is lost', async () => {
		const db = withMissingCollation();
		const before = definitions(db);
		const change = {kind: 'changeTable', table: 't', sql: 'CREATE TABLE t (id INTEGER PRIMARY KEY, a BLOB, b TEXT, c TEXT)', fill: {}} as const;
		await expect(run(db, change)).rejects.toThrow('no such collation sequence: of_the_app');
		expect(definitions(db)).toEqual(before);
		expectSound(db);
	});
});
