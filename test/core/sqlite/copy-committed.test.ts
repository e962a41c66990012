import {closeSync, existsSync, openSync, readdirSync, readFileSync, readSync, writeFileSync, writeSync} from 'node:fs';
import {afterEach, beforeEach, describe, expect, test} from 'vitest';
import {copyCommitted} from '../../../source/core/sqlite/copy-committed.ts';
import type {Database} from '../../../source/core/sqlite/database.ts';
import {openDatabase} from '../../../source/core/sqlite/open.ts';
import {beginGuarded, type GuardedTransaction} from '../../../source/core/sqlite/transaction.ts';
import {otherProcess} from './other-process.ts';
import {temporaryFolder, thrownBy} from './temporary-folder.ts';

const folder = temporaryFolder();

let db: Database;
let transaction: GuardedTransaction | undefined;

beforeEach(() => {
	writeFileSync(folder.at('copy.db'), '');
});

afterEach(() => {
	transaction?.end();
	transaction = undefined;
	db.close();
});

const rows = (count: number, value = 'randomblob(500)') =>
	`INSERT INTO t (x) WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n LIMIT ${count}) SELECT ${value} FROM n`;

function create(mode: string, more = ''): void {
	db = openDatabase(folder.at('app.db'), {create: true});
	db.exec(
		`PRAGMA page_size = 1024; PRAGMA journal_mode = ${mode}; PRAGMA wal_autocheckpoint = 0; CREATE TABLE t (id INTEGER PRIMARY KEY, x); ${more}`,
	);
}

async function lock(): Promise<void> {
	transaction = await beginGuarded(db);
}

const copied = (options: Parameters<typeof copyCommitted>[2] = {writeLock: db}) => copyCommitted(folder.at('app.db'), folder.at('copy.db'), options);

/** Waits without letting the event loop turn. */
function pause(): void {
	Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 5);
}

/** One text for all rows: comparing 20,000 rows one by one takes a second. */
const contents = `SELECT group_concat(id || ' ' || quote(x), char(10)) FROM (SELECT id, x FROM t ORDER BY id)`;

/** Opens the copy, which must be intact and alone, and returns its rows. */
function copiedRows(): unknown {
	expect(readdirSync(folder.path).filter((name) => name.startsWith('copy'))).toEqual(['copy.db']);
	const copy = openDatabase(folder.at('copy.db'));
	try {
		expect(copy.value('PRAGMA integrity_check')).toBe('ok');
		return copy.tuples(contents);
	} finally {
		copy.close();
	}
}

describe('a copy of the committed state', () => {
	test.each(['DELETE', 'TRUNCATE', 'PERSIST', 'MEMORY', 'OFF', 'WAL'])('copies bytes under the write lock (journal_mode=%s)', async (mode) => {
		create(mode, `${rows(3000)}; DELETE FROM t WHERE id % 7 = 0`);
		await lock();
		expect(await copied()).toBe('bytes');
		expect(copiedRows()).toEqual(db.tuples(contents));
	});

	test.each([
		['nothing of the WAL is in the file', ''],
		['a part of the WAL is in the file', 'PRAGMA wal_checkpoint(PASSIVE); INSERT INTO t (x) VALUES (1), (2); UPDATE t SET x = 3 WHERE id < 100'],
		['all of the WAL is in the file', 'PRAGMA wal_checkpoint(PASSIVE)'],
		['the WAL has started again', 'PRAGMA wal_checkpoint(RESTART); UPDATE t SET x = 4 WHERE id = 5'],
		['the WAL is empty', 'PRAGMA wal_checkpoint(TRUNCATE)'],
		['the WAL makes the file shorter', 'PRAGMA wal_checkpoint(PASSIVE); DELETE FROM t WHERE id > 10; VACUUM'],
	])('contains everything in WAL mode if %s', async (_, sql) => {
		create('WAL', `${rows(3000)}; DELETE FROM t WHERE id % 7 = 0; ${sql}`);
		await lock();
		expect(await copied()).toBe('bytes');
		expect(copiedRows()).toEqual(db.tuples(contents));
	});

	test('does not contain changes of a transaction that was rolled back, even if they are in the WAL', async () => {
		create('WAL', rows(100));
		db.exec(`PRAGMA cache_size = 10; BEGIN; UPDATE t SET x = 'lost'; ${rows(2000)}; ROLLBACK`);
		const before = db.tuples(contents);
		await lock();
		expect(await copied()).toBe('bytes');
		expect(copiedRows()).toEqual(before);
	});

	test.each([1, 3, 6])('contains everything in WAL mode if another process runs a checkpoint after portion %i', async (portion) => {
		create('WAL', rows(20_000));
		db.exec(`PRAGMA wal_checkpoint(PASSIVE); UPDATE t SET x = randomblob(500) WHERE id % 3 = 0; DELETE FROM t WHERE id > 19000; ${rows(10)}`);
		await lock();
		const other = otherProcess(
			`import {existsSync, writeFileSync} from 'node:fs';
			import {openDatabase} from 'source/core/sqlite/open.ts';
			const [, file, begin, end] = process.argv;
			const db = openDatabase(file);
			console.log('ready');
			while (!existsSync(begin)) Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 5);
			// The copy and its reader need all of these frames, so this checkpoint can write all of them.
			const [row] = db.tuples('PRAGMA wal_checkpoint(PASSIVE)');
			writeFileSync(end, row.join(' '));`,
			folder.at('app.db'),
			folder.at('begin'),
			folder.at('end'),
		);
		await other.says('ready');
		let portions = 0;
		const method = await copied({
			writeLock: db,
			onProgress() {
				if (++portions !== portion) return;
				writeFileSync(folder.at('begin'), '');
				while (!existsSync(folder.at('end')) || readFileSync(folder.at('end'), 'utf8') === '') pause();
			},
		});
		expect(method).toBe('bytes');
		expect(portions).toBeGreaterThan(portion);
		const [isBusy, frames, inFile] = readFileSync(folder.at('end'), 'utf8').split(' ').map(Number);
		expect([isBusy, inFile]).toEqual([0, frames]);
		expect(frames).toBeGreaterThan(1000);
		expect(copiedRows()).toEqual(db.tuples(contents));
		expect(await other.ended).toBe(0);
	});

	test.each(['DELETE', 'WAL'])('keeps the locks of the connection that has the write lock (journal_mode=%s)', async (mode) => {
		create(mode, rows(100));
		await lock();
		await copied();
		const other = otherProcess(
			`import {openDatabase} from 'source/core/sqlite/open.ts';
			const db = openDatabase(process.argv[1], {wait: 0});
			try {
				db.exec('BEGIN IMMEDIATE');
				console.log('locked');
			} catch (error) {
				console.log(error.code);
			}`,
			folder.at('app.db'),
		);
		await other.ended;
		expect(other.output()).toMatch(/^SQLITE_BUSY/);
	});

	test('copies bytes without the write lock if the database has a rollback journal', async () => {
		create('DELETE', rows(3000));
		expect(await copied({})).toBe('bytes');
		expect(copiedRows()).toEqual(db.tuples(contents));
	});

	test('copies through SQLite without the write lock in WAL mode, because the WAL could start again', async () => {
		create('WAL', rows(3000));
		expect(await copied({})).toBe('pages');
		expect(copiedRows()).toEqual(db.tuples(contents));
	});

	test('copies through SQLite if the WAL is damaged in a place that no connection reads', async () => {
		create('WAL', rows(1000));
		// The checksum of the third frame, which is only read by a recovery.
		const wal = openSync(folder.at('app.db-wal'), 'r+');
		const checksum = Buffer.alloc(8);
		const at = 32 + 2 * (24 + 1024) + 16;
		readSync(wal, checksum, 0, 8, at);
		writeSync(
			wal,
			checksum.map((byte) => byte ^ 255),
			0,
			8,
			at,
		);
		closeSync(wal);
		await lock();
		expect(await copied()).toBe('pages');
		expect(copiedRows()).toEqual(db.tuples(contents));
	});

	test('copies through SQLite if the header has no page count, as in files of SQLite 3.6', async () => {
		create('DELETE', rows(1000));
		db.close();
		const file = openSync(folder.at('app.db'), 'r+');
		writeSync(file, Buffer.alloc(4), 0, 4, 92);
		closeSync(file);
		db = openDatabase(folder.at('app.db'));
		expect(await copied({})).toBe('pages');
		expect(copiedRows()).toEqual(db.tuples(contents));
	});

	test.each(['DELETE', 'WAL'])('stops if it is cancelled (journal_mode=%s)', async (mode) => {
		create(mode, rows(10_000));
		db.exec('PRAGMA wal_checkpoint(PASSIVE)');
		await lock();
		const controller = new AbortController();
		const failed = await thrownBy(() => copied({writeLock: db, signal: controller.signal, onProgress: () => controller.abort()}));
		expect(failed.code).toBe('cancelled');
		expect(db.inTransaction).toBe(true);
	});
});

describe('a copy that waits until changes are whole', () => {
	test.each(['delete', 'wal'])('begins again if another connection commits before its snapshot (journal_mode=%s)', async (mode) => {
		create(mode, rows(2, "'old'"));
		let calls = 0;
		const untilWhole = async () => {
			calls++;
			// The first of two changes that belong together. The copy must not have it alone.
			if (calls === 1) db.exec(rows(1, "'first'"));
			if (calls === 2) db.exec(`${rows(1, "'second'")} UNION ALL SELECT 'third'`);
		};
		await copied({untilWhole});
		expect(calls).toBe(3);
		const copy = openDatabase(folder.at('copy.db'));
		const values = copy.all('SELECT x FROM t').map(({x}) => x);
		copy.close();
		expect(values).toEqual(['old', 'old', 'first', 'second', 'third']);
	});
});
