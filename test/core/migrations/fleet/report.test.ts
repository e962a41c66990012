import {expect, test} from 'vitest';
import type {Look, RunOutcome} from '../../../../source/core/migrations/fleet/fleet.ts';
import {countsOf, type FleetFile, fleetPlanId, groupsOf, pendingGroups} from '../../../../source/core/migrations/fleet/report.ts';

const old = {at: '0001', schema: 'aaaaaaaa'};
const now = {at: '0002', schema: 'bbbbbbbb'};
const failure = {code: 'hazard', message: 'no', hint: null, details: []} as const;

function file(database: string, look: Look, outcome?: RunOutcome): FleetFile {
	return {target: {database, backupDir: 'backups'}, look, ...(outcome === undefined ? {} : {outcome})};
}

function pending(plan: string | null = 'p1', losses: readonly string[] = []): Look {
	return {kind: 'pending', state: old, migrations: ['0002'], plan, losses, backupBytes: 0};
}

const applied: RunOutcome = {kind: 'applied', state: now, backup: null, losses: []};

test('databases are grouped by their state after the run, the largest group first', () => {
	const files = [
		file('a', pending()),
		file('b', pending(), applied),
		file('c', {kind: 'current', state: now}),
		file('d', {kind: 'failed', state: null, failure}),
		file('e', pending(), {kind: 'failed', failure, committed: [], state: null}),
		file('f', pending(), applied),
	];
	expect(groupsOf(files)).toEqual([
		{...now, count: 3},
		{...old, count: 2},
		{at: null, schema: null, count: 1},
	]);
});

test('each database counts once', () => {
	const files = [
		file('a', pending(), applied),
		file('b', pending(), {...applied, kind: 'unchanged'}),
		file('c', {kind: 'current', state: now}),
		file('d', {kind: 'failed', state: old, failure}),
		file('e', pending(), {kind: 'failed', failure, committed: [], state: null}),
		file('f', pending()),
		file('g', {kind: 'later'}),
		file('h', {kind: 'later'}, applied),
	];
	const counts = countsOf(files, false);
	expect(counts).toMatchObject({total: 8, applied: 2, unchanged: 2, notStarted: 2});
	expect(counts.failed.map(({database}) => database)).toEqual(['d', 'e']);
	expect(countsOf([file('a', pending()), file('b', {kind: 'current', state: now})], true)).toMatchObject({applied: 1, unchanged: 1, notStarted: 0});
});

test('the id of the plan changes with each database, its plan and the order, but not with the folder', () => {
	const one = [file('/x/a', pending('p1')), file('/x/b', pending('p2'))];
	const id = fleetPlanId(one);
	expect(id).toMatch(/^[0-9a-f]{8}$/);
	expect(fleetPlanId([file('/y/a', pending('p1')), file('/y/b', pending('p2'))])).toBe(id);
	expect(fleetPlanId([...one, file('/x/c', {kind: 'current', state: now}), file('/x/d', {kind: 'failed', state: null, failure})])).toBe(id);
	for (const other of [
		[file('/x/a', pending('p1'))],
		[file('/x/a', pending('p1')), file('/x/b', pending('p3'))],
		[file('/x/b', pending('p2')), file('/x/a', pending('p1'))],
		[file('/x/a', pending('p1')), file('/x/c', pending('p2'))],
	])
		expect(fleetPlanId(other)).not.toBe(id);
});

test('there is no id if the plan of one database is unknown, or if nothing is pending', () => {
	expect(fleetPlanId([file('a', pending(null))])).toBeNull();
	expect(fleetPlanId([file('a', pending()), file('b', {kind: 'later'})])).toBeNull();
	expect(fleetPlanId([file('a', {kind: 'current', state: now})])).toBeNull();
});

test('pending databases are counted by their migrations', () => {
	const other: Look = {kind: 'pending', state: old, migrations: ['0001', '0002'], plan: 'p', losses: [], backupBytes: 0};
	const ahead: Look = {kind: 'pending', state: {at: '0003', schema: 'cccccccc'}, migrations: ['0001', '0002'], plan: 'p', losses: [], backupBytes: 0};
	expect(pendingGroups([file('a', pending()), file('b', other), file('c', pending()), file('d', ahead)])).toEqual([
		{migrations: ['0002'], count: 2, from: '0001'},
		{migrations: ['0001', '0002'], count: 2, from: null},
	]);
});
