import {statementFacts} from '../../ddl/statements/statement-facts.ts';
import {MigrError, restated} from '../../errors.ts';
import {removeBackup} from '../backup/backup-files.ts';
import {lossFindings} from '../effects/losses.ts';
import {isLoss} from '../effects/measured-table.ts';
import {emitted} from '../emitted.ts';
import type {ApplyEvent, DoneEvent, FailedEvent, NoticeEvent} from '../event.ts';
import {readApplied} from '../history/history.ts';
import {newestName} from '../history/state.ts';
import {readPlanId} from '../plan-id.ts';
import type {ApplyOptions} from './apply-options.ts';
import {openTarget, type Target} from './apply-target.ts';
import {ConsentNeeded, consentHint, requireConsent} from './consent.ts';
import {databaseBytes} from './disk-space.ts';
import {doneEvent, failedEvent} from './end-events.ts';
import type {PreparedRun} from './prepare-run.ts';
import {prepareUntilStable} from './prepare-until-stable.ts';
import {planChanged} from './require-plan.ts';
import {runPrepared, settleNames} from './run-prepared.ts';
import {keepLosses, type RunProgress, startProgress} from './run-progress.ts';

/**
 * Applies or undoes migrations, all or nothing, and yields events as it runs. The last event is `done` or `failed`. After `failed`, everything is rolled
 * back, except for migrations with `transaction = false`. It never throws. If the consumer stops reading events, everything is rolled back.
 *
 * If several runs start at the same time, one of them applies the migrations. The others wait for the lock, read the state again, and find nothing to do.
 */
export async function* apply(options: ApplyOptions): AsyncGenerator<ApplyEvent, void, void> {
	yield* applyWith(options, startProgress());
}

/** The result of a run on a private copy. */
export interface Rehearsal {
	/** A hash of everything known before it ran. Null if it failed earlier. */
	readonly base: string | null;
	/** The id of the plan. Null if the run failed before it was known. */
	readonly plan: string | null;
	/** Digests of what its statements did to rows, as in the plan. */
	readonly measured: readonly string[];
	/** All events except progress. */
	readonly events: readonly ApplyEvent[];
	readonly end: DoneEvent | FailedEvent;
}

/** Tries a run on a private copy, which is removed afterwards. Nothing is written to the database. */
export async function rehearse({plan: _, ...options}: ApplyOptions): Promise<Rehearsal> {
	const progress = startProgress();
	const events: ApplyEvent[] = [];
	for await (const event of applyWith({...options, dryRun: true}, progress)) if (event.type !== 'progress') events.push(event);
	const {plan} = progress;
	return {
		base: plan?.base ?? null,
		plan: plan?.id() ?? null,
		measured: plan?.measured ?? [],
		events,
		end: events.at(-1) as DoneEvent | FailedEvent,
	};
}

async function* applyWith(options: ApplyOptions, progress: RunProgress): AsyncGenerator<ApplyEvent, void, void> {
	let target: Target | undefined;
	let bytes = 0;
	try {
		const checked = options.plan === undefined ? options : {...options, plan: readPlanId(options.plan)};
		target = yield* emitted<NoticeEvent, Target>((emit) => openTarget(options, emit));
		bytes = databaseBytes(target.db);
		progress.at = newestName(readApplied(target.db));
		for await (const event of run(checked, target, progress)) {
			keepLosses(progress, event);
			yield event;
		}
	} catch (error) {
		if (removeUnneededBackup(error, progress)) yield {type: 'notice', message: 'the backup was removed: the database is unchanged'};
		yield failedEvent(await withPlan(error, options, bytes), options, progress);
	} finally {
		target?.close();
	}
}

/** Removes the backup of a run that stopped for consent or a changed plan. The database is unchanged, and the backup would only replace an older one. */
function removeUnneededBackup(error: unknown, progress: RunProgress): boolean {
	const {backup, committed, isOutside} = progress;
	if (backup === null || committed.length > 0 || isOutside || !(error instanceof MigrError) || error.code !== 'answerNeeded') return false;
	removeBackup(backup);
	progress.backup = null;
	return true;
}

async function* run(options: ApplyOptions, target: Target, progress: RunProgress): AsyncGenerator<ApplyEvent, void, void> {
	let isFirst = true;
	for (let attempt = 1; ; attempt++) {
		const prepared: PreparedRun = yield* prepareUntilStable(options, target);
		if (isFirst) {
			const migrations = prepared.files.map(({name}) => name);
			yield {type: 'start', database: options.database, direction: options.direction, migrations, dryRun: options.dryRun === true};
		}
		isFirst = false;
		if (prepared.files.length === 0) {
			progress.plan = null;
			for (const message of prepared.notices) yield {type: 'notice', message};
			if (options.plan !== undefined) throw planChanged(options, null, []);
			if (prepared.state.renamed.length > 0 && options.dryRun !== true) yield* settleNames(options, target);
			break;
		}
		if (needsRehearsal(options, target, prepared)) yield* requireRehearsedConsent(options);
		// If another process changes the database in between, the findings are outdated. The third attempt checks the rows under the lock.
		const how = {examineUnderLock: attempt >= 3, rehearse: () => rehearseSuccessfully(options)};
		if ((yield* runPrepared(options, target, prepared, progress, how)) === 'done') break;
	}
	yield doneEvent(options, target.db, progress);
}

/**
 * True if the effects must be known before the run, because a migration outside a transaction cannot be rolled back. Consent covers losses, but not rows
 * without a parent. A run with a plan is tried in any case.
 */
function needsRehearsal({consent, dryRun, plan}: ApplyOptions, {isNew}: Target, {migrations, touched}: PreparedRun): boolean {
	if (dryRun === true || plan !== undefined || isNew) return false;
	const outside = migrations.filter(({transaction}) => !transaction).flatMap(({operations}) => operations);
	if (!outside.some(({kind}) => kind === 'execute' || kind === 'run')) return false;
	const writesRows = outside.some((operation) => operation.kind === 'execute' && statementFacts(operation.sql).kind === 'data');
	return consent !== true || writesRows || touched === 'all' || touched.size > 0;
}

/** Runs everything on a private copy first, and stops if that loses data without consent. */
async function* requireRehearsedConsent(options: ApplyOptions): AsyncGenerator<ApplyEvent, void, void> {
	yield {type: 'notice', message: 'trying the run on a copy first: a migration outside a transaction cannot be rolled back'};
	const {plan, events} = await rehearseSuccessfully({...options, consent: true});
	const lost = events.flatMap((event) =>
		event.type === 'effects' ? event.tables.filter(isLoss).map((effect) => ({migration: event.migration, effect})) : [],
	);
	await requireConsent(options, lossFindings(lost), plan);
}

/** @throws MigrError the error with which the run on the private copy failed */
async function rehearseSuccessfully(options: ApplyOptions): Promise<Rehearsal> {
	const rehearsal = await rehearse(options);
	const {end} = rehearsal;
	if (end.type === 'done') return rehearsal;
	const {code, message, details, location, hint} = end;
	throw new MigrError(code, message, {details, ...(location === null ? {} : {location}), ...(hint === null ? {} : {hint})});
}

/** Size in bytes. A larger database is not copied only to find the id of a plan. */
const smallDatabase = 1_000_000_000;

/** Adds the id of the plan to an error about consent. If it is known only after statements have run, they run on a private copy. */
async function withPlan(error: unknown, options: ApplyOptions, bytes: number): Promise<unknown> {
	if (!(error instanceof ConsentNeeded) || error.plan !== null || bytes > smallDatabase) return error;
	const {plan} = await rehearse(options);
	return plan === null ? error : restated(error, {hint: consentHint(options, plan)});
}
