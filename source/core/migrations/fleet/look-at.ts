import type {Database} from '../../sqlite/database.ts';
import {isBusy} from '../../sqlite/failure.ts';
import {whyReadOnly} from '../../sqlite/open.ts';
import {openWithRetry} from '../../sqlite/open-with-retry.ts';
import {newestName} from '../history/state.ts';
import {findingLine, requireConsent} from '../run/consent.ts';
import {databaseBytes} from '../run/disk-space.ts';
import {examine} from '../run/examine.ts';
import {prepareRun} from '../run/prepare-run.ts';
import {lockOptions} from '../run/waiting.ts';
import {failureIn, failureOf, requireContent} from './failure.ts';
import {fingerprint} from './fingerprint.ts';
import type {FileState, FleetSettings, FleetTarget, Look, PendingLook} from './fleet.ts';
import {type FleetContext, optionsOf} from './fleet-context.ts';
import {type Emit, runEvents, tally} from './run-events.ts';

/**
 * Checks one database: what a run would do, what it would lose, and whether it would fail. Writes nothing. Tries the run on a private copy if only
 * that shows what statements do to the rows.
 */
export async function lookAt(context: FleetContext, target: FleetTarget, emit: Emit): Promise<Look> {
	const {settings} = context;
	const mayWait = settings.needsPlan || settings.dryRun === true;
	if (target.remote !== undefined) return settings.consent && !mayWait ? {kind: 'later'} : await tried(context, target, null, emit);
	let state: FileState | null = null;
	try {
		requireContent(target.database, settings.direction);
		const lock = lockOptions({...optionsOf(settings, target), stopWaiting: context.stopWaiting}, emit);
		const db = await openWithRetry(target.database, {readonly: true, ...lock, wait: mayWait ? settings.wait : 0});
		let look: FirstLook | Exclude<Look, PendingLook>;
		try {
			look = await lookIn(context, target, db, (found) => {
				state = found;
			});
		} finally {
			db.close();
		}
		return look.kind === 'pending' && needsTry(settings, look) ? await tried(context, target, look, emit) : look;
	} catch (error) {
		const failure = failureOf(error);
		// A locked database is tried again at the end, unless its plan is needed now.
		return !mayWait && (failure.code === 'locked' || isBusy(error)) ? {kind: 'later'} : {kind: 'failed', state, failure};
	}
}

/** The check before the run is tried on a copy. */
interface FirstLook extends PendingLook {
	/** True if statements may change rows, so only a run shows the losses. */
	readonly changesRows: boolean;
}

/** @throws MigrError if the run would fail */
async function lookIn(
	{settings, plansFor}: FleetContext,
	target: FleetTarget,
	db: Database,
	onState: (state: FileState) => void,
): Promise<FirstLook | Exclude<Look, PendingLook>> {
	const options = optionsOf(settings, target);
	const plans = plansFor(target);
	db.exec('BEGIN');
	const schema = fingerprint(plans.planner.introspect(db));
	const {migrations} = plans;
	const prepared = await prepareRun({options, migrations, db, plans, onHistory: (applied) => onState({at: newestName(applied), schema})});
	const {
		files,
		changesRows,
		state: {applied, renamed},
	} = prepared;
	const state = {at: newestName(applied), schema};
	if (files.length === 0 && renamed.length === 0) return {kind: 'current', state};
	const readOnly = settings.dryRun === true ? undefined : whyReadOnly(target.database);
	if (readOnly !== undefined) throw readOnly;
	const pending = {kind: 'pending', state, migrations: files.map(({name}) => name), changesRows} as const;
	if (files.length === 0) return {...pending, plan: null, losses: [], backupBytes: 0};
	const examined = examine({options, target: {db, isNew: false}}, prepared, {measuresSpace: false});
	if (examined === undefined) throw new TypeError(`the snapshot of ${target.database} has changed`);
	const {findings} = examined.preflight;
	// Only problems stop it here. Consent is asked for later, for all databases together.
	await requireConsent({...options, consent: true}, findings, null);
	return {
		...pending,
		plan: examined.plan.isMeasured ? null : examined.plan.id(),
		losses: findings.filter(({destructive}) => destructive).map(findingLine),
		backupBytes: examined.takesBackup ? databaseBytes(db) : 0,
	};
}

function needsTry({dryRun, needsPlan, consent, confirmsLosses}: FleetSettings, {plan, changesRows, migrations, losses}: FirstLook): boolean {
	if (migrations.length === 0) return false;
	const needsOwnPlan = needsPlan || (confirmsLosses === true && losses.length > 0);
	return dryRun === true || (needsOwnPlan && plan === null) || (!consent && !needsPlan && changesRows);
}

/** Tries the run on a private copy. `first` is null for a database on a server, which is not read before. */
async function tried({settings, stopWaiting, plansFor}: FleetContext, target: FleetTarget, first: FirstLook | null, emit: Emit): Promise<Look> {
	const options = {...optionsOf(settings, target), dryRun: true, stopWaiting};
	const {end, losses} = await tally(runEvents(options, target, {plans: plansFor(target)}), (event) => {
		if (settings.dryRun === true) emit(event);
	});
	if (end.type === 'failed') return {kind: 'failed', state: first?.state ?? null, failure: failureIn(end)};
	const state = first?.state ?? {at: end.currentMigration, schema: null};
	if (end.applied.length === 0) return {kind: 'current', state};
	const {migrations = end.applied.map(({name}) => name), backupBytes = 0} = first ?? {};
	return {kind: 'pending', state, migrations, plan: end.plan, losses, backupBytes};
}
