import {describe, expect, test} from 'vitest';
import type {FillDecision, RenameDecision, Target} from '../../../source/core/diff/question.ts';
import {formats, modelsAndDatabase} from '../../pitfalls/models-and-database.ts';

const fill = (path: string, expression: string): FillDecision => {
	const [table = '', column = ''] = path.split('.');
	return {table, column, expression};
};
const drop = (path: string): Target => {
	const [table = '', column] = path.split('.');
	return column === undefined ? {table} : {table, column};
};
const rename = (path: string, to: string): RenameDecision => ({...drop(path), to});

const owners = `CREATE TABLE o (id INTEGER PRIMARY KEY, s TEXT, n TEXT);
	CREATE TABLE p (id INTEGER PRIMARY KEY, o_id INTEGER, x TEXT);
	INSERT INTO o VALUES (1, 'one', '11'), (2, 'two', '22'); INSERT INTO p VALUES (10, 1, 'a'), (20, 2, 'b'), (30, NULL, 'c');`;

interface Case {
	readonly name: string;
	readonly models: string;
	readonly renames?: readonly RenameDecision[];
	readonly drops?: readonly Target[];
	readonly fills: readonly FillDecision[];
	/** The expected rows, by query. */
	readonly expected: Readonly<Record<string, readonly (readonly unknown[])[]>>;
	/** How many times each table may be copied. */
	readonly copies?: Readonly<Record<string, number>>;
}

const moved = {
	'SELECT id, s FROM p ORDER BY id': [
		[10, 'one'],
		[20, 'two'],
		[30, null],
	],
};

const cases: readonly Case[] = [
	{
		name: 'a column that moves to another table',
		models: 'CREATE TABLE o (id INTEGER PRIMARY KEY, n TEXT); CREATE TABLE p (id INTEGER PRIMARY KEY, o_id INTEGER, x TEXT, s TEXT);',
		drops: [drop('o.s')],
		fills: [fill('p.s', '(SELECT s FROM o WHERE o.id = p.o_id)')],
		expected: moved,
	},
	{
		name: 'a column that moves under a name that is also in the filled row',
		models: 'CREATE TABLE o (id INTEGER PRIMARY KEY, s TEXT, x2 TEXT); CREATE TABLE p (id INTEGER PRIMARY KEY, o_id INTEGER, x TEXT, n2 TEXT);',
		drops: [drop('o.n')],
		fills: [fill('p.n2', '(SELECT n FROM o WHERE o.id = o_id)'), fill('o.x2', '(SELECT x FROM p WHERE o_id = o.id)')],
		expected: {
			'SELECT id, n2 FROM p ORDER BY id': [
				[10, '11'],
				[20, '22'],
				[30, null],
			],
			'SELECT id, x2 FROM o ORDER BY id': [
				[1, 'a'],
				[2, 'b'],
			],
		},
	},
	{
		name: 'two tables that each take a column from the other',
		models: 'CREATE TABLE o (id INTEGER PRIMARY KEY, n TEXT, d TEXT); CREATE TABLE p (id INTEGER PRIMARY KEY, o_id INTEGER, s TEXT);',
		drops: [drop('o.s'), drop('p.x')],
		fills: [fill('p.s', '(SELECT s FROM o WHERE o.id = p.o_id)'), fill('o.d', '(SELECT x FROM p WHERE p.o_id = o.id)')],
		expected: {
			...moved,
			'SELECT id, d FROM o ORDER BY id': [
				[1, 'a'],
				[2, 'b'],
			],
		},
		copies: {o: 1, p: 1},
	},
	{
		name: 'two tables that exchange columns with the same name, among other changes',
		models:
			"CREATE TABLE o (id INTEGER PRIMARY KEY, n INTEGER NOT NULL, x TEXT NOT NULL DEFAULT '-'); CREATE TABLE p (id INTEGER PRIMARY KEY, o_id INTEGER REFERENCES o(id), s TEXT UNIQUE);",
		drops: [drop('o.s'), drop('p.x')],
		fills: [fill('p.s', '(SELECT s FROM o WHERE o.id = p.o_id)'), fill('o.x', '(SELECT x FROM p WHERE p.o_id = o.id)')],
		expected: {
			...moved,
			'SELECT id, n, x FROM o ORDER BY id': [
				[1, 11, 'a'],
				[2, 22, 'b'],
			],
		},
	},
	{
		name: 'two tables that exchange columns under CHECKs that name other new columns',
		models:
			"CREATE TABLE o (id INTEGER PRIMARY KEY, n TEXT, x TEXT CHECK (x <> y), y TEXT DEFAULT '-'); CREATE TABLE p (id INTEGER PRIMARY KEY, o_id INTEGER, s TEXT CHECK (s <> z), z TEXT DEFAULT '-', CHECK (z <> ''));",
		drops: [drop('o.s'), drop('p.x')],
		fills: [fill('p.s', '(SELECT s FROM o WHERE o.id = p.o_id)'), fill('o.x', '(SELECT x FROM p WHERE p.o_id = o.id)')],
		expected: {
			...moved,
			'SELECT id, x, y FROM o ORDER BY id': [
				[1, 'a', '-'],
				[2, 'b', '-'],
			],
		},
	},
	{
		name: 'a fill from a table that is dropped',
		models: 'CREATE TABLE p (id INTEGER PRIMARY KEY, o_id INTEGER, x TEXT, s TEXT);',
		drops: [drop('o')],
		fills: [fill('p.s', '(SELECT s FROM o WHERE o.id = o_id)')],
		expected: moved,
	},
	{
		name: 'a fill from a renamed table, by its old name',
		models: 'CREATE TABLE owner (id INTEGER PRIMARY KEY, n TEXT); CREATE TABLE p (id INTEGER PRIMARY KEY, o_id INTEGER, x TEXT, s TEXT);',
		renames: [rename('o', 'owner')],
		drops: [drop('o.s')],
		fills: [fill('p.s', '(SELECT o.s FROM o WHERE o.id = p.o_id)')],
		expected: moved,
	},
	{
		name: 'a fill from a renamed table, by its new name',
		models: 'CREATE TABLE owner (id INTEGER PRIMARY KEY, n TEXT); CREATE TABLE p (id INTEGER PRIMARY KEY, o_id INTEGER, x TEXT, s TEXT);',
		renames: [rename('o', 'owner')],
		drops: [drop('o.s')],
		fills: [fill('p.s', '(SELECT owner.s FROM owner WHERE owner.id = p.o_id)')],
		expected: moved,
	},
	{
		name: 'a fill from renamed columns of a renamed table, by their old names',
		models:
			'CREATE TABLE owner (key INTEGER PRIMARY KEY, title TEXT, n TEXT); CREATE TABLE q (id INTEGER PRIMARY KEY, owner_id INTEGER, x TEXT, s TEXT);',
		renames: [rename('o', 'owner'), rename('o.id', 'key'), rename('o.s', 'title'), rename('p', 'q'), rename('p.o_id', 'owner_id')],
		fills: [fill('p.s', "(SELECT s FROM o AS a WHERE a.id = p.o_id AND n <> '')")],
		expected: {
			'SELECT id, s FROM q ORDER BY id': [
				[10, 'one'],
				[20, 'two'],
				[30, null],
			],
		},
	},
	{
		name: 'a fill from renamed columns, by their new names',
		models:
			'CREATE TABLE owner (key INTEGER PRIMARY KEY, title TEXT, n TEXT); CREATE TABLE p (id INTEGER PRIMARY KEY, o_id INTEGER, x TEXT, s TEXT);',
		renames: [rename('o', 'owner'), rename('o.id', 'key'), rename('o.s', 'title')],
		fills: [fill('p.s', '(SELECT title FROM owner WHERE key = p.o_id)')],
		expected: moved,
	},
	{
		name: 'a fill from a converted column',
		models: 'CREATE TABLE o (id INTEGER PRIMARY KEY, s TEXT, n INTEGER); CREATE TABLE p (id INTEGER PRIMARY KEY, o_id INTEGER, x TEXT, n TEXT);',
		fills: [fill('p.n', "(SELECT 'n' || typeof(n) FROM o WHERE o.id = p.o_id)")],
		expected: {
			'SELECT id, n FROM p ORDER BY id': [
				[10, 'ntext'],
				[20, 'ntext'],
				[30, null],
			],
		},
	},
	{
		name: 'a fill from a new column that is filled too',
		models:
			'CREATE TABLE o (id INTEGER PRIMARY KEY, s TEXT, n TEXT, both TEXT); CREATE TABLE p (id INTEGER PRIMARY KEY, o_id INTEGER, x TEXT, both TEXT);',
		fills: [fill('p.both', '(SELECT both FROM o WHERE o.id = p.o_id)'), fill('o.both', 's || n')],
		expected: {
			'SELECT id, both FROM p ORDER BY id': [
				[10, 'one11'],
				[20, 'two22'],
				[30, null],
			],
		},
	},
	{
		name: 'a chain over three tables',
		models:
			'CREATE TABLE a (id INTEGER PRIMARY KEY, y TEXT); CREATE TABLE o (id INTEGER PRIMARY KEY, n TEXT, z TEXT); CREATE TABLE p (id INTEGER PRIMARY KEY, o_id INTEGER, x TEXT, s TEXT);',
		drops: [drop('o.s'), drop('a.z')],
		fills: [fill('p.s', '(SELECT s FROM o WHERE o.id = p.o_id)'), fill('o.z', '(SELECT z FROM a WHERE a.id = o.id)')],
		expected: {
			...moved,
			'SELECT id, z FROM o ORDER BY id': [
				[1, 'z'],
				[2, null],
			],
		},
	},
	{
		name: 'a fill that checks whether a value is in a table',
		models: 'CREATE TABLE p (id INTEGER PRIMARY KEY, o_id INTEGER, x TEXT, known INTEGER);',
		drops: [drop('o'), drop('a')],
		fills: [fill('p.known', 'coalesce(o_id IN one, 0)')],
		expected: {
			'SELECT id, known FROM p ORDER BY id': [
				[10, 1],
				[20, 0],
				[30, 0],
			],
		},
	},
	{
		name: 'a conversion that reads another table',
		models: 'CREATE TABLE o (id INTEGER PRIMARY KEY, n TEXT); CREATE TABLE p (id INTEGER PRIMARY KEY, o_id TEXT, x TEXT);',
		drops: [drop('o.s')],
		fills: [fill('p.o_id', '(SELECT s FROM o WHERE o.id = p.o_id)')],
		expected: {
			'SELECT id, o_id FROM p ORDER BY id': [
				[10, 'one'],
				[20, 'two'],
				[30, null],
			],
		},
	},
	{
		name: 'a fill from a view over a dropped column',
		models: 'CREATE TABLE o (id INTEGER PRIMARY KEY, n TEXT, s2 TEXT); CREATE TABLE p (id INTEGER PRIMARY KEY, o_id INTEGER, x TEXT, s TEXT);',
		drops: [drop('o.s')],
		fills: [fill('p.s', '(SELECT i.s FROM (SELECT o.s AS s, id FROM o) AS i WHERE i.id = p.o_id)'), fill('o.s2', "s || '!'")],
		expected: moved,
	},
];

const extra =
	"CREATE TABLE a (id INTEGER PRIMARY KEY, y TEXT, z TEXT); INSERT INTO a VALUES (1, 'y', 'z'); CREATE TABLE one (v PRIMARY KEY); INSERT INTO one VALUES (1);";

describe.each(formats)('a fill that reads another table, in a .%s migration', (format) => {
	test.each(cases)('reads the values before the changes: $name', async ({models, renames = [], drops = [], fills, expected, copies}) => {
		const usesA = models.includes('TABLE a') || drops.some(({table}) => table === 'a');
		const database = usesA ? owners + extra : owners;
		const project = modelsAndDatabase(database, usesA ? `${models} CREATE TABLE one (v PRIMARY KEY);` : models, format);
		const {strategies, last} = await project.migrate({renames, drops, fills}, true);
		expect(last.type).toBe('done');
		for (const [query, rows] of Object.entries(expected)) expect(project.database((db) => db.tuples(query))).toEqual(rows);
		if (copies !== undefined && format === 'ts') expect(strategies.filter((strategy) => strategy === 'rewrite').length).toBeLessThanOrEqual(4);
		expect(project.value('SELECT count(*) FROM pragma_foreign_key_check')).toBe(0);
	});
});

test('a fill from a view that must be dropped for the change is refused, with a hint to read its tables', async () => {
	const project = modelsAndDatabase(
		`${owners} CREATE VIEW v AS SELECT id, s FROM o;`,
		'CREATE TABLE o (id INTEGER PRIMARY KEY, n TEXT); CREATE TABLE p (id INTEGER PRIMARY KEY, o_id INTEGER, x TEXT, s TEXT);',
	);
	const answers = {drops: [drop('o.s'), drop('v')], fills: [fill('p.s', '(SELECT s FROM v WHERE v.id = p.o_id)')]};
	await expect(project.draft(answers)).rejects.toMatchObject({
		message: expect.stringContaining('the fill of p.s reads v, which an earlier operation drops or renames'),
		hint: 'read the tables of the view instead',
	});
});
