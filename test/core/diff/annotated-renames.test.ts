import {describe, expect, test} from 'vitest';
import {formats, modelsAndDatabase} from '../../pitfalls/models-and-database.ts';

const rows = "INSERT INTO t VALUES (1, 'a1', 'b1', 'c1'), (2, 'a2', NULL, 'c2'), (3, NULL, 'b3', NULL);";
const table = `CREATE TABLE t (id INTEGER PRIMARY KEY, a TEXT, b TEXT, c TEXT); ${rows}`;

interface Case {
	readonly name: string;
	readonly database: string;
	readonly models: string;
	/** A query after the migration, and one before it that returns the same rows. */
	readonly after: string;
	readonly before: string;
	/** True if the downgrade does not restore all rows. */
	readonly isLossy?: true;
}

const cases: readonly Case[] = [
	{
		name: 'two columns that are swapped',
		database: table,
		models: 'CREATE TABLE t (id INTEGER PRIMARY KEY, a TEXT, -- @renamed from=b\nb TEXT, -- @renamed from=a\nc TEXT);',
		after: 'SELECT id, a, b, c FROM t',
		before: 'SELECT id, b, a, c FROM t',
	},
	{
		name: 'a chain of two columns',
		database: `CREATE TABLE t (id INTEGER PRIMARY KEY, a TEXT, b TEXT, x TEXT); ${rows}`,
		models: 'CREATE TABLE t (id INTEGER PRIMARY KEY, b TEXT, -- @renamed from=a\nc TEXT, -- @renamed from=b\nx TEXT);',
		after: 'SELECT id, b, c, x FROM t',
		before: 'SELECT id, a, b, x FROM t',
	},
	{
		name: 'a circle of three columns',
		database: table,
		models: 'CREATE TABLE t (id INTEGER PRIMARY KEY, a TEXT, -- @renamed from=c\nb TEXT, -- @renamed from=a\nc TEXT -- @renamed from=b\n);',
		after: 'SELECT id, a, b, c FROM t',
		before: 'SELECT id, c, a, b FROM t',
	},
	{
		name: 'two columns that are swapped, with other types, NOT NULL and defaults',
		database:
			"CREATE TABLE t (id INTEGER PRIMARY KEY, a TEXT NOT NULL, b INTEGER DEFAULT 5, c TEXT); INSERT INTO t VALUES (1, '7', 10, 'x'), (2, '8', 20, 'y');",
		models:
			"CREATE TABLE t (id INTEGER PRIMARY KEY, a TEXT NOT NULL, -- @renamed from=b\nb INTEGER DEFAULT 9, -- @renamed from=a\nc TEXT NOT NULL DEFAULT '');",
		after: 'SELECT id, a, b, c FROM t',
		before: 'SELECT id, CAST(b AS TEXT), CAST(a AS INTEGER), c FROM t',
		isLossy: true,
	},
	{
		name: 'two columns that are swapped under indexes, CHECKs, keys, generated columns, views and triggers',
		database: `CREATE TABLE parent (k TEXT PRIMARY KEY); INSERT INTO parent VALUES ('a1'), ('a2');
			CREATE TABLE t (id INTEGER PRIMARY KEY, a TEXT REFERENCES parent(k), b TEXT CHECK (b <> 'z'), c TEXT, g TEXT AS (a || '.' || b), UNIQUE (b, id));
			INSERT INTO t VALUES (1, 'a1', 'b1', 'c1'), (2, 'a2', NULL, 'c2'), (3, NULL, 'b3', NULL);
			CREATE INDEX i ON t (a, lower(b)) WHERE b IS NOT NULL; CREATE VIEW v AS SELECT a AS first, b AS second FROM t;
			CREATE TABLE log (x); CREATE TRIGGER g AFTER UPDATE OF a ON t BEGIN INSERT INTO log VALUES (NEW.b); END;`,
		models: `CREATE TABLE parent (k TEXT PRIMARY KEY);
			CREATE TABLE t (id INTEGER PRIMARY KEY, b TEXT REFERENCES parent(k), -- @renamed from=a
			a TEXT CHECK (a <> 'z'), -- @renamed from=b
			c TEXT, g TEXT AS (b || '.' || a), UNIQUE (a, id));
			CREATE INDEX i ON t (b, lower(a)) WHERE a IS NOT NULL; CREATE VIEW v AS SELECT b AS first, a AS second FROM t;
			CREATE TABLE log (x); CREATE TRIGGER g AFTER UPDATE OF b ON t BEGIN INSERT INTO log VALUES (NEW.a); END;`,
		after: 'SELECT id, a, b, c, g, (SELECT group_concat(first) FROM v) FROM t',
		before: 'SELECT id, b, a, c, g, (SELECT group_concat(first) FROM v) FROM t',
	},
	{
		name: 'a chain to a name that differs from another only by case',
		database: `CREATE TABLE t (id INTEGER PRIMARY KEY, a TEXT, Mail TEXT, c TEXT); ${rows}`,
		models: 'CREATE TABLE t (id INTEGER PRIMARY KEY, mail TEXT, -- @renamed from=A\nold TEXT, -- @renamed from=MAIL\nc TEXT);',
		after: 'SELECT id, mail, old, c FROM t',
		before: 'SELECT id, a, Mail, c FROM t',
	},
	{
		name: 'a column that differs only by case, together with a swap',
		database: table,
		models: 'CREATE TABLE t (id INTEGER PRIMARY KEY, A TEXT, -- @renamed from=b\nB TEXT, -- @renamed from=a\nC TEXT -- @renamed from=c\n);',
		after: 'SELECT id, A, B, C FROM t',
		before: 'SELECT id, b, a, c FROM t',
	},
	{
		name: 'a column whose old name is now a generated column based on it',
		database: table,
		models: 'CREATE TABLE t (id INTEGER PRIMARY KEY, mail TEXT, -- @renamed from=a\na TEXT AS (mail), b TEXT, c TEXT);',
		after: 'SELECT id, mail, a, b, c FROM t',
		before: 'SELECT id, a, a, b, c FROM t',
	},
	{
		name: 'two tables that are swapped',
		database: `CREATE TABLE t (id INTEGER PRIMARY KEY, a TEXT); CREATE TABLE u (id INTEGER PRIMARY KEY, b TEXT); INSERT INTO t VALUES (1, 'x'); INSERT INTO u VALUES (2, 'y');
			CREATE TABLE child (t_id REFERENCES t(id)); INSERT INTO child VALUES (1);`,
		models:
			'-- @renamed from=u\nCREATE TABLE t (id INTEGER PRIMARY KEY, b TEXT);\n-- @renamed from=t\nCREATE TABLE u (id INTEGER PRIMARY KEY, a TEXT); CREATE TABLE child (t_id REFERENCES u(id));',
		after: "SELECT 't', id, b FROM t UNION ALL SELECT 'u', id, a FROM u",
		before: "SELECT 't', id, b FROM u UNION ALL SELECT 'u', id, a FROM t",
	},
	{
		name: 'two swapped tables with the same definition',
		database: `CREATE TABLE t (id INTEGER PRIMARY KEY, a TEXT); CREATE TABLE u (id INTEGER PRIMARY KEY, a TEXT); INSERT INTO t VALUES (1, 'x'); INSERT INTO u VALUES (2, 'y');`,
		models:
			'-- @renamed from=u\nCREATE TABLE t (id INTEGER PRIMARY KEY, a TEXT);\n-- @renamed from=t\nCREATE TABLE u (id INTEGER PRIMARY KEY, a TEXT);',
		after: "SELECT 't', id, a FROM t UNION ALL SELECT 'u', id, a FROM u",
		before: "SELECT 't', id, a FROM u UNION ALL SELECT 'u', id, a FROM t",
	},
	{
		name: 'a chain of tables, with a swap of columns in one of them',
		database: `CREATE TABLE t (id INTEGER PRIMARY KEY, a TEXT, b TEXT); CREATE TABLE u (id INTEGER PRIMARY KEY); INSERT INTO t VALUES (1, 'x', 'y'); INSERT INTO u VALUES (2);`,
		models:
			'-- @renamed from=t\nCREATE TABLE u (id INTEGER PRIMARY KEY, b TEXT, -- @renamed from=a\na TEXT -- @renamed from=b\n);\n-- @renamed from=u\nCREATE TABLE w (id INTEGER PRIMARY KEY);',
		after: "SELECT 'u', id, a, b FROM u UNION ALL SELECT 'w', id, 0, 0 FROM w",
		before: "SELECT 'u', id, b, a FROM t UNION ALL SELECT 'w', id, 0, 0 FROM u",
	},
];

const all = (project: ReturnType<typeof modelsAndDatabase>, query: string) =>
	project
		.database((db) => db.tuples(query))
		.map((row) => JSON.stringify(row))
		.toSorted();

describe.each(formats)('annotations of renames, in a .%s migration', (format) => {
	test.each(cases)('keep the values: $name', async ({database, models, after, before, isLossy}) => {
		const project = modelsAndDatabase(database, models, format);
		const expected = all(project, before);
		await project.migrate({}, true);
		expect(all(project, after)).toEqual(expected);
		const {last} = await project.downgrade(true);
		expect(last.type).toBe('done');
		if (isLossy !== true) expect(all(project, before)).toEqual(expected);
		await project.upgrade(true);
		expect(all(project, after)).toEqual(expected);
	});

	test('are not applied a second time after the table was renamed too', async () => {
		const swapped = (name: string, note = '') =>
			`${note}CREATE TABLE ${name} (id INTEGER PRIMARY KEY, a TEXT, -- @renamed from=b\nb TEXT, -- @renamed from=a\nc TEXT, d TEXT);`;
		const project = modelsAndDatabase(table, swapped('t').replace(', d TEXT', ''), format);
		await project.migrate({}, true);
		project.setModels(swapped('s', '-- @renamed from=t\n'));
		await project.migrate({}, true);
		expect(project.database((db) => db.tuples('SELECT id, a, b FROM s'))).toEqual([
			[1, 'b1', 'a1'],
			[2, null, 'a2'],
			[3, 'b3', null],
		]);
	});

	test('that were applied as a chain do not rename anything again', async () => {
		const database = `CREATE TABLE t (id INTEGER PRIMARY KEY, b TEXT, c TEXT); INSERT INTO t VALUES (1, 'b', 'c');`;
		const models = 'CREATE TABLE t (id INTEGER PRIMARY KEY, b TEXT, -- @renamed from=a\nc TEXT -- @renamed from=b\n);';
		const {operations, questions} = await modelsAndDatabase(database, models, format).draft();
		expect([...operations, ...questions]).toEqual([]);
	});
});

describe('annotations that contradict each other', () => {
	const body = (columns: string) => `CREATE TABLE t (id INTEGER PRIMARY KEY, ${columns});`;

	test.each([
		[
			'two columns with the same old name',
			body('x TEXT, -- @renamed from=a\ny TEXT, -- @renamed from=a\nb TEXT, c TEXT'),
			't.x and t.y are both marked as renamed from a',
		],
		[
			'an old name that the model still has',
			body('x TEXT, -- @renamed from=a\na TEXT, b TEXT, c TEXT'),
			't.x is marked as renamed from a, but the models still have t.a',
		],
		[
			'two tables with the same old name',
			`-- @renamed from=t\nCREATE TABLE x (id INTEGER PRIMARY KEY, a TEXT, b TEXT, c TEXT);\n-- @renamed from=t\nCREATE TABLE y (id INTEGER PRIMARY KEY, a TEXT);`,
			'x and y are both marked as renamed from t',
		],
		[
			'a table whose old name is still in the models',
			`-- @renamed from=t\nCREATE TABLE x (id INTEGER PRIMARY KEY);\n${body('a TEXT, b TEXT, c TEXT')}`,
			'x is marked as renamed from t, but the models still have t',
		],
	])('are reported as an error that names them: %s', async (_, models, message) => {
		await expect(modelsAndDatabase(table, models).draft()).rejects.toMatchObject({code: 'model', message, location: {line: expect.any(Number)}});
	});

	test('are resolved by a flag', async () => {
		const project = modelsAndDatabase(table, body('x TEXT, -- @renamed from=a\na TEXT, b TEXT, c TEXT'));
		await project.migrate({renames: [{table: 't', column: 'a', to: 'x'}]}, true);
		expect(project.database((db) => db.tuples('SELECT x, a FROM t'))).toEqual([
			['a1', null],
			['a2', null],
			[null, null],
		]);
	});

	test('do not conflict if a flag drops the column that has the new name', async () => {
		const models = body('b TEXT, -- @renamed from=a\nc TEXT');
		const open = await modelsAndDatabase(table, models).draft();
		expect(open.questions.length).toBe(1);
		const project = modelsAndDatabase(table, models);
		await project.migrate({drops: [{table: 't', column: 'b'}]}, true);
		expect(project.database((db) => db.tuples('SELECT b, c FROM t'))).toEqual([
			['a1', 'c1'],
			['a2', 'c2'],
			[null, null],
		]);
	});
});

describe('flags for renames', () => {
	test.each([
		[
			'a swap',
			'a TEXT, b TEXT, c TEXT',
			[
				['a', 'b'],
				['b', 'a'],
			],
			'SELECT id, a, b, c FROM t',
			'SELECT id, b, a, c FROM t',
		],
		[
			'a chain',
			'b TEXT, d TEXT, c TEXT',
			[
				['a', 'b'],
				['b', 'd'],
			],
			'SELECT id, b, d, c FROM t',
			'SELECT id, a, b, c FROM t',
		],
		[
			'a circle',
			'a TEXT, b TEXT, c TEXT',
			[
				['a', 'b'],
				['b', 'c'],
				['c', 'a'],
			],
			'SELECT id, a, b, c FROM t',
			'SELECT id, c, a, b FROM t',
		],
	])('keep the values in %s', async (_, columns, renames, after, before) => {
		const project = modelsAndDatabase(table, `CREATE TABLE t (id INTEGER PRIMARY KEY, ${columns});`);
		const expected = all(project, before);
		await project.migrate({renames: renames.map(([column = '', to = '']) => ({table: 't', column, to}))}, true);
		expect(all(project, after)).toEqual(expected);
	});
});
