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
const drop = (table: string, column: string): Operation => ({kind: 'dropColumn', table, column});
const rename = (table: string, column: string, to: string): Operation => ({kind: 'renameColumn', table, column, to});
const change = (name: string, body: string, fill: Readonly<Record<string, string>> = {}): Operation => ({
	kind: 'changeTable',
	table: name,
	sql: `CREATE TABLE ${name} (${body})`,
	fill,
});

const schema = `CREATE TABLE o (id INTEGER PRIMARY KEY, s TEXT, n TEXT);
	CREATE TABLE p (id INTEGER PRIMARY KEY, o_id INTEGER, x TEXT);
	CREATE VIEW v AS SELECT id, label FROM l; CREATE TABLE l (id INTEGER PRIMARY KEY, label TEXT); INSERT INTO l VALUES (1, 'L1'), (2, 'L2');
	INSERT INTO o VALUES (1, 'one', '007'), (2, 'two', '22'); INSERT INTO p VALUES (10, 1, 'a'), (20, 2, 'b'), (30, NULL, 'c');`;
const fromO = (expression: string) => `(SELECT ${expression} FROM o WHERE o.id = p.o_id)`;

/** Runs operations as one migration and one by one, which must have the same result. Returns a summary of the steps. */
async function stepsOf(operations: readonly Operation[], database = schema): Promise<readonly string[]> {
	const [db, other] = [openInMemory(), openInMemory()];
	for (const one of [db, other]) one.exec(database);
	const {steps} = plan(introspect(db), operations);
	await execute(db, steps);
	for (const operation of operations) await execute(other, plan(introspect(other), [operation]).steps);
	const contents = (one: Database) =>
		introspect(one)
			.tables.toSorted((a, b) => a.name.localeCompare(b.name))
			.map(({name, columns}) => [name, columns.map((each) => each.name), one.tuples(`SELECT * FROM "${name}"`)]);
	expect(contents(db)).toEqual(contents(other));
	db.close();
	other.close();
	return steps.map(({strategy, object}) => `${strategy} ${object}`);
}

describe('a fill that reads another table finds it in the state that earlier operations left', () => {
	test.each<[string, readonly Operation[]]>([
		['a table that changes before and loses a column after the fill', [add('o', 'k TEXT UNIQUE'), add('p', 's TEXT', fromO('s')), drop('o', 's')]],
		[
			'a table that is converted after the fill',
			[add('o', 'k TEXT UNIQUE'), add('p', 's TEXT', fromO('n')), change('o', 'id INTEGER PRIMARY KEY, s TEXT, n INTEGER, k TEXT UNIQUE')],
		],
		[
			'a table that is converted before the fill',
			[add('p', 'y TEXT UNIQUE'), change('o', 'id INTEGER PRIMARY KEY, s TEXT, n INTEGER'), add('p', 's TEXT', fromO('typeof(n)'))],
		],
		['a column that is added before the fill', [add('p', 'y TEXT UNIQUE'), add('o', 'k TEXT', 's || n'), add('p', 's TEXT', fromO('k'))]],
		[
			'columns that two tables take from each other',
			[add('p', 's TEXT', fromO('s')), add('o', 'x TEXT', '(SELECT x FROM p WHERE o_id = o.id)'), drop('o', 's'), drop('p', 'x')],
		],
		['a column that is renamed before the fill', [add('p', 'y TEXT UNIQUE'), rename('o', 's', 't'), add('p', 's TEXT', fromO('t'))]],
		['a column that is renamed after the fill', [add('p', 's TEXT', fromO('s')), rename('o', 's', 't'), add('p', 'y TEXT', fromO('t'))]],
		[
			'a table that is renamed before the fill',
			[add('p', 'y TEXT UNIQUE'), {kind: 'renameTable', table: 'o', to: 'q'}, add('p', 's TEXT', '(SELECT s FROM q WHERE q.id = p.o_id)')],
		],
		[
			'a table that is dropped after the fill',
			[add('p', 'y TEXT UNIQUE'), add('p', 's TEXT', fromO('s')), {kind: 'dropView', view: 'v'}, {kind: 'dropTable', table: 'o'}],
		],
		[
			'a table that is created before the fill',
			[add('p', 'y TEXT UNIQUE'), {kind: 'createTable', sql: 'CREATE TABLE q (a)'}, add('p', 's INTEGER', '(SELECT count(*) FROM q)')],
		],
		[
			'a view that is dropped after the fill',
			[
				add('p', 's TEXT', '(SELECT label FROM v WHERE v.id = p.o_id)'),
				add('o', 'k TEXT UNIQUE'),
				{kind: 'dropView', view: 'v'},
				add('p', 'y TEXT UNIQUE'),
			],
		],
		[
			'a view of a table that changes after the fill',
			[
				add('l', 'k TEXT UNIQUE'),
				add('p', 's TEXT', '(SELECT label FROM v WHERE v.id = p.o_id)'),
				change('l', "id INTEGER PRIMARY KEY, label TEXT, k TEXT UNIQUE, m TEXT DEFAULT 'm'"),
			],
		],
		[
			'a table after IN',
			[
				add('o', 'k TEXT UNIQUE', "iif(id = 1, 'k', id)"),
				add('p', 's INTEGER', "(o_id, 'one', '007', 'k') IN o"),
				change('o', 'id INTEGER PRIMARY KEY, s TEXT, n TEXT'),
			],
		],
		[
			'its own table, including a column that the same change drops',
			[change('p', 'id INTEGER PRIMARY KEY, o_id INTEGER, y TEXT', {y: '(SELECT max(x) FROM p) || x'})],
		],
		[
			'a table in a join, a comma list and a subquery',
			[
				add('o', 'k TEXT UNIQUE'),
				add('p', 's TEXT', '(SELECT a.s FROM p AS b, (SELECT id, s FROM o) AS a LEFT JOIN o AS c ON c.id = a.id WHERE a.id = p.o_id)'),
				drop('o', 'k'),
			],
		],
	])('%s', async (_, operations) => {
		await stepsOf(operations);
	});

	test('and tables that no fill reads are still copied once', async () => {
		const steps = await stepsOf([
			add('o', 'k TEXT UNIQUE'),
			add('p', 's TEXT', '(SELECT max(x) FROM p AS other WHERE other.id < p.id)'),
			add('o', 'm TEXT UNIQUE'),
			add('p', 'y TEXT UNIQUE'),
		]);
		expect(steps).toEqual(['rewrite o', 'rewrite p']);
	});

	test('and several columns that are filled from another table need one copy', async () => {
		const steps = await stepsOf([add('p', 's TEXT', fromO('s')), add('p', 'n TEXT', fromO('n')), add('p', 'y TEXT UNIQUE'), drop('o', 's')]);
		expect(steps).toEqual(['rewrite p', 'rewrite o']);
	});

	test.each<[string, Operation]>([
		['reads a column that was added before', add('p', 'y TEXT', '(SELECT n || p.s FROM o WHERE o.id = p.o_id)')],
		['reads its own table with all columns', add('p', 'y TEXT', 'iif(EXISTS (SELECT * FROM p), (SELECT count(*) FROM (SELECT * FROM p)), 0)')],
	])('but a fill that %s runs after it', async (_, operation) => {
		expect(await stepsOf([add('p', 's TEXT', fromO('s')), operation])).toEqual(['rewrite p', 'rewrite p']);
	});

	test('two tables that take columns from each other are copied once each', async () => {
		const steps = await stepsOf([
			add('p', 's TEXT', fromO('s')),
			add('o', 'x TEXT', '(SELECT x FROM p WHERE o_id = o.id)'),
			drop('p', 'x'),
			drop('o', 's'),
		]);
		expect(steps).toEqual(['rewrite p', 'rewrite o', 'rewrite p']);
	});
});

describe('a fill is refused if it reads a table or column that an earlier operation dropped or renamed', () => {
	const q = 'CREATE TABLE q (id INTEGER PRIMARY KEY, s TEXT);';
	test.each<[string, string, readonly Operation[]]>([
		['a dropped column', 'o.n', [drop('o', 'n'), add('p', 's TEXT', fromO('n'))]],
		['a dropped column whose name is also in the filled row', 'o.x', [add('o', 'x TEXT'), drop('o', 'x'), add('p', 's TEXT', fromO('x'))]],
		['a column that a whole definition drops', 'o.n', [change('o', 'id INTEGER PRIMARY KEY, s TEXT'), add('p', 's TEXT', fromO('o.n'))]],
		['a renamed column', 'o.n', [rename('o', 'n', 'm'), add('p', 's TEXT', '(SELECT a.n FROM o AS a)')]],
		['a dropped table', 'q', [{kind: 'dropTable', table: 'q'}, add('p', 's TEXT', '(SELECT s FROM q)')]],
		['a renamed table', 'q', [{kind: 'renameTable', table: 'q', to: 'r'}, add('p', 's INTEGER', 'o_id IN q')]],
		['a dropped view', 'v', [{kind: 'dropView', view: 'v'}, add('p', 's TEXT', '(SELECT label FROM v)')]],
	])('%s', (_, name, operations) => {
		const db = openInMemory();
		db.exec(schema + q);
		expect(() => plan(introspect(db), operations)).toThrow(`the fill of p.s reads ${name}, which an earlier operation drops or renames`);
		db.close();
	});

	test('but not if it reads a column of the filled row that the other table never had', async () => {
		await stepsOf([drop('o', 'n'), add('p', 's TEXT', '(SELECT x FROM o WHERE o.id = o_id)')]);
	});

	test('and not if a table of the same name is created later', async () => {
		await stepsOf(
			[{kind: 'dropTable', table: 'q'}, {kind: 'createTable', sql: 'CREATE TABLE q (id, x)'}, add('p', 'y INTEGER', '(SELECT count(x) FROM q)')],
			schema + q,
		);
	});
});
