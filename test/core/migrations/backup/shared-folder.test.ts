import {
	chmodSync,
	copyFileSync,
	linkSync,
	mkdirSync,
	readdirSync,
	readFileSync,
	renameSync,
	rmSync,
	statSync,
	symlinkSync,
	writeFileSync,
} from 'node:fs';
import {basename, join} from 'node:path';
import {describe, expect, test} from 'vitest';
import {
	defaultBackupDir,
	findBackup,
	listBackups,
	pruneBackups,
	removeBackup,
	unclaimedBackups,
} from '../../../../source/core/migrations/backup/backup-files.ts';
import {openDatabase} from '../../../../source/core/sqlite/open.ts';
import {otherProcess} from '../../sqlite/other-process.ts';
import {temporaryFolder, thrownBy} from '../../sqlite/temporary-folder.ts';
import {optionsFor, runnerFor} from '../run.ts';
import {backupOf, execute, restored, rowsOf, stripMark} from './backups.ts';

const folder = temporaryFolder();
const shared = () => folder.at('shared');

/** Creates a database with one row that contains its name. */
function database(path: string): string {
	const file = folder.at(path);
	mkdirSync(join(file, '..'), {recursive: true});
	execute(file, `CREATE TABLE t (id INTEGER PRIMARY KEY, owner TEXT); INSERT INTO t (owner) VALUES ('${path}')`);
	return file;
}

const ownerIn = (file: string) => rowsOf(file, 'SELECT owner FROM t').flat();
const namesOf = (file: string) => listBackups(file, shared()).map(({path}) => basename(path));

describe('three databases with one name and one backup folder', () => {
	const three = () => ['a/data.db', 'b/data.db', 'c/data.db'].map(database) as [string, string, string];

	test('list, find and restore only their own backups, even if all were taken in the same second', async () => {
		const files = three();
		for (const file of files) await backupOf(file, shared(), '2026-11-22T17:52:03Z', '1_a');
		expect(readdirSync(shared()).toSorted()).toEqual(['data-20261122T175203-1_a.db', 'data-20261122T175204-1_a.db', 'data-20261122T175205-1_a.db']);
		for (const file of files) {
			expect(listBackups(file, shared())).toHaveLength(1);
			execute(file, "UPDATE t SET owner = 'changed'");
			await restored({database: file, backup: findBackup(file, shared()), folder: shared()});
			expect(ownerIn(file)).toEqual([file.slice(folder.path.length + 1)]);
		}
	});

	test('never prune the backups of each other', async () => {
		const [a, b, c] = three();
		for (let second = 10; second < 14; second++) for (const file of [a, b, c]) await backupOf(file, shared(), `2026-11-22T17:52:${second}Z`);
		const others = [...namesOf(b), ...namesOf(c)];
		const newest = namesOf(a)[0];
		expect(pruneBackups(a, shared(), 1)).toHaveLength(3);
		expect(namesOf(a)).toEqual([newest]);
		expect([...namesOf(b), ...namesOf(c)]).toEqual(others);
	});

	test('reject the backup of another database by its id, its name and its path', async () => {
		const [a, b] = three();
		const backup = await backupOf(b, shared(), '2026-11-22T17:52:03Z', '1_a');
		for (const requested of [backup.id, basename(backup.path), backup.path, undefined]) {
			const {code, message} = await thrownBy(() => findBackup(a, shared(), requested));
			expect(code).toBe('usage');
			expect(message).toMatch(/no backup |is a backup of another database: .*b\/data\.db$/);
		}
		expect(ownerIn(a)).toEqual(['a/data.db']);
	});

	test('take backups at the same time without replacing those of each other', async () => {
		const files = [...three(), database('d/data.db'), database('e/data.db')];
		const taken = await Promise.all(files.map((file) => backupOf(file, shared())));
		expect(new Set(taken.map(({path}) => path)).size).toBe(5);
		for (const [index, {path}] of taken.entries()) expect(ownerIn(path)).toEqual(ownerIn(files[index] as string));
		expect(readdirSync(shared()).filter((name) => name.startsWith('.'))).toEqual([]);
	});

	test('take backups in several processes at once, and each backup belongs to its database and can be pruned', async () => {
		const files = three();
		const code = `
			import {takeBackup} from 'source/core/migrations/backup/backup.ts';
			const [, database, folder] = process.argv;
			for (let number = 0; number < 20; number++)
				for await (const _ of takeBackup({database, folder, before: null, now: new Date('2026-11-22T17:52:03Z')}));`;
		const processes = files.map((file) => otherProcess(code, file, shared()));
		expect(await Promise.all(processes.map(({ended}) => ended))).toEqual([0, 0, 0]);
		expect(readdirSync(shared())).toHaveLength(60);
		for (const file of files) {
			expect(listBackups(file, shared())).toHaveLength(20);
			for (const {path} of listBackups(file, shared())) expect(ownerIn(path)).toEqual(ownerIn(file));
			expect(pruneBackups(file, shared(), 2)).toHaveLength(18);
		}
	});

	test('each keep the backup of their own last run with backup_keep = 1', async () => {
		const files = three();
		mkdirSync(folder.at('migrations'));
		for (const number of [1, 2, 3])
			writeFileSync(folder.at(`migrations/${number}_x.sql`), `UPDATE t SET owner = owner || '${number}';\n-- downgrade\nSELECT 1;\n`);
		for (const steps of [1, 1, 1]) {
			for (const file of files) {
				const project = {file, migrationsDir: folder.at('migrations')};
				await runnerFor(project).done({...optionsFor(project), steps, backupDir: shared(), backupKeep: 1, consent: true});
			}
		}
		for (const file of files) {
			const [only, ...more] = listBackups(file, shared());
			expect(more).toEqual([]);
			expect(ownerIn(only?.path ?? '')).toEqual([`${file.slice(folder.path.length + 1)}12`]);
		}
	});
});

describe('databases whose backups have the same or similar names', () => {
	test.each([
		['data', 'data.db'],
		['data.db', 'data.sqlite'],
		['data.db', 'data-20260101T000000.db'],
		['app.db', 'app-2.db'],
		['a.b.db', 'a.db'],
	])('%s and %s in one folder keep separate backups', async (one, other) => {
		const files = [database(one), database(other)];
		for (const file of files) for (const second of [1, 2, 3]) await backupOf(file, shared(), `2026-11-22T17:52:0${second}Z`, '1_x');
		for (const file of files) pruneBackups(file, shared(), 2);
		for (const file of files) {
			expect(listBackups(file, shared())).toHaveLength(2);
			for (const {path} of listBackups(file, shared())) expect(ownerIn(path)).toEqual(ownerIn(file));
		}
	});
});

describe('a database opened through a symbolic link', () => {
	test('has the backups of its target, regardless of the path used to take them', async () => {
		const real = database('real/data.db');
		symlinkSync(real, folder.at('link.db'));
		const one = await backupOf(folder.at('link.db'), shared());
		const two = await backupOf(real, shared(), '2026-11-22T18:00:00Z');
		expect(basename(one.path)).toBe('link-20261122T175203.db');
		for (const path of [real, folder.at('link.db')]) expect(listBackups(path, shared()).map(({id}) => id)).toEqual([two.id, one.id]);
		execute(real, 'DELETE FROM t');
		await restored({database: folder.at('link.db'), backup: one, folder: shared()});
		expect(ownerIn(real)).toEqual(['real/data.db']);
		expect(statSync(folder.at('link.db')).ino).toBe(statSync(real).ino);
	});

	test('has the default folder next to the link', () => {
		expect(defaultBackupDir(folder.at('x/link.db'))).toBe(folder.at('x/backups'));
	});

	test('no longer has the backups of the old target after the link was changed to another one', async () => {
		const [v1, v2] = [database('v1.db'), database('v2.db')];
		symlinkSync(v1, folder.at('current.db'));
		const backup = await backupOf(folder.at('current.db'), folder.at('backups'));
		rmSync(folder.at('current.db'));
		symlinkSync(v2, folder.at('current.db'));
		expect(listBackups(folder.at('current.db'))).toEqual([]);
		expect((await thrownBy(() => findBackup(folder.at('current.db'), folder.at('backups'), backup.path))).message).toContain('another database');
		expect(listBackups(v1, folder.at('backups'))).toHaveLength(1);
	});

	test('has the same backups if a folder in its path is a link', async () => {
		const real = database('real/data.db');
		symlinkSync(folder.at('real'), folder.at('alias'));
		await backupOf(folder.at('alias/data.db'), folder.at('alias/backups'));
		expect(listBackups(real)).toHaveLength(1);
		expect(listBackups(folder.at('alias/data.db'))).toHaveLength(1);
	});

	test('is restored at its target if the target does not exist', async () => {
		const real = database('real/data.db');
		symlinkSync(real, folder.at('link.db'));
		const backup = await backupOf(folder.at('link.db'), shared());
		rmSync(real);
		expect(listBackups(folder.at('link.db'), shared())).toHaveLength(1);
		expect(await restored({database: folder.at('link.db'), backup, folder: shared()})).toMatchObject({kept: null});
		expect(ownerIn(real)).toEqual(['real/data.db']);
	});
});

test('a hard link counts as another database, and neither prunes the backups of the other', async () => {
	const a = database('a/data.db');
	mkdirSync(folder.at('b'));
	linkSync(a, folder.at('b/data.db'));
	await backupOf(a, shared());
	await backupOf(folder.at('b/data.db'), shared());
	pruneBackups(a, shared(), 1);
	expect(listBackups(a, shared())).toHaveLength(1);
	expect(listBackups(folder.at('b/data.db'), shared())).toHaveLength(1);
});

describe('a moved database', () => {
	test('keeps backups that were moved with it', async () => {
		await backupOf(database('old/data.db'), folder.at('old/backups'));
		renameSync(folder.at('old'), folder.at('new'));
		expect(listBackups(folder.at('new/data.db'))).toHaveLength(1);
		expect(pruneBackups(folder.at('new/data.db'), folder.at('new/backups'), 1)).toEqual([]);
	});

	test('finds backups that were not moved only by their path, unless its old path is a link to it', async () => {
		const backup = await backupOf(database('old/data.db'), shared());
		mkdirSync(folder.at('new'));
		renameSync(folder.at('old/data.db'), folder.at('new/data.db'));
		expect(listBackups(folder.at('new/data.db'), shared())).toEqual([]);
		expect(findBackup(folder.at('new/data.db'), shared(), backup.path).doubt).toMatch(/it was taken from .*old\/data\.db, which no longer exists/);
		symlinkSync(folder.at('new/data.db'), folder.at('old/data.db'));
		expect(listBackups(folder.at('new/data.db'), shared())).toHaveLength(1);
	});

	test('does not get the backups of the original if the project was copied', async () => {
		await backupOf(database('one/data.db'), folder.at('one/backups'));
		mkdirSync(folder.at('two/backups'), {recursive: true});
		copyFileSync(folder.at('one/data.db'), folder.at('two/data.db'));
		const [name = ''] = readdirSync(folder.at('one/backups'));
		copyFileSync(folder.at(`one/backups/${name}`), folder.at(`two/backups/${name}`));
		expect(listBackups(folder.at('two/data.db'))).toEqual([]);
	});
});

describe('a backup of version 1.0, which does not record its database,', () => {
	async function old(file: string, backups: string): Promise<string> {
		const {path} = await backupOf(file, backups, '2026-01-01T00:00:00Z', '1_a');
		stripMark(path);
		return path;
	}

	test('is listed and restored in the default folder, and never pruned', async () => {
		const file = database('a/data.db');
		await old(file, folder.at('a/backups'));
		execute(file, 'DELETE FROM t');
		await restored({database: file, backup: findBackup(file, folder.at('a/backups'), '20260101T000000'), folder: folder.at('a/backups')});
		expect(ownerIn(file)).toEqual(['a/data.db']);
		pruneBackups(file, folder.at('a/backups'), 1);
		expect(listBackups(file).map(({id}) => id)).toEqual(['20261123T000000', '20260101T000000']);
	});

	test('is not listed, pruned or replaced in a shared folder, and is restored only by its path', async () => {
		const [a, b] = [database('a/data.db'), database('b/data.db')];
		const path = await old(b, shared());
		const bytes = readFileSync(path);
		await backupOf(a, shared(), '2026-01-01T00:00:00Z', '1_a');
		pruneBackups(a, shared(), 1);
		expect(listBackups(a, shared())).toHaveLength(1);
		expect(unclaimedBackups(a, shared()).map((file) => file.path)).toEqual([path]);
		expect(findBackup(a, shared()).path).not.toBe(path);
		expect(await thrownBy(() => findBackup(a, shared(), '20260101T000000'))).toMatchObject({
			code: 'usage',
			message: expect.stringContaining('may be a backup of another database'),
			hint: expect.stringContaining(path),
		});
		expect(readFileSync(path).equals(bytes)).toBe(true);
		expect(findBackup(a, shared(), path)).toMatchObject({path, doubt: expect.stringContaining('1.0')});
	});

	test('is not listed in the default folder if another database may use the same names there', async () => {
		const [a, b] = [database('a/data.db'), database('b/data.db')];
		await old(a, folder.at('a/backups'));
		await backupOf(b, folder.at('a/backups'));
		expect(listBackups(a)).toEqual([]);
		const twin = database('c/data');
		await old(database('c/data.db'), folder.at('c/backups'));
		expect(listBackups(twin)).toEqual([]);
	});
});

describe('a backup', () => {
	test('records its database without changing its content or pages', async () => {
		for (const [mode, pageSize] of [
			['DELETE', 512],
			['WAL', 4096],
			['DELETE', 65_536],
		] as const) {
			const file = folder.at(`${mode}${pageSize}.db`);
			execute(
				file,
				`PRAGMA page_size = ${pageSize}; PRAGMA journal_mode = ${mode}; PRAGMA application_id = 7; PRAGMA user_version = 9;
				CREATE TABLE t (x); INSERT INTO t (rowid, x) VALUES (5, 1), (9, 2)`,
			);
			const {path, bytes} = await backupOf(file, shared());
			expect(bytes).toBe(statSync(path).size);
			expect(bytes % pageSize).toBeGreaterThan(0);
			const db = openDatabase(path);
			expect(db.value('PRAGMA integrity_check')).toBe('ok');
			expect(db.tuples('SELECT rowid, x FROM t')).toEqual([
				[5, 1],
				[9, 2],
			]);
			expect([db.value('PRAGMA application_id'), db.value('PRAGMA user_version'), db.value('PRAGMA page_size')]).toEqual([7, 9, pageSize]);
			db.close();
			expect(listBackups(file, shared())).toHaveLength(1);
		}
	});

	test('is never pruned if the user renamed or copied it', async () => {
		const file = database('a/data.db');
		const {path} = await backupOf(file, shared());
		copyFileSync(path, folder.at('shared/data-20200101T000000-golden.db'));
		await backupOf(file, shared());
		expect(pruneBackups(file, shared(), 1)).toHaveLength(1);
		expect(namesOf(file)).toEqual(['data-20261122T175204.db', 'data-20200101T000000-golden.db']);
	});

	test.each([`${'d'.repeat(200)}/${'e'.repeat(180)}/data.db`, `${'long'.repeat(55)}.db`])(
		'belongs to its database even if the path is long: %#',
		async (path) => {
			const file = database(path);
			await backupOf(file, shared());
			expect(listBackups(file, shared())).toHaveLength(1);
			expect(listBackups(database(`other/${basename(path)}`), shared())).toEqual([]);
			await backupOf(file, shared());
			expect(pruneBackups(file, shared(), 1)).toHaveLength(1);
		},
	);

	test('is removed together with the files that SQLite created next to it', async () => {
		const file = database('a/data.db');
		const backup = await backupOf(file, shared());
		writeFileSync(`${backup.path}-wal`, '');
		removeBackup(backup);
		expect(readdirSync(shared())).toEqual([]);
	});

	test('is not taken in a read-only folder, and no file is left there', async () => {
		if (process.getuid?.() === 0) return;
		const file = database('a/data.db');
		mkdirSync(shared());
		chmodSync(shared(), 0o555);
		expect((await thrownBy(() => backupOf(file, shared()))).code).toBe('backup');
		chmodSync(shared(), 0o755);
		expect(readdirSync(shared())).toEqual([]);
	});

	test('does not remove the unfinished backup of another database with the same name', async () => {
		const [a, b] = [database('a/data.db'), database('b/data.db')];
		mkdirSync(shared());
		writeFileSync(folder.at('shared/.lite-migr-0123456789abcdef.part'), 'of another run');
		writeFileSync(folder.at('shared/.data-20260101T000000.db.part'), 'of version 1.0');
		await backupOf(a, shared());
		await backupOf(b, shared());
		expect(readdirSync(shared()).filter((name) => name.startsWith('.'))).toHaveLength(2);
	});

	test('of a database with the name of unfinished backups removes only its own', async () => {
		const file = database('lite.db');
		mkdirSync(folder.at('backups'));
		writeFileSync(folder.at('backups/.lite-migr-0123456789abcdef.part'), 'of another database');
		writeFileSync(folder.at('backups/.lite-20260101T000000.db.part'), 'of version 1.0');
		await backupOf(file, folder.at('backups'));
		expect(readdirSync(folder.at('backups')).filter((name) => name.startsWith('.'))).toEqual(['.lite-migr-0123456789abcdef.part']);
	});
});
