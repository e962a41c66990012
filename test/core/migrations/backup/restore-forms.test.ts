import {chmodSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync, symlinkSync, writeFileSync} from 'node:fs';
import {describe, expect, test} from 'vitest';
import {listBackups} from '../../../../source/core/migrations/backup/backup-files.ts';
import {planRestore} from '../../../../source/core/migrations/backup/restore-plan.ts';
import {openDatabase} from '../../../../source/core/sqlite/open.ts';
import {temporaryFolder, thrownBy} from '../../sqlite/temporary-folder.ts';
import {backupOf, execute, restored, rowsOf} from './backups.ts';

const folder = temporaryFolder();
const file = () => folder.at('app.db');
const backups = () => folder.at('backups');

/** A database with everything that a restore could get wrong. */
const everything = `
	CREATE TABLE plain (v); INSERT INTO plain (rowid, v) VALUES (5, 'five'), (9, 9.5), (12, x'00ff');
	CREATE TABLE counted (id INTEGER PRIMARY KEY AUTOINCREMENT, v TEXT); INSERT INTO counted VALUES (70, 'x'); DELETE FROM counted;
	CREATE TABLE keyed (k TEXT PRIMARY KEY, n INT, twice INT AS (n * 2) STORED) WITHOUT ROWID; INSERT INTO keyed (k, n) VALUES ('ä€😀', 4);
	CREATE VIRTUAL TABLE text USING fts5(body); INSERT INTO text VALUES ('hello world');
	CREATE VIRTUAL TABLE box USING rtree(id, a, b); INSERT INTO box VALUES (1, 2, 3);
	CREATE VIEW seen AS SELECT v FROM plain; CREATE INDEX plain_v ON plain(v); ANALYZE;
	PRAGMA user_version = 11; PRAGMA application_id = 12`;

function contentOf(path: string): readonly unknown[] {
	const db = openDatabase(path);
	try {
		expect(db.value('PRAGMA integrity_check')).toBe('ok');
		const queries = [
			'SELECT rowid, v, typeof(v) FROM plain',
			'SELECT * FROM sqlite_sequence',
			'SELECT * FROM keyed',
			"SELECT rowid, body FROM text WHERE text MATCH 'world'",
			'SELECT * FROM box WHERE a < 5',
			'SELECT * FROM seen',
			'SELECT type, name, sql FROM sqlite_schema ORDER BY name',
			'SELECT tbl, idx, stat FROM sqlite_stat1 ORDER BY 1, 2',
			'PRAGMA user_version',
			'PRAGMA application_id',
		];
		return queries.map((query) => db.tuples(query));
	} finally {
		db.close();
	}
}

describe('a restore is complete, regardless of the form of the live database', () => {
	const forms = ['DELETE', 'WAL', 'TRUNCATE', 'PERSIST'].flatMap((mode) =>
		[
			['another page size', 'PRAGMA page_size = 512', 'PRAGMA page_size = 8192'],
			['a larger page', 'PRAGMA page_size = 65536', 'PRAGMA page_size = 1024'],
			['another auto_vacuum', 'PRAGMA auto_vacuum = FULL', 'PRAGMA auto_vacuum = NONE'],
			['incremental auto_vacuum', 'PRAGMA auto_vacuum = NONE', 'PRAGMA auto_vacuum = INCREMENTAL'],
			['another encoding', "PRAGMA encoding = 'UTF-16le'", "PRAGMA encoding = 'UTF-8'"],
			['all three', "PRAGMA page_size = 1024; PRAGMA auto_vacuum = FULL; PRAGMA encoding = 'UTF-16be'", 'PRAGMA page_size = 4096'],
		].map(([name = '', old = '', now = '']) => [mode, name, old, now] as const),
	);

	test.each(forms)('%s: %s', async (mode, _, old, now) => {
		execute(file(), `${old}; PRAGMA journal_mode = ${mode}; ${everything}`);
		const content = contentOf(file());
		const backup = await backupOf(file(), backups());
		for (const suffix of ['', '-wal', '-shm', '-journal']) rmSync(file() + suffix, {force: true});
		execute(file(), `${now}; PRAGMA journal_mode = ${mode}; CREATE TABLE other (x); INSERT INTO other VALUES (1)`);
		expect(planRestore(file(), backup).losesRows).toBe(true);
		const {kept} = await restored({database: file(), backup, folder: backups()});
		expect(contentOf(file())).toEqual(content);
		expect(rowsOf(file(), 'PRAGMA journal_mode')).toEqual([[mode === 'WAL' ? 'wal' : 'delete']]);
		expect(rowsOf(kept ?? '', 'SELECT * FROM other')).toEqual([[1]]);
		await restored({database: file(), backup: listBackups(file(), backups())[0] ?? backup, folder: backups()});
		expect(rowsOf(file(), 'SELECT * FROM other')).toEqual([[1]]);
		expect(readdirSync(folder.path).toSorted()).toEqual(['app.db', 'backups']);
	});

	test.each(['DELETE', 'WAL'])('%s: 2,000 columns', async (mode) => {
		const columns = Array.from({length: 1999}, (_, index) => `c${index} INT`);
		execute(
			file(),
			`PRAGMA journal_mode = ${mode}; CREATE TABLE t (id INTEGER PRIMARY KEY, ${columns.join(', ')}); INSERT INTO t (id, c1998) VALUES (1, 7)`,
		);
		const backup = await backupOf(file(), backups());
		execute(file(), 'UPDATE t SET c1998 = 8');
		expect((await thrownBy(() => restored({database: file(), backup, folder: backups(), consent: false}))).details).toEqual([
			't: 1 row would get its old values back',
		]);
		await restored({database: file(), backup, folder: backups()});
		expect(rowsOf(file(), 'SELECT c1998 FROM t')).toEqual([[7]]);
	});

	test.each(['DELETE', 'WAL'])('%s: an empty backup, and an empty database', async (mode) => {
		execute(file(), `PRAGMA journal_mode = ${mode}; CREATE TABLE t (x); INSERT INTO t VALUES (1); `);
		const full = await backupOf(file(), backups());
		writeFileSync(folder.at('empty.db'), '');
		const empty = {...full, path: folder.at('empty.db'), bytes: 0};
		await restored({database: file(), backup: empty, folder: backups()});
		expect(rowsOf(file(), 'SELECT count(*) FROM sqlite_schema')).toEqual([[0]]);
		await restored({database: file(), backup: full, folder: backups()});
		expect(rowsOf(file(), 'SELECT x FROM t')).toEqual([[1]]);
		rmSync(file());
		writeFileSync(file(), '');
		expect(await restored({database: file(), backup: full, folder: backups()})).toMatchObject({kept: null});
		expect(rowsOf(file(), 'SELECT x FROM t')).toEqual([[1]]);
	});

	test('even if rows of the database are still in its WAL', async () => {
		execute(file(), 'PRAGMA journal_mode = WAL; CREATE TABLE t (x); INSERT INTO t VALUES (1)');
		const backup = await backupOf(file(), backups());
		const other = openDatabase(file());
		other.exec('PRAGMA wal_autocheckpoint = 0; INSERT INTO t VALUES (2)');
		const {kept} = await restored({database: file(), backup, folder: backups()});
		expect(other.tuples('SELECT x FROM t')).toEqual([[1]]);
		expect(rowsOf(kept ?? '', 'SELECT x FROM t')).toEqual([[1], [2]]);
		other.close();
	});

	test('even if another program is reading, which keeps its snapshot in WAL mode', async () => {
		execute(file(), 'PRAGMA journal_mode = WAL; CREATE TABLE t (x); INSERT INTO t VALUES (1)');
		const backup = await backupOf(file(), backups());
		execute(file(), 'INSERT INTO t VALUES (2)');
		const reader = openDatabase(file());
		reader.exec('BEGIN');
		expect(reader.value('SELECT count(*) FROM t')).toBe(2);
		await restored({database: file(), backup, folder: backups()});
		expect(reader.value('SELECT count(*) FROM t')).toBe(2);
		reader.exec('COMMIT');
		expect(reader.value('SELECT count(*) FROM t')).toBe(1);
		reader.close();
	});

	test.each(['DELETE', 'WAL'])('even from a read-only folder (%s)', async (mode) => {
		execute(file(), `PRAGMA journal_mode = ${mode}; CREATE TABLE t (x); INSERT INTO t VALUES (1)`);
		const backup = await backupOf(file(), folder.at('archive'));
		execute(file(), 'DELETE FROM t');
		chmodSync(backup.path, 0o444);
		chmodSync(folder.at('archive'), 0o555);
		try {
			expect(planRestore(file(), backup).tables).toMatchObject([{name: 't', rowsNow: 0, rowsInBackup: 1}]);
			await restored({database: file(), backup, folder: backups()});
		} finally {
			chmodSync(folder.at('archive'), 0o755);
		}
		expect(rowsOf(file(), 'SELECT x FROM t')).toEqual([[1]]);
	});

	test('or changes nothing, if the current state cannot be kept', async () => {
		if (process.getuid?.() === 0) return;
		execute(file(), 'CREATE TABLE t (x); INSERT INTO t VALUES (1)');
		const backup = await backupOf(file(), backups());
		execute(file(), 'INSERT INTO t VALUES (2)');
		chmodSync(backups(), 0o555);
		expect((await thrownBy(() => restored({database: file(), backup, folder: backups()}))).code).toBe('backup');
		chmodSync(backups(), 0o755);
		expect(rowsOf(file(), 'SELECT x FROM t')).toEqual([[1], [2]]);
	});

	test('and keeps the link if a damaged database is opened through a link', async () => {
		mkdirSync(folder.at('real'));
		execute(folder.at('real/app.db'), 'CREATE TABLE t (x); INSERT INTO t VALUES (1)');
		symlinkSync(folder.at('real/app.db'), file());
		const backup = await backupOf(file(), backups());
		writeFileSync(folder.at('real/app.db'), 'nonsense');
		const {kept} = await restored({database: file(), backup, folder: backups()});
		expect(readFileSync(kept ?? '', 'utf8')).toBe('nonsense');
		expect(statSync(file()).ino).toBe(statSync(folder.at('real/app.db')).ino);
		expect(rowsOf(folder.at('real/app.db'), 'SELECT x FROM t')).toEqual([[1]]);
	});
});

describe('a restore with a plan', () => {
	const before = "CREATE TABLE t (id INTEGER PRIMARY KEY, v TEXT); INSERT INTO t VALUES (1, 'a'), (2, 'b')";

	test.each(['DELETE', 'WAL'])('runs the plan if nothing has changed (%s)', async (mode) => {
		execute(file(), `PRAGMA journal_mode = ${mode}; ${before}`);
		const backup = await backupOf(file(), backups());
		execute(file(), "INSERT INTO t VALUES (3, 'c')");
		const {id} = planRestore(file(), backup);
		await restored({database: file(), backup, folder: backups(), plan: id});
		expect(rowsOf(file(), 'SELECT id FROM t')).toEqual([[1], [2]]);
	});

	test.each(
		['DELETE', 'WAL'].flatMap((mode) =>
			[
				"INSERT INTO t VALUES (4, 'd')",
				"UPDATE t SET v = 'z' WHERE id = 1",
				'DELETE FROM t WHERE id = 2',
				'DROP TABLE t',
				'CREATE TABLE u (x)',
				"DELETE FROM t WHERE id = 3; INSERT INTO t VALUES (4, 'c')",
			].map((since) => [mode, since] as const),
		),
	)('stops if something has changed, and writes nothing (%s: %s)', async (mode, since) => {
		execute(file(), `PRAGMA journal_mode = ${mode}; ${before}`);
		const backup = await backupOf(file(), backups());
		execute(file(), "INSERT INTO t VALUES (3, 'c')");
		const {id} = planRestore(file(), backup);
		execute(file(), since);
		const content = () =>
			rowsOf(file(), 'SELECT name, sql FROM sqlite_schema').map(([name]) => [name, rowsOf(file(), `SELECT * FROM ${String(name)}`)]);
		const later = content();
		expect(await thrownBy(() => restored({database: file(), backup, folder: backups(), plan: id}))).toMatchObject({
			code: 'answerNeeded',
			message: expect.stringContaining('has changed since you looked'),
		});
		expect(content()).toEqual(later);
		expect(readdirSync(backups())).toHaveLength(1);
	});

	test('stops if the database was removed, replaced by another file or damaged in the meantime', async () => {
		execute(file(), before);
		const backup = await backupOf(file(), backups());
		const {id} = planRestore(file(), backup);
		writeFileSync(file(), 'nonsense');
		expect((await thrownBy(() => restored({database: file(), backup, folder: backups(), plan: id}))).code).toBe('answerNeeded');
		expect(readFileSync(file(), 'utf8')).toBe('nonsense');
		rmSync(file());
		expect((await thrownBy(() => restored({database: file(), backup, folder: backups(), plan: id}))).code).toBe('answerNeeded');
		expect(readdirSync(folder.path)).toEqual(['backups']);
		const {id: again} = planRestore(file(), backup);
		await restored({database: file(), backup, folder: backups(), plan: again});
		expect(rowsOf(file(), 'SELECT count(*) FROM t')).toEqual([[2]]);
	});

	test('stops if the backup has changed', async () => {
		execute(file(), before);
		const backup = await backupOf(file(), backups());
		const {id} = planRestore(file(), backup);
		execute(backup.path, "UPDATE t SET v = 'other'");
		expect((await thrownBy(() => restored({database: file(), backup, folder: backups(), plan: id}))).code).toBe('answerNeeded');
		expect(rowsOf(file(), 'SELECT v FROM t')).toEqual([['a'], ['b']]);
	});

	test('still needs consent to lose rows', async () => {
		execute(file(), before);
		const backup = await backupOf(file(), backups());
		execute(file(), "INSERT INTO t VALUES (3, 'c')");
		const {id} = planRestore(file(), backup);
		expect((await thrownBy(() => restored({database: file(), backup, folder: backups(), plan: id, consent: false}))).code).toBe('answerNeeded');
		expect(rowsOf(file(), 'SELECT count(*) FROM t')).toEqual([[3]]);
	});
});
