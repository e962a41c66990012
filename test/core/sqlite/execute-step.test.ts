import {describe, expect, test} from 'vitest';
import type {Operation} from '../../../source/core/operations/operation.ts';
import {plan} from '../../../source/core/plan/plan.ts';
import type {RewriteStep} from '../../../source/core/plan/step.ts';
import type {Database} from '../../../source/core/sqlite/database.ts';
import {executeStep} from '../../../source/core/sqlite/execute-step.ts';
import {introspect} from '../../../source/core/sqlite/introspect.ts';
import {openDatabase, openInMemory} from '../../../source/core/sqlite/open.ts';
import type {StepProgress} from '../../../source/core/sqlite/step-context.ts';
import {beginGuarded} from '../../../source/core/sqlite/transaction.ts';
import {temporaryFolder, thrownBy} from './temporary-folder.ts';

const folder = temporaryFolder();

function memory(sql: string): Database {
	const db = openInMemory();
	db.exec(sql);
	return db;
}

async function apply(db: Database, operations: readonly Operation[], signal?: AbortSignal): Promise<StepProgress[]> {
	const transaction = await beginGuarded(db);
	const progress: StepProgress[] = [];
	try {
		for (const step of plan(introspect(db), operations, {sqliteVersion: db.sqliteVersion}).steps) {
			for await (const event of executeStep(step, {db, ...(signal === undefined ? {} : {signal})})) if ('phase' in event) progress.push(event);
		}
		await transaction.commit();
	} finally {
		transaction.end();
	}
	return progress;
}

const change = (table: string, sql: string, fill: Record<string, string> = {}): Operation => ({kind: 'changeTable', table, sql, fill});
const sqlOf = (db: Database, name: string) => db.value('SELECT sql FROM sqlite_schema WHERE name = ?', name);

describe('a rewrite', () => {
	test('keeps the rows of children, regardless of their ON DELETE actions', async () => {
		for (const action of ['CASCADE', 'SET NULL', 'SET DEFAULT', 'RESTRICT', 'NO ACTION']) {
			const db = memory(`
				CREATE TABLE owner (id INTEGER PRIMARY KEY, v TEXT);
				CREATE TABLE item (id INTEGER PRIMARY KEY, owner_id INTEGER DEFAULT 9 REFERENCES owner(id) ON DELETE ${action});
				INSERT INTO owner VALUES (1, 'a'), (2, 'b');
				INSERT INTO item VALUES (1, 1), (2, 2), (3, NULL);`);
			await apply(db, [change('owner', 'CREATE TABLE owner (id INTEGER PRIMARY KEY, v INTEGER)')]);
			expect(db.all('SELECT * FROM item')).toEqual([
				{id: 1, owner_id: 1},
				{id: 2, owner_id: 2},
				{id: 3, owner_id: null},
			]);
			expect(db.all('PRAGMA foreign_key_check')).toEqual([]);
			expect(sqlOf(db, 'item')).toContain('REFERENCES owner(id)');
		}
	});

	test('keeps the rowids of a table without an integer primary key', async () => {
		const db = memory(
			`CREATE TABLE t (a TEXT, b TEXT); INSERT INTO t (rowid, a, b) VALUES (5, 'x', '1'), (-9223372036854775808, 'y', '2'), (9223372036854775807, 'z', '3')`,
		);
		await apply(db, [change('t', 'CREATE TABLE t (a TEXT, b INTEGER)')]);
		expect(db.all('SELECT rowid AS r, a, b FROM t ORDER BY rowid')).toEqual([
			{r: -9223372036854775808n, a: 'y', b: 2},
			{r: 5, a: 'x', b: 1},
			{r: 9223372036854775807n, a: 'z', b: 3},
		]);
	});

	test('keeps integers beyond 2^53, blobs, empty texts and NULL', async () => {
		const db = memory(
			`CREATE TABLE t (id INTEGER PRIMARY KEY, n, x TEXT); INSERT INTO t VALUES (1, 9007199254740993, '1'), (2, x'0001', '2'), (3, '', NULL)`,
		);
		await apply(db, [change('t', 'CREATE TABLE t (id INTEGER PRIMARY KEY, n, x INTEGER)')]);
		expect(db.all('SELECT n, typeof(x) AS t FROM t ORDER BY id')).toEqual([
			{n: 9007199254740993n, t: 'integer'},
			{n: Buffer.from([0, 1]), t: 'integer'},
			{n: '', t: 'null'},
		]);
	});

	test('carries the AUTOINCREMENT counter over, even if the last rows of the table were deleted', async () => {
		const db =
			memory(`CREATE TABLE t (id INTEGER PRIMARY KEY AUTOINCREMENT, a TEXT); INSERT INTO t VALUES (7, 'x'), (100, 'y'); DELETE FROM t WHERE id = 100;
			CREATE TABLE e (id INTEGER PRIMARY KEY AUTOINCREMENT, a TEXT); INSERT INTO e VALUES (3, 'x'); DELETE FROM e`);
		await apply(db, [
			change('t', 'CREATE TABLE t (id INTEGER PRIMARY KEY AUTOINCREMENT, a INTEGER)'),
			change('e', 'CREATE TABLE e (id INTEGER PRIMARY KEY AUTOINCREMENT, a INTEGER)'),
		]);
		expect(db.all('SELECT name, seq FROM sqlite_sequence ORDER BY name')).toEqual([
			{name: 'e', seq: 3},
			{name: 't', seq: 100},
		]);
	});

	test('adds no AUTOINCREMENT counter for a table that never had rows', async () => {
		const db = memory('CREATE TABLE t (id INTEGER PRIMARY KEY AUTOINCREMENT, a TEXT)');
		await apply(db, [change('t', 'CREATE TABLE t (id INTEGER PRIMARY KEY AUTOINCREMENT, a INTEGER)')]);
		expect(db.all('SELECT name, seq FROM sqlite_sequence')).toEqual([]);
	});

	test('keeps the ANALYZE statistics of the table and its indexes', async () => {
		const db = memory(
			`CREATE TABLE t (a TEXT, b TEXT UNIQUE, c TEXT); CREATE INDEX t_a ON t (a); INSERT INTO t VALUES ('x', '1', '1'), ('x', '2', '1'), ('y', '3', '1'); ANALYZE`,
		);
		// Without STAT4, ANALYZE takes no samples (https://www.sqlite.org/compile.html#enable_stat4).
		const hasSamples = db.value("SELECT sqlite_compileoption_used('ENABLE_STAT4')") === 1;
		const samples = () => (hasSamples ? db.all('SELECT * FROM sqlite_stat4 ORDER BY idx, neq, sample') : db.all('SELECT * FROM sqlite_stat1'));
		const [one, four] = [db.all('SELECT * FROM sqlite_stat1 ORDER BY idx'), samples()];
		expect(one.length).toBe(2);
		await apply(db, [change('t', 'CREATE TABLE t (a TEXT, b TEXT UNIQUE, c INTEGER)')]);
		expect(db.all('SELECT * FROM sqlite_stat1 ORDER BY idx')).toEqual(one);
		expect(samples()).toEqual(four);
	});

	test('keeps views and all triggers byte for byte, and they work', async () => {
		const db = memory(`
			CREATE TABLE a (id INTEGER PRIMARY KEY, v TEXT);
			CREATE TABLE b (id INTEGER PRIMARY KEY);
			CREATE TABLE log (x);
			CREATE VIEW va AS SELECT id,  v FROM a;
			CREATE VIEW vva AS SELECT * FROM va;
			CREATE TRIGGER ta AFTER INSERT ON a BEGIN INSERT INTO log VALUES (CASE WHEN new.id THEN 'a' END); END;
			CREATE TRIGGER tb AFTER INSERT ON b BEGIN INSERT INTO a (v) VALUES ('by b'); END;`);
		const texts = () => db.all(`SELECT name, sql FROM sqlite_schema WHERE type IN ('view', 'trigger') ORDER BY name`);
		const before = texts();
		await apply(db, [change('a', 'CREATE TABLE a (id INTEGER PRIMARY KEY, v INTEGER)')]);
		expect(texts()).toEqual(before);
		db.exec('INSERT INTO b VALUES (1)');
		expect(db.value('SELECT count(*) FROM vva')).toBe(1);
		expect(db.value('SELECT x FROM log')).toBe('a');
	});

	test('copies many rows in ranges, reports progress, and can be stopped between two ranges', async () => {
		const rows = `WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 3 FROM n LIMIT 40000) INSERT INTO t SELECT i, i FROM n`;
		const db = memory(`CREATE TABLE t (id INTEGER PRIMARY KEY, a TEXT); CREATE INDEX t_a ON t (a); ${rows}`);
		const progress = await apply(db, [change('t', 'CREATE TABLE t (id INTEGER PRIMARY KEY, a INTEGER)')]);
		const copied = progress.filter(({phase}) => phase === 'copy').map(({done}) => done);
		expect(copied.length).toBeGreaterThan(1);
		expect(copied).toEqual([...copied].sort((a, b) => a - b));
		expect(copied.at(-1)).toBe(40_000);
		expect(progress.at(-1)).toEqual({phase: 'index', done: 40_000, total: 40_000});

		const controller = new AbortController();
		const transaction = await beginGuarded(db);
		const [step] = plan(introspect(db), [change('t', 'CREATE TABLE t (id INTEGER PRIMARY KEY, a TEXT)')]).steps;
		const run = executeStep(step as RewriteStep, {db, signal: controller.signal});
		expect((await run.next()).done).toBe(false);
		controller.abort();
		expect((await thrownBy(() => run.next())).code).toBe('cancelled');
		transaction.end();
		expect(sqlOf(db, 't')).toContain('a INTEGER');
		expect(db.value('SELECT count(*) FROM t')).toBe(40_000);
		expect(db.value('PRAGMA integrity_check')).toBe('ok');
	});

	test.each([
		['', 'PRIMARY KEY (k, n)'],
		['in descending order', 'PRIMARY KEY (k DESC, n DESC)'],
		['with a collation', 'PRIMARY KEY (k COLLATE RTRIM, n)'],
	])('copies many rows of a WITHOUT ROWID table with a key of all types in ranges %s, and can be stopped', async (_, key) => {
		// Numbers, texts (some with invalid characters) and blobs. A covering index must not determine the order.
		const body = (type: string) => `v ${type}, n, k COLLATE RTRIM, ${key}`;
		const db = memory(`CREATE TABLE t (${body('TEXT')}) WITHOUT ROWID; CREATE INDEX i ON t (v, k, n);
			WITH RECURSIVE s(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM s LIMIT 24000) INSERT INTO t SELECT i * 7919 % 24001, i,
				CASE i % 6 WHEN 0 THEN i / 100 WHEN 1 THEN i / 7.0 WHEN 2 THEN 'text ' || i / 100 WHEN 3 THEN CAST(i / 100 AS BLOB)
				WHEN 4 THEN CAST(x'f0ff' || CAST(i / 100 AS BLOB) AS TEXT) ELSE 9007199254740993 + i END FROM s`);
		const content = () => db.value('SELECT group_concat(quote(k) || typeof(n) || quote(n) || v) FROM (SELECT * FROM t ORDER BY n)');
		const before = content();
		const [step] = plan(introspect(db), [change('t', `CREATE TABLE t (${body('INTEGER')}) WITHOUT ROWID`)]).steps;

		const controller = new AbortController();
		const transaction = await beginGuarded(db);
		const run = executeStep(step as RewriteStep, {db, signal: controller.signal});
		expect((await run.next()).value).toEqual({phase: 'copy', done: 5000, total: 24_000});
		controller.abort();
		expect((await thrownBy(() => run.next())).code).toBe('cancelled');
		transaction.end();
		expect(content()).toBe(before);

		const progress = await apply(db, [change('t', `CREATE TABLE t (${body('INTEGER')}) WITHOUT ROWID`)]);
		const copied = progress.filter(({phase}) => phase === 'copy').map(({done}) => done);
		expect(copied.length).toBeGreaterThan(1);
		expect(copied.at(-1)).toBe(24_000);
		expect(db.value('SELECT count(*) FROM t')).toBe(24_000);
		expect(content()).toBe(before);
		expect(db.value('SELECT typeof(v) FROM t')).toBe('integer');
		expect(db.value('PRAGMA integrity_check')).toBe('ok');
	});

	test('copies a WITHOUT ROWID table in one statement if its key has two directions or changes', async () => {
		const db = memory(`CREATE TABLE t (a, b, c, PRIMARY KEY (a, b DESC)) WITHOUT ROWID; INSERT INTO t VALUES (1, 2, 3), (1, 3, 2), (0, 0, 0);
			CREATE TABLE u (a TEXT PRIMARY KEY, b) WITHOUT ROWID; INSERT INTO u VALUES ('10', 1), ('9', 2)`);
		await apply(db, [
			change('t', 'CREATE TABLE t (a, b, c TEXT, PRIMARY KEY (a, b DESC)) WITHOUT ROWID'),
			change('u', 'CREATE TABLE u (a INTEGER PRIMARY KEY, b) WITHOUT ROWID'),
		]);
		expect(db.tuples('SELECT * FROM t')).toEqual([
			[0, 0, '0'],
			[1, 3, '2'],
			[1, 2, '3'],
		]);
		expect(db.tuples('SELECT * FROM u')).toEqual([
			[9, 2],
			[10, 1],
		]);
	});

	test('copies a WITHOUT ROWID table, and a table whose columns use all names of the rowid', async () => {
		const db = memory(`CREATE TABLE w (k TEXT PRIMARY KEY, v TEXT) WITHOUT ROWID; INSERT INTO w VALUES ('b', '2'), ('a', '1');
			CREATE TABLE r (rowid TEXT, oid TEXT, _rowid_ TEXT); INSERT INTO r VALUES ('1', '2', '3')`);
		await apply(db, [
			change('w', 'CREATE TABLE w (k TEXT PRIMARY KEY, v INTEGER) WITHOUT ROWID'),
			change('r', 'CREATE TABLE r (rowid TEXT, oid INTEGER, _rowid_ TEXT)'),
		]);
		expect(db.all('SELECT * FROM w')).toEqual([
			{k: 'a', v: 1},
			{k: 'b', v: 2},
		]);
		expect(db.all('SELECT * FROM r')).toEqual([{rowid: '1', oid: 2, _rowid_: '3'}]);
	});

	test('shows the duplicates that a new UNIQUE fails on', async () => {
		const db = memory(
			`CREATE TABLE e (id INTEGER PRIMARY KEY, uid TEXT); INSERT INTO e VALUES (4, 'a-17'), (90, 'a-17'), (12, 'b'), (13, 'b'), (14, 'c')`,
		);
		const failed = await thrownBy(() => apply(db, [change('e', 'CREATE TABLE e (id INTEGER PRIMARY KEY, uid TEXT UNIQUE)')]));
		expect(failed).toMatchObject({code: 'hazard', message: 'UNIQUE constraint failed: e.uid', doing: 'copying rows'});
		expect(failed.details).toEqual([
			"2 duplicate values:  'a-17' (id 4; id 90)   'b' (id 12; id 13)",
			'find all:  SELECT "uid", count(*) FROM "e" WHERE ("uid") IS NOT NULL GROUP BY "uid" HAVING count(*) > 1',
		]);
		expect(db.all(String(failed.details?.[1]).slice('find all:  '.length))).toHaveLength(2);
		expect(sqlOf(db, 'e')).not.toContain('UNIQUE');
		const index = await thrownBy(() => apply(db, [{kind: 'createIndex', sql: 'CREATE UNIQUE INDEX e_uid ON e (lower(uid)) WHERE id < 100'}]));
		expect(index.details?.[0]).toContain("'a-17' (id 4; id 90)");
	});

	test('shows the rows without a value that a new NOT NULL fails on', async () => {
		const db = memory(`CREATE TABLE e (a TEXT, b TEXT); INSERT INTO e VALUES ('x', '1'), (NULL, '2')`);
		const failed = await thrownBy(() => apply(db, [change('e', 'CREATE TABLE e (a TEXT NOT NULL, b INTEGER)')]));
		expect(failed.message).toMatch(/NOT NULL constraint failed: e\.a/);
		expect(failed.details?.[0]).toBe('1 row has no value:  rowid 2');
	});
});

describe('an edit of the stored definition', () => {
	const item = 'CREATE TABLE item (id INTEGER PRIMARY KEY, owner_id INTEGER)';
	const foreign = 'CREATE TABLE item (id INTEGER PRIMARY KEY, owner_id INTEGER REFERENCES owner(id))';

	test('adds and drops a foreign key without writing a row, and the key works', async () => {
		const db = memory(
			`CREATE TABLE owner (id INTEGER PRIMARY KEY); ${item}; INSERT INTO owner VALUES (1); INSERT INTO item VALUES (1, 1), (2, NULL)`,
		);
		const before = db.value('SELECT rootpage FROM sqlite_schema WHERE name = ?', 'item');
		await apply(db, [change('item', foreign)]);
		expect(sqlOf(db, 'item')).toBe(foreign);
		expect(db.value('SELECT rootpage FROM sqlite_schema WHERE name = ?', 'item')).toBe(before);
		expect(() => db.exec('INSERT INTO item VALUES (3, 99)')).toThrow('FOREIGN KEY');
		await apply(db, [change('item', item)]);
		db.exec('INSERT INTO item VALUES (3, 99)');
		expect(db.value('PRAGMA writable_schema')).toBe(0);
		expect(db.value('PRAGMA integrity_check')).toBe('ok');
	});

	test('refuses a foreign key that rows violate, shows them, and keeps the definition', async () => {
		const db = memory(`CREATE TABLE owner (id INTEGER PRIMARY KEY); ${item}; INSERT INTO item VALUES (1, 5), (2, 6)`);
		const failed = await thrownBy(() => apply(db, [change('item', foreign)]));
		expect(failed).toMatchObject({code: 'hazard', message: expect.stringContaining('2 rows of item violate FOREIGN KEY')});
		expect(failed.details?.[0]).toBe('id 1, owner_id 5');
		expect(sqlOf(db, 'item')).toBe(item);
	});

	test('is rolled back with the transaction', async () => {
		const db = openDatabase(folder.at('app.db'), {create: true});
		db.exec('CREATE TABLE t (a INT)');
		const transaction = await beginGuarded(db);
		for (const step of plan(introspect(db), [change('t', 'CREATE TABLE t (a INTEGER)')]).steps) for await (const _ of executeStep(step, {db}));
		expect(sqlOf(db, 't')).toBe('CREATE TABLE t (a INTEGER)');
		transaction.end();
		expect(sqlOf(db, 't')).toBe('CREATE TABLE t (a INT)');
		db.close();
	});

	test('refuses an edit that would change how stored rows are read', async () => {
		const db = memory('CREATE TABLE t (a TEXT DEFAULT 5, b TEXT)');
		const bad = (sql: string) => {
			const run = executeStep(
				{kind: 'editSchema', strategy: 'instant', object: 't', table: 't', summary: '', reason: '', operations: [], sql, scans: []},
				{db},
			);
			return thrownBy(() => run.next());
		};
		for (const sql of [
			'CREATE TABLE t (a TEXT DEFAULT 7, b TEXT)',
			'CREATE TABLE t (b TEXT, a TEXT DEFAULT 5)',
			'CREATE TABLE t (a INTEGER DEFAULT 5, b TEXT)',
		]) {
			const transaction = await beginGuarded(db);
			expect((await bad(sql)).code).toBe('plan');
			transaction.end();
		}
		expect(sqlOf(db, 't')).toBe('CREATE TABLE t (a TEXT DEFAULT 5, b TEXT)');
	});
});

describe('a plain statement', () => {
	const execute = (sql: string, ...parameters: (string | number)[]): Operation => ({kind: 'execute', sql, parameters});

	test('is executed with its parameters', async () => {
		const db = memory('CREATE TABLE t (a)');
		await apply(db, [execute('INSERT INTO t VALUES (?), (?)', 1, 'x')]);
		expect(db.all('SELECT a, typeof(a) AS t FROM t')).toEqual([
			{a: 1, t: 'integer'},
			{a: 'x', t: 'text'},
		]);
	});

	test('cannot begin or end a transaction, attach or vacuum', async () => {
		for (const sql of ['COMMIT', '/* x */ begin', 'ROLLBACK', 'SAVEPOINT a', 'RELEASE a', "ATTACH 'x' AS y", 'DETACH y', 'VACUUM', 'END']) {
			const db = memory('CREATE TABLE t (a)');
			const failed = await thrownBy(() => apply(db, [execute('INSERT INTO t VALUES (1)'), execute(sql)]));
			expect(failed).toMatchObject({code: 'migration', message: expect.stringContaining('is not allowed in a migration')});
			expect(db.value('SELECT count(*) FROM t')).toBe(0);
		}
	});

	test('fails with its own error if it rolls the transaction back by itself', async () => {
		const db = memory(`CREATE TABLE t (a UNIQUE ON CONFLICT ROLLBACK); CREATE TABLE u (a);
			CREATE TRIGGER stop BEFORE INSERT ON u BEGIN SELECT RAISE(ROLLBACK, 'no'); END`);
		expect((await thrownBy(() => apply(db, [execute('INSERT INTO t VALUES (1)'), execute('INSERT INTO t VALUES (1)')]))).message).toContain('UNIQUE');
		expect((await thrownBy(() => apply(db, [execute('INSERT INTO u VALUES (1)')]))).message).toBe('no');
		expect(db.value('SELECT count(*) FROM t')).toBe(0);
	});

	test('does not cascade', async () => {
		const db = memory(
			`CREATE TABLE p (id INTEGER PRIMARY KEY); CREATE TABLE c (p REFERENCES p ON DELETE CASCADE); INSERT INTO p VALUES (1); INSERT INTO c VALUES (1)`,
		);
		await apply(db, [execute('DELETE FROM p')]);
		expect(db.value('SELECT count(*) FROM c')).toBe(1);
	});
});
