import {describe, expect, test} from 'vitest';
import type {Operation} from '../../../source/core/operations/operation.ts';
import {plan} from '../../../source/core/plan/plan.ts';
import type {Database} from '../../../source/core/sqlite/database.ts';
import {introspect} from '../../../source/core/sqlite/introspect.ts';
import {openMemory} from '../../../source/core/sqlite/open.ts';
import {execute} from '../../laws/database.ts';

const add = (definition: string, fill?: string): Operation => ({kind: 'addColumn', table: 't', definition, ...(fill === undefined ? {} : {fill})});
const drop = (column: string): Operation => ({kind: 'dropColumn', table: 't', column});
const change = (sql: string, fill: Readonly<Record<string, string>> = {}): Operation => ({kind: 'changeTable', table: 't', sql, fill});

/** Carries operations out as one migration; gives the database and how often the table was copied. */
async function migrated(
	operations: readonly Operation[],
	schema = "CREATE TABLE t (a TEXT, b); INSERT INTO t VALUES ('007', 2)",
): Promise<[Database, number]> {
	const db = openMemory();
	db.exec(schema);
	const {steps} = plan(introspect(db), operations);
	await execute(db, steps);
	return [db, steps.filter(({kind}) => kind === 'rewrite').length];
}

async function rowsAfter(...operations: readonly Operation[]): Promise<readonly unknown[]> {
	const [db, copies] = await migrated(operations);
	return [...db.tuples('SELECT * FROM t'), `copies: ${copies}`];
}

describe('several changes of one table give the rows that they give one after the other', () => {
	test('a column that is dropped and comes back has none of the old values', async () => {
		expect(await rowsAfter(drop('b'), add("b TEXT DEFAULT 'new'"))).toEqual([['007', 'new'], 'copies: 0']);
		expect(await rowsAfter(change('CREATE TABLE t (a TEXT)'), change('CREATE TABLE t (a TEXT, b)'))).toEqual([['007', null], 'copies: 0']);
	});

	test('a default that is changed behind the column is for later rows alone', async () => {
		expect(await rowsAfter(add('c DEFAULT 1'), change('CREATE TABLE t (a TEXT, b, c DEFAULT 2)'))).toEqual([['007', 2, 1], 'copies: 1']);
	});

	test('a value that is converted twice shows both conversions', async () => {
		const there = change('CREATE TABLE t (a INTEGER, b)');
		expect(await rowsAfter(there, change('CREATE TABLE t (a TEXT, b)'))).toEqual([['7', 2], 'copies: 2']);
	});

	test('a fill may name a column that is filled before it, in the same copy', async () => {
		expect(await rowsAfter(add('c TEXT', "a || '!'"), add('d', "c || '?' || b"))).toEqual([['007', 2, '007!', '007!?2'], 'copies: 1']);
		expect(await rowsAfter(change('CREATE TABLE t (a INTEGER, b)'), add('c', "a || '!'"))).toEqual([[7, 2, '7!'], 'copies: 1']);
	});

	test('a fill that asks other rows sees what was filled before it', async () => {
		expect(await rowsAfter(add('c', 'b + 1'), add('d', '(SELECT sum(c) FROM t)'))).toEqual([['007', 2, 3, 3], 'copies: 2']);
		expect(await rowsAfter(add('c', '(SELECT max(b) FROM t)'), add('d', 'c + 1'))).toEqual([['007', 2, 2, 3], 'copies: 2']);
	});

	test('the fill of a column that has its values already is for NULL alone', async () => {
		expect(await rowsAfter(add('c', "'first'"), change('CREATE TABLE t (a TEXT, b, c UNIQUE)', {c: "'second'"}))).toEqual([
			['007', 2, 'first'],
			'copies: 2',
		]);
	});
});

test('an edit behind another one of a renamed table knows in which order the columns are stored', async () => {
	const [db] = await migrated([
		change('CREATE TABLE t (b CHECK (b > 0), a TEXT)'),
		{kind: 'renameTable', table: 't', to: 'u'},
		{kind: 'changeTable', table: 'u', sql: 'CREATE TABLE u (b CHECK (b > 1), a VARCHAR(9))', fill: {}},
	]);
	expect(db.all('SELECT * FROM u')).toEqual([{b: 2, a: '007'}]);
});

describe('views between changes of one table', () => {
	test('are dropped when they have been made, though one of the name was there before', async () => {
		const view = (sql: string): Operation => ({kind: 'createView', sql});
		const gone: Operation = {kind: 'dropView', view: 'v'};
		const [db] = await migrated(
			[add('c UNIQUE'), gone, view('CREATE VIEW v AS SELECT c FROM t'), gone, add('d UNIQUE')],
			'CREATE TABLE t (a); CREATE VIEW v AS SELECT a FROM t',
		);
		expect(introspect(db).views).toEqual([]);
	});

	test('are dropped behind the triggers that are made on them', async () => {
		const [db] = await migrated(
			[add('c UNIQUE'), {kind: 'createTrigger', sql: 'CREATE TRIGGER g INSTEAD OF INSERT ON v BEGIN SELECT 1; END'}, {kind: 'dropView', view: 'v'}],
			'CREATE TABLE t (a); CREATE VIEW v AS SELECT a FROM t',
		);
		expect(introspect(db).triggers).toEqual([]);
	});
});

test('a full-text index that is made and dropped between changes goes before the column that it names', async () => {
	const [db] = await migrated([
		add('c'),
		{kind: 'createTable', sql: "CREATE VIRTUAL TABLE f USING fts5(a, content='t', content_rowid='rowid')"},
		{kind: 'dropTable', table: 'f'},
		drop('a'),
	]);
	expect(db.all('SELECT * FROM t')).toEqual([{b: 2, c: null}]);
});
