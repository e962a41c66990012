import {describe, expect, test} from 'vitest';
import type {FleetFailure} from '../../../source/core/migrations/fleet/fleet.ts';
import {spansWidth} from '../../../source/ui/page/fit.ts';
import {textOf} from '../../../source/ui/page/line.ts';
import {layout} from '../../../source/ui/page/page.ts';
import {fleetPage} from '../../../source/ui/run/fleet-page.ts';
import {type FleetState, noFleet, reduceFleet, shareOfFleet} from '../../../source/ui/run/fleet-state.ts';
import {fleetSummary} from '../../../source/ui/run/fleet-summary.ts';
import type {FleetScreenEvent} from '../../../source/ui/services.ts';
import {tiny, wide} from '../keys/typed.ts';
import {pageText} from '../page/text.ts';
import {fleet, fleetRun} from '../screens/samples.ts';

const failed = (database: string, message: string, done: number): FleetScreenEvent => {
	const failure: FleetFailure = {code: 'hazard', message, hint: null, details: []};
	const finished = {database, result: {kind: 'failed', failure, committed: [], state: null}} as const;
	return {type: 'fleetProgress', phase: 'run', done, failed: 1, total: 9_990, finished};
};
const ran = (done: number, failures = 0, phase: 'canary' | 'run' = 'run', total = 9_990): FleetScreenEvent => ({
	type: 'fleetProgress',
	phase,
	done,
	failed: failures,
	total,
	finished: {database: `tenants/${done}.db`, result: {kind: 'applied', state: null, backup: null, losses: []}},
});
const stateAfter = (...events: readonly FleetScreenEvent[]): FleetState =>
	events.reduce((state, event, index) => reduceFleet(state, event, index * 1000), noFleet);
const shown = (state: FleetState, now: number, look = wide): string => pageText(fleetPage(state, fleetRun, now, look), look);

describe('the progress of a fleet', () => {
	test('has the canaries, a bar with the databases and the time left, and the failures', () => {
		const state = stateAfter(fleet.plan, ran(5, 0, 'canary', 5), ran(1), failed('tenants/0412.db', 'damaged: malformed page 17', 2), ran(2_498, 1));
		expect(shown(state, 12_000).replace(/[█░]+/, 'BAR')).toBe(
			[
				'Upgrade 10,000 databases   tenants/*.db   0011_cleanup → 0012_names   8 threads',
				'',
				'  ✔ canary 5 of 5',
				'',
				'    BAR   25%   2,498 done   1 failed   30 s left',
				'',
				'  ✗ tenants/0412.db   damaged: malformed page 17',
				'',
				'ctrl-c stops after the current databases; run it again to continue',
			].join('\n'),
		);
		expect(shareOfFleet(state)).toBeCloseTo(0.25);
	});

	test('names the newest failures, and counts the others', () => {
		const state = stateAfter(fleet.plan, ...Array.from({length: 40}, (_, index) => failed(`tenants/${index}.db`, 'locked', index + 1)));
		const text = shown(state, 50_000);
		expect(text).toContain('✗ tenants/39.db');
		expect(text).not.toContain('✗ tenants/2.db');
		expect(text).toContain('and 30 more');
	});

	test('names databases that take longer than a second', () => {
		const state = stateAfter(fleet.plan, {type: 'fleetProgress', phase: 'run', done: 0, failed: 0, total: 9, started: 'tenants/large.db'});
		expect(shown(state, 1500)).not.toContain('large.db');
		expect(shown(state, 8000)).toMatch(/tenants\/large\.db {3}7 s/);
		expect(shown(reduceFleet(state, failed('tenants/large.db', 'no', 1), 8000), 8000)).not.toMatch(/large\.db {3}7 s/);
	});

	test('names the process that a database waits for, until the lock is free', () => {
		const lock = {holders: ['sqlite3 (process 4711)'], seconds: 60};
		const state = stateAfter(
			fleet.plan,
			{type: 'fleetProgress', phase: 'run', done: 0, failed: 0, total: 9, started: 'tenants/3.db'},
			{type: 'fleetLock', database: 'tenants/3.db', lock: {...lock, state: 'waiting'}},
		);
		expect(shown(state, 4000)).toContain('tenants/3.db   3 s   waiting for the lock of sqlite3 (process 4711)');
		const free = reduceFleet(state, {type: 'fleetLock', database: 'tenants/3.db', lock: {...lock, state: 'over'}}, 4000);
		expect(shown(free, 4000)).not.toContain('waiting');
	});

	test('says before anything is written that nothing is written yet', () => {
		const state = stateAfter({type: 'fleetProgress', phase: 'look', done: 10, failed: 0, total: 10_000});
		expect(shown(state, 1000)).toContain('looking at the databases; nothing is written yet');
		expect(shown(state, 1000)).toContain('ctrl-c stops; nothing is written yet');
	});

	test.each([wide, tiny, {...wide, columns: 80, rows: 24}, {...tiny, rows: 10}])('fits into $columns × $rows', (look) => {
		const many = Array.from({length: 40}, (_, index) => failed(`tenants/${index}.db`, 'customer.mail: 1 duplicate value in 2 rows', index + 1));
		const state = stateAfter(fleet.plan, ran(5, 0, 'canary', 5), ...many, {
			type: 'fleetProgress',
			phase: 'run',
			done: 40,
			failed: 40,
			total: 9_990,
			started: 'x',
		});
		const {rows} = layout(fleetPage({...state, isStopping: true, isPauseRefused: true}, fleetRun, 90_000, look), look);
		expect(rows.length).toBeLessThan(look.rows);
		for (const row of rows) expect(spansWidth(row.spans)).toBeLessThanOrEqual(look.columns);
		expect(rows.map(textOf).join('\n')).toMatch(/\d+%/);
	});
});

test('the question is answered once', () => {
	const asking = stateAfter({type: 'fleetQuestion', plan: fleet.plan});
	expect(asking.isAsking).toBe(true);
	const end = {
		type: 'fleet',
		direction: 'upgrade',
		dryRun: false,
		total: 1,
		applied: 0,
		unchanged: 0,
		notStarted: 1,
		failed: [],
		groups: [],
		plan: null,
		backups: 0,
		stopped: {code: 'cancelled', message: 'cancelled; nothing was written', hint: null, details: []},
		durationMs: 1,
	} as const;
	expect(reduceFleet(asking, end, 0).isAsking).toBe(false);
	expect(
		fleetSummary(reduceFleet(asking, end, 0), fleetRun)
			.map(textOf)
			.join('\n'),
	).toContain('○ cancelled; nothing was written');
});
