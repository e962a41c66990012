import {expect, test} from 'vitest';
import {readSchema} from '../../../source/core/ddl/read.ts';
import {replay} from '../../../source/core/migrations/replay/replay.ts';
import type {Operation} from '../../../source/core/operations/operation.ts';
import {emptySchema} from '../../../source/core/schema/schema.ts';
import {introspect, schemaRows} from '../../../source/core/sqlite/introspect.ts';
import {memoryCopy} from '../../../source/core/sqlite/memory-copy.ts';

const copied = (rows: readonly {type: string; name: string; sql: string}[]) => {
	const schema = readSchema(rows);
	const db = memoryCopy(schema);
	expect(introspect(db)).toEqual(schema);
	return db;
};

test('a copy in memory has every object with its stored text', () => {
	const db = copied([
		{type: 'table', name: 'a', sql: 'CREATE TABLE a (id INTEGER PRIMARY KEY, x TEXT UNIQUE)'},
		{type: 'table', name: 'f', sql: 'CREATE VIRTUAL TABLE f USING fts5(x)'},
		{type: 'index', name: 'i', sql: 'CREATE INDEX i ON a (lower(x)) WHERE x > 1'},
		{type: 'view', name: 'v', sql: 'CREATE VIEW v AS SELECT * FROM nowhere'},
		{type: 'trigger', name: 't', sql: 'CREATE TRIGGER t AFTER INSERT ON a BEGIN SELECT 1; END'},
	]);
	db.exec('INSERT INTO a (x) VALUES (5)');
	db.close();
});

test('a copy in memory accepts definitions that SQLite no longer creates', () => {
	const db = copied([
		{type: 'table', name: 'ok', sql: 'CREATE TABLE ok (a)'},
		{type: 'table', name: 'old', sql: `CREATE TABLE old (a TEXT UNIQUE, b CHECK (b <> "x"), c TEXT, UNIQUE (b, c))`},
		{type: 'table', name: 'strange', sql: 'CREATE TABLE strange (k TEXT COLLATE german, v CHECK (my_function(v)), PRIMARY KEY (k)) WITHOUT ROWID'},
		{type: 'table', name: 'near', sql: 'CREATE VIRTUAL TABLE near USING some_module(a, b)'},
		{type: 'index', name: 'old_i', sql: `CREATE INDEX old_i ON old (c) WHERE c <> "no"`},
		{type: 'index', name: 'ok_i', sql: 'CREATE INDEX ok_i ON ok (my_function(a))'},
	]);
	expect(schemaRows(db).filter(({sql}) => sql === null)).toHaveLength(2);
	db.exec(`INSERT INTO old VALUES ('1', 'y', '2'); ALTER TABLE ok ADD COLUMN b; DROP INDEX ok_i; DROP TABLE old; DROP TABLE strange`);
	expect(db.value('PRAGMA integrity_check')).toBe('ok');
	db.close();
});

test.each(['CREATE TABLE IF NOT EXISTS t', 'create  table\n\tt', 'CREATE /* ü */ TABLE main . "t"', '-- a\nCREATE TABLE t'])(
	'a column can be added to a table that needs an extension: %j',
	async (head) => {
		const operations = [
			{kind: 'createTable', sql: `${head} (a TEXT COLLATE german, b INT) -- b`},
			{kind: 'createIndex', sql: 'create  unique\nindex IF NOT EXISTS i ON t (a, b)'},
			{kind: 'addColumn', table: 't', definition: 'c TEXT'},
		] as const;
		const run = (parts: readonly (readonly Operation[])[]) =>
			replay(
				emptySchema,
				parts.map((part, at) => ({name: `m${at}`, path: `m${at}.ts`, operations: part})),
			);
		for (const {schema} of [await run([operations]), await run(operations.map((operation) => [operation]))]) {
			expect(schema.tables.map(({sql}) => sql.replace(/"/g, ''))).toEqual(['CREATE TABLE t (a TEXT COLLATE german, b INT, c TEXT)']);
			expect(schema.indexes.map(({sql}) => sql)).toEqual(['CREATE UNIQUE INDEX i ON t (a, b)']);
		}
	},
);
