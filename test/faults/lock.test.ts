import {copyFileSync, readFileSync, renameSync, writeFileSync} from 'node:fs';
import {dirname, join} from 'node:path';
import {describe, expect, test} from 'vitest';
import type {Finished} from '../cli/built-bin.ts';
import {expectWhole, leftovers} from './database-state.ts';
import {expectUpgrade} from './expect-upgrade.ts';
import {lockHolder} from './lock-holder.ts';
import {type RewriteCopy, rewriteProject} from './rewrite-project.ts';

const project = rewriteProject({rows: 500});

const locks = [
	['delete', 'BEGIN IMMEDIATE'],
	['delete', 'BEGIN EXCLUSIVE'],
	['wal', 'BEGIN IMMEDIATE'],
] as const;

/** Runs an upgrade, and calls `onWait` when it reports that it is waiting for the lock. */
async function upgradeThat(copy: RewriteCopy, onWait: () => unknown): Promise<Finished> {
	return await copy.builtLiteWith(
		{
			onStart: ({stdout}) => {
				stdout?.on('data', (text) => {
					if (String(text).includes('waiting for the lock')) onWait();
				});
			},
		},
		...['upgrade', '--wait', '600'],
	);
}

describe('a lock held by another process', () => {
	test.each(locks)(
		'for longer than --wait stops the run with the name of that process, and nothing is written (journal_mode=%s, %s)',
		async (journal, sql) => {
			const copy = project.copy(journal);
			const holder = await lockHolder(copy.file, sql);
			const {code, stderr} = await copy.lite('upgrade', '--wait', '0.2');
			expect({code, stderr}).toEqual({
				code: 1,
				stderr: expect.stringMatching(
					/^✗ app\.db is still locked by (?:node \(process \d+\)|another process) after 0\.2 s\n {2}│ SQLITE_BUSY\n {2}nothing was written: app\.db \S[^\n]+\n {2}wait for that process to finish, or set a longer timeout with --wait SECONDS\n$/,
				),
			});
			await holder.release();
			expectWhole(copy.file, {old: project.contents.old});
			await expectUpgrade(copy, project);
		},
	);

	test.each(locks)('delays the run until it is released (journal_mode=%s, %s)', async (journal, sql) => {
		const copy = project.copy(journal);
		const holder = await lockHolder(copy.file, `${sql}; DELETE FROM log`);
		expect(await upgradeThat(copy, () => holder.release())).toMatchObject({code: 0, stderr: ''});
		expectWhole(copy.file, {new: project.contents.new});
	});

	test.each(locks)('is released when that process is killed (journal_mode=%s, %s)', async (journal, sql) => {
		const copy = project.copy(journal);
		const holder = await lockHolder(copy.file, `${sql}; DELETE FROM note`);
		expect(await upgradeThat(copy, () => holder.kill())).toMatchObject({code: 0, stderr: ''});
		expectWhole(copy.file, {new: project.contents.new});
		expect(leftovers(copy.file)).toEqual([]);
	});
});

test('a run stops if the database file is replaced while it waits for the lock, and writes neither file', async () => {
	const copy = project.copy('delete');
	const holder = await lockHolder(copy.file, 'BEGIN IMMEDIATE');
	const {code, stderr} = await upgradeThat(copy, () => {
		renameSync(copy.file, `${copy.file}-old`);
		copyFileSync(`${copy.file}-old`, copy.file);
		return holder.release();
	});
	expect({code, stderr}).toMatchObject({code: 1, stderr: expect.stringContaining('app.db was removed or replaced while this run waited for it')});
	for (const file of [copy.file, `${copy.file}-old`]) expectWhole(file, {old: project.contents.old});
});

describe('a reader that does not finish', () => {
	test('stops a run with a rollback journal at its end, and the run is rolled back', async () => {
		const copy = project.copy('delete');
		const reader = await lockHolder(copy.file, 'BEGIN; SELECT count(*) FROM item');
		// Long enough to be reported on a busy machine.
		const {code, stdout, stderr} = await copy.lite('upgrade', '--wait', '1');
		expect(code).toBe(1);
		expect(stdout).toMatch(/\n! waiting for the lock(?: held by node \(process \d+\))?\n(?:rolled back {2}\S+\n)+$/);
		expect(stderr).toMatch(/^✗ \S+ failed: app\.db is still locked by (?:node \(process \d+\)|another process) after 1 s\n/);
		expect(stderr).toContain('everything was rolled back: app.db has no migrations applied\n');
		await reader.release();
		expectWhole(copy.file, {old: project.contents.old});
		await expectUpgrade(copy, project);
	});

	test('delays the end of a run with a rollback journal', async () => {
		const copy = project.copy('delete');
		const reader = await lockHolder(copy.file, 'BEGIN; SELECT count(*) FROM item');
		expect(await upgradeThat(copy, () => reader.release())).toMatchObject({code: 0, stderr: ''});
		expectWhole(copy.file, {new: project.contents.new});
	});

	test('does not stop a run with a WAL', async () => {
		const copy = project.copy('wal');
		const reader = await lockHolder(copy.file, 'BEGIN; SELECT count(*) FROM item');
		expect(await copy.lite('upgrade', '--wait', '0.2')).toMatchObject({code: 0, stderr: ''});
		await reader.release();
		expectWhole(copy.file, {new: project.contents.new});
		expect(leftovers(copy.file)).toEqual([]);
	});
});

test('a command that only reads waits too, and its error names the setting', async () => {
	const copy = project.copy('delete');
	writeFileSync(join(dirname(copy.file), 'migrate.toml'), `${readFileSync(join(dirname(copy.file), 'migrate.toml'), 'utf8')}wait = 0.2\n`);
	const holder = await lockHolder(copy.file, 'BEGIN EXCLUSIVE');
	const {code, stderr} = await copy.lite('status');
	await holder.release();
	expect({code, stderr}).toMatchObject({
		code: 1,
		stderr: expect.stringMatching(/app\.db is still locked by .+ after 0\.2 s[\s\S]*or set a longer wait in migrate\.toml\n$/),
	});
	expect(await copy.lite('status')).toMatchObject({code: 0, stderr: ''});
});
