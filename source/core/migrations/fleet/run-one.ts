import {newestName} from '../history/state.ts';
import {startJournal} from '../run/journal.ts';
import {failureIn, failureOf, requireContent} from './failure.ts';
import {fingerprint} from './fingerprint.ts';
import type {FileState, FleetTarget, RunOutcome} from './fleet.ts';
import {type FleetContext, optionsOf} from './fleet-context.ts';
import {type Emit, runEvents, tally} from './run-events.ts';

/**
 * Runs the migrations of one database, all or nothing, like a run on this database alone.
 *
 * @param plan the id of the plan that the database must have. Undefined if none was confirmed
 */
export async function runOne(
	{settings, stopWaiting, plansFor}: FleetContext,
	target: FleetTarget,
	plan: string | undefined,
	emit: Emit,
): Promise<RunOutcome> {
	const journal = startJournal();
	/** A run that failed has changed the database only if it was committed in parts. */
	const stateAfter = (committed: readonly string[]): FileState | null =>
		committed.length === 0 || journal.applied === undefined ? null : {at: newestName(journal.applied), schema: null};
	const stateNow = (): FileState | null =>
		journal.applied === undefined || journal.schema === undefined ? null : {at: newestName(journal.applied), schema: fingerprint(journal.schema)};
	try {
		if (target.remote === undefined) requireContent(target.database, settings.direction);
		const {end, losses} = await tally(
			runEvents({...optionsOf(settings, target, plan), stopWaiting}, target, {plans: plansFor(target), journal}),
			emit,
		);
		if (end.type === 'failed') return {kind: 'failed', failure: failureIn(end), committed: end.committed, state: stateAfter(end.committed)};
		const state = stateNow() ?? {at: end.currentMigration, schema: null};
		return {kind: end.applied.length > 0 ? 'applied' : 'unchanged', state, backup: end.backup, losses};
	} catch (error) {
		return {kind: 'failed', failure: failureOf(error), committed: [], state: null};
	}
}
