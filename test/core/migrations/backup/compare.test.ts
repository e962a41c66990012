import {describe, expect, test} from 'vitest';
import type {TableComparison} from '../../../../source/core/migrations/backup/compare-table.ts';
import {planRestore, type RestorePlanned} from '../../../../source/core/migrations/backup/restore-plan.ts';
import {temporaryFolder} from '../../sqlite/temporary-folder.ts';
import {backupOf, execute} from './backups.ts';

const folder = temporaryFolder();
const file = () => folder.at('app.db');

/** Returns the plan for restoring a backup of `before` after the statements of `since`. */
async function planned(before: string, since: string): Promise<RestorePlanned> {
	execute(file(), before);
	const backup = await backupOf(file(), folder.at('backups'));
	execute(file(), since);
	return planRestore(file(), backup);
}

async function change(before: string, since: string, table?: string): Promise<TableComparison | undefined> {
	const {tables} = await planned(before, since);
	return table === undefined ? tables[0] : tables.find(({name}) => name === table);
}

describe('rows of virtual tables are compared', () => {
	test.each([
		['fts5', "INSERT INTO f VALUES ('three')", {lost: 1, reverted: 0}],
		['fts5', "UPDATE f SET x = 'changed' WHERE rowid = 1", {lost: 0, reverted: 1}],
		['fts5', 'DELETE FROM f WHERE rowid = 1', {lost: 0, reverted: 0, rowsNow: 1, rowsInBackup: 2}],
		['fts5', "DELETE FROM f; INSERT INTO f (rowid, x) VALUES (7, 'seven')", {lost: 1, reverted: 0}],
		['fts4', "INSERT INTO f VALUES ('three'); UPDATE f SET x = 'changed' WHERE docid = 2", {lost: 1, reverted: 1}],
	])('%s: %s', async (module, since, expected) => {
		expect(await change(`CREATE VIRTUAL TABLE f USING ${module}(x); INSERT INTO f VALUES ('one'), ('two')`, since)).toMatchObject({
			name: 'f',
			...expected,
		});
	});

	test.each([
		['INSERT INTO r VALUES (3, 1, 2, 3, 4)', {lost: 1, reverted: 0}],
		['UPDATE r SET maxx = 90 WHERE id = 1', {lost: 0, reverted: 1}],
		['DELETE FROM r', {lost: 0, reverted: 0, rowsNow: 0, rowsInBackup: 2}],
	])('R*Tree: %s', async (since, expected) => {
		const before = 'CREATE VIRTUAL TABLE r USING rtree(id, minx, maxx, miny, maxy); INSERT INTO r VALUES (1, 0, 1, 0, 1), (2, 5, 6, 5, 6)';
		expect(await change(before, since)).toMatchObject({name: 'r', ...expected});
	});

	test('in a full-text index with external content, and in the content table', async () => {
		const before = `CREATE TABLE post (id INTEGER PRIMARY KEY, text TEXT); CREATE VIRTUAL TABLE f USING fts5(text, content='post', content_rowid='id');
			INSERT INTO post VALUES (1, 'a'); INSERT INTO f (rowid, text) VALUES (1, 'a')`;
		const {tables} = await planned(before, "INSERT INTO post VALUES (2, 'b'); INSERT INTO f (rowid, text) VALUES (2, 'b')");
		expect(tables).toMatchObject([
			{name: 'post', lost: 1},
			{name: 'f', lost: 1},
		]);
	});

	test('in a contentless full-text index, where every row may have changed', async () => {
		const before = "CREATE VIRTUAL TABLE f USING fts5(x, content='', contentless_delete=1); INSERT INTO f (rowid, x) VALUES (1, 'one'), (2, 'two')";
		expect(await change(before, "INSERT OR REPLACE INTO f (rowid, x) VALUES (2, 'six')")).toMatchObject({lost: 0, reverted: 2});
	});

	test('if the backup does not have the table, or has it with another definition', async () => {
		const {tables, losesRows} = await planned(
			'CREATE VIRTUAL TABLE g USING fts5(x)',
			`CREATE VIRTUAL TABLE f USING fts5(x); INSERT INTO f VALUES ('one');
			DROP TABLE g; CREATE VIRTUAL TABLE g USING fts5(x, y); INSERT INTO g VALUES ('x', 'y')`,
		);
		expect(losesRows).toBe(true);
		expect(tables).toMatchObject([
			{name: 'f', rowsNow: 1, rowsInBackup: null, lost: 1},
			{name: 'g', lost: 1, schemaChanged: true},
		]);
	});

	test('without a report if nothing differs', async () => {
		const before = "CREATE VIRTUAL TABLE f USING fts5(x); INSERT INTO f VALUES ('one'); CREATE VIRTUAL TABLE v USING fts5vocab(f, row)";
		expect(await planned(before, 'SELECT 1')).toMatchObject({tables: [], losesRows: false});
	});
});

describe('values in columns that were renamed, retyped or added', () => {
	const before = "CREATE TABLE t (id INTEGER PRIMARY KEY, a TEXT, n INTEGER); INSERT INTO t VALUES (1, 'x', 1), (2, 'y', 2)";

	test.each([
		['a renamed column loses nothing', 'ALTER TABLE t RENAME a TO b', {reverted: 0}],
		['a changed value in a renamed column is a loss', "ALTER TABLE t RENAME a TO b; UPDATE t SET b = 'new' WHERE id = 1", {reverted: 1}],
		['two columns with swapped names', 'ALTER TABLE t RENAME a TO c; ALTER TABLE t RENAME n TO a; ALTER TABLE t RENAME c TO n', {reverted: 2}],
		[
			'a renamed key',
			"ALTER TABLE t RENAME id TO key; UPDATE t SET a = 'new' WHERE key = 1; INSERT INTO t VALUES (3, 'z', 3)",
			{reverted: 1, lost: 1},
		],
		['a renamed column next to an added one', 'ALTER TABLE t RENAME a TO b; ALTER TABLE t ADD COLUMN c TEXT', {reverted: 0}],
		['an added column with values', "ALTER TABLE t ADD COLUMN c TEXT; UPDATE t SET c = 'new' WHERE id = 2", {valuesGone: 1, columnsGone: ['c']}],
		['an added column with only its default', "ALTER TABLE t ADD COLUMN c TEXT DEFAULT 'd'", {reverted: 0}],
		[
			'an added column with a value other than its default',
			'ALTER TABLE t ADD COLUMN c INT DEFAULT 0; UPDATE t SET c = 5 WHERE id = 2',
			{valuesGone: 1},
		],
		['a dropped column and an added one', "ALTER TABLE t DROP COLUMN n; ALTER TABLE t ADD COLUMN m TEXT; UPDATE t SET m = 'new'", {reverted: 2}],
		['a column that moved', 'ALTER TABLE t DROP COLUMN a; ALTER TABLE t ADD COLUMN a TEXT', {reverted: 2, schemaChanged: false}],
	])('%s', async (_, since, expected) => {
		const found = await change(before, since);
		expect(found).toMatchObject({lost: 0, schemaChanged: true, ...expected});
		const isLoss = Object.values({lost: 0, ...expected}).some((value) => typeof value === 'number' && value > 0);
		expect((found?.lost ?? 0) + (found?.reverted ?? 0) + (found?.valuesGone ?? 0) > 0).toBe(isLoss);
	});

	test.each([
		['TEXT', 'INTEGER', "'07'", '7', 0],
		['TEXT', 'INTEGER', "'07'", '8', 1],
		['TEXT', 'INTEGER', "'abc'", '0', 1],
		['INTEGER', 'TEXT', '7', "'7'", 0],
		['INTEGER', 'TEXT', '7', "'07'", 1],
		['INTEGER', 'TEXT', '7', "'7 apples'", 1],
		['INTEGER', 'REAL', '7', '7.0', 0],
		['INTEGER', 'REAL', '7', '7.5', 1],
		['INTEGER', 'REAL', '9007199254740993', '9007199254740992.0', 0],
		['REAL', 'TEXT', '1.5', "'1.5'", 0],
		['BLOB', 'TEXT', "x'41'", "'A'", 1],
		['TEXT', 'BLOB', "'7'", '7', 1],
	])('%s → %s: %s and then %s', async (from, to, old, value, reverted) => {
		const found = await change(
			`CREATE TABLE t (id INTEGER PRIMARY KEY, v ${from}); INSERT INTO t VALUES (1, ${old})`,
			`DROP TABLE t; CREATE TABLE t (id INTEGER PRIMARY KEY, v ${to}); INSERT INTO t VALUES (1, ${value})`,
		);
		expect(found).toMatchObject({lost: 0, reverted, schemaChanged: true});
	});

	test.each([
		['v', '1', '1.0'],
		['v', '1', "'1'"],
		['v', "'a'", "x'61'"],
		['v TEXT COLLATE NOCASE', "'a'", "'A'"],
		['v TEXT COLLATE RTRIM', "'a'", "'a '"],
		['v NUMERIC', '1', 'NULL'],
		['v', '9007199254740993', '9007199254740992'],
	])('a value of %s with a different spelling is a different value: %s and %s', async (column, old, value) => {
		const found = await change(`CREATE TABLE t (id INTEGER PRIMARY KEY, ${column}); INSERT INTO t VALUES (1, ${old})`, `UPDATE t SET v = ${value}`);
		expect(found).toMatchObject({lost: 0, reverted: 1});
	});
});

describe('rows are matched', () => {
	test.each([
		[
			'a text key',
			'CREATE TABLE t (k TEXT PRIMARY KEY, v); ',
			"INSERT INTO t VALUES ('a', 1), ('b', 2)",
			"DELETE FROM t WHERE k = 'a'; INSERT INTO t VALUES ('c', 3)",
		],
		['WITHOUT ROWID', 'CREATE TABLE t (k TEXT PRIMARY KEY, v) WITHOUT ROWID; ', "INSERT INTO t VALUES ('a', 1)", "INSERT INTO t VALUES ('c', 3)"],
		['no key', 'CREATE TABLE t (v); ', 'INSERT INTO t VALUES (1)', 'INSERT INTO t VALUES (1)'],
		['NULL in a key', 'CREATE TABLE t (k TEXT PRIMARY KEY, v); ', 'INSERT INTO t VALUES (NULL, 1)', 'INSERT INTO t VALUES (NULL, 1)'],
		[
			'another key',
			'CREATE TABLE t (a INT PRIMARY KEY, b INT) WITHOUT ROWID; ',
			'SELECT 1',
			'DROP TABLE t; CREATE TABLE t (a INT, b INT PRIMARY KEY) WITHOUT ROWID; INSERT INTO t VALUES (1, 1)',
		],
	])('by %s', async (_, create, rows, since) => {
		expect(await change(create + rows, since)).toMatchObject({lost: 1});
	});

	test('even if views and triggers refer to their own database as main', async () => {
		const before = `CREATE TABLE t (id INTEGER PRIMARY KEY, v); INSERT INTO t VALUES (1, 'a'); CREATE VIEW seen AS SELECT * FROM main.t;
			CREATE TRIGGER gone AFTER DELETE ON t BEGIN SELECT count(*) FROM main.t; END`;
		const {tables, damage} = await planned(before, "INSERT INTO t VALUES (2, 'b')");
		expect(damage).toBeUndefined();
		expect(tables).toMatchObject([{name: 't', lost: 1}]);
	});

	test('in tables of 2,000 columns', async () => {
		const columns = Array.from({length: 1999}, (_, index) => `c${index}`);
		const before = `CREATE TABLE t (id INTEGER PRIMARY KEY, ${columns.join(', ')}); INSERT INTO t (id) VALUES (1), (2), (3)`;
		expect(await change(before, 'UPDATE t SET c1998 = 1 WHERE id = 2; INSERT INTO t (id) VALUES (4)')).toMatchObject({lost: 1, reverted: 1});
	});
});

describe('the id of a plan', () => {
	const before = "CREATE TABLE t (id INTEGER PRIMARY KEY, v TEXT); INSERT INTO t VALUES (1, 'a'), (2, 'b')";

	test('stays the same if nothing changes', async () => {
		execute(file(), before);
		const backup = await backupOf(file(), folder.at('backups'));
		execute(file(), "INSERT INTO t VALUES (3, 'c')");
		const ids = [planRestore(file(), backup).id, planRestore(file(), backup).id];
		expect(ids[0]).toMatch(/^[0-9a-f]{8}$/);
		expect(ids[1]).toBe(ids[0]);
	});

	test.each([
		['another row would be lost, although the count is the same', "DELETE FROM t WHERE id = 3; INSERT INTO t VALUES (4, 'd')"],
		['another row would get its old value', "UPDATE t SET v = 'a' WHERE id = 1; UPDATE t SET v = 'z' WHERE id = 2"],
		['the schema was changed', 'CREATE INDEX t_v ON t(v)'],
		['a row came back', 'DELETE FROM t WHERE id = 2'],
	])('changes if %s', async (_, since) => {
		execute(file(), before);
		const backup = await backupOf(file(), folder.at('backups'));
		execute(file(), "INSERT INTO t VALUES (3, 'c'); UPDATE t SET v = 'y' WHERE id = 1");
		const {id} = planRestore(file(), backup);
		execute(file(), since);
		expect(planRestore(file(), backup).id).not.toBe(id);
	});

	test('differs between two backups of the same state', async () => {
		execute(file(), before);
		const [one, two] = [await backupOf(file(), folder.at('backups')), await backupOf(file(), folder.at('backups'))];
		expect(planRestore(file(), one).id).not.toBe(planRestore(file(), two).id);
	});
});
