import {describe, expect, test} from 'vitest';
import type {Operation} from '../../../source/core/operations/operation.ts';
import {plan} from '../../../source/core/plan/plan.ts';
import type {Database} from '../../../source/core/sqlite/database.ts';
import {introspect} from '../../../source/core/sqlite/introspect.ts';
import {openInMemory} from '../../../source/core/sqlite/open.ts';
import {execute} from '../../laws/database.ts';

const add = (table: string, definition: string, fill?: string): Operation => ({
	kind: 'addColumn',
	table,
	definition,
	...(fill === undefined ? {} : {fill}),
});
const column = (table: string, from: string, to: string): Operation => ({kind: 'renameColumn', table, column: from, to});
const table = (from: string, to: string): Operation => ({kind: 'renameTable', table: from, to});
const change = (name: string, body: string, fill: Readonly<Record<string, string>> = {}): Operation => ({
	kind: 'changeTable',
	table: name,
	sql: `CREATE TABLE ${name} (${body})`,
	fill,
});

/** Runs operations as one migration and one by one, which must have the same result. Returns the database and a summary of the steps. */
async function migrated(schema: string, operations: readonly Operation[]): Promise<[Database, readonly string[]]> {
	const [db, other] = [openInMemory(), openInMemory()];
	for (const one of [db, other]) one.exec(schema);
	const {steps} = plan(introspect(db), operations);
	await execute(db, steps);
	for (const operation of operations) await execute(other, plan(introspect(other), [operation]).steps);
	const contents = (one: Database) => [
		introspect(one).views.map(({sql}) => sql),
		introspect(one).triggers.map(({sql}) => sql),
		introspect(one).tables.map(({name, columns}) => [name, columns.map((each) => each.name), one.tuples(`SELECT rowid, * FROM "${name}"`)]),
	];
	expect(contents(db)).toEqual(contents(other));
	return [db, steps.map(({strategy, object, operations: places}) => `${strategy} ${object} ${places.join(' ')}`)];
}

describe('a rename between two changes of a table', () => {
	test('of another column runs before a single copy', async () => {
		const [db, steps] = await migrated("CREATE TABLE t (a, b); INSERT INTO t VALUES (1, 'x')", [
			add('t', 'c UNIQUE'),
			column('t', 'b', 'd'),
			change('t', 'a INTEGER, d, c UNIQUE'),
		]);
		expect(steps).toEqual(['instant t 1', 'rewrite t 0 2']);
		expect(db.all('SELECT * FROM t')).toEqual([{a: 1, d: 'x', c: null}]);
	});

	test('is applied to the fills and indexes before it', async () => {
		const [db, steps] = await migrated("CREATE TABLE t (a, b); INSERT INTO t VALUES (1, 'x')", [
			add('t', 'c UNIQUE', "t.b || b || 'b'"),
			{kind: 'createIndex', sql: 'CREATE INDEX i ON t (b, c)'},
			column('t', 'b', 'd'),
			table('t', 'u'),
			add('u', 'e UNIQUE', 'd || c'),
		]);
		expect(steps).toEqual(['instant t 2', 'instant u 3', 'rewrite u 0 1 4']);
		expect(db.all('SELECT * FROM u')).toEqual([{a: 1, d: 'x', c: 'xxb', e: 'xxxb'}]);
		expect(introspect(db).indexes.map(({name}) => name)).toEqual(['i']);
	});

	test('of an added column is merged into the addition', async () => {
		const [db, steps] = await migrated('CREATE TABLE t (a); INSERT INTO t VALUES (1)', [
			add('t', 'b UNIQUE', 'a + 1'),
			column('t', 'b', 'c'),
			add('t', 'd UNIQUE', 'c + 1'),
		]);
		expect(steps).toEqual(['rewrite t 0 1 2']);
		expect(db.all('SELECT * FROM t')).toEqual([{a: 1, c: 2, d: 3}]);
	});

	test('of the table runs before the copies of the table and its children', async () => {
		const [db, steps] = await migrated(
			'CREATE TABLE t (a PRIMARY KEY, b); CREATE TABLE c (x REFERENCES t(a)); INSERT INTO t VALUES (1, 2); INSERT INTO c VALUES (1)',
			[add('t', 'd UNIQUE'), add('c', 'y UNIQUE'), table('t', 'u'), add('u', 'e UNIQUE'), add('c', 'z UNIQUE')],
		);
		expect(steps).toEqual(['instant u 2', 'rewrite u 0 3', 'rewrite c 1 4']);
		expect(introspect(db).tables.find(({name}) => name === 'c')?.foreignKeys[0]?.parent).toBe('u');
	});

	test('keeps views and triggers that name the renamed object as SQLite rewrites them', async () => {
		const [db, steps] = await migrated(
			`CREATE TABLE t (a, b); CREATE TABLE log (x); CREATE VIEW v AS SELECT b FROM t;
			CREATE TRIGGER g AFTER INSERT ON t BEGIN INSERT INTO log VALUES (NEW.b); UPDATE t SET b = b + 1; END;`,
			[add('t', 'c UNIQUE'), column('t', 'b', 'd'), add('t', 'e UNIQUE')],
		);
		expect(steps.length).toBe(2);
		db.exec('INSERT INTO t (a, d) VALUES (1, 2)');
		expect(db.all('SELECT * FROM log')).toEqual([{x: 2}]);
		expect(db.all('SELECT * FROM v')).toEqual([{d: 3}]);
	});
});

describe('a rename keeps its position', () => {
	const copies = (steps: readonly string[]) => steps.filter((step) => step.startsWith('rewrite')).length;

	test.each<[string, string, readonly Operation[]]>([
		[
			'after a view that is created with the old name',
			'CREATE TABLE t (a, b)',
			[add('t', 'c UNIQUE'), {kind: 'createView', sql: 'CREATE VIEW v AS SELECT b FROM t'}, column('t', 'b', 'd'), add('t', 'e UNIQUE')],
		],
		[
			'after a statement',
			'CREATE TABLE t (a, b)',
			[add('t', 'c UNIQUE'), {kind: 'execute', sql: 'UPDATE t SET b = 1', parameters: []}, column('t', 'b', 'd'), add('t', 'e UNIQUE')],
		],
		[
			'after a fill that queries other rows',
			'CREATE TABLE t (a, b)',
			[add('t', 'c UNIQUE', '(SELECT max(b) FROM t AS o)'), column('t', 'b', 'd'), add('t', 'e UNIQUE')],
		],
		[
			'if the new name belongs to a column that is dropped before it',
			'CREATE TABLE t (a UNIQUE, b); INSERT INTO t VALUES (1, 2)',
			[{kind: 'dropColumn', table: 't', column: 'a'}, column('t', 'b', 'a'), add('t', 'e UNIQUE')],
		],
	])('%s', async (_, schema, operations) => {
		const [, steps] = await migrated(schema, operations);
		expect(copies(steps)).toBe(2);
	});
});
