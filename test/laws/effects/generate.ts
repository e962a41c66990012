import fc from 'fast-check';

/** A database and one migration of statements on it, as SQL. */
export interface EffectsCase {
	readonly schema: readonly string[];
	readonly rows: readonly string[];
	readonly triggers: readonly string[];
	readonly statements: readonly string[];
	readonly journal: 'wal' | 'delete';
}

const tables = ['t', 'u', 'w', 'n'] as const;
type Name = (typeof tables)[number];

/** The key of each table: an INTEGER PRIMARY KEY, a TEXT key, two columns WITHOUT ROWID, and none. */
const keys: Readonly<Record<Name, readonly string[]>> = {t: ['id'], u: ['k'], w: ['x', 'y'], n: []};
const columns: Readonly<Record<Name, readonly string[]>> = {t: ['id', 'a', 'b'], u: ['k', 'a', 'b'], w: ['x', 'y', 'a', 'b'], n: ['a', 'b']};

const conflict = fc.constantFrom('', '', '', ' ON CONFLICT REPLACE', ' ON CONFLICT IGNORE');

const schema = fc
	.record({key: conflict, unique: conflict, reference: fc.constantFrom('', '', 'CASCADE', 'SET NULL'), collate: fc.boolean(), index: fc.boolean()})
	.map(({key, unique, reference, collate, index}) => [
		`CREATE TABLE t (id INTEGER PRIMARY KEY${key}, a TEXT, b ${index ? 'INTEGER' : ''})`,
		`CREATE TABLE u (k TEXT${collate ? ' COLLATE NOCASE' : ''} PRIMARY KEY${key}, a TEXT${unique === '' ? '' : ` UNIQUE${unique}`}, b INTEGER${
			reference === '' ? '' : ` REFERENCES t(id) ON DELETE ${reference} ON UPDATE CASCADE`
		})`,
		'CREATE TABLE w (x INTEGER, y TEXT, a TEXT, b, PRIMARY KEY (x, y)) WITHOUT ROWID',
		'CREATE TABLE n (a TEXT, b INTEGER)',
		...(index ? ['CREATE INDEX t_a ON t (a)', 'CREATE INDEX n_b ON n (b)'] : []),
		'CREATE VIEW v AS SELECT a, b FROM t',
	]);

const small = fc.integer({min: 1, max: 6});
const text = fc.constantFrom("'p'", "'q'", "'r'", "'S'", "'s'", "''", 'NULL', "'07'", '7');
const value = fc.oneof(text, small.map(String), fc.constantFrom('NULL', '1.5', "x'00'"));

function rowOf(name: Name): fc.Arbitrary<string> {
	switch (name) {
		case 't':
			return fc.tuple(small, text, fc.oneof(small.map(String), fc.constant('NULL'))).map((values) => `(${values.join(', ')})`);
		case 'u':
			return fc
				.tuple(fc.constantFrom("'k1'", "'k2'", "'k3'", "'K1'", "'k5'"), text, fc.oneof(small.map(String), fc.constant('NULL')))
				.map((values) => `(${values.join(', ')})`);
		case 'w':
			return fc.tuple(small, fc.constantFrom("'y'", "'z'"), text, value).map((values) => `(${values.join(', ')})`);
		case 'n':
			return fc.tuple(text, fc.oneof(small.map(String), fc.constant('NULL'))).map((values) => `(${values.join(', ')})`);
	}
}

const table = fc.constantFrom(...tables);
const inserted = table.chain((name) => fc.tuple(fc.constant(name), rowOf(name)));
const rows = fc
	.array(inserted, {minLength: 4, maxLength: 16})
	.map((list) => list.map(([name, row]) => `INSERT OR IGNORE INTO ${name} VALUES ${row}`));

function columnOf(name: Name): fc.Arbitrary<string> {
	return fc.constantFrom(...columns[name]);
}

const condition = fc.oneof(
	{weight: 3, arbitrary: fc.tuple(fc.constantFrom('a', 'b'), fc.constantFrom('=', '<', '>', 'IS', 'IS NOT'), value).map((parts) => parts.join(' '))},
	{
		weight: 1,
		arbitrary: fc.constantFrom(
			'a IS NULL',
			'b IS NOT NULL',
			'changes() > 0',
			'rowid_of > 0',
			'1',
			'0',
			'b IN (SELECT b FROM t)',
			'a NOT IN (SELECT a FROM n WHERE a IS NOT NULL)',
		),
	},
);

const where = fc.oneof(
	{weight: 3, arbitrary: condition.map((sql) => ` WHERE ${sql.replace('rowid_of', 'b')}`)},
	{weight: 1, arbitrary: fc.constant('')},
);

const setting = table.chain((name) =>
	fc
		.tuple(
			columnOf(name),
			fc.oneof(
				{weight: 3, arbitrary: value},
				{
					weight: 4,
					arbitrary: fc.constantFrom(
						'a',
						'b',
						'upper(a)',
						'lower(a)',
						'b + 1',
						'b * 100',
						"NULLIF(a, '')",
						"coalesce(a, 'd')",
						'trim(a)',
						'CAST(a AS INTEGER)',
						"a || '!'",
					),
				},
			),
		)
		.map(([column, expression]) => ({name, column, expression})),
);

const statement: fc.Arbitrary<readonly string[]> = fc.oneof(
	{
		weight: 4,
		arbitrary: fc
			.tuple(fc.constantFrom('INSERT', 'INSERT OR IGNORE', 'INSERT OR REPLACE', 'REPLACE'), inserted)
			.map(([verb, [name, row]]) => [`${verb} INTO ${name} VALUES ${row}`]),
	},
	{weight: 1, arbitrary: fc.tuple(small, text).map(([id, a]) => [`REPLACE INTO t (id, a) VALUES (${id}, ${a})`])},
	{
		weight: 1,
		arbitrary: fc.tuple(small, text).map(([id, a]) => [`INSERT INTO t (id, a) VALUES (${id}, ${a}) ON CONFLICT (id) DO UPDATE SET a = excluded.a`]),
	},
	{
		weight: 2,
		arbitrary: fc.constantFrom(
			['INSERT INTO n SELECT a, b FROM t'],
			['INSERT INTO n SELECT a, b FROM u', 'DELETE FROM u'],
			['INSERT OR REPLACE INTO t (a, b) SELECT a, b FROM n'],
		),
	},
	{
		weight: 6,
		arbitrary: fc
			.tuple(fc.constantFrom('UPDATE', 'UPDATE', 'UPDATE OR REPLACE', 'UPDATE OR IGNORE'), setting, where)
			.map(([verb, {name, column, expression}, rest]) => [`${verb} ${name} SET ${column} = ${expression}${rest}`]),
	},
	{
		weight: 2,
		arbitrary: fc.constantFrom(
			['UPDATE t SET id = id + 10'],
			['UPDATE t SET id = -id'],
			['UPDATE w SET x = x + 10'],
			["UPDATE u SET k = k || 'z'"],
			['UPDATE t SET id = id + 10, a = b'],
		),
	},
	{weight: 3, arbitrary: fc.tuple(table, where).map(([name, rest]) => [`DELETE FROM ${name}${rest}`])},
	{weight: 1, arbitrary: fc.constantFrom(['DELETE FROM v'], ["UPDATE v SET a = 'view'"])},
	{
		weight: 2,
		arbitrary: fc
			.tuple(
				fc.constantFrom(
					'id INTEGER PRIMARY KEY, a TEXT, b',
					'id INTEGER PRIMARY KEY, a TEXT UNIQUE ON CONFLICT IGNORE, b',
					'id INTEGER PRIMARY KEY, a TEXT, b, c',
					'id INTEGER PRIMARY KEY, a TEXT',
				),
				fc.constantFrom('id, a, b', 'id, a', 'id, upper(a), b', 'id, a, a'),
				where,
			)
			.filter(([definition, list]) => definition.split(',').length >= list.replace('upper(a)', 'a').split(',').length)
			.map(([definition, list, rest]) => {
				const names = list.includes('id, a, a') ? 'id, a, b' : list.replace('upper(a)', 'a');
				return [
					`CREATE TABLE t_new (${definition})`,
					`INSERT INTO t_new (${names}) SELECT ${list} FROM t${rest}`,
					'DROP TABLE t',
					'ALTER TABLE t_new RENAME TO t',
				];
			}),
	},
	{
		weight: 1,
		arbitrary: fc.constantFrom(
			['ALTER TABLE t DROP COLUMN b', 'ALTER TABLE t ADD COLUMN b'],
			['ALTER TABLE n ADD COLUMN c', 'UPDATE n SET c = a', 'ALTER TABLE n DROP COLUMN a', 'ALTER TABLE n RENAME COLUMN c TO a'],
			['ALTER TABLE n RENAME TO m', 'CREATE TABLE n (a TEXT, b INTEGER)', 'INSERT INTO n SELECT a, b FROM m WHERE b > 2', 'DROP TABLE m'],
		),
	},
);

const triggerBody = fc.constantFrom(
	'DELETE FROM t WHERE b = new.b;',
	'UPDATE n SET a = NULL WHERE b = new.b;',
	"UPDATE w SET b = 'trigger' WHERE x = new.b;",
	'DELETE FROM n;',
	"INSERT INTO n VALUES ('log', new.b);",
	"REPLACE INTO t (id, a) VALUES (1, 'trigger');",
);

const trigger = fc.tuple(fc.constantFrom('INSERT', 'UPDATE', 'DELETE'), fc.constantFrom('u', 'w', 'n'), triggerBody).map(([event, name, body]) => {
	const old = event === 'DELETE' ? body.replaceAll('new.', 'old.') : body;
	return `CREATE TRIGGER g AFTER ${event} ON ${name} BEGIN ${old} END`;
});

/** The view is written through a trigger in half of the cases. */
const triggers = fc
	.tuple(fc.array(trigger, {maxLength: 2}), fc.boolean())
	.map(([list, hasView]) => [
		...list.map((sql, index) => sql.replace(' g ', ` g${index} `)),
		...(hasView
			? [
					'CREATE TRIGGER v_delete INSTEAD OF DELETE ON v BEGIN DELETE FROM n WHERE b IS old.b; END',
					'CREATE TRIGGER v_update INSTEAD OF UPDATE ON v BEGIN UPDATE t SET a = new.a WHERE b IS old.b; END',
				]
			: []),
	]);

export const effectsCase: fc.Arbitrary<EffectsCase> = fc.record({
	schema,
	rows,
	triggers,
	statements: fc.array(statement, {minLength: 1, maxLength: 4}).map((list) => list.flat()),
	journal: fc.constantFrom('wal', 'delete'),
});

export {columns, keys, tables};
