import {expect, test} from 'vitest';
import {readSchema} from '../../../source/core/ddl/read.ts';
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
