import {mkdirSync, readFileSync, statSync, symlinkSync} from 'node:fs';
import {describe, expect, test, vi} from 'vitest';
import {listBackups} from '../../source/core/migrations/backup/backup-files.ts';
import {openDatabase} from '../../source/core/sqlite/open.ts';
import {backupOf, execute, restored} from '../core/migrations/backup/backups.ts';
import {otherProcess} from '../core/sqlite/other-process.ts';
import {temporaryFolder} from '../core/sqlite/temporary-folder.ts';
import {isWholeRun} from './signalled.ts';

const folder = temporaryFolder();

/**
 * Commits one row after another and logs each commit. Uses one open connection, or a new connection for each commit. In the sample, pauses for a
 * millisecond in between: without a pause, a restore now and then waits for ten seconds for a lock that is hardly ever free. SIGTERM ends it.
 */
const writer = `
	import {appendFileSync} from 'node:fs';
	import {setImmediate, setTimeout} from 'node:timers/promises';
	import {openDatabase} from 'source/core/sqlite/open.ts';
	const [, file, name, way, list, pause] = process.argv;
	let [db, isOver] = [undefined, false];
	process.on('SIGTERM', () => { isOver = true; });
	for (let number = 0; !isOver; await (pause === 'none' ? setImmediate() : setTimeout(1))) {
		try {
			if (way === 'reopens') db?.close();
			if (way === 'reopens' || db === undefined) db = openDatabase(file, {wait: 5});
			db.run('INSERT INTO log VALUES (?)', name + '-' + number);
			appendFileSync(list, name + '-' + number + '\\n');
			if (number++ === 0) console.log('writes');
		} catch (error) {
			if (!/locked|busy/i.test(error.message + error.code)) throw error;
			if (way === 'reopens') db = undefined;
		}
	}
	db?.close();`;

const cases = ['DELETE', 'WAL'].flatMap((mode) =>
	['reopens', 'stays open'].flatMap((way) => ['its own path', 'a symbolic link'].map((path) => [mode, way, path] as const)),
);

describe('a restore while other programs write', () => {
	test.each(cases)(
		'loses no commit: each is in the database or in a kept backup (journal_mode=%s, a connection that %s, through %s)',
		async (mode, way, path) => {
			mkdirSync(folder.at('real'));
			const real = folder.at('real/app.db');
			execute(
				real,
				`PRAGMA journal_mode = ${mode}; CREATE TABLE log (id TEXT PRIMARY KEY); CREATE TABLE pad (x);
				WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n LIMIT 10000) INSERT INTO pad SELECT randomblob(500) FROM n`,
			);
			if (path === 'a symbolic link') symlinkSync(real, folder.at('app.db'));
			const database = path === 'a symbolic link' ? folder.at('app.db') : real;
			const backup = await backupOf(database, folder.at('backups'));

			const names = ['one', 'two'];
			const writers = names.map((name) => otherProcess(writer, database, name, way, folder.at(name), isWholeRun ? 'none' : 'short'));
			await Promise.all(writers.map(({says}) => says('writes')));
			const logged = () => names.reduce((bytes, name) => bytes + statSync(folder.at(name)).size, 0);
			for (let times = 1; times <= 8; times++) {
				await restored({database, backup, folder: folder.at('backups'), wait: 60, now: new Date()});
				// About 15 commits.
				const next = logged() + 120;
				await vi.waitFor(() => expect(logged()).toBeGreaterThan(next), {timeout: 60_000, interval: 5});
			}
			for (const {child} of writers) child.kill('SIGTERM');
			expect(await Promise.all(writers.map(({ended}) => ended))).toEqual([0, 0]);

			const found = new Set<unknown>();
			for (const file of [real, ...listBackups(database, folder.at('backups')).map((kept) => kept.path)]) {
				const db = openDatabase(file);
				expect(db.value('PRAGMA integrity_check')).toBe('ok');
				for (const [id] of db.tuples('SELECT id FROM log')) found.add(id);
				db.close();
			}
			const commits = names.flatMap((name) => readFileSync(folder.at(name), 'utf8').split('\n').filter(Boolean));
			expect(commits.filter((id) => !found.has(id))).toEqual([]);
		},
		120_000,
	);
});
