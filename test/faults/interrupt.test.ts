import {describe, expect, test} from 'vitest';
import {currentDriver} from '../../source/core/sqlite/driver/choose.ts';
import {expectWhole, leftovers} from './database-state.ts';
import {lockHolder} from './lock-holder.ts';
import {rewriteProject} from './rewrite-project.ts';
import {countMoments, signalledAt} from './signalled.ts';

const project = rewriteProject({rows: 30_000, pageSize: 512});
const upgrade = ['upgrade', '--json'];

interface EventLine {
	readonly type: string;
	readonly phase?: string;
	readonly state?: string;
}

const events = (stdout: string): readonly EventLine[] =>
	stdout
		.trim()
		.split('\n')
		.map((line) => JSON.parse(line));

let undisturbed: readonly EventLine[] | undefined;

/** Returns the number of the first or last event that fits, in a run without interruption. */
async function numberOf(fits: (event: EventLine) => boolean, which: 'findIndex' | 'findLastIndex' = 'findIndex'): Promise<number> {
	undisturbed ??= events((await project.copy().lite(...upgrade)).stdout);
	return undisturbed[which](fits) + 1;
}

describe.each(['SIGINT', 'SIGTERM'] as const)('%s', (signal) => {
	test.each(['delete', 'wal'] as const)('halfway through a rewrite rolls back and exits with 130 (journal_mode=%s)', async (journal) => {
		const number = await numberOf(({type, phase}) => type === 'progress' && phase === 'copy');
		const copy = project.copy(journal);
		const {code, stdout, stderr} = await signalledAt(copy, 'event', number, signal, upgrade);
		expect(code).toBe(130);
		expect(events(stdout).at(-1)).toMatchObject({
			type: 'failed',
			code: 'cancelled',
			migration: '20260101_000000_price',
			state: 'everything was rolled back: app.db has no migrations applied',
			committed: [],
		});
		expect(stderr).toContain('everything was rolled back: app.db has no migrations applied');
		expect(leftovers(copy.file)).toEqual([]);
		expectWhole(copy.file, {old: project.contents.old});
		expect(await copy.lite(...upgrade)).toMatchObject({code: 0});
		expectWhole(copy.file, {new: project.contents.new});
	});

	test('during the last statement, which cannot be stopped, rolls back when the statement ends', async () => {
		const last = await numberOf(({type}) => type === 'stepStart', 'findLastIndex');
		const copy = project.copy();
		expect((await signalledAt(copy, 'event', last, signal, upgrade)).code).toBe(130);
		expectWhole(copy.file, {old: project.contents.old});
		expect(leftovers(copy.file)).toEqual([]);
	});

	test('while the backup is taken leaves no partial backup', async () => {
		const number = await numberOf(({type, state}) => type === 'backup' && state === 'progress');
		const copy = project.copy();
		expect((await signalledAt(copy, 'event', number, signal, upgrade)).code).toBe(130);
		expectWhole(copy.file, {old: project.contents.old});
		expect(leftovers(copy.file)).toEqual([]);
		expect(copy.files('backups')).toEqual([]);
	});
});

describe('Ctrl-C in a restore', () => {
	test('leaves the database unchanged and exits with 130', async () => {
		const copy = project.copy();
		expect((await copy.lite(...upgrade)).code).toBe(0);
		const [backup = ''] = copy.files('backups');
		const argv = ['restore', backup, '--yes'];
		const count = await countMoments(project.copy(), 'copy', upgrade);
		// The first copy is the backup of the current state. The second one restores the database. With node:sqlite, it has only one moment between its
		// batches, after which it commits.
		const {code, stderr} = await signalledAt(copy, 'copy', count + (currentDriver().pausesBackups ? 2 : 0), 'SIGINT', argv);
		expect({code, stderr}).toEqual({code: 130, stderr: '✗ cancelled\n  nothing was restored: app.db is unchanged\n'});
		expectWhole(copy.file, {new: project.contents.new});
		expect(leftovers(copy.file)).toEqual([]);
		expect((await copy.lite(...argv)).code).toBe(0);
		expectWhole(copy.file, {old: project.contents.old});
	});
});

describe('Ctrl-C while waiting for a lock', () => {
	test.each([
		['IMMEDIATE', 'SIGINT', 'app.db has no migrations applied'],
		['IMMEDIATE', 'SIGTERM', 'app.db has no migrations applied'],
		['IMMEDIATE', 'SIGHUP', 'app.db has no migrations applied'],
		['EXCLUSIVE', 'SIGINT', 'app.db is unchanged'],
	] as const)('exits immediately with 130 and writes nothing (BEGIN %s by another process, %s)', async (kind, signal, state) => {
		const copy = project.copy();
		const holder = await lockHolder(copy.file, `BEGIN ${kind}`);
		const {code, stdout, stderr} = await copy.builtLiteWith(
			{
				onStart: (child) => {
					child.stdout?.on('data', (text) => String(text).includes('waiting for the lock') && child.kill(signal));
				},
			},
			...['upgrade', '--wait', '600'],
		);
		expect({code, stdout, stderr}).toEqual({
			code: 130,
			stdout: expect.stringMatching(/^! waiting for the lock(?: held by \S+ \(process \d+\))?\n$/),
			stderr: `✗ cancelled\n  nothing was written: ${state}\n`,
		});
		await holder.release();
		expectWhole(copy.file, {old: project.contents.old});
	});
});
