import {MigrError} from '../../errors.ts';
import {versionOf} from '../../sqlite/database-version.ts';
import {removeBackup} from '../backup/backup-files.ts';
import {emitted} from '../emitted.ts';
import type {ApplyEvent, DoneEvent, FailedEvent, NoticeEvent} from '../event.ts';
import {migrationsIn} from '../files/source.ts';
import {readPlanId} from '../plan-id.ts';
import type {ApplyOptions} from './apply-options.ts';
import {databaseFile, openTarget, type Target} from './apply-target.ts';
import {planChanged} from './consent.ts';
import {databaseBytes} from './disk-space.ts';
import {doneEvent, failedEvent} from './end-events.ts';
import {type Journal, startJournal} from './journal.ts';
import {prepareUntilStable} from './prepare-run.ts';
import type {PreparedRun} from './prepared-run.ts';
import {explainedForCopy, needsRehearsal, requireRehearsedConsent, withPlan} from './rehearsal.ts';
import type {Rehearsal, Run} from './run.ts';
import {waitForRunAlone} from './run-alone-lock.ts';
import {runPrepared, settleNames} from './run-prepared.ts';
import {ownPlans, type SharedPlans} from './shared-plans.ts';
import {waiting} from './waiting.ts';

/**
 * Applies or undoes migrations, all or nothing, and yields events as it runs. The last event is `done` or `failed`. After `failed`, everything is rolled
 * back, except for migrations with `transaction = false`. It never throws. If the consumer stops reading events, everything is rolled back.
 *
 * If several runs start at the same time, one of them applies the migrations. The others wait for the lock, read the state again, and find nothing to do.
 */
export async function* apply(
	options: ApplyOptions,
	{portable = false, plans, journal = startJournal()}: ApplySettings = {},
): AsyncGenerator<ApplyEvent, void, void> {
	yield* applyWith({options, portable, plans, journal});
}

export interface PlanSettings {
	/** True to plan only plain statements: for the local copy of a database whose engine runs the same statements later. */
	readonly portable?: boolean;
	/** Plans that runs on other databases with the same options use too. */
	readonly plans?: SharedPlans | undefined;
}

export interface ApplySettings extends PlanSettings {
	/** Records what the run has done. */
	readonly journal?: Journal;
}

/** Tries a run on a private copy, which is removed afterwards. Nothing is written to the database. */
export async function rehearse({plan: _, ...options}: ApplyOptions, {portable = false, plans}: PlanSettings = {}): Promise<Rehearsal> {
	const journal = startJournal();
	const events: ApplyEvent[] = [];
	for await (const event of applyWith({options: {...options, dryRun: true}, portable, plans, journal, isRehearsal: true}))
		if (event.type !== 'progress') events.push(event);
	const {plan} = journal;
	return {
		base: plan?.base ?? null,
		plan: plan?.id() ?? null,
		measured: plan?.measured ?? [],
		events,
		end: events.at(-1) as DoneEvent | FailedEvent,
	};
}

interface Attempt extends Pick<Run, 'options' | 'portable' | 'journal'> {
	readonly plans: SharedPlans | undefined;
	/** True for a part of another run, which may have the write lock. */
	readonly isRehearsal?: true | undefined;
}

async function* applyWith({options: given, portable, plans: shared, journal, isRehearsal}: Attempt): AsyncGenerator<ApplyEvent, void, void> {
	let target: Target | undefined;
	let run: Run | undefined;
	try {
		const database = given.connection === undefined ? databaseFile(given.database) : given.database;
		const options = {...given, database, ...(given.plan === undefined ? {} : {plan: readPlanId(given.plan)})};
		const plans = shared ?? ownPlans(migrationsIn(options.migrationsDir, options.wranglerTable));
		const {migrations} = plans;
		const opened = yield* emitted<NoticeEvent, Target>((emit) => openTarget(options, migrations, emit, {isRehearsal}));
		target = opened;
		const bytes = databaseBytes(opened.db);
		run = {
			options,
			portable,
			migrations,
			plans,
			target: opened,
			bytes,
			journal,
			rehearse: (changed) => rehearse({...options, ...changed}, {portable, plans: shared}),
		};
		for await (const event of attempts(run)) {
			journal.see(event);
			yield event;
		}
	} catch (error) {
		if (removeUnneededBackup(error, journal)) yield {type: 'notice', message: 'the backup was removed: the database is unchanged'};
		const explained = explainedForCopy(error, given);
		yield failedEvent(run === undefined ? explained : await withPlan(explained, run), given, journal);
	} finally {
		target?.close();
	}
}

/** Removes the backup of a run that stopped for consent or a changed plan. The database is unchanged, and the backup would only replace an older one. */
function removeUnneededBackup(error: unknown, journal: Journal): boolean {
	const {backup, committed, isOutside} = journal;
	if (backup === null || committed.length > 0 || isOutside || !(error instanceof MigrError) || error.code !== 'answerNeeded') return false;
	removeBackup(backup);
	journal.record({backup: null});
	return true;
}

/** Requires consent to what the run does on a copy. Returns `stale` if that failed, and another run has changed the database in the meantime. */
async function* rehearsed(
	run: Run,
	{version}: PreparedRun,
	{isLast}: {readonly isLast: boolean},
): AsyncGenerator<ApplyEvent, 'done' | 'stale', void> {
	const {options, target} = run;
	try {
		yield* requireRehearsedConsent(run);
		return 'done';
	} catch (error) {
		if (isLast || options.signal?.aborted === true) throw error;
		const hasWaited = yield* waiting(options, (lock) => waitForRunAlone(target.path, lock));
		if (!hasWaited && versionOf(target.db).data === version.data) throw error;
		return 'stale';
	}
}

/** Prepares the run and runs it, again if another process changed the database in between. */
async function* attempts(run: Run): AsyncGenerator<ApplyEvent, void, void> {
	const {options, journal} = run;
	for (let attempt = 1; ; attempt++) {
		if (attempt > 1) run.migrations.forget();
		const prepared = yield* prepareUntilStable(run);
		if (attempt === 1) {
			const migrations = prepared.files.map(({name}) => name);
			yield {type: 'start', database: options.database, direction: options.direction, migrations, dryRun: options.dryRun === true};
		}
		if (prepared.files.length === 0) {
			journal.record({plan: null});
			for (const message of prepared.notices) yield {type: 'notice', message};
			if (options.plan !== undefined) throw planChanged(options, null, []);
			if (prepared.state.renamed.length > 0 && options.dryRun !== true) yield* settleNames(run);
			journal.record({schema: prepared.present});
			break;
		}
		if (needsRehearsal(run, prepared) && (yield* rehearsed(run, prepared, {isLast: attempt >= 3})) === 'stale') continue;
		// If another process changes the database in between, the findings are outdated. The third attempt checks the rows under the lock.
		if ((yield* runPrepared(run, prepared, {examineUnderLock: attempt >= 3})) === 'stale') continue;
		journal.record({schema: prepared.migrations.at(-1)?.after});
		break;
	}
	yield doneEvent(run);
}
