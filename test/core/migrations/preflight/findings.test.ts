import {describe, expect, test} from 'vitest';
import {draftFindings} from '../../../../source/core/migrations/preflight/findings.ts';
import {hazardsOf} from '../../../../source/core/operations/hazards.ts';
import type {Operation} from '../../../../source/core/operations/operation.ts';
import {introspect} from '../../../../source/core/sqlite/introspect.ts';
import {openInMemory} from '../../../../source/core/sqlite/open.ts';

/** Returns the query for duplicates that operations would create, and its rows. */
function duplicates(schema: string, ...operations: readonly Operation[]): readonly [string | null | undefined, readonly unknown[]] {
	const db = openInMemory();
	db.exec(schema);
	const hazards = hazardsOf(introspect(db), operations).filter(({kind}) => kind === 'duplicate');
	const sql = draftFindings(db, hazards)[0]?.sql;
	return [sql, sql == null ? [] : db.tuples(sql)];
}

const people =
	"CREATE TABLE person (id INTEGER PRIMARY KEY, name TEXT, age TEXT); INSERT INTO person VALUES (1, 'Ann', '7'), (2, 'ann ', '07'), (3, 'Bob', 'x')";
const change = (body: string, fill: Readonly<Record<string, string>> = {}): Operation => ({
	kind: 'changeTable',
	table: 'person',
	sql: `CREATE TABLE person (${body})`,
	fill,
});
const unique = (sql: string): Operation => ({kind: 'createIndex', sql: `CREATE UNIQUE INDEX i ON person ${sql}`});

describe('the query for all duplicates', () => {
	test('is short if the values already exist', () => {
		expect(duplicates(`${people}; UPDATE person SET name = 'A'`, unique('(name)'))[0]).toBe(
			'SELECT "person"."name", count(*) FROM "person" WHERE ("person"."name") IS NOT NULL GROUP BY "person"."name" HAVING count(*) > 1',
		);
	});

	test('contains a fill only once', () => {
		const [sql, rows] = duplicates(
			people,
			change('id INTEGER PRIMARY KEY, name TEXT, age TEXT, mail UNIQUE', {mail: "trim(lower(name)) || '@example.com'"}),
		);
		expect(sql).toBe(
			`SELECT "mail", count(*) FROM (SELECT (trim(lower("person"."name")) || '@example.com') AS "mail" FROM "person") ` +
				'WHERE "mail" IS NOT NULL GROUP BY "mail" HAVING count(*) > 1',
		);
		expect(rows).toEqual([['ann@example.com', 2]]);
	});

	test('contains a fill only once, even if its type converts the value', () => {
		const [sql, rows] = duplicates(people, change('id INTEGER PRIMARY KEY, name TEXT, age INTEGER UNIQUE', {age: "replace(age, 'x', '7')"}));
		expect(sql?.match(/replace/g)?.length).toBe(1);
		expect(rows).toEqual([[7, 3]]);
	});

	test('finds duplicates in a column with the name of a literal', () => {
		const body = 'id INTEGER PRIMARY KEY, name TEXT, age TEXT, "true" TEXT UNIQUE';
		expect(duplicates(people, change(body, {true: 'trim(lower(name))'}))[1]).toEqual([['ann', 2]]);
	});

	test('compares values like the new key', () => {
		const [, rows] = duplicates(
			people,
			change('id INTEGER PRIMARY KEY, name TEXT, age TEXT, nick TEXT COLLATE NOCASE', {nick: 'trim(name)'}),
			unique('(nick) WHERE id < 3'),
		);
		expect(rows).toEqual([['Ann', 2]]);
		const binary = duplicates(
			people,
			change('id INTEGER PRIMARY KEY, name TEXT, age TEXT, nick TEXT COLLATE NOCASE', {nick: 'trim(name)'}),
			unique('(nick COLLATE BINARY)'),
		);
		expect(binary[1]).toEqual([]);
	});
});
