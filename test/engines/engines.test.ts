import {afterAll, beforeAll, describe, expect, test} from 'vitest';
import type {ApplyOutcome, Engine} from '../../source/core/engines/engine.ts';
import {openEngine} from '../../source/core/engines/open-engine.ts';
import {remoteDatabase} from '../../source/core/engines/remote-database.ts';
import type {SqlValue} from '../../source/core/operations/operation.ts';
import {introspect} from '../../source/core/sqlite/introspect.ts';
import {startProxy} from './proxy.ts';
import {type Rig, startD1, startRqlite, startSqld} from './rigs.ts';

const engines = [
	{kind: 'd1', start: startD1, missing: {CLOUDFLARE_ACCOUNT_ID: 'other'}},
	{kind: 'libsql', start: startSqld},
	{kind: 'rqlite', start: startRqlite},
] as const;

const exact: readonly SqlValue[] = [
	null,
	0,
	1,
	-1,
	2 ** 53 - 1,
	2n ** 53n,
	2n ** 53n + 1n,
	2n ** 63n - 1n,
	-(2n ** 63n),
	0.1,
	0.1 + 0.2,
	1e308,
	5e-324,
	-1.5,
	1e22,
	Number.POSITIVE_INFINITY,
	Number.NEGATIVE_INFINITY,
	'',
	' ',
	'9223372036854775807',
	"it's",
	'grüße, 日本語, 👩‍💻',
	'a\0b',
	'\0',
	'line\r\nline\ttab \\ "quoted" \u2028',
	new Uint8Array(),
	new Uint8Array([0, 1, 127, 128, 255]),
];

function messageOf(outcome: ApplyOutcome): string {
	return outcome.kind === 'committed' ? 'committed' : `${outcome.kind} ${outcome.error.code}: ${outcome.error.message}`;
}

describe.each(engines)('$kind', ({kind, start}) => {
	let rig: Rig;
	let engine: Engine;

	beforeAll(async () => {
		rig = await start();
		engine = await openEngine(rig.target, rig.options);
	});

	afterAll(async () => {
		engine?.close();
		await rig?.stop();
	});

	const committed = async (...statements: readonly string[]): Promise<void> => expect(messageOf(await engine.apply(statements))).toBe('committed');
	const values = async (sql: string): Promise<unknown> => (await engine.query([{sql}]))[0]?.rows.flat();

	test('passes values there and back without changing any', async () => {
		for (const value of exact) {
			const [result] = await engine.query([{sql: 'SELECT ? AS value, typeof(?) AS kind', parameters: [value, value]}]);
			expect(result?.columns).toEqual(['value', 'kind']);
			expect(result?.rows[0]?.[0]).toEqual(value);
		}
	});

	test('reads stored values exactly, and the text form of an integer is still a text', async () => {
		await committed(
			'CREATE TABLE stored (id INTEGER PRIMARY KEY, value)',
			"INSERT INTO stored (value) VALUES (9223372036854775807), (-9223372036854775808), ('9223372036854775807'), (1.0), (x''), (NULL), (char(0) || 'x')",
		);
		const [all] = await engine.query([{sql: 'SELECT * FROM stored ORDER BY id DESC'}]);
		expect(all?.columns).toEqual(['id', 'value']);
		expect(all?.rows.map(([, value]) => value).reverse()).toEqual([
			2n ** 63n - 1n,
			-(2n ** 63n),
			'9223372036854775807',
			1,
			new Uint8Array(),
			null,
			'\0x',
		]);
	});

	test('names the columns of a result without rows', async () => {
		const [result] = await engine.query([{sql: "SELECT 1 AS one, count(*), 'x' IS DISTINCT FROM 'y' WHERE 0 GROUP BY 1"}]);
		expect(result).toEqual({columns: ['one', 'count(*)', "'x' IS DISTINCT FROM 'y'"], rows: []});
	});

	test('knows the columns of a table that has just been changed', async () => {
		await committed('CREATE TABLE changing (a, b)', 'INSERT INTO changing VALUES (1, 2)');
		for (const [change, columns] of [
			['ALTER TABLE changing ADD COLUMN c', ['a', 'b', 'c']],
			['ALTER TABLE changing RENAME COLUMN c TO d', ['a', 'b', 'd']],
			['ALTER TABLE changing DROP COLUMN d', ['a', 'b']],
		] as const) {
			await Promise.all(Array.from({length: 3}, () => values('SELECT * FROM changing')));
			await committed(change);
			expect((await engine.query([{sql: 'SELECT * FROM changing'}]))[0]?.columns).toEqual(columns);
		}
	});

	test('runs several queries of every form at once', async () => {
		const results = await engine.query([
			{sql: 'WITH n(i) AS (VALUES (1), (2)) SELECT i, (SELECT max(i) FROM n) FROM n ORDER BY i DESC;'},
			{sql: 'VALUES (1, 2), (3, 4)'},
			{sql: 'SELECT name FROM pragma_table_xinfo(?) -- a comment', parameters: ['sqlite_schema']},
			{sql: 'PRAGMA table_xinfo(sqlite_schema)'},
			{sql: 'SELECT 1 UNION ALL SELECT 2'},
		]);
		expect(results.map(({rows}) => rows)).toEqual([
			[
				[2, 2],
				[1, 2],
			],
			[
				[1, 2],
				[3, 4],
			],
			[['type'], ['name'], ['tbl_name'], ['rootpage'], ['sql']],
			expect.arrayContaining([expect.arrayContaining([0, 'type', 'TEXT'])]),
			[[1], [2]],
		]);
	});

	test('reports an error in a query with the text of SQLite', async () => {
		await expect(engine.query([{sql: 'SELECT * FROM nowhere'}])).rejects.toMatchObject({
			code: 'database',
			message: expect.stringContaining('no such table: nowhere'),
		});
		await expect(engine.query([{sql: 'SELECT absent FROM sqlite_schema'}])).rejects.toMatchObject({
			code: 'database',
			message: expect.stringContaining('no such column: absent'),
		});
	});

	test('refuses to query with a statement that writes', async () => {
		for (const sql of ['DELETE FROM stored', 'WITH n AS (SELECT 1) INSERT INTO stored SELECT NULL, 1 FROM n', 'PRAGMA foreign_keys=OFF', 'BEGIN']) {
			await expect(engine.query([{sql}])).rejects.toThrow(TypeError);
		}
	});

	test('leaves everything unchanged if a statement in the middle fails', async () => {
		await committed('CREATE TABLE kept (id INTEGER PRIMARY KEY, name TEXT UNIQUE)', "INSERT INTO kept VALUES (1, 'a')");
		const outcome = await engine.apply([
			"INSERT INTO kept VALUES (2, 'b')",
			'CREATE TABLE half (x)',
			"INSERT INTO kept VALUES (3, 'a')",
			'DROP TABLE kept',
		]);
		expect(messageOf(outcome)).toBe('failed database: UNIQUE constraint failed: kept.name');
		if (kind !== 'd1') expect(outcome).toMatchObject({statement: 2});
		expect(await values('SELECT id, name FROM kept')).toEqual([1, 'a']);
		expect(await values("SELECT count(*) FROM sqlite_schema WHERE name = 'half'")).toEqual([0]);
	});

	test.each([
		['cannot be parsed', 'INSRT INTO half VALUES (1)', /INSRT/],
		['names a table that does not exist', 'INSERT INTO nowhere VALUES (1)', /no such table: nowhere/],
		['reads a table that does not exist', 'SELECT * FROM nowhere', /no such table: nowhere/],
		['creates a table that exists', 'CREATE TABLE half (y)', /half.* already exists/],
		['begins a transaction', 'BEGIN', /BEGIN|transaction/],
	])('leaves everything unchanged if a statement %s', async (_, sql, message) => {
		const outcome = await engine.apply(['CREATE TABLE half (x)', sql, 'INSERT INTO half VALUES (1)', 'CREATE TABLE after_it (x)']);
		expect(messageOf(outcome)).toMatch(/^failed database: /);
		expect(messageOf(outcome)).toMatch(message);
		expect(await values("SELECT name FROM sqlite_schema WHERE name IN ('half', 'after_it')")).toEqual([]);
	});

	test('reports the message of a guard, and everything is unchanged', async () => {
		const outcome = await engine.apply([
			'CREATE TABLE half (x)',
			"SELECT json_extract('{}', 'lite-migr: rows of it''s a timeout: 2 before, 0 after')",
			'DROP TABLE half',
		]);
		expect(messageOf(outcome)).toBe("failed guard: rows of it's a timeout: 2 before, 0 after");
		expect(outcome).toMatchObject({error: {details: [`${engine.name} is unchanged`]}});
		expect(await values("SELECT count(*) FROM sqlite_schema WHERE name = 'half'")).toEqual([0]);
	});

	test('runs a guard for every row', async () => {
		const rows = '(WITH RECURSIVE n(i) AS (VALUES (1) UNION ALL SELECT i + 1 FROM n WHERE i < 5) SELECT i FROM n)';
		const outcome = await engine.apply([
			'CREATE TABLE half (x)',
			`SELECT CASE WHEN i = 4 THEN json_extract('{}', printf('lite-migr: row %d', i)) END FROM ${rows};`,
		]);
		expect(messageOf(outcome)).toBe('failed guard: row 4');
		expect(await values("SELECT count(*) FROM sqlite_schema WHERE name = 'half'")).toEqual([0]);
	});

	test('a guard whose condition never holds has no effect', async () => {
		await committed("SELECT json_extract('{}', 'lite-migr: never') FROM (SELECT 1) WHERE 0");
	});

	test('legacy_alter_table is off again after a batch that failed', async () => {
		const {legacyAlterTable} = await engine.features();
		expect(legacyAlterTable).toBe(kind !== 'libsql');
		if (!legacyAlterTable) return;
		const outcome = await engine.apply(['PRAGMA legacy_alter_table=ON', "SELECT json_extract('{}', 'lite-migr: stop')"]);
		expect(messageOf(outcome)).toBe('failed guard: stop');
		expect(await values('PRAGMA legacy_alter_table')).toEqual([0]);
	});

	test('knows its features', async () => {
		const features = await engine.features();
		expect(features).toMatchObject(
			{
				d1: {foreignKeysOff: false, legacyAlterTable: true, maxStatementBytes: 100_000, maxColumns: 100, sqliteVersion: ''},
				libsql: {foreignKeysOff: true, legacyAlterTable: false, maxColumns: 2000, sqliteVersion: expect.stringMatching(/^3\./)},
				rqlite: {
					foreignKeysOff: true,
					legacyAlterTable: true,
					maxStatementBytes: 1_000_000_000,
					maxColumns: 2000,
					sqliteVersion: expect.stringMatching(/^3\./),
				},
			}[kind],
		);
	});

	test('foreign keys are off while a batch runs if the features say so', async () => {
		await committed(
			'CREATE TABLE parent (id INTEGER PRIMARY KEY)',
			'CREATE TABLE child (id INTEGER PRIMARY KEY, parent_id INTEGER REFERENCES parent (id) ON DELETE CASCADE)',
			'INSERT INTO parent VALUES (1)',
			'INSERT INTO child VALUES (1, 1)',
		);
		const {foreignKeysOff} = await engine.features();
		await committed('PRAGMA foreign_keys=OFF', 'DELETE FROM parent');
		expect(await values('SELECT count(*) FROM child')).toEqual([foreignKeysOff ? 1 : 0]);
	});

	test('runs a batch of a thousand statements', async () => {
		await committed('CREATE TABLE many (x)', ...Array.from({length: 1000}, (_, index) => `INSERT INTO many VALUES (${index})`));
		expect(await values('SELECT count(*), sum(x) FROM many')).toEqual([1000, 499_500]);
	});

	test('stores a trigger of several lines with comments, a nested CASE and semicolons in texts', async () => {
		await committed(
			'CREATE TABLE log (what TEXT)',
			`create trigger many_log after insert on many -- logs; rows
			begin
				insert into log select (case when new.x > 5 then 'big; end;' else 'small' end);
				delete from log where what is null;
			end`,
			'INSERT INTO many VALUES (9)',
		);
		expect(await values('SELECT what FROM log')).toEqual(['big; end;']);
		await committed('DROP TRIGGER many_log');
	});

	test('lets the readers of the core introspect the database', async () => {
		const db = remoteDatabase(rig.target, rig.options);
		try {
			expect(introspect(db).tables.map(({name}) => name)).toEqual(expect.arrayContaining(['kept', 'parent', 'child']));
			db.exec('BEGIN');
			expect(db.all('SELECT id, name FROM kept WHERE name = ?', 'a')).toEqual([{id: 1, name: 'a'}]);
			db.exec('COMMIT');
			expect(db.value('SELECT 9223372036854775807')).toBe(2n ** 63n - 1n);
			expect(() => db.value('SELECT * FROM nowhere')).toThrow('no such table: nowhere');
			expect(() => db.exec('DELETE FROM kept')).toThrow(TypeError);
			expect(() => db.run('DELETE FROM kept')).toThrow(TypeError);
			expect(db.value('SELECT count(*) FROM kept')).toBe(1);
		} finally {
			db.close();
		}
	});

	test('of two clients that create the same table at once, one succeeds and the other gets an error', async () => {
		const other = await openEngine(rig.target, rig.options);
		try {
			const outcomes = await Promise.all(
				[engine, other].map((client, index) => client.apply(['CREATE TABLE once (x)', `INSERT INTO once VALUES (${index})`])),
			);
			expect(outcomes.map(messageOf).sort()).toEqual(['committed', expect.stringMatching(/^failed database: table [`"]?once[`"]? already exists/)]);
			expect(await values('SELECT x FROM once')).toEqual([outcomes.findIndex((outcome) => outcome.kind === 'committed')]);
		} finally {
			other.close();
		}
	});

	test('does not know the outcome if the connection is cut after the batch was sent', async () => {
		const proxy = await startProxy(rig.port, true);
		const {target, options} = rig.at(proxy.port);
		const cut = await openEngine(target, options);
		try {
			const outcome = await cut.apply(['CREATE TABLE sent (x)', 'INSERT INTO sent VALUES (1)']);
			expect(outcome).toMatchObject({kind: 'unknown', error: {code: 'outcomeUnknown', hint: expect.stringContaining('lite-migr status')}});
			expect(await values('SELECT x FROM sent')).toEqual([1]);
			await expect(cut.query([{sql: 'SELECT 1'}])).rejects.toMatchObject({code: 'database', message: expect.stringContaining('did not answer')});
		} finally {
			cut.close();
			await proxy.close();
		}
	});

	test('is unchanged or completely changed after the server was killed in the middle of a batch', async () => {
		await committed('CREATE TABLE big (x)');
		const rows = 3_000_000;
		const proxy = await startProxy(rig.port, false);
		const {target, options} = rig.at(proxy.port);
		const watched = await openEngine(target, options);
		const running = watched.apply([
			'CREATE TABLE marker (x)',
			`INSERT INTO big WITH RECURSIVE n(i) AS (VALUES (1) UNION ALL SELECT i + 1 FROM n WHERE i < ${rows}) SELECT i FROM n`,
			'INSERT INTO marker VALUES (1)',
		]);
		await proxy.received;
		await rig.kill();
		const outcome = await running;
		watched.close();
		await proxy.close();
		expect(messageOf(outcome)).toMatch(/^unknown outcomeUnknown: the answer of .* was lost/);
		const refused = await engine.apply(['CREATE TABLE refused (x)']);
		expect(messageOf(refused)).toMatch(/^failed database: cannot reach .*: connection refused$/);
		await expect(engine.query([{sql: 'SELECT 1'}])).rejects.toMatchObject({code: 'database', message: expect.stringContaining('connection refused')});
		await rig.restart();
		const isCommitted = (await values("SELECT count(*) FROM sqlite_schema WHERE name = 'marker'")) as readonly number[];
		expect(await values('SELECT count(*) FROM big')).toEqual([isCommitted[0] === 1 ? rows : 0]);
	});
});
