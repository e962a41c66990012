import {existsSync, readdirSync} from 'node:fs';
import {describe, expect, test} from 'vitest';
import type {ApplyEvent, FailedEvent} from '../../source/core/migrations/event.ts';
import type {ApplyOptions} from '../../source/core/migrations/run/apply-options.ts';
import {endedWithProcess, killedProcess} from '../../source/core/migrations/run/ended-early.ts';
import {applyInProcess} from '../../source/run-process/apply-in-process.ts';
import {optionsFor, runnerFor} from '../core/migrations/run.ts';
import {leftovers} from '../faults/database-state.ts';
import {type ProjectFolder, projectForEachTest} from '../project-folder.ts';

const project = projectForEachTest();

/** A statement that never ends, and needs no memory or disk space. */
const endless = 'UPDATE note SET n = (WITH RECURSIVE i(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM i) SELECT max(i) FROM i)';
/** Code that blocks its thread as such a statement does, but needs no processor. */
const blocked = 'Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0)';
const twoRows = 'CREATE TABLE note (id INTEGER PRIMARY KEY, n INTEGER); INSERT INTO note VALUES (1, 10), (2, 20)';

interface Watched {
	readonly options?: Partial<ApplyOptions>;
	/** Called with each event. */
	readonly onEvent?: (event: ApplyEvent, abort: () => void) => void;
}

async function run({options = {}, onEvent = () => {}}: Watched = {}): Promise<readonly ApplyEvent[]> {
	const controller = new AbortController();
	const {now: _, ...given} = optionsFor(project, options);
	const events: ApplyEvent[] = [];
	for await (const event of applyInProcess({...given, signal: controller.signal}, {isSilent: true})) {
		events.push(event);
		onEvent(event, () => controller.abort());
	}
	return events;
}

const abortAtStep: Watched['onEvent'] = (event, abort) => {
	if (event.type === 'stepStart') setTimeout(abort, 50);
};

async function failed(watched: Watched): Promise<FailedEvent> {
	const last = (await run(watched)).at(-1);
	if (last?.type !== 'failed') throw new Error(JSON.stringify(last));
	return last;
}

const rows = ({database}: Pick<ProjectFolder, 'database'>) => database((db) => db.tuples('SELECT id, n FROM note'));

describe('a run in its own process', () => {
	test('has the same events and the same result as a run in this process', async () => {
		const withoutTimes = (events: readonly ApplyEvent[]) =>
			JSON.parse(JSON.stringify(events, (key, value) => (/Ms$|^bytesFree$|^path$|^backup$|^undo$/.test(key) ? undefined : value)));
		const write = () => {
			project.exec(twoRows);
			project.migration('20260101_000000_a', "op.addColumn('note', 'title TEXT'); op.execute(`UPDATE note SET n = ?`, [2n ** 40n]);");
			project.migration('20260102_000000_b', "op.changeTable('note', 'CREATE TABLE note (id INTEGER PRIMARY KEY, n TEXT, title TEXT)');");
		};
		write();
		const here = withoutTimes(await runnerFor(project).run({consent: true}));
		const after = rows(project);
		for (const file of readdirSync(project.path)) if (file.startsWith('app.db')) project.remove(file);
		write();
		expect(withoutTimes(await run({options: {consent: true}}))).toEqual(here);
		expect(rows(project)).toEqual(after);
		expect(after).toEqual(
			[
				[1n, '1099511627776'],
				[2n, '1099511627776'],
			].map((row) => row.map((value) => (typeof value === 'bigint' ? Number(value) : value))),
		);
	});

	test.each(['delete', 'wal'])('is stopped during a statement that never ends, and everything is rolled back (journal_mode=%s)', async (mode) => {
		project.exec(`PRAGMA journal_mode = ${mode}; ${twoRows}`);
		project.migration('20260101_000000_a', 'op.execute(`INSERT INTO note VALUES (3, 30)`);');
		project.migration('20260102_000000_b', `op.execute(\`${endless}\`);`);
		const last = await failed({
			options: {consent: true, backup: 'never'},
			onEvent: (event, abort) => event.type === 'stepStart' && event.migration.endsWith('_b') && abortAtStep?.(event, abort),
		});
		expect(last).toMatchObject({
			code: 'cancelled',
			message: 'cancelled',
			migration: '20260102_000000_b',
			state: 'everything was rolled back: app.db has no migrations applied',
			committed: [],
		});
		expect(leftovers(project.file)).toEqual([]);
		expect(rows(project)).toEqual([
			[1, 10],
			[2, 20],
		]);
	});

	test('keeps what a migration outside a transaction has committed when it is stopped, and says so', async () => {
		project.exec(twoRows);
		project.migration('20260101_000000_a', 'op.execute(`UPDATE note SET n = 11 WHERE id = 1`);');
		project.migration(
			'20260102_000000_b',
			// It is tried on a copy first, in the same process.
			`op.execute('UPDATE note SET n = 21 WHERE id = 2'); op.run(() => { if (globalThis.wasTried) ${blocked}; globalThis.wasTried = true; });`,
			undefined,
			'export const transaction = false;',
		);
		const last = await failed({
			options: {consent: true},
			onEvent: (event, abort) => event.type === 'stepStart' && event.step === 2 && abortAtStep?.(event, abort),
		});
		expect(last).toMatchObject({
			code: 'cancelled',
			migration: '20260102_000000_b',
			committed: ['20260101_000000_a'],
			state: '20260102_000000_b runs outside a transaction, so its changes so far remain: app.db is at 20260101_000000_a',
		});
		expect(readdirSync(project.path).filter((name) => name.startsWith('app.db'))).toEqual(['app.db']);
		expect(rows(project)).toEqual([
			[1, 11],
			[2, 21],
		]);
	});

	test('that creates the database and is stopped leaves no file', async () => {
		project.migration(
			'20260101_000000_a',
			`op.createTable('CREATE TABLE note (id INTEGER PRIMARY KEY, n)'); op.execute('INSERT INTO note VALUES (1, 1)'); op.run(() => { ${blocked}; });`,
		);
		const last = await failed({onEvent: (event, abort) => event.type === 'stepStart' && event.step === 3 && abortAtStep?.(event, abort)});
		expect(last).toMatchObject({code: 'cancelled', committed: []});
		expect(existsSync(project.file)).toBe(false);
		expect(leftovers(project.file)).toEqual([]);
	});

	test('that is stopped in a dry run leaves no private copy and an unchanged database', async () => {
		project.exec(twoRows);
		project.migration('20260101_000000_a', `op.run(() => { ${blocked}; });`);
		const last = await failed({options: {dryRun: true}, onEvent: abortAtStep});
		expect(last).toMatchObject({code: 'cancelled', state: 'a dry run: app.db is untouched', committed: []});
		expect(leftovers(project.file)).toEqual([]);
	});

	test.each([
		['ends the process', 'process.exit(7)', 'a migration ended the process, or is waiting for a promise that never settles'],
		['kills the process', "process.kill(process.pid, 'SIGKILL')", 'the process of the run was killed (SIGKILL)'],
		[
			'throws an error that nothing catches',
			"await new Promise(() => { setTimeout(() => { throw new Error('later') }); })",
			'uncaught error in a migration: later',
		],
	])('that %s is rolled back and reported', async (_what, code, message) => {
		project.exec(twoRows);
		project.migration('20260101_000000_a', `op.execute('DELETE FROM note'); op.run(async () => { ${code}; });`);
		expect(await failed({options: {consent: true}})).toMatchObject({
			code: 'migration',
			message,
			migration: '20260101_000000_a',
			state: 'everything was rolled back: app.db has no migrations applied',
		});
		expect(rows(project)).toHaveLength(2);
	});

	test('stays in this process if another one cannot be started', async () => {
		project.exec(twoRows);
		project.migration('20260101_000000_a', "op.run(() => { globalThis.ranHere = true; }); op.execute('UPDATE note SET n = 1');");
		const {execPath} = process;
		process.execPath = '/no/such/program';
		try {
			expect((await run({options: {consent: true}})).at(-1)).toMatchObject({type: 'done'});
		} finally {
			process.execPath = execPath;
		}
		expect(globalThis).toHaveProperty('ranHere', true);
	});

	test('that committed more than its process could report is reported as committed', async () => {
		project.exec(twoRows);
		project.migration('20260101_000000_a', "op.execute('UPDATE note SET n = 1');");
		const events = await run({options: {consent: true}});
		const {now: _, ...options} = optionsFor(project);
		const upToStart = events.slice(0, events.findIndex(({type}) => type === 'start') + 1);
		expect(endedWithProcess(options, upToStart, killedProcess('SIGKILL'), true)).toMatchObject({
			code: 'migration',
			committed: ['20260101_000000_a'],
			state: 'app.db is at 20260101_000000_a: 20260101_000000_a was committed before',
		});
	});

	test('whose events are no longer read is ended', async () => {
		project.exec(twoRows);
		project.migration('20260101_000000_a', `op.execute('UPDATE note SET n = 1'); op.run(() => { ${blocked}; });`);
		const {now: _, ...options} = optionsFor(project, {consent: true, backup: 'never'});
		for await (const event of applyInProcess(options, {isSilent: true})) if (event.type === 'stepStart' && event.step === 2) break;
		expect(await until(() => project.database((db) => db.exec('BEGIN IMMEDIATE; ROLLBACK')))).toBeLessThan(5000);
		expect(rows(project)).toEqual([
			[1, 10],
			[2, 20],
		]);
	});
});

/** Repeats work until it succeeds. Returns how long that took, in milliseconds. */
async function until(work: () => void): Promise<number> {
	const started = performance.now();
	for (;;) {
		try {
			work();
			return performance.now() - started;
		} catch (error) {
			if (performance.now() - started > 10_000) throw error;
		}
		await new Promise((resolve) => setTimeout(resolve, 20));
	}
}
