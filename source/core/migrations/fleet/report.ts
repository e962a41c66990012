import {basename} from 'node:path';
import {shortHash} from '../plan-id.ts';
import type {FileState, FleetEvent, FleetFailure, FleetPlanEvent, FleetTarget, Look, PendingLook, RunOutcome} from './fleet.ts';

/** One database of a fleet, with the facts known about it so far. */
export interface FleetFile {
	readonly target: FleetTarget;
	look?: Look;
	outcome?: RunOutcome;
}

/** Returns the databases that have something to do, as far as known. */
export function pendingOf(files: readonly FleetFile[]): readonly (FleetFile & {readonly look: PendingLook})[] {
	return files.filter((file): file is FleetFile & {readonly look: PendingLook} => file.look?.kind === 'pending');
}

/**
 * Returns the id of the plan for all databases: which ones are changed, and what exactly happens to each. Null if the plan of one of them is unknown.
 * It contains no folders, so it is the same for a copy of the fleet.
 */
export function fleetPlanId(files: readonly FleetFile[]): string | null {
	const pending = pendingOf(files);
	if (files.some(({look}) => look === undefined || look.kind === 'later')) return null;
	const parts = pending.map(({target, look}) => [basename(target.database), look.migrations.length === 0 ? '' : look.plan] as const);
	return parts.length === 0 || parts.some(([, plan]) => plan === null) ? null : shortHash(parts.map((part) => part.join('\n')));
}

/** Counts the databases by the migrations that they get. */
export function pendingGroups(files: readonly FleetFile[]): FleetPlanEvent['pending'] {
	const groups = Map.groupBy(pendingOf(files), ({look}) => look.migrations.join('\n'));
	return [...groups.values()].map((group) => {
		const [first] = group;
		const from = first?.look.state.at ?? null;
		return {migrations: first?.look.migrations ?? [], count: group.length, from: group.every(({look}) => look.state.at === from) ? from : null};
	});
}

/** Returns the losses, by database. */
export function lossesOf(files: readonly FleetFile[]): FleetPlanEvent['losses'] {
	return pendingOf(files)
		.filter(({look}) => look.losses.length > 0)
		.map(({target, look}) => ({database: target.database, losses: look.losses}));
}

/** Returns the failure of a database, before or during its run. Undefined if it did not fail. */
export function failureOfFile({look, outcome}: FleetFile): FleetFailure | undefined {
	if (outcome?.kind === 'failed') return outcome.failure;
	return look?.kind === 'failed' ? look.failure : undefined;
}

/** Groups databases by their state, the largest group first. */
export function groupsOf(files: readonly FleetFile[]): FleetEvent['groups'] {
	const groups = Map.groupBy(files.map(stateOf), (state) => JSON.stringify(state === null ? [] : [state.at, state.schema]));
	return [...groups.values()]
		.map((group) => ({at: group[0]?.at ?? null, schema: group[0]?.schema ?? null, count: group.length}))
		.toSorted((a, b) => b.count - a.count);
}

/** Returns the current state of a database: after its run, or as it was found. */
function stateOf({look, outcome}: FleetFile): FileState | null {
	if (outcome !== undefined && outcome.state !== null) return outcome.state;
	return look === undefined || look.kind === 'later' ? null : look.state;
}

/** The counts of a fleet event. */
export function countsOf(
	files: readonly FleetFile[],
	isDryRun: boolean,
): Pick<FleetEvent, 'total' | 'applied' | 'unchanged' | 'notStarted' | 'failed' | 'groups' | 'backups'> {
	const failed = files.flatMap((file) => {
		const failure = failureOfFile(file);
		if (failure === undefined) return [];
		const {code, message, hint} = failure;
		return [{database: file.target.database, code, message, hint}];
	});
	const applied = files.filter(({look, outcome}) => (isDryRun ? look?.kind === 'pending' : outcome?.kind === 'applied')).length;
	const unchanged = files.filter(({look, outcome}) => (outcome === undefined ? look?.kind === 'current' : outcome.kind === 'unchanged')).length;
	const backups = files.filter(({outcome}) => outcome !== undefined && outcome.kind !== 'failed' && outcome.backup !== null).length;
	const notStarted = files.length - failed.length - applied - unchanged;
	return {total: files.length, applied, unchanged, notStarted, failed, groups: groupsOf(files), backups};
}
