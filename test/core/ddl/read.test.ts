import {describe, expect, test} from 'vitest';
import {readColumn, readSchema, readStatement, readTable, schemaOf} from '../../../source/core/ddl/read.ts';
import {MigrError} from '../../../source/core/errors.ts';
import {keywords} from '../../../source/core/schema/identifiers.ts';
import {base, indexes, refused, tables, triggers, views} from './definitions.ts';
import {databaseOf, factsOfPragmas, factsOfSchema, isAccepted, readDatabase, schemaRows} from './referee.ts';

describe('statements that SQLite accepts are read as its pragmas report them', () => {
	test.each(tables)('%s', (sql) => {
		const db = databaseOf(sql);
		expect(factsOfSchema(readDatabase(db))).toEqual(factsOfPragmas(db));
		const written = readStatement(sql);
		expect(written?.kind).toBe('table');
		if (written !== undefined) expect(factsOfSchema(schemaOf([written]))).toEqual(factsOfPragmas(db));
	});

	test.each([...indexes, ...triggers, ...views])('%s', (sql) => {
		const db = databaseOf(...base, sql);
		const read = readDatabase(db);
		expect(factsOfSchema(read)).toEqual(factsOfPragmas(db));
		expect(read.indexes.length + read.triggers.length + read.views.length).toBe(2);
	});
});

describe('a statement that SQLite rejects is an error with its location', () => {
	test.each(refused)('%s', (sql) => {
		expect(isAccepted(...base.filter(() => !/^create table/i.test(sql)), sql)).toBe(false);
		let error: unknown;
		try {
			readStatement(sql, {file: 'models/a.sql', line: 7});
		} catch (thrown) {
			error = thrown;
		}

		expect(error).toBeInstanceOf(MigrError);
		expect(error).toMatchObject({code: 'syntax', location: {file: 'models/a.sql', line: 7, column: expect.any(Number)}});
	});

	test.each<[string, string, number, number]>([
		['CREATE TABLE t (\n  a INT,\n  b INT DEFAULT,\n  c\n)', 'syntax error near ",": expected a default value', 3, 16],
		['CREATE TABLE t (\n  a INT', 'the statement ends too early: expected ")"', 2, 8],
		['CREATE TABLE t (a CHECK (a > (1))', 'the statement ends too early: expected ")"', 1, 34],
		['CREATE TABLE t (a CHECK ((a > 1)', 'the parenthesis that opens here is never closed', 1, 25],
		["CREATE TABLE t (\n  a DEFAULT 'x\n)", "the quote ' that opens here is never closed", 2, 13],
		['CREATE TABLE t (a, b, A int)', 'table t has two columns named A', 1, 23],
		['CREATE TABLE t (a PRIMARY KEY, b, PRIMARY KEY (b))', 'a table cannot have two primary keys', 1, 49],
		['CREATE TABLE t (a,\n UNIQUE (a, b))', 'table t has no column named b', 2, 13],
		['CREATE TABLE t AS SELECT 1', 'table t is created by CREATE TABLE … AS SELECT, which does not list its columns', 1, 16],
		['CREATE TABLE t (a)\nCREATE TABLE u (a)', 'a ; is missing before this CREATE', 2, 1],
		['CREATE TABLE t (a); CREATE TABLE u (a)', 'syntax error near "CREATE": expected one statement only', 1, 21],
		['CREATE TABLE t (a, UNIQUE (a), b INT)', 'syntax error near "b": expected a table constraint; columns come before all of them', 1, 32],
	])('%s', (sql, message, line, column) => {
		expect(() => readStatement(sql)).toThrow(expect.objectContaining({message, location: {line, column}}));
	});
});

describe('keywords', () => {
	const places: readonly [string, (word: string) => string][] = [
		['the name of a column', (word) => `CREATE TABLE t(${word})`],
		['the name of a second column', (word) => `CREATE TABLE t(z, ${word} int)`],
		['a type', (word) => `CREATE TABLE t(a ${word})`],
		['the last word of a type', (word) => `CREATE TABLE t(a int ${word})`],
		['a default', (word) => `CREATE TABLE t(a DEFAULT ${word})`],
		['the name of a constraint', (word) => `CREATE TABLE t(a, CONSTRAINT ${word} UNIQUE(a))`],
		['a parent', (word) => `CREATE TABLE t(a REFERENCES ${word})`],
	];
	test.each(places)('can be %s if SQLite allows it', (_what, sql) => {
		for (const word of [...keywords, 'WITHIN', 'STORED', 'STRICT', 'TRUE']) {
			let isRead = true;
			try {
				readStatement(sql(word));
			} catch {
				isRead = false;
			}

			expect([word, isRead]).toEqual([word, isAccepted(sql(word))]);
		}
	});
});

describe('the parts of a table', () => {
	const table = readTable(
		`CREATE TABLE "Order Line" (
			id INTEGER CONSTRAINT pk PRIMARY KEY AUTOINCREMENT,
			"Item" varchar ( 10 ) CONSTRAINT nn NOT NULL ON CONFLICT IGNORE DEFAULT some COLLATE NOCASE CONSTRAINT c1 CHECK ((item <> '')),
			total REAL GENERATED ALWAYS AS (round(price * 2)) STORED,
			price REAL REFERENCES p(a) ON DELETE SET NULL DEFERRABLE INITIALLY DEFERRED,
			CONSTRAINT u UNIQUE (price, "Item" COLLATE RTRIM DESC) ON CONFLICT REPLACE,
			CHECK (price > 0), FOREIGN KEY (price, total) REFERENCES q MATCH SIMPLE ON UPDATE RESTRICT
		) STRICT; -- the end`,
		{file: 'm.sql', line: 10},
	);

	test('are read with their names, clauses and locations', () => {
		expect({...table, sql: ''}).toEqual({
			kind: 'table',
			name: 'Order Line',
			columns: [
				{name: 'id', type: 'INTEGER', source: {file: 'm.sql', line: 11}},
				{
					name: 'Item',
					type: 'varchar ( 10 )',
					notNull: {name: 'nn', onConflict: 'IGNORE'},
					default: {text: "'some'", normal: "'some'"},
					collate: 'NOCASE',
					source: {file: 'm.sql', line: 12},
				},
				{
					name: 'total',
					type: 'REAL',
					generated: {expression: {text: 'round(price * 2)', normal: 'round(price*2)'}, stored: true},
					source: {file: 'm.sql', line: 13},
				},
				{name: 'price', type: 'REAL', source: {file: 'm.sql', line: 14}},
			],
			primaryKey: {name: 'pk', columns: [{name: 'id', descending: false}], autoincrement: true, rowidAlias: true},
			uniques: [
				{
					name: 'u',
					columns: [
						{name: 'price', descending: false},
						{name: 'Item', collate: 'RTRIM', descending: true},
					],
					onConflict: 'REPLACE',
				},
			],
			checks: [
				{name: 'c1', expression: {text: "item <> ''", normal: "item!=''"}, column: 'Item'},
				{expression: {text: 'price > 0', normal: 'price>0'}},
			],
			foreignKeys: [
				{columns: ['price'], parent: 'p', parentColumns: ['a'], onDelete: 'SET NULL', deferred: true},
				{columns: ['price', 'total'], parent: 'q', parentColumns: [], onUpdate: 'RESTRICT', match: 'SIMPLE', deferred: false},
			],
			strict: true,
			withoutRowid: false,
			sql: '',
			source: {file: 'm.sql', line: 10},
		});
	});

	test('keep the text of the statement, without its semicolon and anything after it', () => {
		expect(table.sql.startsWith('CREATE TABLE "Order Line" (\n')).toBe(true);
		expect(table.sql.endsWith(') STRICT')).toBe(true);
	});

	test.each<[string, boolean]>([
		['CREATE TABLE t(id INTEGER PRIMARY KEY)', true],
		['CREATE TABLE t(id integer, PRIMARY KEY (id DESC))', true],
		['CREATE TABLE t(id INTEGER PRIMARY KEY DESC)', false],
		['CREATE TABLE t(id INT PRIMARY KEY)', false],
		['CREATE TABLE t(id INTEGER PRIMARY KEY) WITHOUT ROWID', false],
		['CREATE TABLE t(id INTEGER, b, PRIMARY KEY (id, b))', false],
	])('%s: the key is the rowid: %s', (sql, expected) => {
		expect(readTable(sql).primaryKey?.rowidAlias).toBe(expected);
	});

	test('a deferred foreign key is the one that SQLite defers', () => {
		const sql = 'CREATE TABLE t(a REFERENCES p, b REFERENCES p, c INT DEFERRABLE INITIALLY DEFERRED)';
		expect(readTable(sql).foreignKeys.map((key) => key.deferred)).toEqual([false, true]);
		const db = databaseOf('CREATE TABLE p(id INTEGER PRIMARY KEY)', sql, 'BEGIN');
		db.exec('INSERT INTO t(b) VALUES (1)');
		expect(() => db.exec('INSERT INTO t(a) VALUES (1)')).toThrow('FOREIGN KEY');
		db.close();
	});
});

describe('a column’s definition', () => {
	test('adds its constraints to the table', () => {
		expect(readColumn("email TEXT NOT NULL UNIQUE DEFAULT '' CHECK (email <> 'x') REFERENCES mail")).toEqual({
			column: {name: 'email', type: 'TEXT', notNull: {}, default: {text: "''", normal: "''"}},
			uniques: [{columns: [{name: 'email', descending: false}]}],
			checks: [{expression: {text: "email <> 'x'", normal: "email!='x'"}, column: 'email'}],
			foreignKeys: [{columns: ['email'], parent: 'mail', parentColumns: [], deferred: false}],
		});
		expect(readColumn('id INTEGER PRIMARY KEY').primaryKey).toEqual({
			columns: [{name: 'id', descending: false}],
			autoincrement: false,
			rowidAlias: true,
		});
	});

	test('cannot be followed by another definition', () => {
		expect(() => readColumn('a int, b int')).toThrow(expect.objectContaining({code: 'syntax', location: {line: 1, column: 6}}));
	});
});

describe('reading other statements', () => {
	test('separates the expressions of an index from COLLATE and DESC', () => {
		const sql = 'CREATE UNIQUE INDEX i ON "t"(a COLLATE NOCASE DESC, (lower(b)), b || c COLLATE RTRIM) WHERE (a) > 0 AND b';
		expect(readStatement(sql)).toEqual({
			kind: 'index',
			name: 'i',
			table: 't',
			unique: true,
			columns: [
				{expression: {text: 'a', normal: 'a'}, column: 'a', collate: 'NOCASE', descending: true},
				{expression: {text: 'lower(b)', normal: 'lower(b)'}, descending: false},
				{expression: {text: 'b || c COLLATE RTRIM', normal: 'b||c collate rtrim'}, descending: false},
			],
			where: {text: '(a) > 0 AND b', normal: '(a)>0 and b'},
			sql,
		});
	});

	test('reads the parts of a trigger', () => {
		const sql =
			"CREATE TRIGGER G UPDATE OF \"A\", b ON main.T WHEN (new.a > 1) BEGIN UPDATE other SET x = (SELECT y FROM 'third'); SELECT 'text'; END";
		expect(readStatement(`${sql};`)).toEqual({
			kind: 'trigger',
			name: 'G',
			table: 'T',
			timing: 'BEFORE',
			event: 'UPDATE',
			updateOf: ['A', 'b'],
			when: {text: 'new.a > 1', normal: 'new.a>1'},
			body: {
				text: "UPDATE other SET x = (SELECT y FROM 'third'); SELECT 'text';",
				normal: "update other set x=(select y from 'third');select 'text';",
			},
			mentions: ['new', 'a', 'other', 'x', 'y', 'third'],
			sql,
		});
	});

	test('reads the parts of a view', () => {
		const sql = 'CREATE VIEW v (a, "B") AS SELECT u.Id, count(*) FROM User AS u JOIN main."Order" USING (id)';
		expect(readStatement(sql)).toEqual({
			kind: 'view',
			name: 'v',
			columns: ['a', 'B'],
			select: {
				text: 'SELECT u.Id, count(*) FROM User AS u JOIN main."Order" USING (id)',
				normal: 'select u.id,count(*)from user as u join main."order" using(id)',
			},
			mentions: ['u', 'id', 'count', 'user', 'main', 'order'],
			sql,
		});
	});

	test.each<[string, string, string[]]>([
		[
			"CREATE VIRTUAL TABLE f USING fts5(title, body , tokenize = 'porter ascii', content='')",
			'fts5',
			['title', 'body', "tokenize = 'porter ascii'", "content=''"],
		],
		['CREATE VIRTUAL TABLE IF NOT EXISTS main.f USING rtree(id, a, b)', 'rtree', ['id', 'a', 'b']],
		[
			'CREATE VIRTUAL TABLE f USING vec0(embedding float[384], x text PARTITION KEY, f(a, b))',
			'vec0',
			['embedding float[384]', 'x text PARTITION KEY', 'f(a, b)'],
		],
		['CREATE VIRTUAL TABLE f USING dbstat', 'dbstat', []],
		['CREATE VIRTUAL TABLE f USING "my module"()', 'my module', []],
	])('%s', (sql, module, expected) => {
		const virtualTable = readStatement(sql);
		if (virtualTable?.kind !== 'virtualTable') throw new Error('no virtual table');
		expect([virtualTable.module, virtualTable.arguments.map((argument) => argument.text)]).toEqual([module, expected]);
	});

	test.each([
		'SELECT 1',
		'PRAGMA user_version',
		'ATTACH x AS y',
		'CREATE',
		'',
		'-- nothing',
		'DROP TABLE t',
		'WITH a AS (SELECT 1) SELECT * FROM a',
		'created table t(a)',
	])('%j is not a CREATE statement', (sql) => {
		expect(readStatement(sql)).toBeUndefined();
	});
});

describe('a schema from a database', () => {
	test('treats every table with the prefix of a virtual table as its shadow table if the module is unknown', () => {
		for (const module of ['own', 'constructor']) {
			const rows = [`CREATE VIRTUAL TABLE x USING ${module}(a)`, 'CREATE TABLE x_data(a)', 'CREATE TABLE y(a)'];
			const schema = readSchema(rows.map((sql) => ({type: 'table', name: /TABLE (\w+)/.exec(sql)?.[1] ?? '', sql})));
			expect(schema.tables.map((table) => table.name)).toEqual(['y']);
		}
	});

	test('omits SQLite’s internal objects and the shadow tables of virtual tables', () => {
		const db = databaseOf(
			'CREATE TABLE t(id INTEGER PRIMARY KEY AUTOINCREMENT, a UNIQUE)',
			'CREATE INDEX i ON t(a)',
			'CREATE VIRTUAL TABLE f USING fts5(a)',
			'CREATE VIRTUAL TABLE r USING rtree(id, a, b)',
			'CREATE VIRTUAL TABLE g USING fts4(a)',
			'CREATE TABLE f_own(a)',
			'CREATE TABLE r_nodes(a)',
			'CREATE TABLE g_contents(a)',
			'CREATE INDEX on_shadow ON f_own(a)',
			'CREATE VIEW v AS SELECT * FROM t',
			'CREATE TRIGGER x AFTER INSERT ON t BEGIN SELECT 1; END',
			'ANALYZE',
		);
		const schema = readDatabase(db);
		expect(schema.tables.map((table) => table.name)).toEqual(['t', 'f_own', 'r_nodes', 'g_contents']);
		expect(schema.virtualTables.map((table) => table.name)).toEqual(['f', 'r', 'g']);
		expect(schema.indexes.map((index) => index.name)).toEqual(['i', 'on_shadow']);
		expect(schema.views.map((view) => view.name)).toEqual(['v']);
		expect(schema.triggers.map((trigger) => trigger.name)).toEqual(['x']);
		const real = db.pragma('main.table_list') as {name: string; type: string}[];
		const own = real.filter((row) => row.type === 'table' && !row.name.startsWith('sqlite_')).map((row) => row.name);
		expect(schema.tables.map((table) => table.name).sort()).toEqual(own.sort());
		db.close();
	});

	test('treats every table with the prefix of a virtual table with an unknown module as its shadow table', () => {
		const rows = [
			{type: 'table', name: 'v', sql: 'CREATE VIRTUAL TABLE v USING something(a)'},
			{type: 'table', name: 'V_data', sql: 'CREATE TABLE V_data(a)'},
			{type: 'index', name: 'i', sql: 'CREATE INDEX i ON v_DATA(a)'},
			{type: 'table', name: 'vx', sql: 'CREATE TABLE vx(a)'},
		];
		const schema = readSchema(rows);
		expect(schema.tables.map((table) => table.name)).toEqual(['vx']);
		expect(schema.indexes).toEqual([]);
	});

	test('recognizes the shadow tables of vec0', () => {
		const names = ['e_info', 'e_chunks', 'e_rowids', 'e_vector_chunks00', 'e_auxiliary', 'e_metadatachunks01', 'e_metadatatext00', 'e_mine'];
		const rows = [
			{type: 'table', name: 'e', sql: 'CREATE VIRTUAL TABLE e USING vec0(a float[3])'},
			...names.map((name) => ({type: 'table', name, sql: `CREATE TABLE ${name}(a)`})),
		];
		expect(readSchema(rows).tables.map((table) => table.name)).toEqual(['e_mine']);
	});

	test('names the object if its definition cannot be read', () => {
		const rows = [{type: 'table', name: 'broken', sql: 'CREATE TABLE broken (a'}];
		expect(() => readSchema(rows)).toThrow(
			expect.objectContaining({
				code: 'syntax',
				message: expect.stringContaining('the definition of table broken in the database'),
				location: {line: 1, column: 23, table: 'broken'},
			}),
		);
	});

	test('reads the definitions that an ALTER TABLE results in', () => {
		const db = databaseOf(
			'CREATE TABLE a(id INTEGER PRIMARY KEY, x int)',
			'CREATE TABLE b(a_id REFERENCES a(id))',
			'ALTER TABLE a RENAME TO "the a"',
			'ALTER TABLE "the a" RENAME x TO "the ""x"""',
			`ALTER TABLE "the a" ADD COLUMN y TEXT NOT NULL DEFAULT 'it''s' CHECK (y <> '')`,
			'ALTER TABLE "the a" ADD z',
			'ALTER TABLE "the a" DROP z',
		);
		expect(factsOfSchema(readDatabase(db))).toEqual(factsOfPragmas(db));
		expect(schemaRows(db)).toHaveLength(2);
		db.close();
	});
});
