import fc from 'fast-check';

/** A database and one or two migrations of statements on it, as SQL. */
export interface EffectsCase {
	readonly schema: readonly string[];
	readonly rows: readonly string[];
	readonly triggers: readonly string[];
	/** Statements that belong together. */
	readonly groups: readonly (readonly string[])[];
	/** The part of the statements that belongs to the first migration. */
	readonly split: number;
	readonly journal: 'wal' | 'delete';
}

const tables = ['t', 'u', 'w', 'n', 'f'] as const;
type Name = (typeof tables)[number];

/** The key of each table: an INTEGER PRIMARY KEY, a TEXT key, two columns WITHOUT ROWID, none, and a full-text index, which has none either. */
const keys: Readonly<Record<Name, readonly string[]>> = {t: ['id'], u: ['k'], w: ['x', 'y'], n: [], f: []};
const columns: Readonly<Record<Name, readonly string[]>> = {
	t: ['id', 'a', 'b'],
	u: ['k', 'a', 'b'],
	w: ['x', 'y', 'a', 'b'],
	n: ['a', 'b'],
	f: ['a', 'b'],
};

const conflict = fc.constantFrom('', '', '', ' ON CONFLICT REPLACE', ' ON CONFLICT IGNORE');

const schema = fc
	.record({
		key: conflict,
		unique: conflict,
		reference: fc.constantFrom('', '', 'CASCADE', 'SET NULL'),
		collate: fc.constantFrom('', '', ' COLLATE NOCASE', ' COLLATE RTRIM'),
		index: fc.boolean(),
		generated: fc.constantFrom('', '', ', g AS (upper(a))', ', g TEXT AS (a || b) STORED'),
		strict: fc.boolean(),
		fullText: fc.constantFrom('fts5(a, b)', "fts5(a, b, prefix='2')", 'fts4(a, b)', 'fts3(a, b)'),
	})
	.map(({key, unique, reference, collate, index, generated, strict, fullText}) => [
		`CREATE TABLE t (id INTEGER PRIMARY KEY${key}, a TEXT, b ${strict ? 'ANY' : index ? 'INTEGER' : ''}${generated.replace('g AS', 'g TEXT AS')})${strict ? ' STRICT' : ''}`,
		`CREATE TABLE u (k TEXT${collate} PRIMARY KEY${key}, a TEXT${unique === '' ? '' : ` UNIQUE${unique}`}, b INTEGER${
			reference === '' ? '' : ` REFERENCES t(id) ON DELETE ${reference} ON UPDATE CASCADE`
		})`,
		'CREATE TABLE w (x INTEGER, y TEXT, a TEXT, b, PRIMARY KEY (x, y)) WITHOUT ROWID',
		`CREATE TABLE n (a TEXT${collate}, b INTEGER${generated})`,
		`CREATE VIRTUAL TABLE f USING ${fullText}`,
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
				.tuple(fc.constantFrom("'k1'", "'k2'", "'k3'", "'K1'", "'k1 '", "'k5'"), text, fc.oneof(small.map(String), fc.constant('NULL')))
				.map((values) => `(${values.join(', ')})`);
		case 'w':
			return fc.tuple(small, fc.constantFrom("'y'", "'z'"), text, value).map((values) => `(${values.join(', ')})`);
		case 'n':
		case 'f':
			return fc.tuple(text, fc.oneof(small.map(String), fc.constant('NULL'))).map((values) => `(${values.join(', ')})`);
	}
}

/** The columns are named, since some tables have generated ones. */
function into(name: Name): string {
	return `${name} (${columns[name].join(', ')})`;
}

const table = fc.constantFrom(...tables);
const inserted = table.chain((name) => fc.tuple(fc.constant(name), rowOf(name)));
const rows = fc
	.array(inserted, {minLength: 4, maxLength: 16})
	.map((list) => list.map(([name, row]) => `INSERT OR IGNORE INTO ${into(name)} VALUES ${row}`));

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

/** Definitions that a table may be rebuilt with, and what is copied into which columns. */
const rebuilds: Readonly<Record<Name, readonly (readonly [definition: string, names: string, list: string])[]>> = {
	t: [
		['TABLE t_new (id INTEGER PRIMARY KEY, a TEXT, b)', 'id, a, b', 'id, a, b'],
		['TABLE t_new (id INTEGER PRIMARY KEY, a TEXT, b) WITHOUT ROWID', 'id, a, b', 'id, a, b'],
		['TABLE t_new (id TEXT PRIMARY KEY, a TEXT, b)', 'id, a, b', 'id, a, b'],
		['TABLE t_new (id, a TEXT, b)', 'id, a, b', 'id, a, b'],
		['TABLE t_new (id INTEGER PRIMARY KEY, a TEXT UNIQUE ON CONFLICT IGNORE, b)', 'id, a, b', 'id, a, b'],
		['TABLE t_new (id INTEGER PRIMARY KEY, a TEXT, b, c)', 'id, a, b', 'id, upper(a), b'],
		['TABLE t_new (id INTEGER PRIMARY KEY, a TEXT, b, c)', 'id, a, c', 'id, a, b'],
		['TABLE t_new (id INTEGER PRIMARY KEY, a TEXT, b AS (a))', 'id, a', 'id, a'],
		['TABLE t_new (id INTEGER PRIMARY KEY, a TEXT)', 'id, a', 'id, a'],
		['TABLE t_new (id INTEGER PRIMARY KEY, a TEXT, b)', 'id, a, b', 'id, a, a'],
		['TABLE t_new (id INTEGER PRIMARY KEY, a TEXT, b)', 'a, b', 'a, b'],
	],
	u: [
		['TABLE u_new (k TEXT PRIMARY KEY, a TEXT, b)', 'k, a, b', 'k, a, b'],
		['TABLE u_new (k TEXT COLLATE NOCASE PRIMARY KEY, a TEXT, b)', 'k, a, b', 'k, a, b'],
		['TABLE u_new (k INTEGER PRIMARY KEY, a TEXT, b)', 'a, b', 'a, b'],
	],
	w: [
		['TABLE w_new (x INTEGER, y TEXT, a TEXT, b, PRIMARY KEY (x, y))', 'x, y, a, b', 'x, y, a, b'],
		['TABLE w_new (x INTEGER, y TEXT, a TEXT, b, PRIMARY KEY (y, x)) WITHOUT ROWID', 'x, y, a, b', 'x, y, a, b'],
		['TABLE w_new (x INTEGER PRIMARY KEY, y TEXT, a TEXT, b)', 'x, y, a, b', 'x, y, a, b'],
	],
	n: [
		['TABLE n_new (a TEXT, b INTEGER)', 'a, b', 'a, b'],
		['TABLE n_new (id INTEGER PRIMARY KEY, a TEXT, b TEXT)', 'a, b', 'a, b'],
		['TABLE n_new (a TEXT COLLATE NOCASE UNIQUE, b INTEGER)', 'a, b', 'a, b'],
	],
	f: [
		['VIRTUAL TABLE f_new USING fts5(a, b)', 'rowid, a, b', 'rowid, a, b'],
		['VIRTUAL TABLE f_new USING fts5(a, b)', 'a, b', 'a, b'],
		['VIRTUAL TABLE f_new USING fts5(a)', 'rowid, a', 'rowid, a'],
	],
};

function rebuilt([name, choice, verb, rest]: readonly [Name, number, string, string]): readonly string[] {
	const [definition, names, list] = rebuilds[name][choice % rebuilds[name].length] as readonly [string, string, string];
	return [
		`CREATE ${definition}`,
		`${name === 'f' ? 'INSERT' : verb} INTO ${name}_new (${names}) SELECT ${list} FROM ${name}${rest}`,
		`DROP TABLE ${name}`,
		`ALTER TABLE ${name}_new RENAME TO ${name}`,
	];
}

const statement: fc.Arbitrary<readonly string[]> = fc.oneof(
	{
		weight: 4,
		arbitrary: fc
			.tuple(fc.constantFrom('INSERT', 'INSERT OR IGNORE', 'INSERT OR REPLACE', 'REPLACE'), inserted)
			.map(([verb, [name, row]]) => [`${verb} INTO ${into(name)} VALUES ${row}`]),
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
			['INSERT INTO t (a, b) SELECT a, b FROM t'],
			["INSERT INTO u (k, a) VALUES ('k1', 'p') ON CONFLICT (k) DO UPDATE SET b = NULL"],
			['WITH x AS (SELECT b FROM t) DELETE FROM n WHERE b IN (SELECT b FROM x)'],
			['WITH x (p, q) AS (SELECT a, b FROM n WHERE a IS NOT NULL) UPDATE t SET a = (SELECT p FROM x WHERE q = t.b)'],
			['UPDATE u SET a = t.a FROM t WHERE t.id = u.b'],
			['UPDATE t SET a = b, b = a'],
			['DELETE FROM n WHERE rowid NOT IN (SELECT min(rowid) FROM n GROUP BY a)'],
			['CREATE TEMP TABLE x AS SELECT a, b FROM n', 'DELETE FROM n', 'INSERT INTO n (a, b) SELECT a, b FROM x', 'DROP TABLE x'],
			[
				'CREATE TABLE n_old AS SELECT rowid AS r, a, b FROM n',
				'DELETE FROM n',
				'INSERT INTO n (rowid, a, b) SELECT * FROM n_old',
				'DROP TABLE n_old',
			],
			["INSERT INTO f (f) VALUES ('optimize')"],
			['CREATE TABLE old AS SELECT * FROM t WHERE b > 2', 'DELETE FROM t WHERE b > 2'],
			['DELETE FROM n WHERE rowid = (SELECT max(rowid) FROM n)', "INSERT INTO n (a, b) VALUES ('new', 1)"],
			['DELETE FROM u WHERE rowid = (SELECT max(rowid) FROM u)', "INSERT INTO u (k, a) VALUES ('new', 'n')"],
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
	{weight: 3, arbitrary: fc.tuple(table, fc.nat(), fc.constantFrom('INSERT', 'INSERT', 'INSERT OR IGNORE', 'INSERT OR REPLACE'), where).map(rebuilt)},
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
	"INSERT INTO n (a, b) VALUES ('log', new.b);",
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

/** Half of the single statements about a table return the rows that they write. */
function returning([group, isReturning]: readonly [readonly string[], boolean]): readonly string[] {
	const [first = ''] = group;
	return group.length === 1 && isReturning && /^(?:INSERT|REPLACE|UPDATE|DELETE)/.test(first) ? [`${first} RETURNING *`] : group;
}

export const effectsCase: fc.Arbitrary<EffectsCase> = fc.record({
	schema,
	rows,
	triggers,
	groups: fc.array(fc.tuple(statement, fc.boolean()).map(returning), {minLength: 1, maxLength: 4}),
	split: fc.constantFrom(0, 0, 0.3, 0.5, 0.7),
	journal: fc.constantFrom('wal', 'delete'),
});

export {columns, keys, tables};
