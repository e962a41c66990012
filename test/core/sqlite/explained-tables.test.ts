import {describe, expect, test} from 'vitest';
import {openInMemory} from '../../../source/core/sqlite/open.ts';
import {explainTables} from '../../../source/core/sqlite/write-set.ts';

const schema = `
	CREATE TABLE parent (id INTEGER PRIMARY KEY, name TEXT);
	CREATE TABLE child (id INTEGER PRIMARY KEY AUTOINCREMENT, parent_id REFERENCES parent(id) ON DELETE CASCADE, name TEXT UNIQUE);
	CREATE TABLE log (text);
	CREATE TABLE deep (text);
	CREATE TABLE pairs (a, b, PRIMARY KEY (a, b)) WITHOUT ROWID;
	CREATE INDEX child_parent ON child (parent_id);
	CREATE VIEW names AS SELECT name FROM parent UNION ALL SELECT name FROM child;
	CREATE TRIGGER parent_log AFTER UPDATE ON parent BEGIN INSERT INTO log VALUES (old.name); END;
	CREATE TRIGGER log_deep AFTER INSERT ON log BEGIN INSERT INTO deep SELECT a FROM pairs; END;
	CREATE TRIGGER names_insert INSTEAD OF INSERT ON names BEGIN INSERT INTO parent (name) VALUES (new.name); END;
`;

function tablesOf(sql: string, ...parameters: readonly (string | number)[]) {
	const db = openInMemory();
	try {
		db.exec(schema);
		const {reads, writes} = explainTables(db, sql, parameters);
		return {reads: [...reads].toSorted(), writes: [...writes].toSorted()};
	} finally {
		db.close();
	}
}

describe('the tables that EXPLAIN names for a statement', () => {
	test.each([
		['INSERT INTO deep VALUES (1)', [], ['deep']],
		['SELECT count(*) FROM child', ['child'], []],
		['SELECT parent_id FROM child INDEXED BY child_parent', ['child'], []],
		['UPDATE deep SET text = (SELECT max(name) FROM parent)', ['parent'], ['deep']],
		['INSERT OR REPLACE INTO child (name) SELECT name FROM parent', ['parent'], ['child']],
		['DELETE FROM log', [], ['log']],
		['DELETE FROM pairs WHERE a = 1', [], ['pairs']],
		['WITH old AS (SELECT a FROM pairs) DELETE FROM deep WHERE text IN (SELECT a FROM old)', ['pairs'], ['deep']],
		['DROP TABLE log', [], ['log']],
		['CREATE TABLE copy AS SELECT * FROM parent', ['parent'], []],
	] as const)('are those it reads and writes: %s', (sql, reads, writes) => {
		const found = tablesOf(sql);
		expect(found.writes).toEqual(writes);
		expect(found.reads.filter((table) => !(writes as readonly string[]).includes(table))).toEqual(reads);
	});

	test('include those of nested triggers, and of a trigger on a view', () => {
		expect(tablesOf('UPDATE parent SET name = ?', 'x')).toMatchObject({reads: expect.arrayContaining(['pairs']), writes: ['deep', 'log', 'parent']});
		expect(tablesOf("INSERT INTO names VALUES ('x')").writes).toEqual(['parent']);
	});

	test('are empty for a PRAGMA, which EXPLAIN would execute', () => {
		const db = openInMemory();
		expect(explainTables(db, 'PRAGMA user_version = 7')).toEqual({reads: new Set(), writes: new Set()});
		expect(db.value('PRAGMA user_version')).toBe(0);
		db.close();
	});

	test('are all virtual tables with their shadow tables and contents, for a write to one of them', () => {
		const db = openInMemory();
		db.exec(`${schema} CREATE VIRTUAL TABLE search USING fts5(name, content=parent, content_rowid=id)`);
		const {reads, writes} = explainTables(db, "INSERT INTO search (search) VALUES ('rebuild')");
		expect([...reads]).toEqual(expect.arrayContaining(['search', 'search_data', 'parent']));
		expect([...writes]).toEqual(expect.arrayContaining(['search', 'search_data']));
		expect(explainTables(db, 'INSERT INTO deep VALUES (1)').writes).toEqual(new Set(['deep']));
		db.close();
	});

	test('do not include temporary tables, and the statement is not executed', () => {
		const db = openInMemory();
		db.exec(`${schema} CREATE TEMP TABLE scratch (x); INSERT INTO log VALUES ('kept')`);
		expect(explainTables(db, 'INSERT INTO scratch SELECT text FROM log')).toEqual({reads: new Set(['log']), writes: new Set()});
		explainTables(db, 'DELETE FROM log');
		expect(db.value('SELECT count(*) FROM log')).toBe(1);
		db.close();
	});

	test('are unknown for a statement that does not fit the schema', () => {
		expect(() => tablesOf('UPDATE nowhere SET x = 1')).toThrow('no such table');
	});
});
