import {describe, expect, test} from 'vitest';
import {readIndex, readStatement, readTable, schemaOf} from '../../../source/core/ddl/read.ts';
import {splitStatements} from '../../../source/core/ddl/split.ts';
import {tableDelta} from '../../../source/core/operations/table-delta.ts';
import {sameColumn, sameIndex, sameSchema, sameTable, sameTrigger, sameView, sameVirtualTable} from '../../../source/core/schema/equality.ts';
import type {Schema} from '../../../source/core/schema/schema.ts';

function schema(sql: string): Schema {
	return schemaOf(splitStatements(sql).flatMap(({text}) => readStatement(text) ?? []));
}

describe('schemas are equal if they only differ in', () => {
	test.each<[string, string, string]>([
		['whitespace, comments and the case of keywords', 'CREATE TABLE t (a INT NOT NULL)', 'create  table\nt(a/* x */ INT not\tnull) -- y'],
		['quotes around names', 'CREATE TABLE t (a INT, b)', 'CREATE TABLE "t" ([a] INT, `b`)'],
		['the case of names', 'CREATE TABLE t (a INT, b AS (a), UNIQUE (a))', 'CREATE TABLE T (A INT, B AS (A), UNIQUE (A))'],
		['IF NOT EXISTS and the name of the database', 'CREATE TABLE t (a)', 'CREATE TABLE IF NOT EXISTS main.t (a)'],
		[
			'the case and spacing of types',
			'CREATE TABLE t (a DECIMAL(10,2), b DOUBLE PRECISION)',
			'CREATE TABLE t (a decimal ( 10 , 2 ), b double\n precision)',
		],
		['quotes around a type', 'CREATE TABLE t (a INT)', "CREATE TABLE t (a 'int')"],
		['== and =, <> and !=', 'CREATE TABLE t (a CHECK (a = 1 OR a != 2))', 'CREATE TABLE t (a CHECK (a == 1 OR a <> 2))'],
		['redundant parentheses', 'CREATE TABLE t (a DEFAULT 1 CHECK (a > 0))', 'CREATE TABLE t (a DEFAULT ((1)) CHECK (((a > 0))))'],
		['two ways to write a generated column', 'CREATE TABLE t (a, b AS (a))', 'CREATE TABLE t (a, b GENERATED ALWAYS AS ((a)) VIRTUAL)'],
		[
			'the position of constraints, after a column or after all columns',
			'CREATE TABLE t (a INTEGER PRIMARY KEY, b UNIQUE REFERENCES p(x) ON DELETE CASCADE CHECK (b > 0))',
			'CREATE TABLE t (a INTEGER, b, CHECK (b > 0), FOREIGN KEY (b) REFERENCES p(x) ON DELETE CASCADE, UNIQUE (b), PRIMARY KEY (a))',
		],
		['the order of columns', 'CREATE TABLE t (a, b, c)', 'CREATE TABLE t (c, a, b)'],
		[
			'the order of constraints',
			'CREATE TABLE t (a, b, UNIQUE (a), UNIQUE (b), CHECK (a), CHECK (b))',
			'CREATE TABLE t (a, b, CHECK (b), UNIQUE (b), CHECK (a), UNIQUE (a))',
		],
		[
			'the order of a column’s constraints',
			'CREATE TABLE t (a INT NOT NULL DEFAULT 1 COLLATE nocase)',
			'CREATE TABLE t (a INT COLLATE NOCASE DEFAULT 1 NOT NULL)',
		],
		['the order of options', 'CREATE TABLE t (a INT PRIMARY KEY) STRICT, WITHOUT ROWID', 'CREATE TABLE t (a INT PRIMARY KEY) without rowid, strict'],
		[
			'explicit defaults',
			'CREATE TABLE t (a REFERENCES p(x))',
			'CREATE TABLE t (a NULL COLLATE BINARY DEFAULT NULL REFERENCES p(x) ON DELETE NO ACTION ON UPDATE NO ACTION NOT DEFERRABLE)',
		],
		['ABORT', 'CREATE TABLE t (a UNIQUE NOT NULL)', 'CREATE TABLE t (a UNIQUE ON CONFLICT ABORT NOT NULL ON CONFLICT ABORT)'],
		['DEFERRABLE INITIALLY IMMEDIATE', 'CREATE TABLE t (a REFERENCES p(x))', 'CREATE TABLE t (a REFERENCES p(x) DEFERRABLE INITIALLY IMMEDIATE)'],
		['NOT NULL on the rowid', 'CREATE TABLE t (a INTEGER PRIMARY KEY)', 'CREATE TABLE t (a INTEGER PRIMARY KEY NOT NULL)'],
		[
			'NOT NULL on the key of a WITHOUT ROWID table',
			'CREATE TABLE t (a, b, PRIMARY KEY (a, b)) WITHOUT ROWID',
			'CREATE TABLE t (a NOT NULL, b, PRIMARY KEY (a, b)) WITHOUT ROWID',
		],
		['NOT NULL on the key of a STRICT table', 'CREATE TABLE t (a TEXT PRIMARY KEY) STRICT', 'CREATE TABLE t (a TEXT PRIMARY KEY NOT NULL) STRICT'],
		[
			'DESC on the rowid, written as a table constraint',
			'CREATE TABLE t (a INTEGER PRIMARY KEY)',
			'CREATE TABLE t (a INTEGER, PRIMARY KEY (a DESC))',
		],
		['a default in double quotes or as a bare word', "CREATE TABLE t (a DEFAULT 'x', b DEFAULT 'y')", 'CREATE TABLE t (a DEFAULT "x", b DEFAULT y)'],
		['a sign', 'CREATE TABLE t (a DEFAULT 1, b DEFAULT -1)', 'CREATE TABLE t (a DEFAULT +1, b DEFAULT (- 1))'],
		['a unique constraint twice', 'CREATE TABLE t (a UNIQUE)', 'CREATE TABLE t (a UNIQUE, UNIQUE (a))'],
		['a unique constraint over the key', 'CREATE TABLE t (a TEXT PRIMARY KEY)', 'CREATE TABLE t (a TEXT PRIMARY KEY UNIQUE)'],
		[
			'a collation that the column already has',
			'CREATE TABLE t (a COLLATE nocase UNIQUE)',
			'CREATE TABLE t (a COLLATE nocase, UNIQUE (a COLLATE NOCASE))',
		],
		[
			'the order of pairs in a foreign key',
			'CREATE TABLE t (a, b, FOREIGN KEY (a, b) REFERENCES p(x, y))',
			'CREATE TABLE t (a, b, FOREIGN KEY (b, a) REFERENCES p(y, x))',
		],
		[
			'names of NOT NULL, DEFAULT and COLLATE',
			'CREATE TABLE t (a NOT NULL DEFAULT 1)',
			'CREATE TABLE t (a CONSTRAINT x NOT NULL CONSTRAINT y DEFAULT 1 CONSTRAINT z COLLATE binary)',
		],
		['the table’s own name before a column', 'CREATE TABLE t (a CHECK (a > 0))', 'CREATE TABLE t (a CHECK (t.a > 0))'],
		['a rename annotation', 'CREATE TABLE t (a)', 'CREATE TABLE t ( -- @renamed from=u\n a -- @renamed from=b\n)'],
	])('%s', (_what, a, b) => {
		expect(sameTable(readTable(a), readTable(b))).toBe(true);
		expect(sameTable(readTable(b), readTable(a))).toBe(true);
	});
});

describe('schemas differ by', () => {
	test.each<[string, string, string]>([
		['a name', 'CREATE TABLE t (a)', 'CREATE TABLE u (a)'],
		['a column', 'CREATE TABLE t (a)', 'CREATE TABLE t (b)'],
		['one column more', 'CREATE TABLE t (a)', 'CREATE TABLE t (a, b)'],
		['a type of the same affinity', 'CREATE TABLE t (a INT)', 'CREATE TABLE t (a INTEGER)'],
		['a type or none', 'CREATE TABLE t (a)', "CREATE TABLE t (a '')"],
		['NOT NULL', 'CREATE TABLE t (a)', 'CREATE TABLE t (a NOT NULL)'],
		['what NOT NULL does', 'CREATE TABLE t (a NOT NULL)', 'CREATE TABLE t (a NOT NULL ON CONFLICT REPLACE)'],
		['NOT NULL on a key that allows NULL', 'CREATE TABLE t (a TEXT PRIMARY KEY)', 'CREATE TABLE t (a TEXT PRIMARY KEY NOT NULL)'],
		['a default', 'CREATE TABLE t (a DEFAULT 1)', 'CREATE TABLE t (a DEFAULT 2)'],
		['a string and a number', "CREATE TABLE t (a DEFAULT '1')", 'CREATE TABLE t (a DEFAULT 1)'],
		['the case of a string', "CREATE TABLE t (a DEFAULT 'x')", "CREATE TABLE t (a DEFAULT 'X')"],
		['TRUE and a word in quotes', 'CREATE TABLE t (a DEFAULT true)', 'CREATE TABLE t (a DEFAULT "true")'],
		['a collation', 'CREATE TABLE t (a)', 'CREATE TABLE t (a COLLATE nocase)'],
		['a generated column and an ordinary one', 'CREATE TABLE t (a, b AS (a))', 'CREATE TABLE t (a, b)'],
		['STORED', 'CREATE TABLE t (a, b AS (a))', 'CREATE TABLE t (a, b AS (a) STORED)'],
		['a key that is the rowid and one that is not', 'CREATE TABLE t (a INTEGER PRIMARY KEY)', 'CREATE TABLE t (a INTEGER PRIMARY KEY DESC)'],
		['AUTOINCREMENT', 'CREATE TABLE t (a INTEGER PRIMARY KEY)', 'CREATE TABLE t (a INTEGER PRIMARY KEY AUTOINCREMENT)'],
		['the order of a key', 'CREATE TABLE t (a, b, PRIMARY KEY (a, b))', 'CREATE TABLE t (a, b, PRIMARY KEY (b, a))'],
		['the direction of a key', 'CREATE TABLE t (a, PRIMARY KEY (a))', 'CREATE TABLE t (a, PRIMARY KEY (a DESC))'],
		['a key or a unique constraint', 'CREATE TABLE t (a PRIMARY KEY)', 'CREATE TABLE t (a UNIQUE)'],
		['one unique constraint or two', 'CREATE TABLE t (a, b, UNIQUE (a, b))', 'CREATE TABLE t (a UNIQUE, b UNIQUE)'],
		[
			'the collation of a unique constraint',
			'CREATE TABLE t (a COLLATE nocase UNIQUE)',
			'CREATE TABLE t (a COLLATE nocase, UNIQUE (a COLLATE binary))',
		],
		['the conflict clause of a unique constraint', 'CREATE TABLE t (a UNIQUE)', 'CREATE TABLE t (a UNIQUE ON CONFLICT IGNORE)'],
		['a check', 'CREATE TABLE t (a CHECK (a > 0))', 'CREATE TABLE t (a CHECK (a >= 0))'],
		['a name in a check and a string', 'CREATE TABLE t (a CHECK (a <> "a"))', "CREATE TABLE t (a CHECK (a <> 'a'))"],
		['the name of a check', 'CREATE TABLE t (a CHECK (a))', 'CREATE TABLE t (a CONSTRAINT c CHECK (a))'],
		['the name of a unique constraint', 'CREATE TABLE t (a CONSTRAINT c UNIQUE)', 'CREATE TABLE t (a CONSTRAINT d UNIQUE)'],
		['the name of a primary key', 'CREATE TABLE t (a PRIMARY KEY)', 'CREATE TABLE t (a CONSTRAINT c PRIMARY KEY)'],
		['the name of a foreign key', 'CREATE TABLE t (a REFERENCES p(x))', 'CREATE TABLE t (a CONSTRAINT c REFERENCES p(x))'],
		['a parent', 'CREATE TABLE t (a REFERENCES p(x))', 'CREATE TABLE t (a REFERENCES q(x))'],
		['a parent’s column', 'CREATE TABLE t (a REFERENCES p(x))', 'CREATE TABLE t (a REFERENCES p(y))'],
		['an action', 'CREATE TABLE t (a REFERENCES p(x))', 'CREATE TABLE t (a REFERENCES p(x) ON DELETE RESTRICT)'],
		['an action on updates', 'CREATE TABLE t (a REFERENCES p(x) ON UPDATE CASCADE)', 'CREATE TABLE t (a REFERENCES p(x) ON UPDATE SET NULL)'],
		['MATCH', 'CREATE TABLE t (a REFERENCES p(x))', 'CREATE TABLE t (a REFERENCES p(x) MATCH FULL)'],
		['the column of a foreign key', 'CREATE TABLE t (a REFERENCES p(x), b)', 'CREATE TABLE t (a, b REFERENCES p(x))'],
		['the name of the rowid’s key', 'CREATE TABLE t (a INTEGER PRIMARY KEY)', 'CREATE TABLE t (a INTEGER CONSTRAINT c PRIMARY KEY)'],
		['the conflict clause of the rowid', 'CREATE TABLE t (a INTEGER PRIMARY KEY)', 'CREATE TABLE t (a INTEGER PRIMARY KEY ON CONFLICT REPLACE)'],
		['the column of the rowid', 'CREATE TABLE t (a INTEGER PRIMARY KEY, b INTEGER)', 'CREATE TABLE t (a INTEGER, b INTEGER PRIMARY KEY)'],
		['a deferred foreign key', 'CREATE TABLE t (a REFERENCES p(x))', 'CREATE TABLE t (a REFERENCES p(x) DEFERRABLE INITIALLY DEFERRED)'],
		['STRICT', 'CREATE TABLE t (a INT)', 'CREATE TABLE t (a INT) STRICT'],
		['WITHOUT ROWID', 'CREATE TABLE t (a PRIMARY KEY)', 'CREATE TABLE t (a PRIMARY KEY) WITHOUT ROWID'],
		['names with commas in them', 'CREATE TABLE t (a, b, "a,b", UNIQUE ("a,b"))', 'CREATE TABLE t (a, b, "a,b", UNIQUE (a, b))'],
	])('%s', (_what, a, b) => {
		expect(sameTable(readTable(a), readTable(b))).toBe(false);
		expect(sameTable(readTable(b), readTable(a))).toBe(false);
		expect(sameTable(readTable(a), readTable(a))).toBe(true);
	});
});

test('a foreign key without columns refers to the parent’s primary key', () => {
	const parent = 'CREATE TABLE p (x, y, PRIMARY KEY (y, x));';
	const a = schema(`${parent} CREATE TABLE t (a, b, FOREIGN KEY (a, b) REFERENCES P)`);
	const b = schema(`${parent} CREATE TABLE t (a, b, FOREIGN KEY (b, a) REFERENCES p (x, Y))`);
	const c = schema(`${parent} CREATE TABLE t (a, b, FOREIGN KEY (a, b) REFERENCES p (x, y))`);
	expect(sameSchema(a, b)).toBe(true);
	expect(sameSchema(a, c)).toBe(false);
	expect(
		sameTable(
			readTable('CREATE TABLE n (id INTEGER PRIMARY KEY, up REFERENCES n)'),
			readTable('CREATE TABLE n (id INTEGER PRIMARY KEY, up REFERENCES n(id))'),
		),
	).toBe(true);
});

test('a foreign key without columns differs if the key of its parent differs', () => {
	const child = 'CREATE TABLE t (a REFERENCES p);';
	const [a, b] = [schema(`${child} CREATE TABLE p (x PRIMARY KEY, y)`), schema(`${child} CREATE TABLE p (x, y PRIMARY KEY)`)];
	const [inA, inB] = [a.tables[0], b.tables[0]];
	if (inA === undefined || inB === undefined) throw new Error('the table was not read');
	expect(sameTable(inA, inB, a, a)).toBe(true);
	expect(sameTable(inA, inB, a, b)).toBe(false);
	expect(tableDelta({table: inA, schema: a}, {table: inB, schema: b}).foreignKeys).toEqual({added: inB.foreignKeys, dropped: inA.foreignKeys});
});

describe('indexes', () => {
	const tables = 'CREATE TABLE t (a COLLATE nocase, b);';
	test.each<[string, string, boolean]>([
		['CREATE INDEX i ON t (a)', 'create index "I" on [T] ("A" ASC)', true],
		['CREATE INDEX i ON t (a)', 'CREATE INDEX i ON t (a COLLATE NOCASE)', true],
		['CREATE INDEX i ON t (a)', 'CREATE INDEX i ON t (a COLLATE binary)', false],
		['CREATE INDEX i ON t (b)', 'CREATE INDEX i ON t (b COLLATE binary)', true],
		['CREATE INDEX i ON t (b)', "CREATE INDEX i ON t (('b'))", true],
		['CREATE INDEX i ON t (b)', 'CREATE INDEX i ON t (b DESC)', false],
		['CREATE INDEX i ON t (a, b)', 'CREATE INDEX i ON t (b, a)', false],
		['CREATE INDEX i ON t (a)', 'CREATE UNIQUE INDEX i ON t (a)', false],
		['CREATE INDEX i ON t (lower(a))', 'CREATE INDEX i ON t ((LOWER( "a" )) COLLATE binary)', true],
		['CREATE INDEX i ON t (lower(a) COLLATE nocase)', 'CREATE INDEX i ON t ((lower(a) COLLATE nocase))', true],
		['CREATE INDEX i ON t (lower(a))', 'CREATE INDEX i ON t (upper(a))', false],
		['CREATE INDEX i ON t (a) WHERE b > 0', 'CREATE INDEX i ON t (a) WHERE (("b">0))', true],
		['CREATE INDEX i ON t (a) WHERE b > 0', 'CREATE INDEX i ON t (a)', false],
		['CREATE INDEX i ON t (a)', 'CREATE INDEX j ON t (a)', false],
		['CREATE INDEX i ON t (a)', 'CREATE INDEX i ON u (a)', false],
	])('%s | %s: %s', (a, b, expected) => {
		const [x, y] = [schema(`${tables}${a}`), schema(`${tables}${b}`)];
		expect(sameIndex(readIndex(a), readIndex(b), x, y)).toBe(expected);
		expect(sameSchema(x, y)).toBe(expected);
	});
});

describe('views, triggers and virtual tables', () => {
	test.each<[string, string, boolean]>([
		['CREATE VIEW v AS SELECT a FROM t', 'create view V as\n\tselect "a" from T -- all', true],
		['CREATE VIEW v AS SELECT a FROM t', 'CREATE VIEW v AS SELECT b FROM t', false],
		['CREATE VIEW v (a, b) AS SELECT 1, 2', 'CREATE VIEW v ("A", b) AS SELECT 1, 2', true],
		['CREATE VIEW v (a, b) AS SELECT 1, 2', 'CREATE VIEW v (b, a) AS SELECT 1, 2', false],
		["CREATE VIEW v AS SELECT 'a'", "CREATE VIEW v AS SELECT 'A'", false],
		['CREATE TRIGGER g INSERT ON t BEGIN SELECT 1; END', 'CREATE TRIGGER G BEFORE INSERT ON main.T FOR EACH ROW BEGIN select 1 ; END', true],
		['CREATE TRIGGER g AFTER INSERT ON t BEGIN SELECT 1; END', 'CREATE TRIGGER g INSERT ON t BEGIN SELECT 1; END', false],
		['CREATE TRIGGER g UPDATE OF a, b ON t WHEN (a) BEGIN SELECT 1; END', 'CREATE TRIGGER g UPDATE OF B, A ON t WHEN a BEGIN SELECT 1; END', true],
		['CREATE TRIGGER g UPDATE OF a ON t BEGIN SELECT 1; END', 'CREATE TRIGGER g UPDATE ON t BEGIN SELECT 1; END', false],
		['CREATE TRIGGER g UPDATE ON t WHEN a BEGIN SELECT 1; END', 'CREATE TRIGGER g UPDATE ON t BEGIN SELECT 1; END', false],
		['CREATE TRIGGER g DELETE ON t BEGIN SELECT 1; END', 'CREATE TRIGGER g DELETE ON t BEGIN SELECT 1; SELECT 2; END', false],
		["CREATE VIRTUAL TABLE f USING fts5(a, tokenize = 'x')", "create virtual table F using FTS5( A ,tokenize='x')", true],
		["CREATE VIRTUAL TABLE f USING fts5(a, tokenize = 'x')", "CREATE VIRTUAL TABLE f USING fts5(a, tokenize = 'X')", false],
		['CREATE VIRTUAL TABLE f USING fts5(a)', 'CREATE VIRTUAL TABLE f USING fts4(a)', false],
		['CREATE VIRTUAL TABLE f USING fts5(a, b)', 'CREATE VIRTUAL TABLE f USING fts5(b, a)', false],
	])('%s | %s: %s', (a, b, expected) => {
		const [x, y] = [readStatement(a), readStatement(b)];
		if (x?.kind === 'view' && y?.kind === 'view') expect(sameView(x, y)).toBe(expected);
		else if (x?.kind === 'trigger' && y?.kind === 'trigger') expect(sameTrigger(x, y)).toBe(expected);
		else if (x?.kind === 'virtualTable' && y?.kind === 'virtualTable') expect(sameVirtualTable(x, y)).toBe(expected);
		else throw new Error('not the same kind');
		expect(sameSchema(schema(a), schema(b))).toBe(expected);
	});
});

test('schemas are equal in any order of their objects, but not with an additional object', () => {
	const all = ['CREATE TABLE a (x)', 'CREATE TABLE b (x)', 'CREATE INDEX i ON a (x)', 'CREATE VIEW v AS SELECT 1'];
	expect(sameSchema(schema(all.join(';')), schema(all.toReversed().join(';')))).toBe(true);
	for (const left of all) expect(sameSchema(schema(all.join(';')), schema(all.filter((sql) => sql !== left).join(';')))).toBe(false);
});

test('a column comparison includes what its table implies', () => {
	const a = readTable('CREATE TABLE t (id INTEGER PRIMARY KEY NOT NULL, b TEXT)');
	const b = readTable('CREATE TABLE t (id INTEGER PRIMARY KEY, b text UNIQUE)');
	const [idA, textA] = a.columns;
	const [idB, textB] = b.columns;
	if (idA === undefined || idB === undefined || textA === undefined || textB === undefined) throw new Error('a column is missing');
	expect(sameColumn(idA, idB, a, b)).toBe(true);
	expect(sameColumn(idA, idB)).toBe(false);
	expect(sameColumn(textA, textB, a, b)).toBe(true);
	expect(sameColumn(idA, textB, a, b)).toBe(false);
});
