import {describe, expect, test} from 'vitest';
import type {Operation} from '../../../source/core/operations/operation.ts';
import {plan} from '../../../source/core/plan/plan.ts';
import type {Database} from '../../../source/core/sqlite/database.ts';
import {introspect} from '../../../source/core/sqlite/introspect.ts';
import {openInMemory} from '../../../source/core/sqlite/open.ts';
import {execute} from '../../laws/database.ts';
import {localFeatures} from '../local-features.ts';

const add = (definition: string, fill?: string): Operation => ({kind: 'addColumn', table: 't', definition, ...(fill === undefined ? {} : {fill})});
const drop = (column: string): Operation => ({kind: 'dropColumn', table: 't', column});
const change = (sql: string, fill: Readonly<Record<string, string>> = {}): Operation => ({kind: 'changeTable', table: 't', sql, fill});

/** Runs operations as one migration. Returns the database and the number of times the table was copied. */
async function migrated(
	operations: readonly Operation[],
	schema = "CREATE TABLE t (a TEXT, b); INSERT INTO t VALUES ('007', 2)",
): Promise<[Database, number]> {
	const db = openInMemory();
	db.exec(schema);
	const {steps} = plan(introspect(db), operations);
	await execute(db, steps);
	return [db, steps.filter(({kind}) => kind === 'rewrite').length];
}

async function rowsAfter(...operations: readonly Operation[]): Promise<readonly unknown[]> {
	const [db, copies] = await migrated(operations);
	return [...db.tuples('SELECT * FROM t'), `copies: ${copies}`];
}

describe('several changes of one table result in the same rows as one after the other', () => {
	test('a column that is dropped and added again has no old values', async () => {
		expect(await rowsAfter(drop('b'), add("b TEXT DEFAULT 'new'"))).toEqual([['007', 'new'], 'copies: 0']);
		expect(await rowsAfter(change('CREATE TABLE t (a TEXT)'), change('CREATE TABLE t (a TEXT, b)'))).toEqual([['007', null], 'copies: 0']);
	});

	test('a default that is changed after the column was added only applies to later rows', async () => {
		expect(await rowsAfter(add('c DEFAULT 1'), change('CREATE TABLE t (a TEXT, b, c DEFAULT 2)'))).toEqual([['007', 2, 1], 'copies: 1']);
	});

	test('a value that is converted twice is the result of both conversions', async () => {
		const there = change('CREATE TABLE t (a INTEGER, b)');
		expect(await rowsAfter(there, change('CREATE TABLE t (a TEXT, b)'))).toEqual([['7', 2], 'copies: 2']);
	});

	test('a fill may read a column that is filled before it, in the same copy', async () => {
		expect(await rowsAfter(add('c TEXT', "a || '!'"), add('d', "c || '?' || b"))).toEqual([['007', 2, '007!', '007!?2'], 'copies: 1']);
		expect(await rowsAfter(change('CREATE TABLE t (a INTEGER, b)'), add('c', "a || '!'"))).toEqual([[7, 2, '7!'], 'copies: 1']);
	});

	test('a fill that queries other rows reads the values of earlier fills', async () => {
		expect(await rowsAfter(add('c', 'b + 1'), add('d', '(SELECT sum(c) FROM t)'))).toEqual([['007', 2, 3, 3], 'copies: 2']);
		expect(await rowsAfter(add('c', '(SELECT max(b) FROM t)'), add('d', 'c + 1'))).toEqual([['007', 2, 2, 3], 'copies: 2']);
	});

	test('the fill of a column that already has values only replaces NULL', async () => {
		expect(await rowsAfter(add('c', "'first'"), change('CREATE TABLE t (a TEXT, b, c UNIQUE)', {c: "'second'"}))).toEqual([
			['007', 2, 'first'],
			'copies: 2',
		]);
	});
});

// The plan is for the newest SQLite.
test.runIf(localFeatures.addCheck || localFeatures.alterConstraints)(
	'an edit after another edit of a renamed table keeps the stored order of the columns',
	async () => {
		const [db] = await migrated([
			change('CREATE TABLE t (b CHECK (b > 0), a TEXT)'),
			{kind: 'renameTable', table: 't', to: 'u'},
			{kind: 'changeTable', table: 'u', sql: 'CREATE TABLE u (b CHECK (b > 1), a VARCHAR(9))', fill: {}},
		]);
		expect(db.all('SELECT * FROM u')).toEqual([{b: 2, a: '007'}]);
	},
);

describe('views between changes of one table', () => {
	test('are dropped after they were created, even if a view of the same name existed before', async () => {
		const view = (sql: string): Operation => ({kind: 'createView', sql});
		const dropView: Operation = {kind: 'dropView', view: 'v'};
		const [db] = await migrated(
			[add('c UNIQUE'), dropView, view('CREATE VIEW v AS SELECT c FROM t'), dropView, add('d UNIQUE')],
			'CREATE TABLE t (a); CREATE VIEW v AS SELECT a FROM t',
		);
		expect(introspect(db).views).toEqual([]);
	});

	test('are dropped after triggers were created on them', async () => {
		const [db] = await migrated(
			[add('c UNIQUE'), {kind: 'createTrigger', sql: 'CREATE TRIGGER g INSTEAD OF INSERT ON v BEGIN SELECT 1; END'}, {kind: 'dropView', view: 'v'}],
			'CREATE TABLE t (a); CREATE VIEW v AS SELECT a FROM t',
		);
		expect(introspect(db).triggers).toEqual([]);
	});
});

test('a full-text index that is created and dropped between changes is dropped before the column that it names', async () => {
	const [db] = await migrated([
		add('c'),
		{kind: 'createTable', sql: "CREATE VIRTUAL TABLE f USING fts5(a, content='t', content_rowid='rowid')"},
		{kind: 'dropTable', table: 'f'},
		drop('a'),
	]);
	expect(db.all('SELECT * FROM t')).toEqual([{b: 2, c: null}]);
});
