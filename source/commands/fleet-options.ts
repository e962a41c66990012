import {availableParallelism} from 'node:os';
import {dirname} from 'node:path';
import {MigrError} from '../core/errors.ts';
import type {Direction} from '../core/migrations/event.ts';
import type {FleetOptions, FleetTarget} from '../core/migrations/fleet/fleet.ts';
import {applyOptionsFor} from '../core/migrations/run/apply-options.ts';
import type {Fleet} from './fleet-configs.ts';
import {type RunContext, runSettingsOf} from './run-migrations.ts';

/** @throws MigrError `usage` for flags that are about one database */
export function requireFleetFlags({sql, engine}: Pick<RunContext['flags'], 'sql' | 'engine'>): void {
	if (!sql && engine === undefined) return;
	throw new MigrError('usage', '--sql prints the SQL for one database, but several are named', {hint: 'name one of them with --db'});
}

/** Databases for each thread, below which another thread takes longer to start than it saves. */
const worthAThread = 50;

/** Combines the flags and the configuration into the options of a run on several databases. */
export function fleetOptionsOf(
	{flags}: Pick<RunContext, 'flags'>,
	{project, configs}: Pick<Fleet, 'project' | 'configs'>,
	direction: Direction,
	needsEvents: boolean,
): FleetOptions {
	const {database: _, backupDir: _dir, wranglerTable: _table, plan, ...shared} = applyOptionsFor(project, runSettingsOf({flags}, direction));
	return {
		targets: configs.map(({dbPath, backupDir, remote, wranglerTable}): FleetTarget => ({database: dbPath, backupDir, remote, wranglerTable})),
		settings: {
			...shared,
			consent: flags.yes,
			ignore: project.ignore,
			projectDir: dirname(project.file),
			needsPlan: plan !== undefined,
			needsEvents,
		},
		plan,
		canary: flags.canary,
		keepGoing: flags.keepGoing,
		jobs: flags.jobs ?? Math.max(1, Math.min(availableParallelism(), 4, Math.floor(configs.length / worthAThread))),
	};
}
