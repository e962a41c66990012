import {describe, expect, test} from 'vitest';
import type {ApplyEvent} from '../../../source/core/migrations/event.ts';
import {rowsOf} from '../../../source/ui/page/fit.ts';
import {line, textOf} from '../../../source/ui/page/line.ts';
import {runPage} from '../../../source/ui/run/run-page.ts';
import {noRun, type RunState, reduceRun, shareOf} from '../../../source/ui/run/run-state.ts';
import {summaryLines} from '../../../source/ui/run/summary.ts';
import {tiny, wide} from '../keys/typed.ts';
import {pageText} from '../page/text.ts';
import {findings} from '../screens/samples.ts';

const began: readonly ApplyEvent[] = [
	{type: 'start', database: 'app.db', direction: 'upgrade', migrations: ['0008_names', '0009_events'], dryRun: false},
	{type: 'preflight', findings: [], bytesNeeded: 0, bytesFree: 80_000_000_000},
	{type: 'backup', state: 'done', path: 'backups/app-20261122T175203.db', pagesDone: 10, pagesTotal: 10, bytes: 12_400_000, durationMs: 38},
	{type: 'migrationStart', migration: '0008_names', steps: 1},
	{type: 'stepStart', migration: '0008_names', step: 1, steps: 1, strategy: 'instant', object: 'user', summary: 'rename', reason: 'x', rows: null},
	{type: 'stepDone', migration: '0008_names', step: 1, durationMs: 1, rows: null},
	{type: 'migrationDone', migration: '0008_names', durationMs: 12, summary: 'user: instant'},
	{type: 'migrationStart', migration: '0009_events', steps: 4},
	{
		type: 'stepStart',
		migration: '0009_events',
		step: 2,
		steps: 4,
		strategy: 'rewrite',
		object: 'events',
		summary: 'copy rows',
		reason: 'uid is UNIQUE',
		rows: 800_000,
	},
];
const progress: ApplyEvent = {type: 'progress', migration: '0009_events', step: 2, phase: 'copy', done: 512_000, total: 800_000, elapsedMs: 1650};
const state = (...more: readonly ApplyEvent[]): RunState => [...began, ...more].reduce((run, event) => reduceRun(run, event, 1000), noRun);
const shown = (run: RunState, now: number, look = wide): string => pageText(runPage(run, line('Upgrade app.db'), now, look), look);

describe('a run', () => {
	test('shows finished migrations, and the current step with its bar, rows, rate and time left', () => {
		expect(shown(state(progress), 2650)).toBe(
			[
				'Upgrade app.db',
				'',
				'  ✔ nothing breaks: no NULLs, duplicates or orphans in the way; 80 GB free',
				'  ✔ backup backups/app-20261122T175203.db   12.4 MB, 38 ms',
				'  ✔ 0008_names     12 ms   user: instant',
				'  ⠦ 0009_events   step 2 of 4',
				'    events: copy rows, 800,000 rows',
				'    ██████████░░░░░░   64%   512k of 800k rows   310k rows/s   928 ms left',
				'',
				'tab why   ctrl-c stops and rolls back',
			].join('\n'),
		);
	});

	test('shows no bar in the first 300 ms of a step', () => {
		expect(shown(state(progress), 1299)).not.toContain('64%');
		expect(shown(state(progress), 1300)).toContain('64%');
	});

	test('keeps the width of the bar, regardless of its figures', () => {
		const bars = [
			{done: 1, elapsedMs: 1},
			{done: 4000, elapsedMs: 600_000},
			{done: 512_000, elapsedMs: 1650},
			{done: 800_000, elapsedMs: 9000},
		].map((figures) => /[█░]+/.exec(shown(state({...progress, ...figures}), 2000))?.[0].length);
		expect(new Set(bars)).toEqual(new Set([16]));
	});

	test('is never cut: on a narrow terminal the last figures are omitted', () => {
		for (let columns = 40; columns <= 100; columns++) {
			const row = shown(state(progress), 2650, {...wide, columns})
				.split('\n')
				.find((text) => text.includes('█'));
			expect(row).toContain(' 64%');
			expect(row).not.toContain('…');
		}
	});

	test('estimates the progress of an index of a large table, and never claims that it is finished', () => {
		const index: ApplyEvent = {...progress, phase: 'index', done: 0, object: 'events_kind', expectedMs: 20_000};
		const bar = (elapsedMs: number, look = wide) =>
			shown(state(index), 1000 + elapsedMs, look)
				.split('\n')
				.find((text) => text.includes('█'));
		expect(bar(5000)).toBe('    ████░░░░░░░░░░░░  ~25%   about 15 s left   building events_kind');
		expect(bar(30_000)).toMatch(/~9\d% {3}takes longer than expected/);
		expect(bar(3_600_000)).toContain('~99%');
		for (let columns = 40; columns <= 100; columns++) expect(bar(5000, {...wide, columns})).not.toContain('…');
	});

	test('reports the estimate to the terminal, for its title', () => {
		const index: ApplyEvent = {...progress, phase: 'index', done: 0, object: 'events_kind', expectedMs: 20_000};
		expect(shareOf(state(index), 6000)).toBe(0.25);
		expect(shareOf(state({...index, done: index.total}), 6000)).toBeUndefined();
		expect(shareOf(state(progress), 6000)).toBe(0.64);
	});

	test('shows the phase and the elapsed time instead of a bar while an index is built', () => {
		const building: ApplyEvent = {...progress, phase: 'index', done: 0};
		const run = [...began, progress].reduce((before, event) => reduceRun(before, event, 1000), noRun);
		const first = reduceRun(run, building, 5000);
		expect(shown(first, 5100)).toContain('\n    building an index: 800,000 rows\n');
		expect(shown(first, 17_000)).toContain('    building an index: 800,000 rows   12 s\n');
		const second = reduceRun(reduceRun(first, {...building, done: 800_000}, 20_000), building, 20_000);
		expect(shown(second, 23_000)).toContain('building an index: 800,000 rows   3 s');
	});

	test('names what it does between its steps, and its time after two seconds', () => {
		const [start, preflight, backup] = began as [ApplyEvent, ApplyEvent, ApplyEvent];
		const seen = (...events: readonly ApplyEvent[]) => events.reduce((before, event) => reduceRun(before, event, 1000), noRun);
		expect(shown(seen(), 9000)).toMatch(/^ {2}\S checking the rows$/m);
		expect(shown(seen(start), 2000)).toMatch(/^ {2}\S checking the rows$/m);
		expect(shown(seen(start), 4000)).toMatch(/^ {2}\S checking the rows {3}3 s$/m);
		expect(shown(seen(start, preflight, {...backup, state: 'progress'} as ApplyEvent), 1000)).toMatch(/^ {2}\S taking the backup$/m);
		expect(shown(seen(start, preflight), 1000)).toMatch(/^ {2}\S working$/m);
		const done = ['0008_names', '0009_events'].map((migration): ApplyEvent => ({type: 'migrationDone', migration, durationMs: 1, summary: ''}));
		expect(shown(seen(start, preflight, ...done), 1000)).toMatch(/^ {2}\S committing$/m);
	});

	test('that waits for a lock shows for whom even if there is room for little else', () => {
		const lock = {state: 'waiting', holders: ['sqlite3 (process 4711)'], seconds: 60} as const;
		const run = reduceRun(state(progress), {type: 'notice', message: '', lock}, 1000);
		expect(shown(run, 1000, {...tiny, columns: 24, rows: 6})).toContain('waiting for the lock');
	});

	test('that waits for a lock shows only for whom, how long and what to do, and afterwards how long it took', () => {
		const waits: ApplyEvent = {
			type: 'notice',
			message: 'waiting for the lock',
			lock: {state: 'waiting', holders: ['sqlite3 (process 4711)'], seconds: 60},
		};
		const [start, preflight] = began as [ApplyEvent, ApplyEvent];
		const run = [start, preflight, waits].reduce((before, event) => reduceRun(before, event, 1000), noRun);
		expect(shown(run, 5000).split('\n').slice(2)).toEqual([
			'  ✔ nothing breaks: no NULLs, duplicates or orphans in the way; 80 GB free',
			'  ⠋ waiting for the lock of sqlite3 (process 4711)   4 s of 1 min',
			'    Let it finish, or stop it: this then continues by itself.',
			'',
			'ctrl-c stops waiting',
		]);
		expect(shown(reduceRun(run, {...waits, lock: {state: 'waiting', holders: [], seconds: 10}}, 1000), 1000)).toContain(
			'waiting for the lock of another process   0 s of 10 s',
		);
		expect(shown(state(waits), 2000)).not.toContain('step 2 of 4');
		const free = reduceRun(
			run,
			{type: 'notice', message: 'the lock is free after 4.2 s', lock: {state: 'over', holders: ['sqlite3 (process 4711)'], seconds: 4.2}},
			5200,
		);
		expect(shown(free, 5300)).toMatch(/! waited 4\.2 s for the lock of sqlite3 \(process 4711\)\n[\s\S]*working[\s\S]*stops and rolls back/);
	});

	test('says that it is stopping', () => {
		expect(shown({...state(progress), isStopping: true}, 2000)).toMatch(
			/! stopping, then everything is rolled back …[\s\S]*ctrl-c again quits immediately/,
		);
	});

	test('on a server says that only a batch that was not sent yet can be stopped', () => {
		const run = {...state(progress), isRemote: true};
		expect(shown(run, 2000)).toContain('ctrl-c stops before the batch is sent');
		expect(shown({...run, isStopping: true}, 2000)).toContain('! stopping, unless the batch was already sent …');
	});

	test('shows why a step is carried out this way on request', () => {
		expect(shown(state(progress), 2000)).not.toContain('uid is UNIQUE');
		expect(shown({...state(progress), showsReason: true}, 2000)).toContain('why: uid is UNIQUE');
	});

	test('keeps the progress in view below a long list of finished migrations', () => {
		const earlier = Array.from(
			{length: 40},
			(_, index): ApplyEvent => ({type: 'migrationDone', migration: `0${index}_earlier`, durationMs: 1, summary: ''}),
		);
		for (const look of [wide, tiny]) {
			const text = pageText(
				runPage(
					[...earlier, ...began, progress].reduce((run, event) => reduceRun(run, event, 1000), noRun),
					line('Upgrade app.db'),
					2650,
					look,
				),
				look,
			);
			expect(text).toContain('0009_events');
			expect(text).toContain('64%');
			expect(text).toMatch(/↑ \d+ more/);
			expect(text).not.toMatch(/↓ \d+ more/);
		}
	});

	test('fits into 40 columns and 12 rows', () => {
		const text = shown(state(progress), 2000, tiny);
		expect(text.split('\n').length).toBeLessThan(12);
		expect(text).toMatch(/█+░+ {3}64%/);
	});

	test('gives the numbers to a screen reader', () => {
		const bar = runPage(state(progress), line('x'), 2000, wide).body.at(-1);
		expect(bar?.reading).toEqual({role: 'progressbar', label: 'copying: 64%, 512,000 of 800,000 rows   928 ms left'});
	});
});

describe('the summary', () => {
	const text = (run: RunState): string =>
		summaryLines(run, line('Upgrade app.db'), wide)
			.flatMap((each) => rowsOf(each, wide))
			.map((row) => textOf(row).trimEnd())
			.join('\n');

	test('shows the migrations, the time, the backup and how to undo', () => {
		const end: ApplyEvent = {
			type: 'done',
			direction: 'upgrade',
			database: 'app.db',
			applied: [
				{name: '0008_names', durationMs: 12, steps: 2},
				{name: '0009_events', durationMs: 2600, steps: 4},
			],
			currentMigration: '0009_events',
			backup: 'backups/app-20261122T175203.db',
			undo: ['lite-migr downgrade --to 0007_add_orders', 'lite-migr restore 20261122T175203'],
			undoLimits: null,
			plan: '3f9c1a2b',
			durationMs: 2700,
			dryRun: false,
		};
		const run = state({type: 'migrationDone', migration: '0009_events', durationMs: 2600, summary: 'events: rewrite of 800,000 rows'}, end);
		expect(text(run)).toBe(
			[
				'Upgrade app.db',
				'  ✔ nothing breaks: no NULLs, duplicates or orphans in the way; 80 GB free',
				'  ✔ backup backups/app-20261122T175203.db   12.4 MB, 38 ms',
				'  ✔ 0008_names      12 ms   user: instant',
				'  ✔ 0009_events     2.6 s   events: rewrite of 800,000 rows',
				'',
				'✔ app.db is at 0009_events   2 migrations, 6 steps, 2.7 s',
				'  undo      lite-migr downgrade --to 0007_add_orders',
				'  restore   lite-migr restore 20261122T175203',
			].join('\n'),
		);
	});

	test('names restore first if rows were lost, and says what undoing the migrations does not restore', () => {
		const end: ApplyEvent = {
			type: 'done',
			direction: 'upgrade',
			database: 'app.db',
			applied: [{name: '0012', durationMs: 900, steps: 1}],
			currentMigration: '0012',
			backup: 'backups/app-20261130T120000.db',
			undo: ['lite-migr restore 20261130T120000', 'lite-migr downgrade --to 0011'],
			undoLimits: 'structure only: deleted rows stay deleted; the rows are in backup 20261130T120000',
			plan: null,
			durationMs: 900,
			dryRun: false,
		};
		expect(text(state(end))).toContain(
			[
				'  restore   lite-migr restore 20261130T120000   restores rows and values, too',
				'  undo      lite-migr downgrade --to 0011   structure only: deleted rows stay',
				'            deleted; the rows are in backup 20261130T120000',
			].join('\n'),
		);
	});

	test('of a failure shows the problem, the location, the state of the database and earlier commits', () => {
		const run = state({
			type: 'failed',
			code: 'database',
			message: 'UNIQUE constraint failed: events.uid',
			hint: 'fix the rows',
			location: {file: 'migrations/0009_events.ts', line: 14},
			details: ["'a-17' (ids 4, 90)"],
			migration: '0009_events',
			state: 'app.db is at 0008_names: 0008_names was committed before; 0009_events was rolled back',
			committed: ['0008_names'],
			backup: 'backups/app-20261122T175203.db',
		});
		expect(text(run)).toBe(
			[
				'✗ 0009_events failed. app.db is at 0008_names: 0008_names was committed before;',
				'  0009_events was rolled back.',
				'',
				'  │ UNIQUE constraint failed: events.uid',
				'  │ migrations/0009_events.ts:14',
				"  │ 'a-17' (ids 4, 90)",
				'',
				'  fix the rows',
				'  backup backups/app-20261122T175203.db',
			].join('\n'),
		);
	});

	test('of a run that loses data repeats the confirmed losses', () => {
		const run = [began[0]!, {type: 'preflight', findings, bytesNeeded: 0, bytesFree: null} as const].reduce(
			(all, event) => reduceRun(all, event, 0),
			noRun,
		);
		expect(shown(run, 0)).toContain(
			'▲ this loses data, as you confirmed:\n    │ legacy_log is dropped with 880,112 rows\n    │ user.nick is dropped',
		);
	});
});
