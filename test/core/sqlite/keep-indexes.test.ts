import {afterEach, describe, expect, test} from 'vitest';
import {plan} from '../../../source/core/plan/plan.ts';
import type {Database} from '../../../source/core/sqlite/database.ts';
import {executeStep} from '../../../source/core/sqlite/execute-step.ts';
import {introspect} from '../../../source/core/sqlite/introspect.ts';
import {openDatabase} from '../../../source/core/sqlite/open.ts';
import {beginGuarded} from '../../../source/core/sqlite/transaction.ts';
import {writeSchema} from '../../../source/core/sqlite/write-schema.ts';
import {temporaryFolder} from './temporary-folder.ts';

const folder = temporaryFolder();

let db: Database;
let other: Database | undefined;

afterEach(() => {
	other?.close();
	other = undefined;
	db.close();
});

const table = 'id INTEGER PRIMARY KEY, a TEXT, b TEXT, c INTEGER';

function create(sql: string, rows = 12_000): void {
	db = openDatabase(folder.at('app.db'), {create: true});
	db.exec(`${sql.includes('PRAGMA') ? '' : `CREATE TABLE t (${table});`} ${sql};
		WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n LIMIT ${rows}) INSERT INTO t SELECT i, i * 7919 % 10007, i % 7, -i FROM n`);
}

const pageOf = (index: string) => db.value('SELECT rootpage FROM sqlite_schema WHERE name = ?', index);
const definitions = () => db.tuples(`SELECT type, name, tbl_name, sql FROM sqlite_schema WHERE name NOT LIKE 'sqlite%' ORDER BY rowid`);
const byA = () => db.tuples('SELECT id, a FROM t INDEXED BY t_a ORDER BY a');

async function rewrite(sql = `CREATE TABLE t (${table.replace('b TEXT', 'b INTEGER')})`): Promise<void> {
	const transaction = await beginGuarded(db);
	try {
		for (const step of plan(introspect(db), [{kind: 'changeTable', table: 't', sql, fill: {}}], {sqliteVersion: db.sqliteVersion}).steps) {
			for await (const _ of executeStep(step, {db}));
		}
		await transaction.commit();
	} finally {
		transaction.end();
	}
	expect(db.tuples('PRAGMA integrity_check')).toEqual([['ok']]);
	expect(db.value('SELECT typeof(b) FROM t')).toBe('integer');
}

describe('a rewrite of a large table', () => {
	test('keeps an index whose columns do not change, builds the others, and keeps their order and text', async () => {
		create('CREATE INDEX t_a ON  t (a);CREATE INDEX t_b ON t(b);CREATE UNIQUE INDEX t_c ON t (c DESC, id);CREATE INDEX part ON t(c) WHERE c < -5');
		const [before, order, pages] = [definitions(), byA(), ['t_a', 't_c'].map(pageOf)];
		await rewrite();
		expect(['t_a', 't_c'].map(pageOf)).toEqual(pages);
		expect(definitions().slice(1)).toEqual(before.slice(1));
		expect(byA()).toEqual(order);
		expect(() => db.exec('INSERT INTO t VALUES (20000, 1, 1, 1); UPDATE t SET a = NULL WHERE id % 2; DELETE FROM t WHERE c % 3')).not.toThrow();
		expect(db.tuples('PRAGMA integrity_check')).toEqual([['ok']]);
	});

	test.each(['DELETE', 'WAL'])('shows the kept index to a connection that was open before (journal_mode=%s)', async (mode) => {
		create('CREATE INDEX t_a ON t (a)');
		db.value(`PRAGMA journal_mode = ${mode}`);
		other = openDatabase(folder.at('app.db'));
		const search = "SELECT id FROM t INDEXED BY t_a WHERE a = '17'";
		const found = other.tuples(search);
		expect(found).toHaveLength(1);
		await rewrite();
		expect(other.tuples(search)).toEqual(found);
		other.exec("INSERT INTO t VALUES (20000, '17', 1, 1)");
		expect(other.tuples(search)).toEqual([...found, [20_000]]);
		expect(other.tuples('PRAGMA integrity_check')).toEqual([['ok']]);
	});

	test('keeps statistics of ANALYZE', async () => {
		create('CREATE INDEX t_a ON t (a)');
		db.exec('ANALYZE');
		const statistics = db.tuples('SELECT * FROM sqlite_stat1');
		await rewrite();
		expect(db.tuples('SELECT * FROM sqlite_stat1')).toEqual(statistics);
	});

	test.each([1, 2])('builds all indexes with auto_vacuum=%i, because DROP TABLE may move their pages', async (mode) => {
		create(`PRAGMA auto_vacuum = ${mode}; CREATE TABLE t (${table}); CREATE INDEX t_a ON t (a)`);
		const order = byA();
		await rewrite();
		expect(byA()).toEqual(order);
	});

	test('builds an index that has no entry for some rows', async () => {
		// SQLite counts the rows with the smaller index, which is intact.
		create('CREATE INDEX t_a ON t (a, b, c); CREATE INDEX t_c ON t (c)');
		const page = pageOf('t_a');
		const sql = db.value("SELECT sql FROM sqlite_schema WHERE name = 't_a'") ?? null;
		db.exec('BEGIN');
		writeSchema(db, () => db.run("DELETE FROM sqlite_schema WHERE name = 't_a'"));
		db.exec("INSERT INTO t VALUES (20000, 'without an entry', 1, 1)");
		writeSchema(db, () => db.run("INSERT INTO sqlite_schema VALUES ('index', 't_a', 't', ?, ?)", page ?? null, sql));
		db.exec('COMMIT');
		expect(db.tuples('PRAGMA integrity_check')).toEqual([['wrong # of entries in index t_a'], ['row 12001 missing from index t_a']]);
		await rewrite();
		expect(db.value('PRAGMA integrity_check')).toBe('ok');
		expect(db.value("SELECT count(*) FROM t INDEXED BY t_a WHERE a = 'without an entry'")).toBe(1);
	});

	test('builds an index if another program has changed the type of its column without changing its values', async () => {
		create('CREATE INDEX t_a ON t (a)');
		writeSchema(db, () => db.run(`UPDATE sqlite_schema SET sql = 'CREATE TABLE t (${table.replace('a TEXT', 'a INTEGER')})' WHERE name = 't'`));
		expect(db.value('SELECT typeof(a) FROM t')).toBe('text');
		await rewrite(`CREATE TABLE t (${table.replace('a TEXT, b TEXT', 'a INTEGER, b INTEGER')})`);
		expect(db.value('SELECT typeof(a) FROM t')).toBe('integer');
	});

	test('leaves everything unchanged if it is rolled back after an index was kept', async () => {
		create('CREATE INDEX t_a ON t (a); CREATE TRIGGER gone AFTER DELETE ON t BEGIN SELECT 1; END');
		const [before, order] = [definitions(), byA()];
		const transaction = await beginGuarded(db);
		const change = {kind: 'changeTable', table: 't', sql: `CREATE TABLE t (${table.replace('b TEXT', 'b INTEGER')})`, fill: {}} as const;
		for (const step of plan(introspect(db), [change], {sqliteVersion: db.sqliteVersion}).steps) for await (const _ of executeStep(step, {db}));
		expect(definitions()).not.toEqual(before);
		transaction.end();
		expect(definitions()).toEqual(before);
		expect(byA()).toEqual(order);
		expect(db.tuples('PRAGMA integrity_check')).toEqual([['ok']]);
	});

	test('is forgotten by the connection if it is rolled back, even if another connection changes the schema as often', async () => {
		create('CREATE INDEX t_a ON t (a)');
		const transaction = await beginGuarded(db);
		const change = {kind: 'changeTable', table: 't', sql: `CREATE TABLE t (${table.replace('b TEXT', 'b INTEGER')})`, fill: {}} as const;
		for (const step of plan(introspect(db), [change], {sqliteVersion: db.sqliteVersion}).steps) for await (const _ of executeStep(step, {db}));
		// SQLite reads the new schema, as each run does.
		expect(db.value('SELECT typeof(b) FROM t')).toBe('integer');
		const version = db.value('PRAGMA schema_version');
		transaction.end();
		other = openDatabase(folder.at('app.db'));
		for (let number = 0; other.value('PRAGMA schema_version') !== version; number++) other.exec(`CREATE TABLE other${number} (x)`);
		// SQLite compares only the version with that of the schema it has read.
		expect(db.tuples('SELECT id, typeof(b) FROM t NOT INDEXED LIMIT 1')).toEqual([[1, 'text']]);
		db.exec("INSERT INTO t VALUES (20000, 'new', 1, 1)");
		expect(other.tuples('PRAGMA integrity_check')).toEqual([['ok']]);
	});
});
