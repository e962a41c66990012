import {setImmediate} from 'node:timers/promises';
import {describe, expect, test} from 'vitest';
import {takeBackup} from '../../source/core/migrations/backup/backup.ts';
import {openDatabase} from '../../source/core/sqlite/open.ts';
import {beginGuarded} from '../../source/core/sqlite/transaction.ts';
import {execute, resultOf} from '../core/migrations/backup/backups.ts';
import {otherProcess} from '../core/sqlite/other-process.ts';
import {temporaryFolder} from '../core/sqlite/temporary-folder.ts';

const folder = temporaryFolder();

/** Moves amounts between rows, so their sum never changes, and counts its commits in the same transaction. Each commit may run a checkpoint. */
const writer = `
	import {setTimeout} from 'node:timers/promises';
	import {openDatabase} from 'source/core/sqlite/open.ts';
	const db = openDatabase(process.argv[1], {wait: 60});
	db.exec('PRAGMA wal_autocheckpoint = 20; PRAGMA cache_size = 20');
	let isOver = false;
	process.on('SIGTERM', () => { isOver = true; });
	for (let commits = 0; !isOver; commits++) {
		const [from, to] = [1 + (commits * 7919) % 5000, 1 + (commits * 104729) % 5000];
		db.exec('BEGIN IMMEDIATE; UPDATE account SET amount = amount - 3 WHERE id = ' + from + '; UPDATE account SET amount = amount + 3 WHERE id = ' + to
			+ '; INSERT INTO log (x) VALUES (randomblob(3000)); DELETE FROM log WHERE id = (SELECT min(id) FROM log) AND ' + (commits % 3) + ' = 0; UPDATE total SET commits = commits + 1; COMMIT');
		if (commits === 10) console.log('writes');
		await setTimeout(1);
	}
	db.close();`;

describe('a backup while other programs write', () => {
	test.each(['DELETE', 'WAL'])(
		'is exactly the state under the write lock (journal_mode=%s)',
		async (mode) => {
			const database = folder.at('app.db');
			execute(
				database,
				`PRAGMA page_size = 1024; PRAGMA journal_mode = ${mode};
				CREATE TABLE account (id INTEGER PRIMARY KEY, amount INTEGER, pad);
				CREATE TABLE log (id INTEGER PRIMARY KEY, x);
				CREATE TABLE total (commits INTEGER); INSERT INTO total VALUES (0);
				WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n LIMIT 5000) INSERT INTO account SELECT i, 100, randomblob(900) FROM n`,
			);
			const writers = ['one', 'two'].map(() => otherProcess(writer, database));
			await Promise.all(writers.map(({says}) => says('writes')));
			const db = openDatabase(database);
			const seen: unknown[] = [];
			for (let number = 0; number < 8; number++) {
				const transaction = await beginGuarded(db, {wait: 60});
				const commits = db.value('SELECT commits FROM total');
				const now = new Date(Date.UTC(2026, 0, 1 + number));
				const {path} = await resultOf(takeBackup({database, folder: folder.at('backups'), before: null, now, writeLock: db}));
				expect(db.value('SELECT commits FROM total')).toBe(commits);
				const digest = 'SELECT sum(amount), (SELECT group_concat(id) FROM log) FROM account';
				const state = db.tuples(digest);
				transaction.end();

				const backup = openDatabase(path);
				expect(backup.value('PRAGMA integrity_check')).toBe('ok');
				expect(backup.value('SELECT commits FROM total')).toBe(commits);
				expect(backup.tuples(digest)).toEqual(state);
				expect(backup.value('SELECT sum(amount) FROM account')).toBe(500_000);
				backup.close();
				seen.push(commits);
				// The next backup has a different content.
				while (db.value('SELECT commits FROM total') === commits) await setImmediate();
			}
			for (const {child} of writers) child.kill('SIGTERM');
			expect(await Promise.all(writers.map(({ended}) => ended))).toEqual([0, 0]);
			expect(new Set(seen).size).toBe(8);
			expect(db.value('PRAGMA integrity_check')).toBe('ok');
			db.close();
		},
		120_000,
	);
});
