import {describe, expect, test} from 'vitest';
import type {ConvertHazard, Hazard, ValueHazard} from '../../../source/core/operations/hazard.ts';
import {hazardsOf} from '../../../source/core/operations/hazards.ts';
import type {Operation} from '../../../source/core/operations/operation.ts';
import {quoted} from '../../../source/core/schema/identifiers.ts';
import type {Database} from '../../../source/core/sqlite/database.ts';
import {introspect} from '../../../source/core/sqlite/introspect.ts';
import {openInMemory} from '../../../source/core/sqlite/open.ts';

function memory(sql: string): Database {
	const db = openInMemory();
	db.exec('PRAGMA foreign_keys = OFF');
	db.exec(sql);
	return db;
}

/** Returns the ids of the rows that the SQL of each hazard finds. For duplicates, the rows that equal another one. Omits hazards without rows. */
function found(db: Database, operations: readonly Operation[]): readonly string[] {
	return hazardsOf(introspect(db), operations).flatMap((hazard) => {
		if (!isValueHazard(hazard)) return [`${hazard.kind} ${hazard.table}${hazard.kind === 'dropColumn' ? `.${hazard.column}` : ''}`];
		const ids = idsOf(db, hazard);
		return ids.length === 0 ? [] : [`${hazard.kind}${hazard.blocking ? ' fails' : ''} ${hazard.table} ${hazard.rule}: ${ids.join(', ')}`];
	});
}

function isValueHazard(hazard: Hazard): hazard is ValueHazard {
	return hazard.kind !== 'dropTable' && hazard.kind !== 'dropColumn';
}

function idsOf(db: Database, {kind, table, where, distinct}: ValueHazard): readonly unknown[] {
	const rows = (condition: string) => db.tuples(`SELECT id FROM ${quoted(table)} WHERE ${condition} ORDER BY id`).flat();
	if (kind !== 'duplicate') return rows(where);
	const given = [...distinct.map((expression) => `${expression} IS NOT NULL`), ...(where === '' ? [] : [`(${where})`])].join(' AND ');
	const list = distinct.join(', ');
	const groups = `SELECT ${list} FROM ${quoted(table)} WHERE ${given} GROUP BY ${list} HAVING count(*) > 1`;
	return rows(`${given} AND (${list}) IN (${groups})`);
}

const change = (table: string, columns: string, fill: Record<string, string> = {}, options = ''): Operation => ({
	kind: 'changeTable',
	table,
	sql: `CREATE TABLE ${table} (${columns}) ${options}`,
	fill,
});
const rename = (table: string, column: string, to: string): Operation => ({kind: 'renameColumn', table, column, to});
const renameTable = (table: string, to: string): Operation => ({kind: 'renameTable', table, to});

const people = `CREATE TABLE person (id INTEGER PRIMARY KEY, name TEXT, age TEXT);
	INSERT INTO person VALUES (1, 'Ann', '7'), (2, NULL, '007'), (3, 'ann', 'abc'), (4, 'Bob', NULL), (5, NULL, '1e3');`;

describe('NULL under a new NOT NULL', () => {
	test('is reported with its rows', () => {
		expect(found(memory(people), [change('person', 'id INTEGER PRIMARY KEY, name TEXT NOT NULL, age TEXT')])).toEqual([
			'null fails person NOT NULL: 2, 5',
		]);
	});

	test('is found under the old names of a renamed table and column', () => {
		const operations = [
			renameTable('person', 'human'),
			rename('human', 'name', 'full_name'),
			change('human', 'id INTEGER PRIMARY KEY, full_name TEXT NOT NULL, age TEXT'),
		];
		expect(found(memory(people), operations)).toEqual(['null fails person NOT NULL: 2, 5']);
	});

	test('is found only if the fill returns NULL too', () => {
		const columns = 'id INTEGER PRIMARY KEY, name TEXT NOT NULL, age TEXT';
		expect(found(memory(people), [change('person', columns, {name: "'nobody'"})])).toEqual([]);
		expect(found(memory(people), [change('person', columns, {name: "nullif(age, '007')"})])).toEqual(['null fails person NOT NULL: 2']);
	});

	test('is found in a new column that has no fill, or whose fill returns NULL', () => {
		const columns = 'id INTEGER PRIMARY KEY, name TEXT, age TEXT, email TEXT NOT NULL';
		expect(found(memory(people), [change('person', columns)])).toEqual(['null fails person NOT NULL: 1, 2, 3, 4, 5']);
		expect(found(memory(people), [change('person', columns, {email: "name || '@example.com'"})])).toEqual(['null fails person NOT NULL: 2, 5']);
		const renamed = [rename('person', 'name', 'nick'), change('person', columns.replace('name', 'nick'), {email: "nick || '@example.com'"})];
		expect(found(memory(people), renamed)).toEqual(['null fails person NOT NULL: 2, 5']);
	});

	test('is found in the second of two changes of one column', () => {
		const operations = [
			change('person', 'id INTEGER PRIMARY KEY, name TEXT, age TEXT', {}),
			{kind: 'addColumn', table: 'person', definition: 'nick TEXT', fill: 'name'} as const,
			change('person', 'id INTEGER PRIMARY KEY, name TEXT, age TEXT, nick TEXT NOT NULL'),
		];
		expect(found(memory(people), operations)).toEqual(['null fails person NOT NULL: 2, 5']);
	});

	test('is not reported after statements that may have fixed it', () => {
		const operations: Operation[] = [
			{kind: 'execute', sql: "UPDATE person SET name = 'x' WHERE name IS NULL", parameters: []},
			change('person', 'id INTEGER PRIMARY KEY, name TEXT NOT NULL, age TEXT'),
		];
		expect(found(memory(people), operations)).toEqual([]);
	});
});

describe('NULL in a new key', () => {
	test('is found if SQLite would invent a rowid', () => {
		const db = memory(`CREATE TABLE t (id INTEGER, n INTEGER); INSERT INTO t VALUES (1, 10), (2, NULL);`);
		expect(found(db, [change('t', 'id INTEGER, n INTEGER PRIMARY KEY')])).toEqual(['nullKey fails t INTEGER PRIMARY KEY: 2']);
	});

	test('is found if a table becomes WITHOUT ROWID', () => {
		const db = memory(`CREATE TABLE t (id INTEGER, n TEXT PRIMARY KEY); INSERT INTO t VALUES (1, 'a'), (2, NULL);`);
		expect(found(db, [change('t', 'id INTEGER, n TEXT PRIMARY KEY', {}, 'WITHOUT ROWID')])).toEqual(['nullKey fails t PRIMARY KEY: 2']);
	});
});

describe('duplicate rows', () => {
	test('are found under a new UNIQUE, except NULLs, with the collation of the column', () => {
		const db = memory(people);
		expect(found(db, [change('person', 'id INTEGER PRIMARY KEY, name TEXT UNIQUE, age TEXT')])).toEqual([]);
		expect(found(db, [change('person', 'id INTEGER PRIMARY KEY, name TEXT COLLATE NOCASE UNIQUE, age TEXT')])).toEqual([
			'duplicate fails person UNIQUE (name): 1, 3',
		]);
	});

	test('are found under a new unique index, on an expression and with a WHERE', () => {
		const index = (text: string): Operation => ({kind: 'createIndex', sql: `CREATE UNIQUE INDEX i ON person (${text}`});
		expect(found(memory(people), [index('lower(name))')])).toEqual(['duplicate fails person UNIQUE (lower(name)): 1, 3']);
		expect(found(memory(people), [index('lower(name)) WHERE id > 1')])).toEqual([]);
		expect(found(memory(people), [rename('person', 'name', 'nick'), index('lower(nick))')])).toEqual([
			'duplicate fails person UNIQUE (lower(nick)): 1, 3',
		]);
	});

	test('are found by their values after a type change', () => {
		const db = memory(people);
		expect(found(db, [change('person', 'id INTEGER PRIMARY KEY, name TEXT, age INTEGER UNIQUE')]).filter((text) => text.startsWith('dup'))).toEqual([
			'duplicate fails person UNIQUE (age): 1, 2',
		]);
	});

	test('are found by the values of a fill, even if it is the same for all rows', () => {
		const columns = 'id INTEGER PRIMARY KEY, name TEXT, age TEXT, code INTEGER UNIQUE';
		expect(found(memory(people), [change('person', columns, {code: '0'})])).toEqual(['duplicate fails person UNIQUE (code): 1, 2, 3, 4, 5']);
		expect(found(memory(people), [change('person', columns, {code: 'length(name)'})])).toEqual(['duplicate fails person UNIQUE (code): 1, 3, 4']);
	});

	test('are found in another primary key', () => {
		const db = memory(`CREATE TABLE t (id INTEGER PRIMARY KEY, code TEXT); INSERT INTO t VALUES (1, 'a'), (2, 'b'), (3, 'a');`);
		expect(found(db, [change('t', 'id INTEGER, code TEXT PRIMARY KEY')])).toEqual(['duplicate fails t PRIMARY KEY (code): 1, 3']);
	});
});

describe('rows without a parent', () => {
	const shop = `CREATE TABLE owner (id INTEGER PRIMARY KEY, code TEXT);
		CREATE TABLE item (id INTEGER PRIMARY KEY, owner_id INTEGER, code TEXT);
		INSERT INTO owner VALUES (1, 'a'), (2, 'B');
		INSERT INTO item VALUES (1, 1, 'a'), (2, 9, 'b'), (3, NULL, NULL), (4, 2, 'x');`;
	const item = 'id INTEGER PRIMARY KEY, owner_id INTEGER REFERENCES owner(id), code TEXT';

	test('are found under a new foreign key', () => {
		expect(found(memory(shop), [change('item', item)])).toEqual(['orphan fails item FOREIGN KEY (owner_id) REFERENCES owner(id): 2']);
	});

	test('are not found if a generated column of type ANY is converted like the column that refers to it', () => {
		const body = 'id INTEGER PRIMARY KEY, g ANY GENERATED ALWAYS AS (quote(id)) STORED UNIQUE, x ANY REFERENCES t(g)';
		expect(found(memory(`CREATE TABLE t (${body}) STRICT; INSERT INTO t (id, x) VALUES (1, NULL), (2, '1')`), [change('t', body)])).toEqual([]);
	});

	test('are found when both tables and both columns are renamed first', () => {
		const operations = [
			renameTable('owner', 'person'),
			rename('person', 'id', 'key'),
			rename('item', 'owner_id', 'person_key'),
			change('item', 'id INTEGER PRIMARY KEY, person_key INTEGER REFERENCES person, code TEXT'),
		];
		expect(found(memory(shop), operations)).toEqual(['orphan fails item FOREIGN KEY (person_key) REFERENCES person(key): 2']);
	});

	test('are all rows with a value if the parent is a new table', () => {
		const operations: Operation[] = [
			{kind: 'createTable', sql: 'CREATE TABLE code (name TEXT PRIMARY KEY)'},
			change('item', 'id INTEGER PRIMARY KEY, owner_id INTEGER, code TEXT REFERENCES code(name)'),
		];
		expect(found(memory(shop), operations)).toEqual(['orphan fails item FOREIGN KEY (code) REFERENCES code(name): 1, 2, 4']);
	});

	test('are found by the affinity and the collation of the parent', () => {
		const db = memory(`CREATE TABLE owner (code TEXT COLLATE NOCASE UNIQUE); CREATE TABLE item (id INTEGER PRIMARY KEY, code);
			INSERT INTO owner VALUES ('a'), ('7'), ('007'); INSERT INTO item VALUES (1, 'A'), (2, 7), (3, 'b'), (4, 8);`);
		expect(found(db, [change('item', 'id INTEGER PRIMARY KEY, code REFERENCES owner(code)')])).toEqual([
			'orphan fails item FOREIGN KEY (code) REFERENCES owner(code): 3, 4',
		]);
	});

	test('are found if a fill removes their parent, except rows that had no parent before', () => {
		const db = memory(`${shop.replace('owner_id INTEGER', 'owner_id INTEGER REFERENCES owner(id)')}`);
		expect(found(db, [change('item', item.replace('INTEGER REFERENCES', 'INT REFERENCES'), {owner_id: 'owner_id + 1'})])).toEqual([
			'orphan fails item FOREIGN KEY (owner_id) REFERENCES owner(id): 4',
		]);
	});

	test('are found if the parent becomes case-sensitive', () => {
		const db = memory(`CREATE TABLE owner (id INTEGER, code TEXT COLLATE NOCASE UNIQUE);
			CREATE TABLE item (id INTEGER PRIMARY KEY, code TEXT REFERENCES owner(code));
			INSERT INTO owner VALUES (1, 'a'), (2, 'b'); INSERT INTO item VALUES (1, 'A'), (2, 'b');`);
		expect(found(db, [change('owner', 'id INTEGER, code TEXT UNIQUE')])).toEqual(['orphan fails item FOREIGN KEY (code) REFERENCES owner(code): 1']);
	});

	describe('are found if a new column is the one that a foreign key names', () => {
		const dangling = `CREATE TABLE owner (id INTEGER PRIMARY KEY); CREATE TABLE item (id INTEGER PRIMARY KEY, code TEXT REFERENCES owner(code));
			INSERT INTO owner VALUES (1); INSERT INTO item VALUES (1, 'a'), (2, NULL);`;
		const bare = dangling.replace(' REFERENCES owner(code)', '');
		const added: Operation = {kind: 'addColumn', table: 'owner', definition: 'Code TEXT'};
		const orphan = (rule: string) => [`orphan fails item FOREIGN KEY (code) REFERENCES owner(${rule}): 1`];

		test('before', () => {
			expect(found(memory(dangling), [added])).toEqual(orphan('code'));
		});

		test('in a changed table', () => {
			expect(found(memory(bare), [change('item', 'id INTEGER PRIMARY KEY, code TEXT REFERENCES owner(code)'), added])).toEqual(orphan('code'));
		});
	});
});

describe('rows that fail a new CHECK', () => {
	test('are found, except NULLs', () => {
		expect(found(memory(people), [change('person', "id INTEGER PRIMARY KEY, name TEXT CHECK (name <> 'Bob'), age TEXT")])).toEqual([
			"check fails person CHECK (name <> 'Bob'): 4",
		]);
	});

	test('are found if the rule uses the new names of the column and its table', () => {
		const operations = [
			renameTable('person', 'human'),
			rename('human', 'name', 'nick'),
			change('human', "id INTEGER PRIMARY KEY, nick TEXT, age TEXT, CHECK (human.nick <> 'Bob')"),
		];
		expect(found(memory(people), operations)).toEqual(["check fails person CHECK (human.nick <> 'Bob'): 4"]);
	});

	test('are found by converted values and by fills', () => {
		const converted = change('person', "id INTEGER PRIMARY KEY, name TEXT, age INTEGER CHECK (age <> 7 OR typeof(age) = 'text')");
		expect(found(memory(people), [converted]).filter((text) => text.startsWith('check'))).toEqual([
			"check fails person CHECK (age <> 7 OR typeof(age) = 'text'): 1, 2",
		]);
		const filled = change('person', "id INTEGER PRIMARY KEY, name TEXT NOT NULL CHECK (name <> 'x'), age TEXT", {name: "'x'"});
		expect(found(memory(people), [filled])).toEqual(["check fails person CHECK (name <> 'x'): 2, 5"]);
	});
});

describe('values that another type changes or cannot store', () => {
	test('are each found once', () => {
		expect(found(memory(people), [change('person', 'id INTEGER PRIMARY KEY, name TEXT, age INTEGER')])).toEqual([
			'convert person TEXT → INTEGER: 2, 5',
			'incompatible person TEXT → INTEGER: 3',
		]);
	});

	test('fail in a STRICT table', () => {
		expect(found(memory(people), [change('person', 'id INTEGER PRIMARY KEY, name TEXT, age INTEGER', {}, 'STRICT')])).toEqual([
			'convert person TEXT → INTEGER: 2, 5',
			'incompatible fails person TEXT → INTEGER: 3',
		]);
	});

	test('are found if STRICT is removed, because ANY then has another meaning', () => {
		const strict = "CREATE TABLE kept (id INTEGER PRIMARY KEY, a ANY) STRICT; INSERT INTO kept VALUES (1, '007'), (2, 'x'), (3, 5)";
		expect(found(memory(strict), [change('kept', 'id INTEGER PRIMARY KEY, a ANY')])).toEqual([
			'convert kept ANY without STRICT: 1',
			'incompatible kept ANY without STRICT: 2',
		]);
	});

	test('are found under the old name of a renamed column', () => {
		const operations = [rename('person', 'age', 'years'), change('person', 'id INTEGER PRIMARY KEY, name TEXT, years INTEGER')];
		expect(found(memory(people), operations)).toEqual(['convert person TEXT → INTEGER: 2, 5', 'incompatible person TEXT → INTEGER: 3']);
	});

	describe('are those that become NULL or equal to others if a fill states the conversion', () => {
		const changed = (fill: string, type = 'INTEGER') =>
			found(memory(people), [change('person', `id INTEGER PRIMARY KEY, name TEXT, age ${type}`, {age: fill})]);

		test.each<[string, readonly string[]]>([
			['CAST(age AS INTEGER)', ['convert person TEXT → INTEGER: 1, 2']],
			["CASE age WHEN '007' THEN -7 ELSE CAST(age AS INTEGER) END", []],
			["CASE WHEN age GLOB '[0-9]*' THEN id * 100 + age END", ['convert person TEXT → INTEGER: 3']],
			['id', ['convert person TEXT → INTEGER: 1, 2, 3, 5']],
			['length(age) > 0', ['convert person TEXT → INTEGER: 1, 2, 3, 5']],
		])('%s', (fill, expected) => {
			expect(changed(fill).filter((line) => !line.endsWith(': '))).toEqual(expected);
		});

		test('under a collation that already treats them as equal, only if they become the same value', () => {
			const db = () => memory("CREATE TABLE t (id INTEGER PRIMARY KEY, v TEXT COLLATE NOCASE); INSERT INTO t VALUES (1, 'a'), (2, 'A');");
			expect(found(db(), [change('t', 'id INTEGER PRIMARY KEY, v BLOB', {v: 'v'})])).toEqual([]);
			expect(found(db(), [change('t', 'id INTEGER PRIMARY KEY, v BLOB', {v: 'lower(v)'})])).toEqual(['convert t TEXT → BLOB: 1, 2']);
		});

		test('and integers that a REAL rounds', () => {
			const db = memory("CREATE TABLE t (id INTEGER PRIMARY KEY, v TEXT); INSERT INTO t VALUES (1, '9007199254740993'), (2, '5');");
			expect(found(db, [change('t', 'id INTEGER PRIMARY KEY, v REAL', {v: 'CAST(v AS INTEGER)'})])).toEqual(['convert t TEXT → REAL: 1']);
		});

		test('if the fill looks the value up in another table', () => {
			const db = () => memory(`${people} CREATE TABLE map (name TEXT, code INTEGER); INSERT INTO map VALUES ('7', 70), ('007', 71), ('abc', 72);`);
			const lookUp = {age: '(SELECT code FROM map WHERE map.name = person.age)'};
			const whole = change('person', 'id INTEGER PRIMARY KEY, name TEXT, age INTEGER', lookUp);
			expect(found(db(), [whole])).toEqual(['convert person TEXT → INTEGER: 5']);
			// Values that an earlier operation changed cannot be queried from the stored rows.
			expect(
				found(db(), [
					{kind: 'renameColumn', table: 'map', column: 'code', to: 'key'},
					change('person', 'id INTEGER PRIMARY KEY, name TEXT, age INTEGER', {age: '(SELECT key FROM map WHERE map.name = person.age)'}),
				]),
			).toEqual([]);
		});
	});

	test('include integers that a REAL rounds', () => {
		const db = memory(`CREATE TABLE t (id INTEGER PRIMARY KEY, n INTEGER); INSERT INTO t VALUES (1, 5), (2, 9007199254740993);`);
		expect(found(db, [change('t', 'id INTEGER PRIMARY KEY, n REAL')])).toEqual(['convert t INTEGER → REAL: 2']);
	});

	test('show the new value', () => {
		const db = memory(people);
		const [hazard] = hazardsOf(introspect(db), [change('person', 'id INTEGER PRIMARY KEY, name TEXT, age INTEGER')]).filter(
			({kind}) => kind === 'convert',
		);
		const {table, where, from, to} = hazard as ConvertHazard;
		expect(db.tuples(`SELECT ${from}, ${to} FROM ${quoted(table)} WHERE ${where}`)).toEqual([
			['007', 7],
			['1e3', 1000],
		]);
	});
});

describe('drops', () => {
	test('are reported with the names in the database', () => {
		const operations: Operation[] = [
			rename('person', 'age', 'years'),
			renameTable('person', 'human'),
			{kind: 'dropColumn', table: 'human', column: 'years'},
		];
		expect(found(memory(people), operations)).toEqual(['dropColumn person.age']);
		expect(found(memory(people), [renameTable('person', 'human'), {kind: 'dropTable', table: 'human'}])).toEqual(['dropTable person']);
	});

	test('include a column that becomes generated', () => {
		expect(found(memory(people), [change('person', 'id INTEGER PRIMARY KEY, name TEXT, age TEXT AS (upper(name))')])).toEqual([
			'dropColumn person.age',
		]);
	});

	test('exclude columns and tables that the migration itself created', () => {
		const operations: Operation[] = [
			{kind: 'addColumn', table: 'person', definition: 'nick TEXT'},
			{kind: 'dropColumn', table: 'person', column: 'nick'},
		];
		expect(found(memory(people), operations)).toEqual([]);
	});
});

test('a new column with the name of the rowid changes what a CHECK constraint reads', () => {
	const db = memory(`CREATE TABLE t (id INTEGER PRIMARY KEY, a, CHECK (rowid < 3)); INSERT INTO t VALUES (1, 'x'), (2, 'x')`);
	expect(found(db, [{kind: 'addColumn', table: 't', definition: 'rowid INTEGER DEFAULT 5'}])).toEqual(['check fails t CHECK (rowid < 3): 1, 2']);
	expect(found(db, [{kind: 'addColumn', table: 't', definition: 'b INTEGER DEFAULT 5'}])).toEqual([]);
	db.close();
});

test('a foreign key of a table that gets the name of a dropped one is checked, although the dropped table only got a column', () => {
	const db = memory(
		'CREATE TABLE p (id INTEGER PRIMARY KEY); CREATE TABLE a (id INTEGER PRIMARY KEY); CREATE TABLE b (id INTEGER PRIMARY KEY, p_id INTEGER)',
	);
	db.exec('INSERT INTO b VALUES (1, 7), (2, NULL)');
	const operations: Operation[] = [
		{kind: 'addColumn', table: 'a', definition: 'x TEXT'},
		{kind: 'dropTable', table: 'a'},
		change('b', 'id INTEGER PRIMARY KEY, p_id INTEGER REFERENCES p'),
		{kind: 'renameTable', table: 'b', to: 'a'},
	];
	expect(found(db, operations)).toEqual(['dropTable a', 'orphan fails b FOREIGN KEY (p_id) REFERENCES p(id): 1']);
	db.close();
});

test('thousands of changes of one table before a conversion', () => {
	const db = memory("CREATE TABLE t (id INTEGER PRIMARY KEY, a TEXT); INSERT INTO t VALUES (1, 'x'), (2, '5')");
	const changes = Array.from({length: 8000}, (_, index) => change('t', `id INTEGER PRIMARY KEY, a VARCHAR(${index})`));
	expect(found(db, [...changes, change('t', 'id INTEGER PRIMARY KEY, a INTEGER')])).toEqual(['incompatible t VARCHAR(7999) → INTEGER: 1']);
	db.close();
});

test.each([
	["INSERT INTO t VALUES (1, 1, 'x')", 'flag TEXT DEFAULT 0 CHECK (flag IN (0, 1))'],
	["INSERT INTO t VALUES (1, 1, 'x')", "flag TEXT COLLATE NOCASE DEFAULT 1 CHECK (flag = 1 OR flag = 'on')"],
	["INSERT INTO t VALUES (1, 1, 'x')", "level INTEGER DEFAULT 5 CHECK (level > '3')"],
	["INSERT INTO t VALUES (1, 1, 'x')", "level NUMERIC DEFAULT 'high' CHECK (level > '3')"],
	["INSERT INTO t VALUES (1, 1, 'x')", "level REAL DEFAULT NULL CHECK (level = '3')"],
	["INSERT INTO t VALUES (1, 1, 'x')", "data TEXT DEFAULT x'31' CHECK (data <> 1)"],
	["INSERT INTO t VALUES (1, 1, 'x')", 'flag TEXT DEFAULT 2 CHECK (flag IN (0, 1))'],
	["INSERT INTO t VALUES (1, 1, 'x')", "level INTEGER DEFAULT 2 CHECK (level > '3')"],
])('a CHECK constraint of a new column is evaluated as SQLite does: %s, %s', (rows, definition) => {
	const db = memory(`CREATE TABLE t (id INTEGER PRIMARY KEY, n INTEGER, s TEXT); ${rows}`);
	const hazards = found(db, [{kind: 'addColumn', table: 't', definition}]);
	const isAccepted = (() => {
		try {
			db.exec(`ALTER TABLE t ADD COLUMN ${definition}`);
			return true;
		} catch {
			return false;
		}
	})();
	expect(hazards).toEqual(isAccepted ? [] : [expect.stringMatching(/^check fails t .*: 1$/)]);
	db.close();
});

test('a CHECK constraint of a converted column compares its values as the new type does', () => {
	const rows = "INSERT INTO t VALUES (1, 1, '5'), (2, 3, '7'), (3, NULL, x'31')";
	const db = memory(`CREATE TABLE t (id INTEGER PRIMARY KEY, n INTEGER, s BLOB); ${rows}`);
	const after = 'id INTEGER PRIMARY KEY, n TEXT CHECK (n IN (1, 2)), s TEXT CHECK (s <> 7)';
	expect(found(db, [change('t', after)])).toEqual(['check fails t CHECK (n IN (1, 2)): 2', 'check fails t CHECK (s <> 7): 2']);
	expect(() => db.exec(`CREATE TABLE u (${after}); INSERT INTO u SELECT * FROM t WHERE id <> 2`)).not.toThrow();
	expect(() => db.exec(`INSERT INTO u (id, n) SELECT id, n FROM t WHERE id = 2`)).toThrow(/CHECK/);
	expect(() => db.exec(`INSERT INTO u (id, s) SELECT id, s FROM t WHERE id = 2`)).toThrow(/CHECK/);
	db.close();
});

test('a CHECK constraint of a column that loses its type compares its values without conversion', () => {
	const db = memory("CREATE TABLE t (id INTEGER PRIMARY KEY, n INTEGER, s TEXT); INSERT INTO t VALUES (1, 5, '5')");
	expect(found(db, [change('t', "id INTEGER PRIMARY KEY, n CHECK (n = '5'), s CHECK (s <> 5)")])).toEqual(["check fails t CHECK (n = '5'): 1"]);
	db.close();
});

test('the condition of a new partial index compares a new column as SQLite does', () => {
	const db = memory("CREATE TABLE t (id INTEGER PRIMARY KEY, s TEXT); INSERT INTO t VALUES (1, 'x'), (2, 'x')");
	const indexed = (condition: string): readonly Operation[] => [
		{kind: 'addColumn', table: 't', definition: 'flag TEXT DEFAULT 1'},
		{kind: 'createIndex', sql: `CREATE UNIQUE INDEX t_s ON t (s) WHERE ${condition}`},
	];
	expect(found(db, indexed('flag = 1'))).toEqual(['duplicate fails t UNIQUE (s) WHERE flag = 1: 1, 2']);
	expect(found(db, indexed('flag <> 1'))).toEqual([]);
	db.exec('ALTER TABLE t ADD COLUMN flag TEXT DEFAULT 1; CREATE UNIQUE INDEX t_s ON t (s) WHERE flag <> 1');
	db.close();
});

describe('a comparison of a changed value', () => {
	const rows = `CREATE TABLE t (id INTEGER PRIMARY KEY, a TEXT, b TEXT COLLATE NOCASE);
		INSERT INTO t VALUES (1, '5', 'A'), (2, '05', 'a'), (3, 'x', 'a '), (4, NULL, 'b');`;
	const t = (columns: string) => change('t', `id INTEGER PRIMARY KEY, ${columns}`);

	test('uses the affinity of the new type, in a CHECK, a generated column and an index', () => {
		expect(found(memory(rows), [t("a INTEGER, b TEXT COLLATE NOCASE, CHECK (a <> '5.0')")]).at(-1)).toBe("check fails t CHECK (a <> '5.0'): 1, 2");
		const generated = "a INTEGER, b TEXT COLLATE NOCASE, g AS (a = '05'), CHECK (g IS NOT 1)";
		expect(found(memory(rows), [t(generated)]).at(-1)).toBe('check fails t CHECK (g IS NOT 1): 1, 2');
		const unique: Operation = {kind: 'createIndex', sql: "CREATE UNIQUE INDEX i ON t (a IN ('5.0')) WHERE a < '9'"};
		expect(found(memory(rows), [t('a INTEGER, b TEXT COLLATE NOCASE'), unique]).at(-1)).toBe(
			"duplicate fails t UNIQUE ((a IN ('5.0'))) WHERE a < '9': 1, 2",
		);
	});

	test('uses the new collation where SQLite inherits it, and no other', () => {
		expect(found(memory(rows), [t("a TEXT, b TEXT, CHECK (b <> 'a')")])).toEqual(["check fails t CHECK (b <> 'a'): 2"]);
		expect(found(memory(rows), [t("a TEXT, b TEXT COLLATE RTRIM, CHECK (b <> 'a')")])).toEqual(["check fails t CHECK (b <> 'a'): 2, 3"]);
		expect(found(memory(rows), [t("a TEXT, b TEXT COLLATE RTRIM, CHECK (lower(b) <> 'a')")])).toEqual([
			"check fails t CHECK (lower(b) <> 'a'): 1, 2",
		]);
		expect(found(memory(rows), [t("a TEXT, b TEXT, g AS (b = 'A'), CHECK (g = 0)")])).toEqual(['check fails t CHECK (g = 0): 1']);
	});

	test('is found although a string has the name of a generated column', () => {
		const db = memory(
			"CREATE TABLE t (id INTEGER PRIMARY KEY, n INTEGER, a INTEGER AS (max(n, 'a'))); INSERT INTO t (id, n) VALUES (1, 1), (2, NULL)",
		);
		const strict = change('t', "id INTEGER PRIMARY KEY, n INTEGER, a INTEGER AS (max(n, 'a'))", {}, 'STRICT');
		expect(found(db, [strict])).toEqual(['incompatible fails t INTEGER: 1']);
	});

	test('is evaluated once for each value, however many values depend on one another', () => {
		const columns = Array.from({length: 12}, (_, index) => `g${index} INTEGER AS (coalesce(${index === 0 ? 'a' : `g${index - 1}`}, 0) + 1)`);
		const [last] = hazardsOf(introspect(memory(rows)), [t(`a INTEGER, b TEXT COLLATE NOCASE, ${columns.join(', ')}, CHECK (g11 > 12)`)]).slice(-1);
		expect(last).toMatchObject({kind: 'check'});
		expect(last !== undefined && 'where' in last ? last.where.length : 0).toBeLessThan(20_000);
	});
});

test('a term that SQLite would read as a position is grouped as a value', () => {
	const db = memory('CREATE TABLE t (id INTEGER PRIMARY KEY, a TEXT); INSERT INTO t VALUES (1, 1), (2, 2)');
	for (const key of ["'1' IS NULL", 'NOT (a = 1 AND FALSE)', 'likely(1)', '+1 COLLATE NOCASE']) {
		expect(found(db, [{kind: 'createIndex', sql: `CREATE UNIQUE INDEX i ON t ((${key}))`}])).toEqual([
			expect.stringMatching(/^duplicate fails .*: 1, 2$/),
		]);
	}
});

test('a full-text index over another table loses nothing, even if the table is renamed before it is dropped', () => {
	const db = memory(
		"CREATE TABLE note (id INTEGER PRIMARY KEY, title TEXT); CREATE VIRTUAL TABLE f USING fts5(title, content='note', content_rowid='id')",
	);
	const drop: Operation = {kind: 'dropTable', table: 'f'};
	expect(found(db, [{kind: 'renameTable', table: 'note', to: 'memo'}, drop])).toEqual([]);
	expect(found(db, [{kind: 'dropTable', table: 'note'}, drop])).toEqual(['dropTable note']);
});
