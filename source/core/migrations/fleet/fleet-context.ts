import {MigrError} from '../../errors.ts';
import {clean} from '../../text/clean.ts';
import {findDrift} from '../drift/drift.ts';
import {driftText} from '../drift/drift-text.ts';
import {memoryOf} from '../files/schema-memory.ts';
import {migrationsIn} from '../files/source.ts';
import type {ApplyOptions} from '../run/apply-options.ts';
import {type SharedPlans, type StateRequest, sharedPlans} from '../run/shared-plans.ts';
import type {FleetSettings, FleetTarget} from './fleet.ts';

/** The state of a fleet in one thread: the options, and the data that its databases share. */
export interface FleetContext {
	readonly settings: FleetSettings;
	/** Ends the wait for the lock of a database that no run has begun to change. */
	readonly stopWaiting: AbortSignal;
	/** Returns the plans that a database shares. Databases with a different history table have their own. */
	plansFor(target: FleetTarget): SharedPlans;
}

/** Returns the context of a thread. The migrations are read once, when they are first needed. */
export function fleetContext(settings: FleetSettings, stopWaiting: AbortSignal): FleetContext {
	const plans = new Map<string | undefined, SharedPlans>();
	return {
		settings,
		stopWaiting,
		plansFor({wranglerTable}) {
			const known =
				plans.get(wranglerTable) ??
				sharedPlans(migrationsIn(settings.migrationsDir, wranglerTable, memoryOf(settings.projectDir)), refuseDrift(settings));
			plans.set(wranglerTable, known);
			return known;
		},
	};
}

/** Returns the options of a run on one database. */
export function optionsOf(
	{ignore: _, needsPlan: _plan, needsEvents: _events, confirmsLosses: _confirms, projectDir: _dir, ...settings}: FleetSettings,
	{database, backupDir, wranglerTable}: FleetTarget,
	plan?: string,
): ApplyOptions {
	return {...settings, database, backupDir, ...(wranglerTable === undefined ? {} : {wranglerTable}), ...(plan === undefined ? {} : {plan})};
}

/**
 * Returns a check that refuses databases that have drifted. A pattern may match databases that belong to something else, and someone should look at a
 * tenant that was changed by hand. A run on one database does not refuse them.
 */
function refuseDrift({ignore, direction}: FleetSettings): (request: StateRequest) => Promise<void> {
	return async ({state, db}) => {
		const {differences} = await findDrift(db, state, {ignore});
		if (differences.length === 0) return;
		const isForeign = state.applied.length === 0;
		throw new MigrError(
			'history',
			isForeign ? 'the database has objects that are not in any migration' : 'the database has drifted from its migrations',
			{
				details: differences.map(driftText).map(clean),
				hint: isForeign
					? 'if it belongs to this project, run lite-migr baseline <name> to adopt it, otherwise exclude it'
					: `to see how it differs, run lite-migr status\nto ${direction} it anyway, run lite-migr ${direction} for this database alone`,
			},
		);
	};
}
