import {join} from 'node:path';
import {DatabaseSync} from 'node:sqlite';
import {pathToFileURL} from 'node:url';
import BetterSqlite3 from 'better-sqlite3';
import {describe, expect, test} from 'vitest';
import {type ApplyEvent, type ApplyRequest, apply, type BundleRequest, type ConnectionRequest, folder} from '../../../../source/index.ts';
import {type ProjectFolder, projectFolder, toml} from '../../../project-folder.ts';

/** The part of both drivers that these tests use. */
interface Connection {
	exec(sql: string): unknown;
	prepare(sql: string): {all(...parameters: unknown[]): unknown[]; get(...parameters: unknown[]): unknown; iterate(): IterableIterator<unknown>};
	close(): unknown;
}

type Opened = Connection & ConnectionRequest['database'];

const drivers: readonly [string, (path: string, readonly?: boolean) => Opened][] = [
	['better-sqlite3', (path, readonly = false) => new BetterSqlite3(path, {readonly}) as unknown as Opened],
	['node:sqlite', (path, readOnly = false) => new DatabaseSync(path, {readOnly}) as unknown as Opened],
];

const start = `
	CREATE TABLE parent (id INTEGER PRIMARY KEY AUTOINCREMENT, a TEXT);
	CREATE TABLE child (id INTEGER PRIMARY KEY, parent INTEGER NOT NULL REFERENCES parent (id) ON DELETE CASCADE);
	CREATE TABLE log (x);
	INSERT INTO parent VALUES (1, '10'), (7, '20'), (9, '30');
	DELETE FROM parent WHERE id = 9;
	INSERT INTO child VALUES (1, 1), (2, 7), (3, 7);
	INSERT INTO log (rowid, x) VALUES (5, 'kept');
`;
const rewrite = "op.changeTable('parent', 'CREATE TABLE parent (id INTEGER PRIMARY KEY AUTOINCREMENT, a INTEGER)');";

function project(upgrade = rewrite, rest = ''): ProjectFolder {
	const created = projectFolder({'migrate.toml': toml});
	created.migration('20260101_000000_change', upgrade, '', rest);
	return created;
}

function changed(db: Opened, work: () => unknown): Opened {
	work();
	return db;
}

async function eventsOf(request: ApplyRequest): Promise<readonly ApplyEvent[]> {
	const events: ApplyEvent[] = [];
	for await (const event of apply(request)) events.push(event);
	return events;
}

async function endOf(request: ApplyRequest): Promise<ApplyEvent> {
	return (await eventsOf(request)).at(-1) as ApplyEvent;
}

/** Returns the whole contents, with rowids and sequences, but without the history. */
function contents(db: Connection): unknown {
	const all = (sql: string) => db.prepare(sql).all();
	return {
		schema: all("SELECT type, name, sql FROM sqlite_schema WHERE tbl_name <> '_lite_migr' ORDER BY name"),
		parent: all('SELECT rowid, *, typeof(a) FROM parent ORDER BY id'),
		child: all('SELECT * FROM child ORDER BY id'),
		log: all('SELECT rowid, * FROM log ORDER BY rowid'),
		sequence: all("SELECT * FROM sqlite_sequence WHERE name <> '_lite_migr'"),
	};
}

const settingNames = [
	'foreign_keys',
	'legacy_alter_table',
	'recursive_triggers',
	'synchronous',
	'cache_size',
	'busy_timeout',
	'threads',
	'defer_foreign_keys',
	'trusted_schema',
	'writable_schema',
];

function settings(db: Connection): unknown {
	return [...settingNames.map((name) => db.prepare(`PRAGMA ${name}`).get()), db.prepare("SELECT 'a' LIKE 'A' AS sensitive").get()];
}

/** node:sqlite in Node.js 22 cannot read the bytes of a database in memory, or of one in a transaction. */
const canSerialize = 'serialize' in DatabaseSync.prototype;

describe.each(drivers)('a run on an open connection of %s', (name, open) => {
	const needsBytes = name === 'better-sqlite3' || canSerialize;

	/** Checks that such a run is refused in Node.js 22, with nothing changed. Returns true there. */
	async function isRefused(isNeeded: boolean, db: Opened, files: ProjectFolder, options: Partial<ConnectionRequest> = {}): Promise<boolean> {
		if (needsBytes || !isNeeded) return false;
		const before = contents(db);
		const request = {database: db, migrations: folder(files.migrationsDir), consent: true, ...options} as ConnectionRequest;
		expect(await endOf(request)).toMatchObject({type: 'failed', code: 'plan', message: expect.stringContaining('needs a newer Node.js')});
		expect(contents(db)).toEqual(before);
		db.close();
		return true;
	}

	const places: readonly [string, (folder: ProjectFolder) => string][] = [
		['in memory', () => ':memory:'],
		['on disk', ({file}) => file],
		['on disk in WAL mode', ({file}) => file],
	];

	describe.each(places)('%s', (place, pathIn) => {
		const opened = (folder: ProjectFolder, sql = start): Opened => {
			const db = open(pathIn(folder));
			if (place.includes('WAL')) db.exec('PRAGMA journal_mode = WAL');
			db.exec(sql);
			return db;
		};

		test.each([false, true])('migrates and keeps the rows (in a transaction: %s)', async (inTransaction) => {
			const files = project();
			const db = opened(files);
			const expected = project();
			expected.exec(start);
			expect((await expected.lite('upgrade', '--no-backup')).code).toBe(0);

			if (inTransaction) db.exec("BEGIN; INSERT INTO log VALUES ('mine')");
			else db.exec("INSERT INTO log VALUES ('mine')");
			expected.exec("INSERT INTO log VALUES ('mine')");
			if (await isRefused(inTransaction, db, files)) return;
			const before = settings(db);
			const end = await endOf({database: db, migrations: folder(files.migrationsDir)});
			expect(end).toMatchObject({type: 'done', applied: [{name: '20260101_000000_change'}], backup: null});
			expect(settings(db)).toEqual(before);
			if (inTransaction) {
				expect(() => db.exec('BEGIN')).toThrow(/within a transaction/);
				db.exec('COMMIT');
			}
			const other = expected.database((each) =>
				contents({
					exec: (sql) => each.exec(sql),
					prepare: (sql) => ({all: () => [...each.all(sql)], get: () => each.get(sql), iterate: () => each.iterate(sql)}),
					close: () => {},
				}),
			);
			expect(JSON.parse(JSON.stringify(contents(db)))).toEqual(JSON.parse(JSON.stringify(other)));
			expect(db.prepare('PRAGMA integrity_check').all()).toMatchObject([{integrity_check: 'ok'}]);
			expect(await endOf({database: db, migrationsDir: files.migrationsDir})).toMatchObject({type: 'done', applied: []});
			db.close();
		});

		test('in a transaction that the program rolls back afterwards changes nothing', async () => {
			const files = project();
			const db = opened(files);
			const before = contents(db);
			db.exec("BEGIN; INSERT INTO log VALUES ('mine')");
			if (await isRefused(true, db, files)) return;
			expect(await endOf({database: db, migrations: folder(files.migrationsDir)})).toMatchObject({type: 'done'});
			db.exec('ROLLBACK');
			expect(contents(db)).toEqual(before);
			expect(await endOf({database: db, migrations: folder(files.migrationsDir)})).toMatchObject({type: 'done', applied: [{}]});
			db.close();
		});

		test.each([false, true])('that fails in the middle leaves everything as before (in a transaction: %s)', async (inTransaction) => {
			const files = project(`${rewrite} op.execute("INSERT INTO child VALUES (4, 1)"); op.execute("INSERT INTO child VALUES (4, 1)");`);
			const db = opened(files);
			if (inTransaction) db.exec("BEGIN; INSERT INTO log VALUES ('mine')");
			if (await isRefused(inTransaction, db, files)) return;
			const before = [contents(db), settings(db)];
			expect(await endOf({database: db, migrations: folder(files.migrationsDir), consent: true})).toMatchObject({
				type: 'failed',
				message: expect.stringContaining('UNIQUE constraint failed: child.id'),
				state: expect.stringMatching(inTransaction ? /^nothing was written: the open transaction is as before$/ : /^everything was rolled back/),
			});
			expect([contents(db), settings(db)]).toEqual(before);
			if (inTransaction) db.exec('COMMIT');
			expect(db.prepare('SELECT x FROM log').all()).toHaveLength(inTransaction ? 2 : 1);
			db.close();
		});

		test.each([false, true])('measures what statements do to rows, and needs consent (in a transaction: %s)', async (inTransaction) => {
			const files = project("op.execute('DELETE FROM log');");
			const db = opened(files);
			if (inTransaction) db.exec('BEGIN');
			if (await isRefused(inTransaction || place === 'in memory', db, files)) return;
			const before = contents(db);
			const refused = await eventsOf({database: db, migrations: folder(files.migrationsDir)});
			expect(refused.at(-1)).toMatchObject({type: 'failed', code: 'answerNeeded'});
			expect(refused.find(({type}) => type === 'effects')).toMatchObject({tables: [{table: 'log', rowsGone: 1}]});
			expect(contents(db)).toEqual(before);
			expect(await endOf({database: db, migrations: folder(files.migrationsDir), consent: true})).toMatchObject({type: 'done'});
			expect(db.prepare('SELECT * FROM log').all()).toEqual([]);
			db.close();
		});

		test('does not write in a dry run', async () => {
			const files = project();
			const db = opened(files);
			if (await isRefused(place === 'in memory', db, files, {dryRun: true})) return;
			const before = contents(db);
			expect(await endOf({database: db, migrations: folder(files.migrationsDir), dryRun: true})).toMatchObject({type: 'done', dryRun: true});
			expect(contents(db)).toEqual(before);
			db.close();
		});

		test.each([
			['code', "op.run(({db}) => db.exec('SELECT 1'));", '', /contains code \(op\.run\), which a transaction that is already open cannot run/],
			['transaction = false', 'op.execute("INSERT INTO log VALUES (1)");', 'export const transaction = false;', /runs outside a transaction/],
		])('refuses %s in an open transaction', async (_what, upgrade, rest, message) => {
			const files = project(upgrade, rest);
			const db = opened(files);
			db.exec("BEGIN; INSERT INTO log VALUES ('mine')");
			const before = contents(db);
			expect(await endOf({database: db, migrations: folder(files.migrationsDir), consent: true})).toMatchObject({
				type: 'failed',
				code: 'plan',
				message: expect.stringMatching(message),
			});
			expect(contents(db)).toEqual(before);
			db.exec('COMMIT');
			db.close();
		});

		test('refuses a transaction with pending violations of deferred foreign keys', async () => {
			const files = project();
			const db = opened(files, start.replace('ON DELETE CASCADE', 'DEFERRABLE INITIALLY DEFERRED'));
			db.exec('BEGIN; INSERT INTO child VALUES (9, 99)');
			expect(await endOf({database: db, migrations: folder(files.migrationsDir)})).toMatchObject({
				type: 'failed',
				message: 'the open transaction has rows in child without a parent row in parent',
			});
			expect(() => db.exec('COMMIT')).toThrow(/FOREIGN KEY/);
			db.exec('ROLLBACK');
			db.close();
		});

		test('keeps functions, prepared statements and settings of the program', async () => {
			const files = project();
			const db = opened(files, start);
			db.exec('PRAGMA foreign_keys = OFF; PRAGMA recursive_triggers = ON; PRAGMA case_sensitive_like = ON; PRAGMA cache_size = 77');
			(db as unknown as {function(name: string, work: (value: unknown) => unknown): void}).function('twice', (value) => Number(value) * 2);
			const statement = db.prepare('SELECT twice(a) AS a FROM parent WHERE id = 7');
			const before = settings(db);
			expect(await endOf({database: db, migrations: folder(files.migrationsDir)})).toMatchObject({type: 'done'});
			expect(settings(db)).toEqual(before);
			expect(statement.get()).toEqual({a: 40});
			db.close();
		});
	});

	test('refuses transaction = false in memory', async () => {
		const files = project('op.execute("INSERT INTO log VALUES (1)");', 'export const transaction = false;');
		const db = open(':memory:');
		db.exec(start);
		if (await isRefused(true, db, files)) return;
		expect(await endOf({database: db, migrations: folder(files.migrationsDir), consent: true})).toMatchObject({
			type: 'failed',
			code: 'plan',
			message: '20260101_000000_change runs outside a transaction, which a database in memory cannot do',
		});
		expect(db.prepare('SELECT x FROM log').all()).toEqual([{x: 'kept'}]);
		db.close();
	});

	test.each([false, true])('applies a bundle (in a transaction: %s)', async (inTransaction) => {
		const files = projectFolder({'migrate.toml': toml});
		files.migration('20260101_000000_start.sql', `-- upgrade\n${start}`);
		expect((await files.lite('bundle', '--out', 'migrations.mjs')).code).toBe(0);
		const {migrations} = (await import(pathToFileURL(files.at('migrations.mjs')).href)) as {migrations: BundleRequest['migrations']};
		const db = open(':memory:');
		const before = settings(db);
		if (inTransaction) db.exec('BEGIN');
		const ends = [await endOf({database: db, migrations}), await endOf({database: db, migrations})];
		expect(ends).toMatchObject([
			{type: 'done', applied: [{name: '20260101_000000_start'}], currentMigration: '20260101_000000_start'},
			{type: 'done', applied: []},
		]);
		expect(settings(db)).toEqual(before);
		expect(db.prepare('SELECT count(*) AS n FROM child').get()).toEqual({n: 3});
		if (inTransaction) db.exec('COMMIT');
		db.close();
		expect(await endOf({database: files.file, migrations, ...(name === 'node:sqlite' ? {driver: name} : {})})).toMatchObject({
			type: 'done',
			applied: [{}],
		});
		expect(files.value('SELECT count(*) FROM child')).toBe(3);
		expect(await endOf({database: join(files.path, 'none', 'app.db'), migrations})).toMatchObject({type: 'failed', code: 'files'});
	});

	const failures: readonly [string, (db: Opened, path: string) => Opened, RegExp][] = [
		['that is closed', (db) => changed(db, () => db.close()), /^the connection is closed$/],
		['with an attached database', (db) => changed(db, () => db.exec("ATTACH ':memory:' AS other")), /^the connection has attached databases: other$/],
		['with a temporary table', (db) => changed(db, () => db.exec('CREATE TEMP TABLE parent (x)')), /^the connection has temporary objects: parent$/],
		['that is read-only', (db, path) => changed(open(path, true), () => db.close()), /^(?:the connection|app\.db) is read-only$/],
	];

	test.each(failures)('refuses one %s, with nothing changed', async (_what, prepare, message) => {
		const files = project();
		files.exec(start);
		const db = prepare(open(files.file), files.file);
		expect(await endOf({database: db, migrations: folder(files.migrationsDir)})).toMatchObject({
			type: 'failed',
			message: expect.stringMatching(message),
		});
		expect(files.value("SELECT count(*) FROM sqlite_schema WHERE name = '_lite_migr'")).toBe(0);
	});

	test('names the file of a connection that it refuses', async () => {
		const files = project();
		const db = open(files.file);
		db.exec('CREATE TEMP TABLE x (x)');
		const end = await endOf({database: db, migrations: folder(files.migrationsDir)});
		expect(end).toMatchObject({type: 'failed', state: 'nothing was written: app.db is unchanged'});
		db.close();
	});

	test('reports a statement whose rows are still being read', async () => {
		const files = project();
		files.exec(start);
		const db = open(files.file);
		const rows = db.prepare('SELECT * FROM parent').iterate();
		rows.next();
		expect(await endOf({database: db, migrations: folder(files.migrationsDir)})).toMatchObject({
			type: 'failed',
			message: expect.stringMatching(
				name === 'node:sqlite' ? /a statement of this connection is still reading/ : /^the connection is in the middle of reading rows$/,
			),
		});
		rows.return?.();
		expect(files.value('SELECT count(*) FROM child')).toBe(3);
		expect(await endOf({database: db, migrations: folder(files.migrationsDir)})).toMatchObject({type: 'done'});
		db.close();
	});

	test('refuses a connection that the program has made read-only, before anything is committed', async () => {
		const files = project('op.execute("UPDATE log SET x = 1");');
		files.migration('20260102_000000_alone', "op.execute('VACUUM');", '', 'export const transaction = false;');
		const db = open(join(files.path, 'app.db'));
		db.exec(`${start} PRAGMA query_only = ON`);
		expect(await endOf({database: db, migrations: folder(files.migrationsDir)})).toMatchObject({
			type: 'failed',
			message: 'the connection is read-only: PRAGMA query_only is on',
		});
		expect(files.value('SELECT x FROM log')).toBe('kept');
		db.close();
	});

	test('checks the rows again if the program writes between the check and the lock', async () => {
		const files = projectFolder({'migrate.toml': toml});
		files.migration('20260101_000000_change', "op.changeTable('t', 'CREATE TABLE t (id INTEGER PRIMARY KEY, x INTEGER)');");
		const db = open(files.file);
		db.exec('CREATE TABLE t (id INTEGER PRIMARY KEY, x TEXT); INSERT INTO t VALUES (1, NULL)');
		const rowsFound: number[] = [];
		let end: ApplyEvent | undefined;
		for await (const event of apply({database: db, migrations: folder(files.migrationsDir)} as ConnectionRequest)) {
			end = event;
			if (event.type !== 'preflight') continue;
			rowsFound.push(event.findings.length);
			db.exec("UPDATE t SET x = '007'");
		}
		expect({rowsFound, end}).toMatchObject({rowsFound: [0, 1], end: {type: 'failed', code: 'answerNeeded'}});
		expect(db.prepare('SELECT x FROM t').all()).toEqual([{x: '007'}]);
		db.close();
	});

	test('reads the history again if the program writes it between the check and the lock', async () => {
		const files = projectFolder({'migrate.toml': toml});
		files.migration('20260101_000000_one', "op.execute('SELECT 1');");
		files.migration('20260102_000000_two', "op.execute('SELECT 2');");
		const db = open(files.file);
		const request = {database: db, migrations: folder(files.migrationsDir), consent: true} as ConnectionRequest;
		expect(await endOf(request)).toMatchObject({type: 'done'});
		files.removeMigration('20260101_000000_one');
		files.removeMigration('20260102_000000_two');
		files.migration(
			'20260102_000000_both',
			"op.execute('SELECT 1');",
			undefined,
			"export const squashes = ['20260101_000000_one', '20260102_000000_two'];",
		);
		files.migration('20260103_000000_three', "op.execute('SELECT 3');");
		let end: ApplyEvent | undefined;
		for await (const event of apply(request)) {
			end = event;
			if (event.type === 'preflight') db.exec("DELETE FROM _lite_migr WHERE name LIKE '%two'");
		}
		expect(end).toMatchObject({type: 'failed', code: 'history'});
		expect(db.prepare('SELECT name FROM _lite_migr').all()).toEqual([{name: '20260101_000000_one'}]);
		db.close();
	});

	test('refuses a second run on the same connection at the same time', async () => {
		const files = project();
		const db = open(join(files.path, 'app.db'));
		db.exec(start);
		const request = {database: db, migrations: folder(files.migrationsDir)};
		const ends = await Promise.all([endOf(request), endOf(request)]);
		expect(ends.map(({type}) => type).sort()).toEqual(['done', 'failed']);
		expect(ends.find(({type}) => type === 'failed')).toMatchObject({message: 'another run uses the connection'});
		db.close();
	});
});

test('a connection of node:sqlite may return rows as arrays and integers as BigInt', async () => {
	const files = project();
	const db = new DatabaseSync(':memory:', {returnArrays: true, readBigInts: true});
	db.exec(start);
	expect(await endOf({database: db, migrations: folder(files.migrationsDir)})).toMatchObject({type: 'done'});
	expect(db.prepare('SELECT id, a FROM parent').all()).toEqual([
		[1n, 10n],
		[7n, 20n],
	]);
	db.close();
});

test('a run on anything else is refused', async () => {
	const files = project();
	const end = await endOf({database: {prepare: () => {}} as unknown as Opened, migrations: folder(files.migrationsDir)});
	expect(end).toMatchObject({
		type: 'failed',
		code: 'usage',
		message: 'database is neither a path nor an open connection of better-sqlite3 or node:sqlite',
	});
});

test.each(drivers)('a run that is committed is done, even if another connection locks the database right after COMMIT (%s)', async (_name, open) => {
	const folderOf = project();
	folderOf.exec(start);
	const db = open(folderOf.file);
	const other = open(folderOf.file);
	const run = db.exec.bind(db);
	let hasWritten = false;
	db.exec = (sql) => {
		run(sql);
		if (sql === 'COMMIT' && hasWritten) other.exec('BEGIN EXCLUSIVE');
		hasWritten = sql === 'BEGIN IMMEDIATE' || (hasWritten && sql !== 'COMMIT');
	};
	const last = (await eventsOf({database: db, migrations: folder(folderOf.migrationsDir)})).at(-1);
	expect(last).toMatchObject({type: 'done', currentMigration: '20260101_000000_change'});
	other.close();
	db.close();
});
