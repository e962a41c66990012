import {DatabaseSync} from 'node:sqlite';
import BetterSqlite3 from 'better-sqlite3';
import {describe, expect, test} from 'vitest';
import {type ApplyEvent, apply, type ConnectionRequest, folder} from '../../../../source/index.ts';
import {type ProjectFolder, projectFolder, toml} from '../../../project-folder.ts';
import {bundleOf} from '../../runtime/bundles.ts';

interface Opened {
	exec(sql: string): unknown;
	prepare(sql: string): {all(): unknown[]; iterate(): IterableIterator<unknown>};
	close(): unknown;
}

const drivers: readonly [string, (path: string) => Opened & ConnectionRequest['database']][] = [
	['better-sqlite3', (path) => new BetterSqlite3(path) as unknown as Opened & ConnectionRequest['database']],
	['node:sqlite', (path) => new DatabaseSync(path) as unknown as Opened & ConnectionRequest['database']],
];

function project(): ProjectFolder {
	const created = projectFolder({'migrate.toml': toml});
	created.exec('CREATE TABLE user (id INTEGER PRIMARY KEY, nick TEXT); INSERT INTO user VALUES (1, 7)');
	created.migration('20260101_000000_rewrite', "op.changeTable('user', 'CREATE TABLE user (id INTEGER PRIMARY KEY, nick INTEGER)');");
	created.migration('20260102_000000_index', "op.createIndex('CREATE INDEX user_nick ON user (nick)');");
	return created;
}

/** Calls a function at the first event of a type. Returns the last event. */
async function endOf(
	db: Opened & ConnectionRequest['database'],
	files: ProjectFolder,
	type: ApplyEvent['type'],
	work: () => unknown,
): Promise<ApplyEvent> {
	let last: ApplyEvent | undefined;
	let isFirst = true;
	for await (const event of apply({database: db, migrations: folder(files.migrationsDir)})) {
		last = event;
		if (event.type !== type || !isFirst) continue;
		isFirst = false;
		work();
	}
	return last as ApplyEvent;
}

const inTransaction = (db: object) => ('inTransaction' in db ? db.inTransaction : (db as DatabaseSync).isTransaction);
const applied = (files: ProjectFolder) =>
	files.value("SELECT count(*) FROM sqlite_schema WHERE name = '_lite_migr'") === 0 ? 0 : files.value('SELECT count(*) FROM _lite_migr');

describe.each(drivers)('a run stops at once and says what is known of the database, if the program (%s)', (_name, open) => {
	test.each(['COMMIT', 'COMMIT; BEGIN', 'ROLLBACK', 'ROLLBACK; BEGIN IMMEDIATE'])('ends its transaction: %s', async (sql) => {
		const files = project();
		const db = open(files.file);
		db.exec('PRAGMA foreign_keys = ON');
		expect(await endOf(db, files, 'migrationDone', () => db.exec(sql))).toMatchObject({
			type: 'failed',
			code: 'database',
			message: 'the program used the connection during the run: it ended the open transaction',
			state: 'changes so far may be committed: lite-migr check shows the state',
			details: [],
		});
		expect(applied(files)).toBe(sql.startsWith('COMMIT') ? 1 : 0);
		expect(inTransaction(db)).toBe(false);
		expect(db.prepare('PRAGMA foreign_keys').all()).toEqual([{foreign_keys: 1}]);
		db.close();
	});

	test('closes the connection', async () => {
		const files = project();
		const db = open(files.file);
		expect(await endOf(db, files, 'stepDone', () => db.close())).toMatchObject({
			type: 'failed',
			code: 'database',
			message: 'the program used the connection during the run: it is closed',
			state: 'uncommitted changes were rolled back',
			details: [],
		});
		expect(applied(files)).toBe(0);
	});

	test('writes in its own transaction between the checks and the run, and keeps what it wrote', async () => {
		const files = project();
		const db = open(files.file);
		db.exec('BEGIN');
		expect(await endOf(db, files, 'migrationDone', () => db.exec("INSERT INTO user VALUES (2, '8')"))).toMatchObject({
			type: 'failed',
			message: 'the program wrote to the database during the run',
		});
		expect(inTransaction(db)).toBe(true);
		db.exec('COMMIT');
		expect(files.all('SELECT * FROM user')).toEqual([
			{id: 1, nick: '7'},
			{id: 2, nick: '8'},
		]);
		expect(applied(files)).toBe(0);
		db.close();
	});

	test('ends its own transaction: nothing is written', async () => {
		const files = project();
		const db = open(files.file);
		db.exec("BEGIN; INSERT INTO user VALUES (2, '8')");
		expect(await endOf(db, files, 'migrationDone', () => db.exec('COMMIT'))).toMatchObject({type: 'failed', state: 'nothing was written'});
		expect(applied(files)).toBe(0);
		expect(files.value('SELECT count(*) FROM user')).toBe(2);
		db.close();
	});

	test('leaves the loop: its own transaction is as before, without a savepoint of the run', async () => {
		const files = project();
		const db = open(files.file);
		db.exec("BEGIN; INSERT INTO user VALUES (2, '8')");
		for await (const event of apply({database: db, migrations: folder(files.migrationsDir)})) if (event.type === 'stepDone') break;
		expect(() => db.exec('RELEASE lite_migr_event')).toThrow('no such savepoint');
		db.exec('COMMIT');
		expect(files.value('SELECT count(*) FROM user')).toBe(2);
		db.close();
	});
});

test('a run that better-sqlite3 stops, because the program reads rows one by one, is rolled back', async () => {
	const files = project();
	const db = new BetterSqlite3(files.file);
	db.pragma('foreign_keys = ON');
	const statement = db.prepare('WITH RECURSIVE n(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM n) SELECT x FROM n');
	let rows: IterableIterator<unknown> | undefined;
	const read = () => {
		rows = statement.iterate();
		rows.next();
	};
	expect(await endOf(db as unknown as Opened & ConnectionRequest['database'], files, 'migrationDone', read)).toMatchObject({
		type: 'failed',
		code: 'database',
		message: 'the program used the connection during the run: it is in the middle of reading rows',
		state: 'uncommitted changes were rolled back',
		details: [],
	});
	expect(db.inTransaction).toBe(false);
	expect(() => db.exec('SELECT 1')).toThrow('busy');
	rows?.return?.();
	expect(db.pragma('foreign_keys')).toEqual([{foreign_keys: 1}]);
	expect(applied(files)).toBe(0);
	db.close();
});

test.each(drivers)(
	'a program may commit its transaction while it reads the events of a bundle, which is applied already (%s)',
	async (_name, open) => {
		const files = projectFolder({'migrate.toml': toml});
		files.migration('20260101_000000_user', "op.createTable('CREATE TABLE user (id INTEGER PRIMARY KEY)');");
		const db = open(files.file);
		db.exec('BEGIN');
		let last: ApplyEvent | undefined;
		for await (const event of apply({database: db, migrations: await bundleOf(files.migrationsDir)})) {
			if (event.type === 'start') db.exec('COMMIT');
			last = event;
		}
		expect(last).toMatchObject({type: 'done', currentMigration: '20260101_000000_user'});
		expect(applied(files)).toBe(1);
		db.close();
	},
);

test('a run on a connection of node:sqlite is done if a statement of the program still reads after the commit, and the next run works', async () => {
	const files = projectFolder({'migrate.toml': toml});
	files.exec('CREATE TABLE log (x); INSERT INTO log VALUES (1), (2)');
	files.migration('20260101_000000_log', "op.execute('UPDATE log SET x = x + 1');");
	const db = new DatabaseSync(files.file);
	let rows: IterableIterator<unknown> | undefined;
	const read = () => {
		rows = db.prepare('SELECT * FROM log').iterate() as IterableIterator<unknown>;
		rows.next();
	};
	expect(await endOf(db as unknown as Opened & ConnectionRequest['database'], files, 'migrationDone', read)).toMatchObject({type: 'done'});
	expect(files.all('SELECT * FROM log')).toEqual([{x: 2}, {x: 3}]);
	rows?.return?.();
	files.migration('20260102_000000_log', "op.execute('UPDATE log SET x = x + 1');");
	expect(await endOf(db as unknown as Opened & ConnectionRequest['database'], files, 'start', () => {})).toMatchObject({type: 'done'});
	expect(db.prepare("SELECT name FROM pragma_database_list WHERE name <> 'temp'").all()).toEqual([{name: 'main'}]);
	db.close();
});
