import {describe, expect, test} from 'vitest';
import {diff} from '../../source/core/diff/diff.ts';
import {type Decisions, noDecisions} from '../../source/core/diff/question.ts';
import {reverseAll} from '../../source/core/operations/reverse.ts';
import {plan} from '../../source/core/plan/plan.ts';
import {statementsOf} from '../../source/core/plan/statements.ts';
import {sameSchema} from '../../source/core/schema/equality.ts';
import {quoted} from '../../source/core/schema/identifiers.ts';
import type {Database} from '../../source/core/sqlite/database.ts';
import {introspect} from '../../source/core/sqlite/introspect.ts';
import {openInMemory} from '../../source/core/sqlite/open.ts';
import {execute, executeSpelled, schemaOfSql} from './database.ts';

/** A change that once broke a law. */
interface Found {
	readonly from: string;
	readonly rows?: string;
	readonly to: string;
	readonly decisions?: Partial<Decisions>;
	/** The expected rows after the upgrade, by table. */
	readonly after?: Readonly<Record<string, readonly (readonly unknown[])[]>>;
	readonly sqliteVersion?: string;
	/** Tables that exchange columns, so one of them is copied before and after the other. */
	readonly exchanging?: readonly string[];
}

const fill = (table: string, column: string, expression: string) => ({table, column, expression});
const rename = (table: string, column: string, to: string) => ({table, column, to});

const cases: Readonly<Record<string, Found>> = {
	'a new column called rowid': {
		from: 'CREATE TABLE t (a)',
		rows: "INSERT INTO t (rowid, a) VALUES (7, 'x')",
		to: 'CREATE TABLE t (a, rowid INTEGER)',
		after: {t: [['x', null]]},
	},
	'a column renamed to a name of the rowid, with a child that refers to it': {
		from: 'CREATE TABLE t (a INTEGER PRIMARY KEY, b UNIQUE); CREATE TABLE c (x REFERENCES t(b), y UNIQUE, PRIMARY KEY (x))',
		rows: "INSERT INTO t VALUES (1, 'k'); INSERT INTO c VALUES ('k', 2)",
		to: 'CREATE TABLE t (a INTEGER PRIMARY KEY, oid UNIQUE); CREATE TABLE c (x REFERENCES t(oid), y UNIQUE, PRIMARY KEY (x))',
		decisions: {renames: [rename('t', 'b', 'oid')]},
		after: {t: [[1, 'k']], c: [['k', 2]]},
	},
	'a renamed key of a table WITHOUT ROWID that a UNIQUE also names': {
		from: 'CREATE TABLE t (a INTEGER PRIMARY KEY, b, UNIQUE (b, a)) WITHOUT ROWID',
		rows: 'INSERT INTO t VALUES (3, 4)',
		to: 'CREATE TABLE t (id INTEGER PRIMARY KEY, b, UNIQUE (b, id)) WITHOUT ROWID',
		decisions: {renames: [rename('t', 'a', 'id')]},
		after: {t: [[3, 4]]},
	},
	'a column renamed to true, which a CHECK names': {
		from: 'CREATE TABLE t (a INTEGER CHECK (a > 1), b AS (a + 1))',
		rows: 'INSERT INTO t VALUES (5)',
		to: 'CREATE TABLE t ("true" INTEGER CHECK ("true" > 1), b AS ("true" + 1))',
		decisions: {renames: [rename('t', 'a', 'true')]},
		after: {t: [[5, 6]]},
	},
	'a rowid alias renamed by case only, with a trigger that uses rowid': {
		from: 'CREATE TABLE t (a INTEGER PRIMARY KEY); CREATE TABLE log (x); CREATE TRIGGER g AFTER INSERT ON t BEGIN INSERT INTO log VALUES (NEW.rowid); END',
		to: 'CREATE TABLE t (A INTEGER PRIMARY KEY); CREATE TABLE log (x); CREATE TRIGGER g AFTER INSERT ON t BEGIN INSERT INTO log VALUES (NEW.rowid); END',
	},
	'a column that takes the name of a dropped one': {
		from: 'CREATE TABLE t (a, b)',
		rows: "INSERT INTO t VALUES ('old', 'kept')",
		to: 'CREATE TABLE t (a)',
		decisions: {renames: [rename('t', 'b', 'a')], drops: [{table: 't', column: 'a'}]},
		after: {t: [['kept']]},
	},
	'a table that takes the name of a dropped one it referred to': {
		from: 'CREATE TABLE a (x REFERENCES b(y)); CREATE TABLE b (y UNIQUE)',
		rows: "INSERT INTO b VALUES ('k'); INSERT INTO a VALUES ('k')",
		to: 'CREATE TABLE b (x)',
		decisions: {renames: [{table: 'a', to: 'b'}], drops: [{table: 'b'}]},
		after: {b: [['k']]},
	},
	'a table that takes the name of a view': {
		from: 'CREATE TABLE t (a); CREATE VIEW v AS SELECT a FROM t',
		rows: 'INSERT INTO t VALUES (1)',
		to: 'CREATE TABLE v (a)',
		decisions: {renames: [{table: 't', to: 'v'}], drops: [{table: 'v'}]},
		after: {v: [[1]]},
	},
	'two columns that swap their names, with a fill over the old row': {
		from: 'CREATE TABLE t (a, b)',
		rows: "INSERT INTO t VALUES ('was a', 'was b')",
		to: 'CREATE TABLE t (b, a, c NOT NULL)',
		decisions: {renames: [rename('t', 'a', 'b'), rename('t', 'b', 'a')], fills: [{table: 't', column: 'c', expression: "a || '!'"}]},
		after: {t: [['was a', 'was b', 'was a!']]},
	},
	'a new column filled from one that is dropped': {
		from: 'CREATE TABLE t (first, last)',
		rows: "INSERT INTO t VALUES ('Ada', 'Lovelace')",
		to: 'CREATE TABLE t (name NOT NULL)',
		decisions: {
			drops: [
				{table: 't', column: 'first'},
				{table: 't', column: 'last'},
			],
			fills: [{table: 't', column: 'name', expression: "first || ' ' || last"}],
		},
		after: {t: [['Ada Lovelace']]},
	},
	'a new foreign key, and a UNIQUE that moves from the table to the column': {
		from: 'CREATE TABLE p (id INTEGER PRIMARY KEY); CREATE TABLE t (a INTEGER, b TEXT PRIMARY KEY, UNIQUE (a))',
		rows: "INSERT INTO p VALUES (1); INSERT INTO t VALUES (1, 'x')",
		to: 'CREATE TABLE p (id INTEGER PRIMARY KEY); CREATE TABLE t (a INTEGER UNIQUE REFERENCES p(id), b TEXT PRIMARY KEY)',
		after: {t: [[1, 'x']]},
	},
	'a foreign key next to a DEFAULT NULL without effect': {
		from: 'CREATE TABLE p (id INTEGER PRIMARY KEY); CREATE TABLE t (a INTEGER)',
		to: 'CREATE TABLE p (id INTEGER PRIMARY KEY); CREATE TABLE t (a INTEGER DEFAULT NULL REFERENCES p(id))',
	},
	'a foreign key with a new action, and a row that already violates it': {
		from: 'CREATE TABLE p (id INTEGER PRIMARY KEY); CREATE TABLE t (a INTEGER REFERENCES p(id))',
		rows: 'PRAGMA foreign_keys = OFF; INSERT INTO t VALUES (9); PRAGMA foreign_keys = ON',
		to: 'CREATE TABLE p (id INTEGER PRIMARY KEY); CREATE TABLE t (a INTEGER REFERENCES p(id) ON DELETE CASCADE)',
		after: {t: [[9]]},
	},
	'a new CHECK with the name of a NOT NULL': {
		from: 'CREATE TABLE t (a INTEGER CONSTRAINT n NOT NULL)',
		rows: 'INSERT INTO t VALUES (1)',
		to: 'CREATE TABLE t (a INTEGER CONSTRAINT n NOT NULL, CONSTRAINT n CHECK (a > 0))',
		after: {t: [[1]]},
	},
	'a new CHECK for an old SQLite': {
		from: 'CREATE TABLE t (a INTEGER)',
		rows: 'INSERT INTO t VALUES (1)',
		to: 'CREATE TABLE t (a INTEGER CHECK (a > 0))',
		after: {t: [[1]]},
		sqliteVersion: '3.40.0',
	},
	'ON CONFLICT for the key of a STRICT table, which already forbids NULL': {
		from: 'CREATE TABLE t (a TEXT PRIMARY KEY) STRICT',
		rows: "INSERT INTO t VALUES ('x')",
		to: 'CREATE TABLE t (a TEXT PRIMARY KEY NOT NULL ON CONFLICT IGNORE) STRICT',
		after: {t: [['x']]},
	},
	'a full-text index over a new column': {
		from: 'CREATE TABLE t (a)',
		rows: "INSERT INTO t VALUES ('x')",
		to: "CREATE TABLE t (a, b); CREATE VIRTUAL TABLE f USING fts5(a, b, content='t', content_rowid='rowid')",
		after: {t: [['x', null]]},
	},
	'a full-text index that is dropped together with its column and the index of the column': {
		from: "CREATE TABLE t (a, b); CREATE INDEX i ON t (a); CREATE VIRTUAL TABLE f USING fts5(a, b, content='t', content_rowid='rowid')",
		rows: "INSERT INTO t VALUES ('x', 'y')",
		to: 'CREATE TABLE t (b)',
		decisions: {allowDrops: true},
		after: {t: [['y']]},
	},
	'a renamed table whose trigger writes to a full-text index that is recreated': {
		from: `CREATE TABLE t (a); CREATE VIRTUAL TABLE f USING fts5(a, content='t', content_rowid='rowid');
			CREATE TRIGGER g AFTER INSERT ON t BEGIN INSERT INTO f (rowid, a) VALUES (NEW.rowid, NEW.a); END`,
		to: `CREATE TABLE u (a); CREATE VIRTUAL TABLE f USING fts5(a, content='u', content_rowid='rowid');
			CREATE TRIGGER g AFTER INSERT ON u BEGIN INSERT INTO f (rowid, a) VALUES (NEW.rowid, NEW.a); END`,
		decisions: {renames: [{table: 't', to: 'u'}], drops: [{table: 'f'}]},
	},
	'a table that keeps no column, and a new column with a default': {
		from: 'CREATE TABLE t (a INTEGER PRIMARY KEY) WITHOUT ROWID',
		rows: 'INSERT INTO t VALUES (1), (2)',
		to: 'CREATE TABLE t (b INTEGER NOT NULL DEFAULT TRUE)',
		decisions: {drops: [{table: 't', column: 'a'}]},
		after: {t: [[1], [1]]},
	},
	'a reference to a column with a swapped name, and a changed index': {
		from: 'CREATE TABLE a (x); CREATE TABLE b (p INTEGER PRIMARY KEY, q INTEGER); CREATE INDEX i ON a (x)',
		rows: 'INSERT INTO b VALUES (1, 2)',
		to: 'CREATE TABLE a (x, y INTEGER REFERENCES b(q)); CREATE TABLE b (q INTEGER PRIMARY KEY, p INTEGER); CREATE INDEX i ON a (x) WHERE x > 0',
		decisions: {renames: [rename('b', 'p', 'q'), rename('b', 'q', 'p')]},
		after: {b: [[1, 2]]},
	},
	'a type that changes within its affinity, with new columns and keys in another order': {
		from: 'CREATE TABLE t (a NUMERIC, b INTEGER UNIQUE, UNIQUE (a))',
		rows: "INSERT INTO t VALUES ('x', 1)",
		to: 'CREATE TABLE t (c INTEGER, a ANY, b INTEGER UNIQUE, UNIQUE (a))',
		after: {t: [['x', 1, null]]},
	},
	'a REAL column that becomes an INTEGER column of a STRICT table': {
		from: 'CREATE TABLE t (a REAL)',
		rows: 'INSERT INTO t VALUES (2.0)',
		to: 'CREATE TABLE t (a INTEGER) STRICT',
		after: {t: [[2]]},
	},
	'two new columns, where the first is computed from the second': {
		from: 'CREATE TABLE t (a)',
		rows: "INSERT INTO t VALUES ('x')",
		to: 'CREATE TABLE t (c AS (length(b)), b CHECK (b IS NULL OR d IS NULL), a, d)',
		after: {t: [['x', null, null, null]]},
	},
	'a rename by a copy, and a rename in a child before the copy': {
		from: 'CREATE TABLE p (oid INTEGER UNIQUE, a); CREATE TABLE c (x, y REFERENCES p(oid))',
		rows: 'INSERT INTO p VALUES (1, 2); INSERT INTO c VALUES (3, 1)',
		to: 'CREATE TABLE p (id TEXT UNIQUE, a); CREATE TABLE c (z, y REFERENCES p(id))',
		decisions: {renames: [rename('p', 'oid', 'id'), rename('c', 'x', 'z')]},
		after: {p: [['1', 2]], c: [[3, 1]]},
	},
	'two tables that swap their names, where a column is renamed to a name in the other table': {
		from: 'CREATE TABLE t (a, b NOT NULL); CREATE TABLE u (a)',
		rows: 'INSERT INTO t VALUES (1, 2); INSERT INTO u VALUES (3)',
		to: 'CREATE TABLE u (a, b NOT NULL); CREATE TABLE t (b)',
		decisions: {renames: [{table: 't', to: 'u'}, {table: 'u', to: 't'}, rename('u', 'a', 'b')]},
		after: {t: [[3]], u: [[1, 2]]},
	},
	'a dropped column that the trigger of a dropped table names': {
		from: 'CREATE TABLE t (a, b); CREATE TABLE u (x); CREATE TRIGGER g AFTER INSERT ON u BEGIN UPDATE t SET b = 1; END',
		rows: "INSERT INTO t VALUES ('x', 'y')",
		to: 'CREATE TABLE t (a)',
		decisions: {allowDrops: true},
		after: {t: [['x']]},
	},
	'a rename by a copy, and a rename in another table, where both tables refer to each other': {
		from: 'CREATE TABLE t (oid INTEGER PRIMARY KEY, a REFERENCES u); CREATE TABLE u (x PRIMARY KEY, y REFERENCES t)',
		rows: 'INSERT INTO t VALUES (1, NULL); INSERT INTO u VALUES (2, 1); UPDATE t SET a = 2',
		to: 'CREATE TABLE t (id INTEGER PRIMARY KEY, a REFERENCES u) WITHOUT ROWID; CREATE TABLE u (x PRIMARY KEY, z REFERENCES t)',
		decisions: {renames: [rename('t', 'oid', 'id'), rename('u', 'y', 'z')]},
		after: {t: [[1, 2]], u: [[2, 1]]},
	},
	'a dropped column with the name of its table, which qualifies another column in a CHECK': {
		from: 'CREATE TABLE t (a, t, CHECK (t.a > 0))',
		rows: 'INSERT INTO t VALUES (1, 2)',
		to: 'CREATE TABLE t (a, CHECK (t.a > 0))',
		decisions: {allowDrops: true},
		after: {t: [[1]]},
	},
	'a generated column of type ANY that rows refer to, in a table that is no longer STRICT': {
		from: 'CREATE TABLE t (a INTEGER, g ANY GENERATED ALWAYS AS (quote(a)) STORED UNIQUE, x ANY REFERENCES t(g)) STRICT',
		rows: "INSERT INTO t (a) VALUES (1); INSERT INTO t (a, x) VALUES (2, '1')",
		to: 'CREATE TABLE t (a INTEGER, g ANY GENERATED ALWAYS AS (quote(a)) STORED UNIQUE, x ANY REFERENCES t(g))',
		after: {
			t: [
				[1, 1, null],
				[2, 2, 1],
			],
		},
	},
	'a fill with the name of a rowid in a subquery, in a table whose rowid is renamed': {
		from: 'CREATE TABLE t (oid TEXT, rowid INTEGER PRIMARY KEY); CREATE TABLE o (s TEXT)',
		rows: "INSERT INTO t VALUES ('a', 1), ('b', 2); INSERT INTO o VALUES ('a'), ('a'), ('b')",
		to: 'CREATE TABLE t (oid TEXT, id INTEGER PRIMARY KEY, n INTEGER); CREATE TABLE o (s TEXT)',
		decisions: {
			renames: [rename('t', 'rowid', 'id')],
			fills: [{table: 't', column: 'n', expression: '(SELECT count(*) FROM o WHERE o.s = t.oid)'}],
		},
		after: {
			t: [
				['a', 1, 2],
				['b', 2, 1],
			],
		},
	},
	'two tables that exchange columns, where one becomes STRICT and gets a column of type ANY': {
		from: 'CREATE TABLE t (a TEXT); CREATE TABLE u (b TEXT)',
		rows: "INSERT INTO t VALUES ('2.5'); INSERT INTO u VALUES ('007')",
		to: 'CREATE TABLE t (x ANY) STRICT; CREATE TABLE u (y ANY) STRICT',
		decisions: {
			drops: [
				{table: 't', column: 'a'},
				{table: 'u', column: 'b'},
			],
			fills: [fill('t', 'x', '(SELECT max(b) FROM u)'), fill('u', 'y', '(SELECT max(a) FROM t)')],
		},
		after: {t: [['007']], u: [['2.5']]},
		exchanging: ['t', 'u'],
	},
	'two tables that exchange columns, where one is no longer STRICT and gets a type that STRICT does not know': {
		from: 'CREATE TABLE t (a TEXT) STRICT; CREATE TABLE u (b TEXT)',
		rows: "INSERT INTO t VALUES ('x'); INSERT INTO u VALUES ('2.50')",
		to: 'CREATE TABLE t (x DECIMAL(10, 2), z INTEGER); CREATE TABLE u (y TEXT)',
		decisions: {
			drops: [
				{table: 't', column: 'a'},
				{table: 'u', column: 'b'},
			],
			fills: [fill('t', 'x', '(SELECT max(b) FROM u)'), fill('t', 'z', "(SELECT max(b) || '?' FROM u)"), fill('u', 'y', '(SELECT max(a) FROM t)')],
		},
		after: {t: [[2.5, '2.50?']], u: [['x']]},
		exchanging: ['t', 'u'],
	},
	'two tables that exchange columns, where a new column has the name of the other table': {
		from: 'CREATE TABLE t (a TEXT PRIMARY KEY, k); CREATE TABLE u (b TEXT); CREATE TABLE o (s TEXT)',
		rows: "INSERT INTO t VALUES ('x', 1); INSERT INTO u VALUES ('y'); INSERT INTO o VALUES ('z')",
		to: 'CREATE TABLE t (k, u TEXT, v TEXT); CREATE TABLE u (w TEXT); CREATE TABLE o (s TEXT)',
		decisions: {
			drops: [
				{table: 't', column: 'a'},
				{table: 'u', column: 'b'},
			],
			fills: [fill('t', 'u', '(SELECT max(s) FROM o)'), fill('t', 'v', '(SELECT max(b) FROM u)'), fill('u', 'w', '(SELECT max(a) FROM t)')],
		},
		after: {t: [[1, 'z', 'y']], u: [['x']]},
		exchanging: ['t'],
	},
	'two tables that exchange columns, where a CHECK of the new column names a column that is converted': {
		from: 'CREATE TABLE t (a TEXT, n TEXT); CREATE TABLE u (b TEXT)',
		rows: "INSERT INTO t VALUES ('x', '5'); INSERT INTO u VALUES ('y')",
		to: "CREATE TABLE t (n INTEGER, v TEXT CHECK (typeof(n) = 'integer')); CREATE TABLE u (w TEXT)",
		decisions: {
			drops: [
				{table: 't', column: 'a'},
				{table: 'u', column: 'b'},
			],
			fills: [fill('t', 'v', '(SELECT max(b) FROM u)'), fill('u', 'w', '(SELECT max(a) FROM t)')],
		},
		after: {t: [[5, 'y']], u: [['x']]},
		exchanging: ['t'],
	},
	'a column renamed by the copy, and a fill that reads a column of that name in another table': {
		from: 'CREATE TABLE t (_rowid_ INTEGER PRIMARY KEY, a TEXT); CREATE TABLE u (k TEXT)',
		rows: "INSERT INTO t VALUES (7, 'x'); INSERT INTO u VALUES ('y')",
		to: 'CREATE TABLE t (k INTEGER PRIMARY KEY, a TEXT, b TEXT, c INTEGER); CREATE TABLE u (k TEXT)',
		decisions: {
			renames: [rename('t', '_rowid_', 'k')],
			fills: [fill('t', 'b', '(SELECT max(k) FROM u)'), fill('t', 'c', '(SELECT count(*) + t._rowid_ FROM u WHERE k IS NOT a)')],
		},
		after: {t: [[7, 'x', 'y', 8]]},
	},
	'an index with the temporary name of a rewrite, created before it': {
		from: 'CREATE TABLE t (a TEXT); CREATE TABLE user (b TEXT); CREATE INDEX _lite_migr_new_user ON t (a)',
		rows: "INSERT INTO t VALUES ('1'); INSERT INTO user VALUES ('2')",
		to: 'CREATE TABLE t (a INTEGER); CREATE TABLE user (b INTEGER); CREATE INDEX _lite_migr_new_user ON t (a DESC)',
		after: {t: [[1]], user: [[2]]},
	},
	'a new column that is the primary key': {
		from: 'CREATE TABLE t (a)',
		rows: "INSERT INTO t (rowid, a) VALUES (8, 'x')",
		to: 'CREATE TABLE t (a, id INTEGER PRIMARY KEY)',
		after: {t: [['x', 8]]},
	},
};

function databaseOf({from, rows = ''}: Found): Database {
	const db = openInMemory();
	db.exec(`${from}; ${rows}`);
	return db;
}

function rowsOf(db: Database, table: string): readonly (readonly unknown[])[] {
	return db.tuples(`SELECT * FROM ${quoted(table)}`);
}

describe('a case that the laws have found', () => {
	test.each(Object.entries(cases))(
		'%s: the upgrade gives the target schema and keeps the rows, and the downgrade restores the schema',
		async (_, found) => {
			const db = databaseOf(found);
			const from = introspect(db);
			const to = schemaOfSql(found.to);
			const {operations, questions} = diff(from, to, {...noDecisions, ...found.decisions});
			expect(questions).toEqual([]);
			const version = {sqliteVersion: found.sqliteVersion ?? db.sqliteVersion};
			const {steps} = plan(from, operations, version);
			const copies = steps.filter(({strategy}) => strategy === 'rewrite').map(({object}) => object);
			for (const [table, times] of Map.groupBy(copies, (object) => object))
				expect(times.length).toBeLessThanOrEqual(found.exchanging?.includes(table) === true ? 2 : 1);

			await execute(db, steps);
			expect(diff(introspect(db), to).operations).toEqual([]);
			for (const [table, rows] of Object.entries(found.after ?? {})) expect(rowsOf(db, table)).toEqual(rows);
			expect(db.value('PRAGMA integrity_check')).toBe('ok');

			const other = databaseOf(found);
			executeSpelled(other, steps.flatMap(statementsOf));
			expect(sameSchema(introspect(other), to)).toBe(true);
			for (const [table, rows] of Object.entries(found.after ?? {})) expect(rowsOf(other, table)).toEqual(rows);

			await execute(db, plan(introspect(db), reverseAll(from, operations), version).steps);
			expect(diff(introspect(db), from).operations).toEqual([]);
		},
	);
});
