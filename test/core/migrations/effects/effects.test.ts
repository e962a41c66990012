import {readdirSync} from 'node:fs';
import {describe, expect, test, vi} from 'vitest';
import type {TableEffect} from '../../../../source/core/migrations/event.ts';
import {nativeOf} from '../../../../source/core/sqlite/connection.ts';
import {projectForEachTest} from '../../../project-folder.ts';
import {runnerFor} from '../run.ts';

const project = projectForEachTest();
const {run, done, failed} = runnerFor(project);
const name = '20260102_000000_change';
const rows = [
	{id: 1, a: 'x', b: 'B1'},
	{id: 2, a: 'x', b: 'B2'},
	{id: 3, a: 'y', b: 'B3'},
];
const database = `CREATE TABLE t (id INTEGER PRIMARY KEY, a TEXT, b TEXT); INSERT INTO t VALUES (1, 'x', 'B1'), (2, 'x', 'B2'), (3, 'y', 'B3');`;

function sql(statements: string): void {
	project.migration(`${name}.sql`, `-- upgrade\n${statements};\n`);
}

/** The losses of the run. Without consent, the rows are unchanged. */
async function refused(): Promise<readonly TableEffect[]> {
	const event = await failed();
	expect(event).toMatchObject({code: 'answerNeeded', state: expect.stringContaining('rolled back')});
	return event.tables ?? [];
}

async function effects(consent = true): Promise<readonly TableEffect[]> {
	const events = await run({consent});
	expect(events.at(-1)).toMatchObject({type: 'done'});
	return events.flatMap((event) => (event.type === 'effects' ? event.tables : []));
}

/** Definitions of so many columns. */
function wide(columns: number): string {
	return Array.from({length: columns}, (_, index) => `c${index}`).join(', ');
}

describe.each(['delete', 'wal'])('with journal_mode=%s, a migration of statements', (mode) => {
	const start = (more = '') => project.exec(`PRAGMA journal_mode = ${mode}; ${database} ${more}`);

	test.each<[string, string, string, object]>([
		[
			'drops a column and adds it again',
			'',
			'ALTER TABLE t DROP COLUMN b; ALTER TABLE t ADD COLUMN b TEXT',
			{columns: [{column: 'b', valuesGone: 3}]},
		],
		[
			'deletes by a trigger',
			'CREATE TABLE u (x); CREATE TRIGGER g AFTER INSERT ON u BEGIN DELETE FROM t WHERE id = new.x; END',
			"INSERT INTO u VALUES (1); INSERT INTO t VALUES (9, 'n', 'n')",
			{rowsGone: 1, rowsAdded: 1},
		],
		[
			'deletes by a trigger of a trigger',
			'CREATE TABLE u (x); CREATE TABLE v (x); CREATE TRIGGER g AFTER INSERT ON u BEGIN INSERT INTO v VALUES (new.x); END; CREATE TRIGGER h AFTER INSERT ON v BEGIN DELETE FROM t WHERE id = new.x; END',
			'INSERT INTO u VALUES (1)',
			{rowsGone: 1},
		],
		[
			'deletes by a trigger while its own DELETE matches nothing',
			'CREATE TABLE u (x); CREATE TRIGGER g AFTER INSERT ON u BEGIN DELETE FROM t; END',
			'DELETE FROM t WHERE id = 99; INSERT INTO u VALUES (1)',
			{rowsGone: 3},
		],
		['widens a DELETE by a trigger', 'CREATE TRIGGER g AFTER DELETE ON t BEGIN DELETE FROM t; END', 'DELETE FROM t WHERE id = 1', {rowsGone: 3}],
		[
			'deletes by its own temporary trigger',
			'',
			'CREATE TEMP TRIGGER g AFTER UPDATE ON t BEGIN DELETE FROM t WHERE id = old.id; END; UPDATE t SET a = 1 WHERE id = 2',
			{rowsGone: 1},
		],
		[
			'deletes through a view',
			'CREATE VIEW v AS SELECT * FROM t; CREATE TRIGGER g INSTEAD OF DELETE ON v BEGIN DELETE FROM t WHERE id = old.id; END',
			'DELETE FROM v WHERE id = 3',
			{rowsGone: 1},
		],
		[
			'replaces a row and names fewer columns',
			'',
			"INSERT OR REPLACE INTO t (id, a) VALUES (1, 'new')",
			{
				rowsGone: 0,
				rowsChanged: 1,
				columns: [
					{column: 'a', valuesChanged: 1},
					{column: 'b', valuesGone: 1},
				],
			},
		],
		['replaces another row by an UPDATE', 'CREATE UNIQUE INDEX t_b ON t (b)', "UPDATE OR REPLACE t SET b = 'B1' WHERE id = 2", {rowsGone: 1}],
		[
			'replaces by a conflict clause of the table',
			"CREATE TABLE r (k TEXT PRIMARY KEY ON CONFLICT REPLACE, v); INSERT INTO r VALUES ('a', 1)",
			"INSERT INTO r (k) VALUES ('a')",
			{table: 'r', columns: [{column: 'v', valuesGone: 1}]},
		],
		['sets a value to NULL', '', 'UPDATE t SET b = NULL WHERE id = 2', {columns: [{column: 'b', valuesGone: 1, valuesChanged: 0}]}],
		['deletes depending on changes()', 'CREATE TABLE u (x)', 'INSERT INTO u VALUES (1); DELETE FROM t WHERE changes() > 0', {rowsGone: 3}],
		['deletes one row and renumbers the others', '', 'DELETE FROM t WHERE id = 1; UPDATE t SET id = id - 1', {rowsGone: 1, rowsAdded: 0}],
		['drops a table', '', 'DROP TABLE t', {rowsGone: 3}],
		['renames a table and drops it', '', 'ALTER TABLE t RENAME TO o; DROP TABLE o', {rowsGone: 3}],
		['drops a table and creates it empty', '', 'DROP TABLE t; CREATE TABLE t (id INTEGER PRIMARY KEY, a TEXT, b TEXT)', {rowsGone: 3}],
		[
			'rebuilds a table and copies some rows',
			'',
			'CREATE TABLE n (id INTEGER PRIMARY KEY, a TEXT, b TEXT); INSERT INTO n SELECT * FROM t WHERE id > 1; DROP TABLE t; ALTER TABLE n RENAME TO t',
			{rowsGone: 1},
		],
		[
			'rebuilds a table and deletes from the copy',
			'',
			'CREATE TABLE n (id INTEGER PRIMARY KEY, a TEXT, b TEXT); INSERT INTO n SELECT * FROM t; DELETE FROM n WHERE id = 2; DROP TABLE t; ALTER TABLE n RENAME TO t',
			{rowsGone: 1},
		],
		[
			'rebuilds a table into one that ignores conflicts',
			'',
			'CREATE TABLE n (id INTEGER PRIMARY KEY, a TEXT UNIQUE ON CONFLICT IGNORE, b TEXT); INSERT INTO n SELECT * FROM t; DROP TABLE t; ALTER TABLE n RENAME TO t',
			{rowsGone: 1},
		],
		[
			'rebuilds a table and copies fewer columns',
			'',
			'CREATE TABLE n (id INTEGER PRIMARY KEY, a TEXT, b TEXT); INSERT INTO n (id, a) SELECT id, a FROM t; DROP TABLE t; ALTER TABLE n RENAME TO t',
			{columns: [{column: 'b', valuesGone: 3}]},
		],
		[
			'rebuilds a table without one of its columns',
			'',
			'CREATE TABLE n (id INTEGER PRIMARY KEY, a TEXT); INSERT INTO n SELECT id, a FROM t; DROP TABLE t; ALTER TABLE n RENAME TO t',
			{columns: [{column: 'b', valuesGone: 3}]},
		],
		[
			'rebuilds a table without a key and loses one of two equal rows',
			'CREATE TABLE n (x, y); INSERT INTO n VALUES (1, 1), (1, 1), (2, 2)',
			'CREATE TABLE m (x, y); INSERT INTO m SELECT DISTINCT x, y FROM n; DROP TABLE n; ALTER TABLE m RENAME TO n',
			{table: 'n', rowsGone: 1},
		],
		[
			'recreates a full-text index with its own rows',
			"CREATE VIRTUAL TABLE f USING fts5(x); INSERT INTO f VALUES ('hello')",
			'DROP TABLE f; CREATE VIRTUAL TABLE f USING fts5(x)',
			{table: 'f', rowsGone: 1},
		],
		[
			'deletes from a full-text index',
			"CREATE VIRTUAL TABLE f USING fts5(x, y); INSERT INTO f VALUES ('hello', 1), ('world', 2)",
			"DELETE FROM f WHERE f MATCH 'hello'",
			{table: 'f', rowsGone: 1},
		],
		[
			'empties an R*Tree',
			'CREATE VIRTUAL TABLE r USING rtree(id, x0, x1); INSERT INTO r VALUES (1, 0, 1), (2, 0, 1)',
			'DELETE FROM r WHERE id = 2',
			{table: 'r', rowsGone: 1},
		],
		[
			'deletes from a table WITHOUT ROWID',
			"CREATE TABLE w (x, y, z, PRIMARY KEY (x, y)) WITHOUT ROWID; INSERT INTO w VALUES (1, 1, 'a'), (1, 2, 'b')",
			'DELETE FROM w WHERE y = 2',
			{table: 'w', rowsGone: 1},
		],
		[
			'moves rows and leaves a column behind',
			'CREATE TABLE old (id INTEGER PRIMARY KEY, a TEXT)',
			'INSERT INTO old SELECT id, a FROM t; DELETE FROM t',
			{rowsGone: 3},
		],
		[
			'deletes the last row and inserts another one that gets its rowid',
			"CREATE TABLE k (x TEXT, y); INSERT INTO k VALUES ('a', 1), ('b', 2)",
			"DELETE FROM k WHERE x = 'b'; INSERT INTO k VALUES ('c', 3)",
			{table: 'k', rowsGone: 1, rowsAdded: 1},
		],
		[
			'deletes the last row by a text key and inserts another one that gets its rowid',
			"CREATE TABLE k (x TEXT PRIMARY KEY, y); INSERT INTO k VALUES ('a', 1), ('b', 2)",
			"DELETE FROM k WHERE x = 'b'; INSERT INTO k VALUES ('c', 3)",
			{table: 'k', rowsGone: 1, rowsAdded: 1},
		],
		[
			'replaces the last row by the conflict clause of a constraint and inserts another one that gets its rowid',
			"CREATE TABLE k (x TEXT UNIQUE ON CONFLICT REPLACE, y); INSERT INTO k VALUES ('a', 1), ('b', 2)",
			"UPDATE k SET x = 'b' WHERE x = 'a'; INSERT INTO k VALUES ('c', 3)",
			{table: 'k', rowsGone: 1, rowsAdded: 1},
		],
		[
			'deletes one of several rows without a key',
			'CREATE TABLE k (x, y, z, PRIMARY KEY (x, y)); INSERT INTO k VALUES (NULL, 1, 1), (NULL, 1, 2), (1, NULL, 3)',
			'DELETE FROM k WHERE z = 1',
			{table: 'k', rowsGone: 1},
		],
		[
			'rebuilds a table and loses one of several rows without a key',
			'CREATE TABLE k (x, y, z, PRIMARY KEY (x, y)); INSERT INTO k VALUES (NULL, 1, 1), (NULL, 1, 2), (1, NULL, 3)',
			'CREATE TABLE m (x, y, z, PRIMARY KEY (x, y)); INSERT INTO m SELECT * FROM k WHERE z > 1; DROP TABLE k; ALTER TABLE m RENAME TO k',
			{table: 'k', rowsGone: 1},
		],
		[
			'rebuilds a table with a collation that makes two keys the same',
			"CREATE TABLE k (x TEXT PRIMARY KEY, y); INSERT INTO k VALUES ('a', 1), ('A', 2)",
			'CREATE TABLE m (x TEXT COLLATE NOCASE PRIMARY KEY, y); INSERT OR IGNORE INTO m SELECT * FROM k; DROP TABLE k; ALTER TABLE m RENAME TO k',
			{table: 'k', rowsGone: 1},
		],
		[
			'rebuilds a table with a type that makes two keys the same',
			"CREATE TABLE k (x TEXT PRIMARY KEY, y); INSERT INTO k VALUES ('1', 1), ('01', 1)",
			'CREATE TABLE m (x INTEGER PRIMARY KEY, y); INSERT OR IGNORE INTO m SELECT * FROM k; DROP TABLE k; ALTER TABLE m RENAME TO k',
			{table: 'k', rowsGone: 1},
		],
		[
			'copies one row to two tables and deletes two',
			'',
			'CREATE TABLE p AS SELECT * FROM t WHERE id = 1; CREATE TABLE q AS SELECT * FROM t WHERE id = 1; DELETE FROM t WHERE id < 3',
			{rowsGone: 1},
		],
		[
			'moves the rows of two tables, of which one is copied twice under other keys',
			'CREATE TABLE o AS SELECT * FROM t',
			'CREATE TABLE p AS SELECT * FROM t UNION ALL SELECT id + 100, a, b FROM o; DROP TABLE o; DROP TABLE t',
			{table: 'o', rowsGone: 3, note: null},
		],
		[
			'renames rows of a very wide table and deletes one',
			`CREATE TABLE k (id INTEGER PRIMARY KEY, ${wide(1998)}); INSERT INTO k (id, c0) VALUES (1, 1), (2, 2)`,
			'DELETE FROM k WHERE id = 1; UPDATE k SET id = id + 10',
			{table: 'k', rowsGone: 1, rowsAdded: 0},
		],
	])('that %s needs consent, and rolls back without it', async (_, more, statements, effect) => {
		start(more);
		const before = project.all('SELECT * FROM t');
		sql(statements);
		expect(await refused()).toContainEqual(expect.objectContaining({samples: expect.anything()}));
		const expected: Partial<TableEffect> = {table: 't', ...effect};
		expect((await failed()).tables?.find(({table}) => table === expected.table)).toMatchObject(expected);
		expect(project.all('SELECT * FROM t')).toEqual(before);
		expect((await done({consent: true})).currentMigration).toBe(name);
	});

	test.each<[string, string, string]>([
		[
			'rebuilds a table completely',
			'',
			'CREATE TABLE n (id INTEGER PRIMARY KEY, a TEXT, b TEXT NOT NULL); INSERT INTO n SELECT * FROM t; DROP TABLE t; ALTER TABLE n RENAME TO t',
		],
		[
			'rebuilds it under another name of the old one',
			'',
			'ALTER TABLE t RENAME TO o; CREATE TABLE t (id INTEGER PRIMARY KEY, a TEXT, b TEXT); INSERT INTO t SELECT * FROM o; DROP TABLE o',
		],
		[
			'rebuilds it by way of a temporary table',
			'',
			'CREATE TEMP TABLE kept AS SELECT * FROM t; DROP TABLE t; CREATE TABLE t (id INTEGER PRIMARY KEY, a TEXT, b TEXT); INSERT INTO t SELECT * FROM kept',
		],
		[
			'rebuilds it with a column of another name',
			'',
			'CREATE TABLE n (id INTEGER PRIMARY KEY, a TEXT, c TEXT); INSERT INTO n SELECT * FROM t; DROP TABLE t; ALTER TABLE n RENAME TO t',
		],
		[
			'rebuilds a table without a key',
			'CREATE TABLE k (x, y); INSERT INTO k VALUES (1, 1), (1, 1)',
			'CREATE TABLE m (x INTEGER, y); INSERT INTO m SELECT * FROM k; DROP TABLE k; ALTER TABLE m RENAME TO k',
		],
		['renames a table and a column', '', 'ALTER TABLE t RENAME COLUMN b TO c; ALTER TABLE t RENAME TO tt'],
		['copies a column and drops the old one', '', 'ALTER TABLE t ADD COLUMN c TEXT; UPDATE t SET c = b; ALTER TABLE t DROP COLUMN b'],
		['changes every value', '', 'UPDATE t SET a = upper(a), b = lower(b)'],
		['gives every row another key', '', 'UPDATE t SET id = id + 100'],
		['turns empty texts into NULL', "INSERT INTO t VALUES (4, '', '')", "UPDATE t SET a = NULLIF(a, ''), b = NULLIF(b, '')"],
		[
			'moves rows to another table',
			'CREATE TABLE old (id INTEGER PRIMARY KEY, a TEXT, b TEXT, c)',
			"INSERT INTO old (id, a, b) SELECT * FROM t WHERE a = 'x'; DELETE FROM t WHERE a = 'x'",
		],
		['moves all rows to a new table', '', 'CREATE TABLE fresh AS SELECT * FROM t; DROP TABLE t'],
		['deletes rows that do not exist', '', 'DELETE FROM t WHERE id = 99'],
		['deletes from an empty table', 'CREATE TABLE e (x)', 'DELETE FROM e; DROP TABLE e'],
		['deletes what it has inserted itself', 'CREATE TABLE e (x)', 'INSERT INTO e VALUES (1); DELETE FROM e'],
		['only adds rows', 'CREATE TABLE e (x)', "INSERT INTO e VALUES (1); INSERT INTO t VALUES (7, 'a', 'b')"],
		[
			'rebuilds a full-text index over another table',
			"CREATE VIRTUAL TABLE f USING fts5(a, content='t', content_rowid='id'); INSERT INTO f (f) VALUES ('rebuild')",
			"DROP TABLE f; CREATE VIRTUAL TABLE f USING fts5(a, content='t', content_rowid='id'); INSERT INTO f (f) VALUES ('rebuild')",
		],
		[
			'copies a table in one way and back',
			'CREATE TABLE k (x, y); INSERT INTO k VALUES (1, 1), (1, 1), (2, 2)',
			'CREATE TEMP TABLE kept AS SELECT * FROM k; DELETE FROM k; INSERT INTO k SELECT * FROM kept ORDER BY x DESC',
		],
		[
			'rebuilds a table with a column that is generated from the others now',
			'ALTER TABLE t ADD COLUMN c; UPDATE t SET c = a || b',
			'CREATE TABLE n (id INTEGER PRIMARY KEY, a TEXT, b TEXT, c AS (a || b)); INSERT INTO n (id, a, b) SELECT id, a, b FROM t; DROP TABLE t; ALTER TABLE n RENAME TO t',
		],
		['moves a column to a new table', '', 'CREATE TABLE o AS SELECT id, b FROM t; ALTER TABLE t DROP COLUMN b'],
		[
			'moves a column to another table',
			'CREATE TABLE o (id INTEGER PRIMARY KEY); INSERT INTO o SELECT id FROM t',
			'ALTER TABLE o ADD COLUMN b TEXT; UPDATE o SET b = (SELECT b FROM t WHERE t.id = o.id); ALTER TABLE t DROP COLUMN b',
		],
		[
			'merges two tables',
			'CREATE TABLE o AS SELECT * FROM t',
			"CREATE TABLE p (id, a, b, kind); INSERT INTO p SELECT *, 'o' FROM o UNION ALL SELECT *, 't' FROM t; DROP TABLE o; DROP TABLE t",
		],
		[
			'gives the rows of a large table other keys by a rebuild',
			"CREATE TABLE k (x TEXT PRIMARY KEY, y); WITH s(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM s WHERE i < 51000) INSERT INTO k SELECT 'k' || i, i FROM s",
			"CREATE TABLE m (x TEXT PRIMARY KEY, y); INSERT INTO m SELECT 'm' || x, y FROM k; DROP TABLE k; ALTER TABLE m RENAME TO k",
		],
	])('that %s is not asked about', async (_, more, statements) => {
		start(more);
		sql(statements);
		expect((await done()).currentMigration).toBe(name);
	});

	test('that makes many different values one needs consent', async () => {
		start(`CREATE TABLE mail (id INTEGER PRIMARY KEY, address TEXT);
			INSERT INTO mail SELECT value, 'a' || value FROM json_each('[1,2,3,4,5,6,7,8,9,10,11,12]')`);
		sql("UPDATE mail SET address = 'x'");
		expect(await refused()).toMatchObject([{table: 'mail', columns: [{column: 'address', valuesGone: 0, valuesChanged: 12, merged: true}]}]);
		sql('UPDATE mail SET address = upper(address)');
		expect((await done()).currentMigration).toBe(name);
	});

	test('is measured exactly, by table and column', async () => {
		start('CREATE TABLE e (x); INSERT INTO e VALUES (1);');
		sql(
			"UPDATE t SET a = 'z', b = CASE id WHEN 1 THEN NULL ELSE b END WHERE id < 3; DELETE FROM t WHERE id = 3; INSERT INTO t VALUES (8, 'n', 'n'), (9, 'n', 'm'); INSERT INTO e VALUES (2), (3)",
		);
		const found = await effects();
		expect(found).toMatchObject([
			{
				table: 't',
				rowsGone: 1,
				rowsAdded: 2,
				rowsChanged: 2,
				columns: [
					{column: 'a', valuesGone: 0, valuesChanged: 2},
					{column: 'b', valuesGone: 1, valuesChanged: 0},
				],
				samples: [
					{row: 'id 3', column: null},
					{row: 'id 1', column: 'b', before: 'B1', after: null},
				],
				by: [
					{sql: expect.stringContaining('UPDATE t'), location: {line: 2}},
					{sql: expect.stringContaining('DELETE FROM t')},
					{sql: expect.stringContaining('INSERT INTO t')},
				],
			},
			{table: 'e', rowsGone: 0, rowsAdded: 2, rowsChanged: 0},
		]);
	});

	test('is measured even if a view and a trigger name their database', async () => {
		start(
			'CREATE VIEW v AS SELECT * FROM main.t; CREATE TABLE u (x); CREATE TRIGGER g AFTER INSERT ON u BEGIN DELETE FROM t WHERE id IN (SELECT id FROM main.t LIMIT 1); END;',
		);
		sql('INSERT INTO u VALUES (1)');
		expect(await refused()).toMatchObject([
			{table: 't', rowsGone: 1},
			{table: 'u', rowsAdded: 1},
		]);
		expect(await effects()).toHaveLength(2);
		expect(project.value('SELECT count(*) FROM v')).toBe(2);
	});

	test('compares a key of another type without reading the table for each row', async () => {
		start(
			'CREATE TABLE k (x INTEGER PRIMARY KEY, y); WITH s(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM s WHERE i < 20000) INSERT INTO k SELECT i, i FROM s',
		);
		sql('CREATE TABLE m (x TEXT PRIMARY KEY, y); INSERT INTO m SELECT * FROM k; DROP TABLE k; ALTER TABLE m RENAME TO k');
		expect(await effects(false)).toMatchObject([{table: 'k', rowsGone: 0, rowsChanged: 20000, columns: [{column: 'x', valuesChanged: 20000}]}]);
	});

	test('counts the rows that it adds, but not what a full-text index writes with them', async () => {
		start("CREATE VIRTUAL TABLE f USING fts5(x); INSERT INTO f VALUES ('p')");
		sql("UPDATE f SET x = x || ' q'; INSERT INTO t VALUES (9, 'n', 'n')");
		expect(await effects()).toContainEqual(expect.objectContaining({table: 't', rowsAdded: 1}));
	});

	test('is measured in a column called true whose type another table changes', async () => {
		start('CREATE TABLE k (x INTEGER PRIMARY KEY, "true" BLOB); INSERT INTO k VALUES (1, 5), (2, \'007\')');
		sql('CREATE TABLE m (x INTEGER, "true" INTEGER PRIMARY KEY); INSERT INTO m SELECT * FROM k; DROP TABLE k; ALTER TABLE m RENAME TO k');
		expect(await effects()).toMatchObject([{table: 'k', rowsBefore: 2, rowsGone: 0}]);
	});

	test('is measured in a table whose key has a collation of the application', async () => {
		start("CREATE TABLE k (x TEXT COLLATE NOCASE PRIMARY KEY, y); INSERT INTO k VALUES ('a', 1), ('b', 2)");
		project.database((db) => {
			nativeOf(db).unsafeMode(true);
			db.exec("PRAGMA writable_schema = ON; UPDATE sqlite_schema SET sql = replace(sql, 'NOCASE', 'german'); PRAGMA writable_schema = OFF");
		});
		sql('UPDATE k SET y = y + 1');
		expect(await effects(false)).toMatchObject([{table: 'k', rowsChanged: 2}]);
	});

	test('names the deleted row by its key even if another row gets its values', async () => {
		start('CREATE TABLE k (id INTEGER PRIMARY KEY, a)');
		project.exec("INSERT INTO k VALUES (1, 'x'), (2, 'y')");
		sql("DELETE FROM k WHERE id = 1; UPDATE k SET a = 'x'");
		expect(await refused()).toMatchObject([
			{table: 'k', rowsGone: 1, rowsChanged: 1, columns: [{column: 'a', valuesChanged: 1}], samples: [{row: 'id 1'}]},
		]);
	});

	test('is rolled back by a row that its trigger leaves without a parent, even if no statement names the child', async () => {
		start(
			'CREATE TABLE u (x); CREATE TABLE c (id INTEGER PRIMARY KEY, t REFERENCES t(id)); CREATE TRIGGER g AFTER INSERT ON u BEGIN INSERT INTO c (t) VALUES (77); END',
		);
		sql('INSERT INTO u VALUES (1)');
		expect(await failed({consent: true})).toMatchObject({
			code: 'guard',
			message: expect.stringContaining('leave 1 row in c without a parent row in t'),
		});
		expect(project.value('SELECT count(*) FROM c')).toBe(0);
	});

	test('is not asked about if it also leaves a row without a parent, because consent would not help', async () => {
		start('CREATE TABLE p (id INTEGER PRIMARY KEY); CREATE TABLE c (id INTEGER PRIMARY KEY, p REFERENCES p(id))');
		project.exec('INSERT INTO p VALUES (1); INSERT INTO c VALUES (1, 1)');
		sql('DELETE FROM p');
		const consent = vi.fn(() => Promise.resolve(true));
		expect(await failed({consent})).toMatchObject({code: 'guard', message: expect.stringContaining('leave 1 row in c without a parent row in p')});
		expect(consent).not.toHaveBeenCalled();
		expect(project.all('SELECT * FROM p')).toEqual([{id: 1}]);
	});

	test('has a backup of every value that it changes', async () => {
		start();
		sql('UPDATE t SET b = lower(b)');
		const {backup} = await done();
		expect(backup).not.toBeNull();
		project.exec(`ATTACH '${backup}' AS was; CREATE TABLE main.was_rows AS SELECT * FROM was.t`);
		expect(project.all('SELECT * FROM was_rows')).toEqual(rows);
	});

	test('leaves no backup behind if it is refused', async () => {
		start();
		sql('DELETE FROM t WHERE id = 1');
		expect(await failed()).toMatchObject({code: 'answerNeeded', backup: null});
		expect(
			readdirSync(project.path)
				.filter((file) => file === 'backups')
				.flatMap((folder) => readdirSync(project.at(folder))),
		).toEqual([]);
	});

	test('is measured without a backup as well, and leaves no copy behind', async () => {
		start();
		sql('DELETE FROM t WHERE id = 1');
		expect(await failed({backup: 'never'})).toMatchObject({code: 'answerNeeded', tables: [{rowsGone: 1}], backup: null});
		expect(await done({backup: 'never', consent: true})).toMatchObject({backup: null});
		expect(readdirSync(project.path).filter((file) => file.includes('dry-run'))).toEqual([]);
	});

	test('is measured in a dry run, which needs no consent', async () => {
		start();
		sql('DELETE FROM t WHERE id = 1');
		const events = await run({dryRun: true});
		expect(events.filter(({type}) => type === 'effects')).toMatchObject([{migration: name, tables: [{table: 't', rowsGone: 1}]}]);
		expect(events.at(-1)).toMatchObject({type: 'done', dryRun: true});
		expect(project.all('SELECT * FROM t')).toEqual(rows);
	});
});

describe('operations and statements in one migration', () => {
	test('do not hide the rows of a table that a statement renamed and an operation drops', async () => {
		project.exec(database);
		project.migration(
			name,
			"op.execute('ALTER TABLE t RENAME TO o'); op.createTable('CREATE TABLE t (id INTEGER PRIMARY KEY, a TEXT, b TEXT)'); op.dropTable('o');",
		);
		expect(await refused()).toMatchObject([{table: 't', rowsGone: 3}]);
		project.migration(
			name,
			"op.execute('ALTER TABLE t RENAME TO o'); op.createTable('CREATE TABLE t (id INTEGER PRIMARY KEY, a TEXT, b TEXT)'); op.execute('INSERT INTO t SELECT * FROM o'); op.dropTable('o');",
		);
		expect(await done()).toMatchObject({currentMigration: name});
		expect(project.all('SELECT * FROM t')).toEqual(rows);
	});

	test('name the table by what it was called if it was renamed and dropped', async () => {
		project.exec(database);
		project.migration(name, "op.execute('ALTER TABLE t RENAME TO o'); op.dropTable('o');");
		expect(await failed()).toMatchObject({code: 'answerNeeded', details: ['t will be dropped with 3 rows']});
		project.migration(name, "op.execute('UPDATE t SET a = 1'); op.renameTable('t', 'o'); op.dropTable('o');");
		expect(await failed()).toMatchObject({code: 'answerNeeded', details: ['t will be dropped with 3 rows']});
	});

	test('name the column that an operation drops after a statement renamed it', async () => {
		project.exec(database);
		project.migration(name, "op.execute('ALTER TABLE t RENAME COLUMN b TO c'); op.dropColumn('t', 'c');");
		expect(await failed()).toMatchObject({code: 'answerNeeded', details: ['t.b will be dropped with 3 values']});
	});

	test('are measured through a rewrite between two statements', async () => {
		project.exec(database);
		project.migration(
			name,
			"op.execute('DELETE FROM t WHERE id = 1'); op.changeTable('t', 'CREATE TABLE t (id INTEGER PRIMARY KEY, a TEXT NOT NULL, bb TEXT UNIQUE)', {fill: {bb: 'b'}}); op.execute('UPDATE t SET a = 9 WHERE id = 2');",
		);
		const found = await effects();
		expect(found).toMatchObject([{table: 't', rowsGone: 1, rowsChanged: 1, columns: [{column: 'a', valuesChanged: 1}]}]);
	});
});

describe('the code of op.run', () => {
	test.each([
		['deletes', 'db.exec("DELETE FROM t WHERE id = 1")', {rowsGone: 1}],
		['deletes by a prepared statement with a parameter', 'db.prepare("DELETE FROM t WHERE id = ?").run(1)', {rowsGone: 1}],
		['deletes and reads what it deleted', 'db.prepare("DELETE FROM t WHERE id = 1 RETURNING id").all()', {rowsGone: 1}],
		['iterates over what it deletes', 'for (const _ of db.prepare("DELETE FROM t WHERE id = 1 RETURNING id").iterate());', {rowsGone: 1}],
		[
			'deletes after a statement with the same text',
			'const s = db.prepare("DELETE FROM t WHERE id = $id"); s.run({id: 99}); s.run({id: 1});',
			{rowsGone: 1},
		],
		[
			'deletes by a trigger that it creates after it prepared the statement',
			'const s = db.prepare("UPDATE t SET a = 1 WHERE id = 1"); s.run(); db.exec("CREATE TEMP TRIGGER g AFTER UPDATE ON t BEGIN DELETE FROM t WHERE id = old.id; END"); s.run(); db.exec("DROP TRIGGER g");',
			{rowsGone: 1},
		],
		[
			'fails partway through and is caught',
			'try { db.exec("UPDATE OR FAIL t SET b = NULL, id = 1") } catch {}',
			{columns: [{column: 'b', valuesGone: 1}]},
		],
	])('needs consent if it %s', async (_, code, effect) => {
		project.exec(database);
		project.migration(name, `op.run(({db}) => { ${code} });`);
		expect(await refused()).toMatchObject([{table: 't', ...effect}]);
		expect(project.all('SELECT * FROM t')).toEqual(rows);
	});

	test('needs no consent for a delete that it rolled back itself', async () => {
		project.exec(database);
		project.migration(name, `op.run(({db}) => { db.exec('SAVEPOINT s; DELETE FROM t; ROLLBACK TO s; RELEASE s'); });`);
		expect((await done()).currentMigration).toBe(name);
	});
});

describe('several migrations of one run', () => {
	const first = '20260101_000000_first';

	test('report each table once, with the migration that wrote it last', async () => {
		project.exec(`${database} CREATE TABLE e (x);`);
		project.migration(`${first}.sql`, "UPDATE t SET a = 'q'; INSERT INTO e VALUES (1);");
		project.migration(`${name}.sql`, 'DELETE FROM t WHERE id = 1;');
		const events = await run({consent: true});
		expect(events.filter(({type}) => type === 'effects' || type === 'migrationDone')).toMatchObject([
			{type: 'effects', migration: first, tables: [{table: 'e'}]},
			{type: 'effects', migration: name, tables: [{table: 't', rowsGone: 1, rowsChanged: 2}]},
			{type: 'migrationDone', migration: first},
			{type: 'migrationDone', migration: name},
		]);
	});

	test('lose nothing if the second one only deletes what the first one added', async () => {
		project.exec(database);
		project.migration(`${first}.sql`, "INSERT INTO t VALUES (9, 'n', 'n');");
		project.migration(`${name}.sql`, 'DELETE FROM t WHERE id = 9;');
		expect((await done()).currentMigration).toBe(name);
	});

	test.each([
		['a temporary table', 'CREATE TEMP TABLE t (x); CREATE TEMP TABLE scratch AS SELECT 1 AS x', 'SELECT * FROM scratch', 'no such table: scratch'],
		['a temporary trigger', 'CREATE TEMP TRIGGER g AFTER UPDATE ON main.t BEGIN DELETE FROM t WHERE id = 1; END', 'UPDATE t SET a = 2', undefined],
		['changes()', "INSERT INTO t VALUES (9, 'n', 'n')", 'DELETE FROM t WHERE changes() > 0', undefined],
		['last_insert_rowid()', "INSERT INTO t VALUES (9, 'n', 'n')", 'DELETE FROM t WHERE id = last_insert_rowid()', undefined],
		['case_sensitive_like', 'PRAGMA case_sensitive_like = ON', "UPDATE t SET a = 'found' WHERE b LIKE 'b1'", undefined],
		['recursive_triggers', 'PRAGMA recursive_triggers = ON; PRAGMA reverse_unordered_selects = ON', 'UPDATE t SET a = 2', undefined],
	])('each start with a clean connection: %s of the first one is gone', async (_, one, two, problem) => {
		project.exec(database);
		project.migration(`${first}.sql`, `${one};`);
		project.migration(`${name}.sql`, `${two};`);
		if (problem === undefined) expect((await done()).currentMigration).toBe(name);
		else expect((await failed()).message).toContain(problem);
	});
});

describe('a migration outside a transaction', () => {
	test('is tried on a copy first, and does not start if it loses something without consent', async () => {
		project.exec(database);
		project.migration(name, "op.execute('DELETE FROM t WHERE id = 1');", undefined, 'export const transaction = false;');
		expect(await failed()).toMatchObject({
			code: 'answerNeeded',
			details: ['t: 1 of 3 rows is deleted'],
			state: expect.stringContaining('nothing was written'),
		});
		expect(project.all('SELECT * FROM t')).toEqual(rows);
		expect(await effects()).toMatchObject([{table: 't', rowsGone: 1}]);
		expect(project.value('SELECT count(*) FROM t')).toBe(2);
	});

	test.each([
		['deletes a parent', 'DELETE FROM p'],
		['adds a child', 'INSERT INTO c VALUES (2, 7)'],
		['deletes a parent in code', undefined],
	])('does not start if it %s and leaves a row without a parent, even with consent', async (_, statement) => {
		project.exec('CREATE TABLE p (id INTEGER PRIMARY KEY); CREATE TABLE c (id INTEGER PRIMARY KEY, p REFERENCES p(id))');
		project.exec('INSERT INTO p VALUES (1); INSERT INTO c VALUES (1, 1)');
		const operation = statement === undefined ? "op.run(({db}) => db.exec('DELETE FROM p'));" : `op.execute('${statement}');`;
		project.migration(name, operation, undefined, 'export const transaction = false;');
		expect(await failed({consent: true})).toMatchObject({
			code: 'guard',
			message: expect.stringContaining('would leave 1 row in c without a parent row in p'),
			state: expect.stringContaining('nothing was written'),
			backup: null,
		});
		expect(project.all('SELECT * FROM p, c')).toEqual([{id: 1, p: 1}]);
	});

	test('does not start if it fills a table that it creates with a row without a parent, even with consent', async () => {
		project.exec(database);
		const fill = "op.execute('CREATE TABLE p (id INTEGER PRIMARY KEY)'); op.execute('CREATE TABLE c (p REFERENCES p(id))');";
		project.migration(name, `${fill} op.execute('INSERT INTO c VALUES (7)');`, undefined, 'export const transaction = false;');
		expect(await failed({consent: true})).toMatchObject({code: 'guard', message: expect.stringContaining('would leave 1 row in c')});
		expect(project.value("SELECT count(*) FROM sqlite_schema WHERE name IN ('p', 'c')")).toBe(0);
	});

	test('does not start if it fails on the copy', async () => {
		project.exec(database);
		project.migration(
			name,
			"op.execute('UPDATE t SET a = 1'); op.execute('INSERT INTO nowhere VALUES (1)');",
			undefined,
			'export const transaction = false;',
		);
		expect(await failed()).toMatchObject({
			message: expect.stringContaining('no such table: nowhere'),
			state: expect.stringContaining('nothing was written'),
		});
		expect(project.all('SELECT * FROM t')).toEqual(rows);
	});

	test('is measured with both journal modes, and asks nothing if it loses nothing', async () => {
		project.exec(`PRAGMA journal_mode = wal; ${database}`);
		project.migration(name, "op.execute('UPDATE t SET a = 1 WHERE id = 1'); op.execute('VACUUM');", undefined, 'export const transaction = false;');
		expect(await effects(false)).toMatchObject([{table: 't', rowsChanged: 1}]);
	});
});
