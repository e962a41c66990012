import {describe, expect, test} from 'vitest';
import {readColumn, readIndex, readStatement, readTable, readTrigger} from '../../../source/core/ddl/read.ts';
import {renderColumn, renderIndex, renderTable, renderTrigger, withName, withTable} from '../../../source/core/ddl/render.ts';
import {sameIndex, sameTable, sameTrigger} from '../../../source/core/schema/equality.ts';
import {base, indexes, tables, triggers} from './definitions.ts';
import {databaseOf, factsOfPragmas, schemaRows} from './referee.ts';

describe('a rendered statement means the same to lite-migr and to SQLite', () => {
	test.each(tables)('%s', (sql) => {
		const table = readTable(sql);
		const rendered = renderTable(table);
		expect(sameTable(readTable(rendered), table)).toBe(true);
		expect(renderTable(readTable(rendered))).toBe(rendered);
		expect(factsOfPragmas(databaseOf(rendered))).toEqual(factsOfPragmas(databaseOf(sql)));
	});

	test.each(indexes)('%s', (sql) => {
		const rendered = renderIndex(readIndex(sql));
		expect(sameIndex(readIndex(rendered), readIndex(sql))).toBe(true);
		expect(factsOfPragmas(databaseOf(...base, rendered))).toEqual(factsOfPragmas(databaseOf(...base, sql)));
	});

	test.each(triggers)('%s', (sql) => {
		const rendered = renderTrigger(readTrigger(sql));
		databaseOf(...base, rendered).close();
		expect(sameTrigger(readTrigger(rendered), readTrigger(sql))).toBe(true);
	});
});

describe('a rendered table', () => {
	test('is easy to read', () => {
		const table = readTable(
			`create table User(id integer primary key autoincrement, name text not null collate nocase default anon, "order" int unique references "order"(id) on delete cascade,
			age int check (age > 0), a, b, primary_mail text generated always as (name || '@x') stored,
			constraint adult check(age>=18), unique (a, b desc) on conflict ignore, foreign key (a, b) references p deferrable initially deferred) strict`,
		);
		expect(renderTable(table)).toBe(
			`CREATE TABLE User (
    id integer PRIMARY KEY AUTOINCREMENT,
    name text NOT NULL DEFAULT 'anon' COLLATE nocase,
    "order" int UNIQUE REFERENCES "order" (id) ON DELETE CASCADE,
    age int CHECK (age > 0),
    a,
    b,
    primary_mail text GENERATED ALWAYS AS (name || '@x') STORED,
    UNIQUE (a, b DESC) ON CONFLICT IGNORE,
    CONSTRAINT adult CHECK (age>=18),
    FOREIGN KEY (a, b) REFERENCES p DEFERRABLE INITIALLY DEFERRED
) STRICT`,
		);
	});

	test('can have another name, while references to itself keep the table’s own', () => {
		const table = readTable('CREATE TABLE node(id INTEGER PRIMARY KEY, parent REFERENCES node)');
		expect(renderTable(table, 'new node')).toBe('CREATE TABLE "new node" (\n    id INTEGER PRIMARY KEY,\n    parent REFERENCES node\n)');
	});

	test('keeps DESC if it affects the key', () => {
		expect(renderTable(readTable('CREATE TABLE t(id INTEGER PRIMARY KEY DESC)'))).toContain('id INTEGER PRIMARY KEY DESC');
		expect(renderTable(readTable('CREATE TABLE t(id INTEGER, PRIMARY KEY (id DESC AUTOINCREMENT))'))).toContain(
			'PRIMARY KEY (id DESC AUTOINCREMENT)',
		);
	});

	test('has inline constraints, even if a column is rendered alone', () => {
		const definition =
			"email TEXT CONSTRAINT u UNIQUE ON CONFLICT FAIL DEFAULT (lower('X')) CONSTRAINT c CHECK (email <> '') REFERENCES mail ON UPDATE SET NULL";
		const {column, ...parts} = readColumn(definition);
		expect(renderColumn(column, parts)).toBe(definition);
	});
});

describe('the name in a stored text', () => {
	test.each<[string, string, string]>([
		['CREATE TABLE t(t INT REFERENCES t)', 'x y', 'CREATE TABLE "x y"(t INT REFERENCES t)'],
		['create temp table if not exists main . [t] -- t\n (a)', 'n', 'create temp table if not exists main . n -- t\n (a)'],
		['CREATE UNIQUE INDEX "t" ON t(t)', 'select', 'CREATE UNIQUE INDEX "select" ON t(t)'],
		['CREATE VIRTUAL TABLE t USING fts5(t)', 'n', 'CREATE VIRTUAL TABLE n USING fts5(t)'],
		["/* t */ CREATE VIEW 't' AS SELECT 't'", 'n', "/* t */ CREATE VIEW n AS SELECT 't'"],
		['CREATE TRIGGER t AFTER INSERT ON t BEGIN SELECT t FROM t; END', 'n', 'CREATE TRIGGER n AFTER INSERT ON t BEGIN SELECT t FROM t; END'],
	])('only the name is replaced in %s', (sql, name, expected) => {
		expect(withName(sql, name)).toBe(expected);
		expect(readStatement(withName(sql, name))?.name).toBe(name);
	});

	test.each<[string, string, string]>([
		['CREATE INDEX "on" ON on_t(a) WHERE a > 1', 'x y', 'CREATE INDEX "on" ON "x y"(a) WHERE a > 1'],
		[
			'CREATE TRIGGER g UPDATE OF a ON main.t BEGIN SELECT 1 FROM t JOIN u ON t.a = u.a; END',
			'n',
			'CREATE TRIGGER g UPDATE OF a ON main.n BEGIN SELECT 1 FROM t JOIN u ON t.a = u.a; END',
		],
		["CREATE INDEX i ON 't' ('a')", 'n', "CREATE INDEX i ON n ('a')"],
	])('%s gets another table', (sql, table, expected) => {
		expect(withTable(sql, table)).toBe(expected);
	});

	test('a table has no ON table to replace', () => {
		expect(() => withTable('CREATE TABLE t(a REFERENCES p ON DELETE CASCADE)', 'x')).toThrow(expect.objectContaining({code: 'syntax'}));
		expect(() => withName('SELECT 1', 'x')).toThrow(expect.objectContaining({code: 'syntax'}));
	});

	test('of a renamed object is the name that SQLite stores', () => {
		const db = databaseOf('CREATE TABLE t(a CHECK (a > 0), b)', 'ALTER TABLE t RENAME TO "new ""t"""');
		const [row] = schemaRows(db);
		expect(withName('CREATE TABLE t(a CHECK (a > 0), b)', 'new "t"')).toBe(row?.sql);
		db.close();
	});
});
