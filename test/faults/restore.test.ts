import {chmodSync, existsSync, renameSync, statSync, symlinkSync} from 'node:fs';
import {basename, join} from 'node:path';
import {describe, expect, test} from 'vitest';
import {openDatabase} from '../../source/core/sqlite/open.ts';
import {execute, rowsOf, stripMark} from '../core/migrations/backup/backups.ts';
import {otherProcess} from '../core/sqlite/other-process.ts';
import {type ProjectFolder, projectFolder} from '../project-folder.ts';
import {digestOf, expectWhole, leftovers, stateOf} from './database-state.ts';
import {expectUpgrade} from './expect-upgrade.ts';
import {type RewriteCopy, rewriteProject} from './rewrite-project.ts';
import {countMoments, sampleOf, signalledAt} from './signalled.ts';

// Small pages, so a copy of the file takes several portions.
const project = rewriteProject({rows: 30_000, pageSize: 512});

/** Returns an upgraded copy and the id of its only backup. */
async function upgraded(journal?: 'delete' | 'wal'): Promise<{readonly copy: RewriteCopy; readonly id: string}> {
	const copy = project.copy(journal);
	await expectUpgrade(copy, project);
	return {copy, id: idOf(copy.files('backups')[0])};
}

function idOf(backup: string | undefined): string {
	return /^app-(\d{8}T\d{6})/.exec(backup ?? '')?.[1] ?? 'none';
}

function exec(file: string, sql: string): void {
	const db = openDatabase(file);
	db.exec(sql);
	db.close();
}

describe('a backup', () => {
	test('contains exactly the state before the run, and has the permissions of the original', async () => {
		const copy = project.copy();
		chmodSync(copy.file, 0o640);
		expect((await copy.lite('upgrade')).code).toBe(0);
		const [backup = ''] = copy.files('backups');
		const path = join(copy.path, 'backups', backup);
		expect(backup).toMatch(/^app-\d{8}T\d{6}-20260101_000000_price\.db$/);
		expectWhole(path, {old: project.contents.old});
		expect(statSync(path).mode & 0o777).toBe(0o640);
		expect(statSync(copy.file).mode & 0o777).toBe(0o640);
	});

	test('is kept among the last backup_keep backups, and those of other databases are left alone', async () => {
		const copy = project.copy();
		copy.write('migrate.toml', `${copy.read('migrate.toml')}backup_keep = 2\nbackup = "always"\n`);
		copy.write('backups/app2-20200101T000000.db', 'of another database');
		copy.write('backups/app-notes.db', 'of another program');
		expect((await copy.lite('upgrade', '--steps', '1')).code).toBe(0);
		const [first] = copy.files('backups').filter((name) => /^app-\d/.test(name));
		for (const command of ['downgrade', 'upgrade --steps 1', 'downgrade'])
			expect(await copy.lite(...command.split(' '))).toMatchObject({code: 0, stderr: ''});
		const names = copy.files('backups');
		expect(names).toHaveLength(4);
		expect(names).toEqual(expect.arrayContaining(['app2-20200101T000000.db', 'app-notes.db']));
		expect(names).not.toContain(first);
		for (const name of names.filter((candidate) => /^app-\d/.test(candidate))) expect(stateOf(join(copy.path, 'backups', name)).damage).toEqual([]);
	});

	test('that was interrupted by kill −9 is never listed, and is removed by the next run', async () => {
		const argv = ['upgrade', '--json'];
		// The faster the disk, the fewer moments there are.
		const count = Math.ceil((await countMoments(project.copy(), 'copy', argv)) / 2);
		for (const number of sampleOf(count, 2)) {
			const copy = project.copy();
			expect((await signalledAt(copy, 'copy', number, 'SIGKILL', argv)).code).toBe(null);
			expectWhole(copy.file, {old: project.contents.old});
			expect(JSON.parse((await copy.lite('restore', '--json')).stdout)).toEqual({backups: []});
			expect((await copy.lite(...argv)).code).toBe(0);
			expectWhole(copy.file, {new: project.contents.new});
			expect(leftovers(copy.file)).toEqual([]);
		}
	});
});

describe('two databases with the same name and the same backup folder', () => {
	const owner = (folder: ProjectFolder, file: string) => rowsOf(join(folder.path, file), 'SELECT owner FROM t').flat();

	function project(): ProjectFolder {
		const folder = projectFolder({
			'migrate.toml':
				'[migrate]\ndb_path = "./a/data.db"\nmigrations_dir = "./m"\nmodels_dir = "./models"\nbackup_dir = "./backups"\nbackup_keep = 1\n',
			'm/1_x.sql': "UPDATE t SET owner = owner || '1';\n-- downgrade\nUPDATE t SET owner = rtrim(owner, '1');\n",
			'a/.keep': '',
			'b/.keep': '',
		});
		for (const name of ['a', 'b']) execute(join(folder.path, name, 'data.db'), `CREATE TABLE t (owner TEXT); INSERT INTO t VALUES ('${name}')`);
		return folder;
	}

	test('never restore, list or prune the backups of the other', async () => {
		const folder = project();
		for (const name of ['a', 'b']) expect(await folder.lite('upgrade', '--db', `${name}/data.db`)).toMatchObject({code: 0});
		for (const command of ['downgrade', 'upgrade', 'downgrade'])
			expect(await folder.lite(command, '--db', 'b/data.db', '--yes')).toMatchObject({code: 0});
		const [ofA, ...more] = JSON.parse((await folder.lite('restore', '--db', 'a/data.db', '--json')).stdout).backups;
		expect(more).toEqual([]);
		const [ofB] = JSON.parse((await folder.lite('restore', '--db', 'b/data.db', '--json')).stdout).backups;
		expect(folder.files('backups')).toHaveLength(2);
		for (const backup of [ofB.path, basename(ofB.path)]) {
			const {code, stderr} = await folder.lite('restore', backup, '--db', 'a/data.db', '--yes');
			expect(code).toBe(2);
			expect(stderr).toMatch(/is a backup of another database: .*b\/data\.db\n/);
		}
		expect(owner(folder, 'a/data.db')).toEqual(['a1']);
		expect(await folder.lite('restore', ofA.id, '--db', 'a/data.db', '--yes')).toMatchObject({code: 0, stderr: ''});
		expect([owner(folder, 'a/data.db'), owner(folder, 'b/data.db')]).toEqual([['a'], ['b']]);
	});

	test('restore a backup of 1.0 only by its path, and report that it may belong to another database', async () => {
		const folder = project();
		expect((await folder.lite('upgrade', '--db', 'b/data.db')).code).toBe(0);
		const [name = ''] = folder.files('backups');
		stripMark(join(folder.path, 'backups', name));
		expect((await folder.lite('restore')).stdout).toContain(`these may be backups of another database`);
		expect(JSON.parse((await folder.lite('restore', '--json')).stdout)).toMatchObject({
			backups: [],
			unclaimed: [{id: expect.stringContaining(name)}],
		});
		const refused = await folder.lite('restore', /\d{8}T\d{6}/.exec(name)?.[0] ?? '', '--yes');
		expect(refused).toMatchObject({code: 2, stderr: expect.stringContaining('may be a backup of another database')});
		expect(owner(folder, 'a/data.db')).toEqual(['a']);
		const shown = await folder.builtLite('restore', `backups/${name}`);
		expect(shown).toMatchObject({code: 3, stdout: expect.stringContaining('▲ this may be a backup of another database')});
		expect((await folder.builtLite('restore', `backups/${name}`, '--yes')).code).toBe(0);
		expect(owner(folder, 'a/data.db')).toEqual(['b']);
	});
});

describe('restore', () => {
	test('without --yes only shows what it would change; with --yes it restores the earlier state and backs up the current one', async () => {
		const {copy, id} = await upgraded();
		const before = digestOf(copy.file);
		const shown = await copy.lite('restore', id);
		expect(shown).toMatchObject({
			code: 3,
			stderr: `lite-migr: nothing was changed; to restore this backup, run lite-migr restore ${id} --yes (exit 3)\n`,
		});
		expect(shown.stdout).toContain('2 migrations pending again: 20260101_000000_price, 20260102_000000_city');
		expect(digestOf(copy.file)).toBe(before);
		expect(copy.files('backups')).toHaveLength(1);

		expect(await copy.lite('restore', id, '--yes')).toMatchObject({code: 0, stderr: ''});
		expectWhole(copy.file, {old: project.contents.old});
		expect(leftovers(copy.file)).toEqual([]);
		const [, kept] = copy.files('backups');
		expect(kept).toMatch(/-restore\.db$/);
		expect(await copy.lite('restore', idOf(kept), '--yes')).toMatchObject({code: 0, stderr: ''});
		expectWhole(copy.file, {new: project.contents.new});
	});

	test('reports rows and values that were added after the backup, and removes them only with confirmation', async () => {
		const {copy, id} = await upgraded();
		exec(copy.file, "INSERT INTO owner VALUES (9, 'Eve', NULL), (10, 'Flo', NULL); UPDATE note SET text = 'new' WHERE id = 1");
		const later = stateOf(copy.file).contents;
		const {code, stdout} = await copy.lite('restore', id);
		expect(code).toBe(3);
		expect(stdout).toMatch(/~ owner {3}5 → 3 rows, different definition {3}▲ 2 rows lost\n/);
		expect(stdout).toMatch(/~ note .*1 row with old values\n/);
		expectWhole(copy.file, {later});
		expect((await copy.lite('restore', id, '--yes')).code).toBe(0);
		expectWhole(copy.file, {old: project.contents.old});
		const kept = copy.files('backups').find((name) => name.endsWith('-restore.db')) ?? '';
		expectWhole(join(copy.path, 'backups', kept), {later});
	});

	test.each(['delete', 'wal'] as const)('is visible to a connection that another program keeps open (journal_mode=%s)', async (journal) => {
		const {copy, id} = await upgraded(journal);
		const other = otherProcess(
			`import {openDatabase} from 'source/core/sqlite/open.ts';
			const db = openDatabase(process.argv[1]);
			const say = () => console.log('sees ' + db.value("SELECT count(*) FROM log") + '.' + db.value("SELECT typeof(price) FROM item LIMIT 1"));
			say();
			process.on('SIGUSR2', say);
			process.on('SIGTERM', () => { db.close(); process.exit(0); });
			setInterval(() => {}, 1000);`,
			copy.file,
		);
		await other.says('sees 1.integer');
		expect(await copy.lite('restore', id, '--yes')).toMatchObject({code: 0, stderr: ''});
		other.child.kill('SIGUSR2');
		await other.says('sees 0.text');
		other.child.kill('SIGTERM');
		expect(await other.ended).toBe(0);
		expectWhole(copy.file, {old: project.contents.old});
		expect(leftovers(copy.file)).toEqual([]);
	});

	test.each(['delete', 'wal'] as const)(
		'that is killed at any moment leaves the database intact, in one of the two states, and a rerun succeeds (journal_mode=%s)',
		async (journal) => {
			const {copy: first, id: firstId} = await upgraded(journal);
			const count = await countMoments(first, 'copy', ['restore', firstId, '--yes']);
			const codes: (number | null)[] = [];
			for (const number of sampleOf(count, 3)) {
				const {copy, id} = await upgraded(journal);
				codes.push((await signalledAt(copy, 'copy', number, 'SIGKILL', ['restore', id, '--yes'])).code);
				expectWhole(copy.file, project.contents);
				expectWhole(join(copy.path, 'backups', `app-${id}-20260101_000000_price.db`), {old: project.contents.old});
				expect(await copy.lite('restore', id, '--yes')).toMatchObject({code: 0, stderr: ''});
				expectWhole(copy.file, {old: project.contents.old});
				expect(leftovers(copy.file)).toEqual([]);
			}
			// The faster the disk at that time, the fewer moments there are, so a run may end before a later one.
			expect(codes[0]).toBeNull();
			for (const code of codes) expect([null, 0]).toContain(code);
		},
		300_000,
	);

	test('does not replace a database that is a symbolic link', async () => {
		const copy = project.copy();
		const real = join(copy.path, 'models', 'real.db');
		renameSync(copy.file, real);
		symlinkSync(real, copy.file);
		expect((await copy.lite('upgrade')).code).toBe(0);
		const id = idOf(copy.files('backups')[0]);
		expect(await copy.lite('restore', id, '--yes')).toMatchObject({code: 0, stderr: ''});
		expectWhole(real, {old: project.contents.old});
		expect(existsSync(copy.file)).toBe(true);
		expect(statSync(copy.file).ino).toBe(statSync(real).ino);
	});
});
