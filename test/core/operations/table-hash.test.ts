import {describe, expect, test} from 'vitest';
import {readSchema} from '../../../source/core/ddl/read.ts';
import {isOneOf, tableHash} from '../../../source/core/operations/table-hash.ts';
import {findTable} from '../../../source/core/schema/lookup.ts';

function hashOf(sql: string, ...others: readonly string[]): string {
	const schema = readSchema([sql, ...others].map((text) => ({type: 'table', name: '', sql: text})));
	const table = findTable(schema, 't');
	if (table === undefined) throw new Error(`no table t in ${sql}`);
	return tableHash(table, schema);
}

const parent = 'CREATE TABLE p (id INTEGER PRIMARY KEY, code TEXT UNIQUE)';

describe('the hash of a table', () => {
	test.each([
		['CREATE TABLE t (id INTEGER PRIMARY KEY, name TEXT)', '440cf179'],
		["CREATE TABLE t (a, b TEXT NOT NULL DEFAULT 'x' COLLATE NOCASE, c AS (a || b) STORED, PRIMARY KEY (a, b)) WITHOUT ROWID", '335f5f27'],
		['CREATE TABLE t (id INTEGER PRIMARY KEY AUTOINCREMENT, p_id INTEGER REFERENCES p ON DELETE CASCADE, CHECK (p_id > 0)) STRICT', '42647b9d'],
		[
			'CREATE TABLE t (a CONSTRAINT one UNIQUE ON CONFLICT REPLACE, b, CONSTRAINT two FOREIGN KEY (a, b) REFERENCES q (x, y) DEFERRABLE INITIALLY DEFERRED)',
			'b21df4e1',
		],
	])('never changes for a definition, because migration files contain it: %s', (sql, hash) => {
		expect(hashOf(sql, parent)).toBe(hash);
	});

	test.each([
		[
			'quotes, case and whitespace',
			'CREATE TABLE t (id INTEGER PRIMARY KEY, name TEXT)',
			'create table "T"(\n  [ID] integer primary key,\n  `Name` text -- a name\n)',
		],
		['the order of columns', 'CREATE TABLE t (a TEXT, b INTEGER)', 'CREATE TABLE t (b INTEGER, a TEXT)'],
		['the position of a constraint', 'CREATE TABLE t (a TEXT UNIQUE CHECK (a <> 1), b)', 'CREATE TABLE t (a TEXT, b, CHECK (a <> 1), UNIQUE (a))'],
		['whether DEFAULT NULL is written', 'CREATE TABLE t (a DEFAULT NULL)', 'CREATE TABLE t (a)'],
		['NOT NULL that is implied', 'CREATE TABLE t (id INTEGER NOT NULL PRIMARY KEY)', 'CREATE TABLE t (id INTEGER PRIMARY KEY)'],
		['the named columns of a parent', 'CREATE TABLE t (a REFERENCES p)', 'CREATE TABLE t (a REFERENCES p (id))'],
		['old string literals in double quotes', 'CREATE TABLE t (a CHECK (a <> "none"))', "CREATE TABLE t (a CHECK (a <> 'none'))"],
	])('does not depend on %s', (_what, a, b) => {
		expect(hashOf(a, parent)).toBe(hashOf(b, parent));
	});

	const base = 'CREATE TABLE t (id INTEGER PRIMARY KEY, a TEXT, b TEXT)';
	test.each([
		['a column more', 'CREATE TABLE t (id INTEGER PRIMARY KEY, a TEXT, b TEXT, c)'],
		['a column less', 'CREATE TABLE t (id INTEGER PRIMARY KEY, a TEXT)'],
		['another name', 'CREATE TABLE t (id INTEGER PRIMARY KEY, a TEXT, c TEXT)'],
		['another type', 'CREATE TABLE t (id INTEGER PRIMARY KEY, a TEXT, b INTEGER)'],
		['NOT NULL', 'CREATE TABLE t (id INTEGER PRIMARY KEY, a TEXT, b TEXT NOT NULL)'],
		['a default', "CREATE TABLE t (id INTEGER PRIMARY KEY, a TEXT, b TEXT DEFAULT 'x')"],
		['a collation', 'CREATE TABLE t (id INTEGER PRIMARY KEY, a TEXT, b TEXT COLLATE NOCASE)'],
		['a key', 'CREATE TABLE t (id INTEGER, a TEXT PRIMARY KEY, b TEXT)'],
		['AUTOINCREMENT', 'CREATE TABLE t (id INTEGER PRIMARY KEY AUTOINCREMENT, a TEXT, b TEXT)'],
		['UNIQUE', 'CREATE TABLE t (id INTEGER PRIMARY KEY, a TEXT, b TEXT UNIQUE)'],
		['a check', 'CREATE TABLE t (id INTEGER PRIMARY KEY, a TEXT, b TEXT CHECK (b > 0))'],
		['a foreign key', 'CREATE TABLE t (id INTEGER PRIMARY KEY, a TEXT, b TEXT REFERENCES p (code))'],
		['a generated column', 'CREATE TABLE t (id INTEGER PRIMARY KEY, a TEXT, b TEXT AS (a))'],
		['STRICT', 'CREATE TABLE t (id INTEGER PRIMARY KEY, a TEXT, b TEXT) STRICT'],
		['WITHOUT ROWID', 'CREATE TABLE t (id INTEGER PRIMARY KEY, a TEXT, b TEXT) WITHOUT ROWID'],
	])('differs with %s', (_what, other) => {
		expect(hashOf(other, parent)).not.toBe(hashOf(base, parent));
	});
});

test('a change applies to a table even if parents of its foreign keys were unknown when it was written', () => {
	const definitions = [parent, 'CREATE TABLE q (id INTEGER PRIMARY KEY)', 'CREATE TABLE t (a REFERENCES p, b REFERENCES q)'];
	const schemaOf = (list: readonly string[]) => readSchema(list.map((sql) => ({type: 'table', name: '', sql})));
	const whole = schemaOf(definitions);
	const table = findTable(whole, 't');
	if (table === undefined) throw new Error('no table t');
	for (const left of [definitions, definitions.slice(1), definitions.slice(2)]) {
		const known = schemaOf(left);
		expect(isOneOf([tableHash(table, known)], table, whole), left.join('; ')).toBe(true);
	}
	expect(isOneOf([hashOf('CREATE TABLE t (a REFERENCES p, b)')], table, whole)).toBe(false);
});
