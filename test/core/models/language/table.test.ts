import {describe, expect, test} from 'vitest';
import {MigrError} from '../../../../source/core/errors.ts';
import {modelOf} from '../../../../source/core/models/language/model.ts';
import {
	type AnyColumn,
	any,
	blob,
	check,
	foreignKey,
	index,
	integer,
	type Named,
	numeric,
	primaryKey,
	real,
	sql,
	table,
	text,
	unique,
	uniqueIndex,
} from '../../../../source/index.ts';
import {rendered} from './rendered.ts';

const one = (model: Parameters<typeof rendered>[0]) => rendered(model)[0];

describe('a table of the language', () => {
	test('renders readable SQL', () => {
		const user = table('user', {id: integer().primaryKey(), name: text().notNull(), age: integer()});
		expect(rendered(user)).toEqual(['CREATE TABLE user (\n    id INTEGER PRIMARY KEY,\n    name TEXT NOT NULL,\n    age INTEGER\n)']);
	});

	test('uses an explicit column name instead of the key', () => {
		const user = table('user', {createdAt: text('created_at').notNull().default(sql`CURRENT_TIMESTAMP`)});
		expect(one(user)).toBe('CREATE TABLE user (\n    created_at TEXT NOT NULL DEFAULT CURRENT_TIMESTAMP\n)');
	});

	test('supports every storage class, a custom type and no type', () => {
		const all = table('all_types', {
			i: integer(),
			t: text(),
			r: real(),
			b: blob(),
			n: numeric(),
			a: any(),
			v: text().type('VARCHAR(255)'),
			big: integer().type('BIGINT'),
			none: any().type(''),
		});
		expect(one(all)).toBe(
			[
				'CREATE TABLE all_types (',
				'    i INTEGER,',
				'    t TEXT,',
				'    r REAL,',
				'    b BLOB,',
				'    n NUMERIC,',
				'    a ANY,',
				'    v VARCHAR(255),',
				'    big BIGINT,',
				'    none',
				')',
			].join('\n'),
		);
	});

	test('writes each kind of default', () => {
		const defaults = table('d', {
			number: integer().default(-5),
			real: real().default(1.5),
			text: text().default("it's"),
			yes: integer().default(true),
			none: text().default(null),
			bytes: blob().default(new Uint8Array([1, 255])),
			call: integer().default(sql`unixepoch()`),
			word: text().default(sql`CURRENT_DATE`),
			parenthesised: integer().default(sql`(1 + 2)`),
		});
		expect(one(defaults)).toContain('number INTEGER DEFAULT -5');
		expect(one(defaults)).toContain('real REAL DEFAULT 1.5');
		expect(one(defaults)).toContain("text TEXT DEFAULT 'it''s'");
		expect(one(defaults)).toContain('yes INTEGER DEFAULT 1');
		expect(one(defaults)).toContain('none TEXT DEFAULT NULL');
		expect(one(defaults)).toContain("bytes BLOB DEFAULT x'01ff'");
		expect(one(defaults)).toContain('call INTEGER DEFAULT (unixepoch())');
		expect(one(defaults)).toContain('word TEXT DEFAULT CURRENT_DATE');
		expect(one(defaults)).toContain('parenthesised INTEGER DEFAULT (1 + 2)');
	});

	test('writes AUTOINCREMENT, DESC, conflict clauses and names of constraints', () => {
		const ids = table('ids', {
			id: integer().primaryKey({autoIncrement: true, name: 'pk', onConflict: 'replace'}),
			name: text().notNull({name: 'named', onConflict: 'ignore'}).unique({name: 'uq', constraint: true}),
			code: text().unique({onConflict: 'rollback'}),
		});
		expect(rendered(ids)).toEqual([
			[
				'CREATE TABLE ids (',
				'    id INTEGER CONSTRAINT pk PRIMARY KEY ON CONFLICT REPLACE AUTOINCREMENT,',
				'    name TEXT CONSTRAINT named NOT NULL ON CONFLICT IGNORE CONSTRAINT uq UNIQUE,',
				'    code TEXT UNIQUE ON CONFLICT ROLLBACK',
				')',
			].join('\n'),
		]);
		expect(one(table('down', {id: integer().primaryKey({order: 'desc'})}))).toContain('id INTEGER PRIMARY KEY DESC');
	});

	test('renders .unique() as a unique index with the same name as in Drizzle', () => {
		const user = table('user', {email: text().unique(), nick: text().unique('one_nick')});
		expect(rendered(user).slice(1)).toEqual(['CREATE UNIQUE INDEX user_email_unique ON user (email)', 'CREATE UNIQUE INDEX one_nick ON user (nick)']);
	});

	test('writes collations, generated columns and checks', () => {
		const user = table(
			'user',
			{
				given: text().collate('NOCASE').check(sql`length(given) > 1`, 'long_enough'),
				family: text(),
				whole: text().generatedAlwaysAs(sql`given || ' ' || family`, {mode: 'stored'}),
				short: text().generatedAlwaysAs(() => sql`substr(given, 1, 1)`),
			},
			(t) => [check('not_both', sql`${t.given} <> ${t.family}`), check(sql`${t.given} NOT IN ${['a', 'b']}`)],
		);
		expect(one(user)).toBe(
			[
				'CREATE TABLE user (',
				'    given TEXT COLLATE NOCASE CONSTRAINT long_enough CHECK (length(given) > 1),',
				'    family TEXT,',
				"    whole TEXT GENERATED ALWAYS AS (given || ' ' || family) STORED,",
				'    short TEXT GENERATED ALWAYS AS (substr(given, 1, 1)) VIRTUAL,',
				'    CONSTRAINT not_both CHECK (given <> family),',
				"    CHECK (given NOT IN ('a', 'b'))",
				')',
			].join('\n'),
		);
	});

	test('writes foreign keys on one or several columns with all options', () => {
		const club = table('club', {region: text(), number: integer()}, (t) => [primaryKey({columns: [t.region, t.number]})]);
		const person = table('person', {
			id: integer().primaryKey(),
			boss: integer().references((): AnyColumn => person.id, {onDelete: 'set null', onUpdate: 'cascade'}),
			home: text().references('country', {deferred: true, name: 'lives_in', match: 'SIMPLE'}),
			town: integer().references('town.id'),
			twin: integer().references((): Named => person),
		});
		const member = table('member', {region: text(), number: integer(), a: integer(), b: integer()}, (t) => [
			foreignKey({columns: [t.region, t.number], foreignColumns: [club.region, club.number], name: 'of_club'})
				.onDelete('restrict')
				.onUpdate('set default'),
			foreignKey({columns: [t.a, t.b], foreignColumns: {table: 'grid', columns: ['x', 'y']}}),
		]);
		expect(one(club)).toContain('PRIMARY KEY (region, number)');
		expect(one(person)).toContain('boss INTEGER REFERENCES person (id) ON DELETE SET NULL ON UPDATE CASCADE');
		expect(one(person)).toContain('home TEXT CONSTRAINT lives_in REFERENCES country MATCH SIMPLE DEFERRABLE INITIALLY DEFERRED');
		expect(one(person)).toContain('town INTEGER REFERENCES town (id)');
		expect(one(person)).toContain('twin INTEGER REFERENCES person');
		expect(one(member)).toContain(
			'CONSTRAINT of_club FOREIGN KEY (region, number) REFERENCES club (region, number) ON DELETE RESTRICT ON UPDATE SET DEFAULT',
		);
		expect(one(member)).toContain('FOREIGN KEY (a, b) REFERENCES grid (x, y)');
	});

	test('writes composite keys with order, collation, name and conflict clause', () => {
		const t = table('t', {a: text(), b: text(), c: text()}, (t) => [
			primaryKey({columns: [t.a.collate('NOCASE'), t.b.desc()], name: 'pk', onConflict: 'fail'}),
			unique({constraint: true, name: 'bc'}).on(t.b, t.c),
		]);
		expect(one(t)).toContain('CONSTRAINT pk PRIMARY KEY (a COLLATE NOCASE, b DESC) ON CONFLICT FAIL');
		expect(one(t)).toContain('CONSTRAINT bc UNIQUE (b, c)');
	});

	test('writes every kind of index', () => {
		const user = table('user', {id: integer().primaryKey(), name: text(), email: text(), age: integer()}, (t) => [
			index('by_name').on(t.name),
			index().on(t.name, t.age),
			uniqueIndex('by_email').on(sql`lower(${t.email})`).where(sql`${t.age} > ${17}`),
			index('sorted').on(t.age.desc(), t.name.collate('NOCASE').desc(), sql`length(${t.email})`.desc()),
			uniqueIndex().on(t.age),
			unique().on(t.name, t.email),
			unique('pair').on(t.email, t.age),
		]);
		expect(rendered(user).slice(1)).toEqual([
			'CREATE INDEX by_name ON user (name)',
			'CREATE INDEX user_name_age_index ON user (name, age)',
			'CREATE UNIQUE INDEX by_email ON user (lower(email)) WHERE age > 17',
			'CREATE INDEX sorted ON user (age DESC, name COLLATE NOCASE DESC, length(email) DESC)',
			'CREATE UNIQUE INDEX user_age_unique ON user (age)',
			'CREATE UNIQUE INDEX user_name_email_unique ON user (name, email)',
			'CREATE UNIQUE INDEX pair ON user (email, age)',
		]);
	});

	test('applies the collation of a key to the whole expression', () => {
		const user = table('user', {a: text(), b: text()}, (t) => [
			index('joined').on(sql`${t.a} || ${t.b}`.collate('NOCASE'), sql`lower(${t.a})`.collate('RTRIM').desc()),
		]);
		expect(rendered(user).slice(1)).toEqual(['CREATE INDEX joined ON user ((a || b) COLLATE NOCASE, lower(a) COLLATE RTRIM DESC)']);
	});

	test('accepts options as the last argument or as methods', () => {
		const columns = {id: text().primaryKey()};
		const expected = 'CREATE TABLE t (\n    id TEXT PRIMARY KEY\n) STRICT, WITHOUT ROWID';
		expect(one(table('t', columns).strict().withoutRowid())).toBe(expected);
		expect(one(table('t', columns, {strict: true, withoutRowid: true}))).toBe(expected);
		expect(one(table('t', columns, () => [], {strict: true, withoutRowid: true}))).toBe(expected);
	});

	test('lets a column have the name of a method', () => {
		const t = table('t', {strict: integer(), renamedFrom: text()}, (t) => [index('i').on(t.strict)], {renamedFrom: 'old'});
		expect(rendered(t)[1]).toBe('CREATE INDEX i ON t (strict)');
		expect(modelOf(t)?.statements()[0]?.renamedFrom).toBe('old');
	});

	test('passes on renames of the table and its columns', () => {
		const account = table('account', {name: text('full_name').renamedFrom('name'), age: integer()}).renamedFrom('user');
		const [statement] = modelOf(account)?.statements() ?? [];
		expect(statement?.renamedFrom).toBe('user');
		expect(statement?.columns?.full_name?.renamedFrom).toBe('name');
		expect(statement?.columns?.age).not.toHaveProperty('renamedFrom');
	});

	test('quotes names that need quotes everywhere', () => {
		const order = table('order', {'a b': integer(), group: text(), 'it"s': text(), true: integer()}, (t) => [
			index('an index').on(t['a b'], t.group, t.true),
			check(sql`${t['it"s']} > 0 and ${t.true} = 1`),
		]);
		expect(rendered(order)).toEqual([
			'CREATE TABLE "order" (\n    "a b" INTEGER,\n    "group" TEXT,\n    "it""s" TEXT,\n    true INTEGER,\n    CHECK ("it""s" > 0 and "true" = 1)\n)',
			'CREATE INDEX "an index" ON "order" ("a b", "group", "true")',
		]);
	});

	test('reports the lines of the table, its columns and its indexes', () => {
		const start = Number(/table\.test\.ts[^:]*:(\d+):/.exec(new Error().stack ?? '')?.[1]);
		const user = table(
			'user',
			{
				id: integer().primaryKey(),
				name: text(),
			},
			(t) => [
				// A comment in between.
				index('i').on(t.name),
			],
		);
		const [create, createIndex] = modelOf(user)?.statements() ?? [];
		expect(create?.source?.file).toMatch(/table\.test\.ts$/);
		expect(create?.source?.line).toBe(start + 1);
		expect(create?.columns?.id?.source?.line).toBe(start + 4);
		expect(create?.columns?.name?.source?.line).toBe(start + 5);
		expect(createIndex?.source?.line).toBe(start + 9);
	});
});

describe('a mistake in a table', () => {
	const failure = (run: () => unknown): MigrError => {
		try {
			run();
		} catch (error) {
			if (error instanceof MigrError) return error;
			throw error;
		}
		throw new Error('nothing was thrown');
	};

	test.each([
		['an empty name', () => table('', {}), 'the name of table is empty'],
		['a missing name', () => table(undefined as unknown as string, {}), 'the name of table is missing'],
		['a reserved name', () => table('sqlite_x', {}), 'names that begin with sqlite_ are reserved for SQLite'],
		['a value that is not a column', () => table('t', {a: 'text' as never}), 'a of table t is not a column'],
		['a Drizzle mode', () => integer({mode: 'boolean'} as never), 'integer() takes the name of the column and no options'],
		['an empty column name', () => table('t', {a: text('')}), 'the name of a column of table t is empty'],
		['two columns with the same name', () => rendered(table('t', {a: text(), b: text('A')})), 'table t has two columns A'],
		['an index on undefined', () => rendered(table('t', {a: text()}, () => [index('i').on(undefined as never)])), 'entry 1 of index i is undefined'],
		[
			'an index on a column of another table',
			() => rendered(table('t', {a: text()}, () => [index('i').on(table('u', {b: text()}).b)])),
			'index i names b, which is not a column of t',
		],
		['an index without on()', () => rendered(table('t', {a: text()}, () => [index('i') as never])), 'entry 1 in the list of table t is not an index'],
		['an unnamed index on an expression', () => rendered(table('t', {a: text()}, () => [index().on(sql`1`)])), 'has no name'],
		['a reference to undefined', () => rendered(table('t', {a: text().references(() => undefined as never)})), 't.a refers to nothing'],
		['a reference that is not a function', () => text().references({} as never), 'references() takes a function or a name'],
		[
			'an unknown action',
			() => rendered(table('t', {a: text().references('u', {onDelete: 'explode' as never})})),
			'explode is not a foreign key action',
		],
		['an unknown conflict clause', () => rendered(table('t', {a: text().notNull({onConflict: 'x' as never})})), 'x is not a conflict clause'],
		[
			'a default that cannot be written in SQL',
			() => rendered(table('t', {a: text().default({} as never)})),
			'[object Object] cannot be written as an SQL literal',
		],
		['a default of NaN', () => rendered(table('t', {a: real().default(Number.NaN)})), 'NaN cannot be written as an SQL literal'],
		[
			'a misspelled name in an expression',
			() => rendered(table('t', {a: text()}, () => [check(sql`${undefined as never} > 1`)])),
			'undefined cannot be written as an SQL literal',
		],
		['no columns', () => table('t', undefined as never), 'table t has no columns'],
		['an empty list of columns', () => table('t', {}), 'table t has no columns'],
		['a list instead of a function', () => table('t', {a: text()}, [] as never), 'the third argument of table t is a list, not a function'],
		['an unknown table option', () => table('t', {a: text()}, {stict: true} as never), 'table t has no option stict'],
		['an unknown reference option', () => text().references('u', {ondelete: 'cascade'} as never), 'references() has no option ondelete'],
		['options that are not an object', () => text().references('u', 'cascade' as never), 'references() takes its options as an object'],
		['an unknown primary key option', () => integer().primaryKey({autoincrement: true} as never), 'primaryKey() has no option autoincrement'],
		['an unknown NOT NULL option', () => text().notNull({on: 'x'} as never), 'notNull() has no option on'],
		['an unknown UNIQUE option', () => text().unique({constrain: true} as never), 'unique() has no option constrain'],
		[
			'an unknown option of a generated column',
			() => text().generatedAlwaysAs(sql`1`, {stored: true} as never),
			'generatedAlwaysAs() has no option stored',
		],
		[
			'a Drizzle mode after the name',
			() => (integer as (...given: unknown[]) => unknown)('a', {mode: 'boolean'}),
			'integer() takes the name of the column',
		],
		['a Drizzle mode of a text column', () => text('a', {mode: 'json'} as never), 'text() has no option mode'],
		['a primary key with a list instead of an object', () => primaryKey([] as never), 'primaryKey() has no columns'],
		['a unique with a list', () => unique([] as never), 'unique() takes a name; its columns go in .on()'],
		['a foreign key without arguments', () => foreignKey(undefined as never), 'foreignKey() needs columns and foreignColumns'],
		['a foreign key without foreignColumns', () => foreignKey({columns: []} as never), 'foreignKey() needs columns and foreignColumns'],
		['a foreign key with unknown options', () => foreignKey({columns: [], references: []} as never), 'foreignKey() has no option references'],
		[
			'a third argument that does not return a list',
			() => rendered(table('t', {a: text()}, () => ({}) as never)),
			'the third argument of table t does not return a list',
		],
	])('%s is reported with file and line', (_, run, message) => {
		const error = failure(run);
		expect(error.code).toBe('model');
		expect(error.message).toContain(message);
		expect(error.location?.file).toMatch(/table\.test\.ts$/);
		expect(error.location?.line).toBeGreaterThan(0);
	});
});
