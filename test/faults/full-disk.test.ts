import {execFileSync, spawnSync} from 'node:child_process';
import {cpSync, existsSync, mkdirSync, statSync} from 'node:fs';
import {join} from 'node:path';
import {describe, expect, onTestFinished, type TestContext, test} from 'vitest';
import {expectWhole, leftovers} from './database-state.ts';
import {expectUpgrade} from './expect-upgrade.ts';
import {type RewriteCopy, rewriteProject} from './rewrite-project.ts';
import {through, withFileLimit} from './through.ts';

const project = rewriteProject({rows: 20_000});
const rolledBack = 'everything was rolled back: app.db has no migrations applied';

describe.skipIf(process.platform === 'win32')('a file that cannot grow (ulimit)', () => {
	test.each(['delete', 'wal'] as const)('rolls back a rewrite and reports the error (journal_mode=%s)', async (journal) => {
		const copy = project.copy(journal);
		const limit = withFileLimit(statSync(copy.file).size / (journal === 'wal' ? 4 : 1) + 4096);
		const {code, stderr} = await through(copy.path, limit, 'upgrade', '--no-backup');
		expect(code).toBe(1);
		expect(stderr).toMatch(/^✗ 2026010[12]_\w+ failed: (?:reading or writing app\.db failed \(SQLITE_IOERR_WRITE\)|the disk is full)/);
		expect(stderr).toContain(`  ${rolledBack}\n  `);
		expectWhole(copy.file, {old: project.contents.old});
		await expectUpgrade(copy, project);
	});

	test('stops the run before it begins if the backup does not fit', async () => {
		const copy = project.copy();
		const {code, stderr} = await through(copy.path, withFileLimit(statSync(copy.file).size / 2), 'upgrade');
		expect(code).toBe(1);
		expect(stderr).toMatch(/^✗ cannot take a backup: /);
		expect(stderr).toContain('  nothing was written: app.db has no migrations applied\n  free disk space, or change backup_dir');
		expectWhole(copy.file, {old: project.contents.old});
		expect(leftovers(copy.file)).toEqual([]);
		expect(copy.files('backups')).toEqual([]);
		await expectUpgrade(copy, project);
	});

	test('stops a restore and leaves the database unchanged', async () => {
		const copy = project.copy();
		expect((await copy.lite('upgrade')).code).toBe(0);
		const [backup = ''] = copy.files('backups');
		// The restore first takes a backup of the current state, which does not fit.
		const {code, stderr} = await through(copy.path, withFileLimit(statSync(copy.file).size / 2), 'restore', backup, '--yes');
		expect(code).toBe(1);
		expect(stderr).toMatch(/^✗ cannot take a backup: /);
		expectWhole(copy.file, {new: project.contents.new});
		expect(copy.files('backups')).toEqual([backup]);
	});
});

/** Returns a copy of the project on a separate disk of `bytes` bytes. Skips the test if no disk can be mounted. */
function onSmallDisk(context: TestContext, bytes: number): RewriteCopy {
	const copy = project.copy();
	const disk = join(copy.path, 'disk');
	mkdirSync(disk);
	const mounted = process.platform === 'linux' ? spawnSync('mount', ['-t', 'tmpfs', '-o', `size=${bytes}`, 'tmpfs', disk]) : undefined;
	if (mounted?.status !== 0) context.skip('cannot mount a small disk here: this needs root on Linux');
	onTestFinished(() => {
		execFileSync('umount', ['-l', disk]);
	});
	for (const name of ['app.db', 'migrations', 'models', 'migrate.toml']) cpSync(join(copy.path, name), join(disk, name), {recursive: true});
	return {...copy, path: disk, file: join(disk, 'app.db'), lite: (...argv) => through(disk, ['env'], ...argv)};
}

describe('a full disk', () => {
	test('in the middle of a rewrite rolls it back, and the error is reported', async (context) => {
		const size = statSync(project.copy().file).size;
		const copy = onSmallDisk(context, Math.round(size * 1.2));
		const {code, stdout, stderr} = await copy.lite('upgrade', '--no-backup');
		expect(code).toBe(1);
		expect(stdout).toMatch(/^! up to .* of extra disk space may be needed, but only .* are free\n$/);
		expect(stderr).toMatch(/^✗ 20260101_000000_price failed: the disk is full: app\.db could not be written\n/);
		expect(stderr).toContain(rolledBack);
		expectWhole(copy.file, {old: project.contents.old});
		expect(leftovers(copy.file)).toEqual([]);
		execFileSync('mount', ['-o', `remount,size=${size * 8}`, copy.path]);
		await expectUpgrade(copy, project);
	});

	test('while the backup is taken stops the run: nothing is written, and no partial backup is left', async (context) => {
		const size = statSync(project.copy().file).size;
		const copy = onSmallDisk(context, Math.round(size * 1.4));
		const {code, stderr} = await copy.lite('upgrade');
		expect(code).toBe(1);
		expect(stderr).toMatch(/^✗ cannot take a backup: the disk is full/);
		expectWhole(copy.file, {old: project.contents.old});
		expect(leftovers(copy.file)).toEqual([]);
		expect(existsSync(join(copy.path, 'backups')) ? copy.files('disk/backups') : []).toEqual([]);
	});
});
