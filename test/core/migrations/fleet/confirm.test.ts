import {describe, expect, test} from 'vitest';
import type {FleetEvent, FleetOptions, FleetPlanEvent} from '../../../../source/core/migrations/fleet/fleet.ts';
import {runFleet} from '../../../../source/core/migrations/fleet/run-fleet.ts';
import {type FleetProject, fleetProject, names, start, titles} from '../../../cli/fleet-project.ts';

const drop = '20260104_000000_drop';

/** Two tenants whose upgrade drops a column with values, after a statement that changes no row. */
async function lossyFleet(): Promise<FleetProject> {
	const project = await fleetProject(['a', 'b']);
	project.migration(drop, "\top.execute('CREATE TABLE note (x)');\n\top.execute('ALTER TABLE user DROP COLUMN age');", '');
	return project;
}

async function runWith(project: FleetProject, confirm: FleetOptions['confirm'], more: Partial<FleetOptions> = {}): Promise<FleetEvent> {
	const targets = ['a', 'b'].map((name) => ({database: project.at(`tenants/${name}.db`), backupDir: project.at('tenants/backups')}));
	const settings = {
		direction: 'upgrade',
		migrationsDir: project.at('migrations'),
		backup: 'auto',
		toolVersion: '1.0.0',
		consent: false,
		ignore: [],
		projectDir: project.path,
		needsPlan: false,
		needsEvents: false,
	} as const;
	let end: FleetEvent | undefined;
	for await (const event of runFleet({targets, settings, jobs: 1, confirm, ...more})) if (event.type === 'fleet') end = event;
	return end!;
}

describe('a fleet run that asks before it writes', () => {
	test('shows the losses of each database, and runs exactly that', async () => {
		const project = await lossyFleet();
		const shown: FleetPlanEvent[] = [];
		const end = await runWith(project, async (plan) => {
			shown.push(plan);
			return true;
		});
		expect(shown).toMatchObject([{pending: [{migrations: [names, titles, drop], count: 2, from: start}], backups: 2}]);
		expect(shown[0]?.losses.map(({losses}) => losses)).toEqual([[expect.stringContaining('user.age')], [expect.stringContaining('user.age')]]);
		expect(end).toMatchObject({applied: 2, failed: [], stopped: null});
		expect(project.appliedIn('a')).toContain(drop);
	});

	test('writes nothing if the answer is no', async () => {
		const project = await lossyFleet();
		const end = await runWith(project, async () => false);
		expect(end).toMatchObject({applied: 0, notStarted: 2, stopped: {code: 'cancelled'}});
		expect(project.appliedIn('a')).toEqual([start]);
	});

	test('refuses a database that would lose something else by the time it runs', async () => {
		const project = await lossyFleet();
		const end = await runWith(
			project,
			async () => {
				project.tenant('b', (db) => db.exec("INSERT INTO user VALUES (3, 'Cleo', '7')"));
				return true;
			},
			{keepGoing: true},
		);
		expect(end).toMatchObject({applied: 1, failed: [{database: project.at('tenants/b.db'), code: 'answerNeeded'}]});
		expect(project.appliedIn('b')).toEqual([start]);
		expect(project.tenant('b', (db) => db.value('SELECT age FROM user WHERE id = 3'))).toBe('7');
	});

	test('does not ask if a database would fail', async () => {
		const project = await lossyFleet();
		project.tenant('b', (db) => db.exec('CREATE TABLE by_hand (x)'));
		const end = await runWith(project, async () => {
			throw new Error('must not be asked');
		});
		expect(end).toMatchObject({applied: 0, stopped: {code: 'history'}, failed: [{code: 'history'}]});
	});
});
