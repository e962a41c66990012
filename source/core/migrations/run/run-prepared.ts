import {basename} from 'node:path';
import {MigrError} from '../../errors.ts';
import {introspect} from '../../sqlite/introspect.ts';
import {beginGuarded, type GuardedTransaction} from '../../sqlite/transaction.ts';
import {takeBackup} from '../backup/backup.ts';
import {defaultBackupDir, defaultBackupKeep, pruneBackups} from '../backup/backup-files.ts';
import {detachBefore} from '../effects/state-before.ts';
import {emitted} from '../emitted.ts';
import type {ApplyEvent, NoticeEvent} from '../event.ts';
import {listMigrations} from '../files/list.ts';
import {readApplied} from '../history/history.ts';
import {settleHistory} from '../history/settle.ts';
import {newestName, stateOf} from '../history/state.ts';
import {planId} from '../plan-id.ts';
import {foreignKeyViolations} from '../preflight/foreign-key-check.ts';
import type {ApplyOptions} from './apply-options.ts';
import type {Target} from './apply-target.ts';
import {requireConsent} from './consent.ts';
import {versionOf} from './database-version.ts';
import {type Examined, examine} from './examine.ts';
import type {PreparedMigration, PreparedRun} from './prepare-run.ts';
import {planChanged, requirePlan} from './require-plan.ts';
import {runAlone} from './run-alone.ts';
import type {RunProgress} from './run-progress.ts';
import {type GroupRun, runTogether} from './run-together.ts';
import {type StateBeforeFile, stateBeforeFile} from './state-before-file.ts';
import {lockOptions} from './waiting.ts';

/**
 * Runs a prepared run in one transaction, except for migrations that must run alone. Returns `stale`, with nothing written, if the database has changed
 * since its rows were checked. With `examineUnderLock` it cannot have changed.
 *
 * @param rehearse tries the same run on a private copy
 * @throws MigrError `answerNeeded` with nothing written, if the plan is not the one in the options
 */
export async function* runPrepared(
	options: ApplyOptions,
	target: Target,
	prepared: PreparedRun,
	progress: RunProgress,
	{examineUnderLock, rehearse}: {readonly examineUnderLock: boolean; readonly rehearse: () => Promise<Rehearsed>},
): AsyncGenerator<ApplyEvent, 'done' | 'stale', void> {
	let examined = examineUnderLock ? undefined : yield* examineWithEvents(options, target, prepared, progress);
	if (examined === 'stale') return 'stale';
	const [first = [], ...others] = groupsOf(prepared.migrations);
	const commitsInParts = others.length > 0 || outsideTransaction(first);
	if (commitsInParts && examined !== undefined) await foresee(options, prepared, examined, rehearse);
	const transaction = yield* lock(options, target);
	let before: StateBeforeFile | undefined;
	let seen: number;
	try {
		if (!isAppliedAsBefore(options, prepared, target)) return 'stale';
		if (examined !== undefined && versionOf(target.db).data !== prepared.version.data) return 'stale';
		if (examined === undefined) {
			examined = yield* examineWithEvents(options, target, prepared, progress);
			if (examined === 'stale') return 'stale';
			if (commitsInParts) await foresee(options, prepared, examined, rehearse);
		}
		seen = versionOf(target.db).data;
		if (examined.takesBackup) yield* backUp(options, target, first[0]?.name ?? null, progress);
		before = prepared.changesRows && !target.isNew ? yield* stateBeforeFile(options, target, progress.backup, outsideTransaction(first)) : undefined;
		settleHistory(target.db, listMigrations(options.migrationsDir));
		yield* runGroup(options, target, first, {examined, before, progress, transaction});
	} finally {
		transaction.end();
		before?.remove();
	}
	for (const group of others) yield* runLater(options, target, group, {...examined, seen}, prepared, progress);
	pruneAfter(options, progress);
	return 'done';
}

/** Records the new names of renamed migrations in the history, for a run with nothing else to do. Waits for the write lock like any run. */
export async function* settleNames(options: ApplyOptions, target: Target): AsyncGenerator<NoticeEvent, void, void> {
	const transaction = yield* lock(options, target);
	try {
		settleHistory(target.db, listMigrations(options.migrationsDir));
		await transaction.commit();
	} finally {
		transaction.end();
	}
}

/** Removes old backups. Called only after everything is committed, so a run that rolls back removes none. */
function pruneAfter({database, backupDir = defaultBackupDir(database), backupKeep = defaultBackupKeep}: ApplyOptions, {backup}: RunProgress): void {
	if (backup !== null) pruneBackups(database, backupDir, backupKeep);
}

/** Checks existing rows and yields the findings. Throws if the run would fail on them or would lose data without consent. */
async function* examineWithEvents(
	options: ApplyOptions,
	target: Target,
	prepared: PreparedRun,
	progress: RunProgress,
): AsyncGenerator<ApplyEvent, Examined | 'stale', void> {
	const examined = examine(options, target, prepared);
	if (examined === undefined) return 'stale';
	for (const message of prepared.notices) yield {type: 'notice', message};
	progress.plan = examined.plan;
	yield examined.event;
	requirePlan(options, examined.plan, prepared.files);
	await requireConsent(options, examined.preflight.findings, examined.plan.id());
	return examined;
}

/** The plan that was found by a run on a private copy. */
export interface Rehearsed {
	readonly plan: string | null;
	readonly measured: readonly string[];
}

/**
 * Tries the run on a private copy if its plan id is known only at the end and a part of it is committed earlier. Each migration must then have the same
 * effects as on the copy.
 */
async function foresee(options: ApplyOptions, {files}: PreparedRun, {plan}: Examined, rehearse: () => Promise<Rehearsed>): Promise<void> {
	if (options.plan === undefined || !plan.isMeasured) return;
	const {measured} = await rehearse();
	const id = planId(plan.base, measured);
	if (id !== options.plan) throw planChanged(options, id, files);
	plan.foresee(measured, () => planChanged(options, null, files));
}

/** Takes the write lock. Yields a notice if another process holds it. */
async function* lock(options: ApplyOptions, {db, path, isInPlace}: Target): AsyncGenerator<NoticeEvent, GuardedTransaction, void> {
	const transaction = yield* emitted<NoticeEvent, GuardedTransaction>((emit) =>
		beginGuarded(db, {...lockOptions(options, emit), onEnd: () => detachBefore(db)}),
	);
	if (isInPlace()) return transaction;
	transaction.end();
	throw new MigrError('database', `${basename(path)} was removed or replaced while this run waited for it`, {hint: 'run the command again'});
}

async function* backUp(options: ApplyOptions, {path}: Target, before: string | null, progress: RunProgress): AsyncGenerator<ApplyEvent, void, void> {
	const {wait, signal, now = () => new Date()} = options;
	const file = yield* takeBackup({
		database: path,
		folder: options.backupDir ?? defaultBackupDir(options.database),
		before,
		now: now(),
		...(wait === undefined ? {} : {wait}),
		...(signal === undefined ? {} : {signal}),
	});
	progress.backup = file;
}

/** Groups migrations that share a transaction, in order. A migration with `transaction = false` is a separate group. */
function groupsOf(migrations: readonly PreparedMigration[]): readonly (readonly PreparedMigration[])[] {
	const groups: PreparedMigration[][] = [];
	for (const migration of migrations) {
		const last = groups.at(-1);
		if (last !== undefined && migration.transaction && last[0]?.transaction === true) last.push(migration);
		else groups.push([migration]);
	}
	return groups;
}

async function* runGroup(
	options: ApplyOptions,
	target: Target,
	group: readonly PreparedMigration[],
	run: GroupRun,
): AsyncGenerator<ApplyEvent, void, void> {
	const {examined, before, progress, transaction} = run;
	const [only] = group;
	if (only !== undefined && !only.transaction) {
		// The updated names in the history are kept, even if the migration fails.
		await transaction.commit();
		transaction.end();
		yield* runAlone(options, target, only, {examined, before, progress});
	} else yield* runTogether(options, target, group, run);
	progress.at = newestName(readApplied(target.db));
}

/** True if the group is a migration that runs outside a transaction. */
function outsideTransaction([first]: readonly PreparedMigration[]): boolean {
	return first?.transaction === false;
}

/** Runs a group after the first one. The lock was free in between, so the state is read again. */
async function* runLater(
	options: ApplyOptions,
	target: Target,
	group: readonly PreparedMigration[],
	{seen, ...examined}: Examined & {readonly seen: number},
	prepared: PreparedRun,
	progress: RunProgress,
): AsyncGenerator<ApplyEvent, void, void> {
	const transaction = yield* lock(options, target);
	let before: StateBeforeFile | undefined;
	try {
		const isLossy = examined.preflight.findings.some(({destructive, migration}) => destructive && group.some(({name}) => name === migration));
		// The plan lists losses from before another process wrote.
		if (options.plan !== undefined && isLossy && versionOf(target.db).data !== seen) throw planChanged(options, null, group);
		const applied = readApplied(target.db).map(({name}) => name);
		const isOpen = group.every(({name}) => applied.includes(name) === (options.direction === 'downgrade'));
		if (!isOpen)
			throw new MigrError('history', 'another run changed the migration history in the meantime', {
				hint: 'run lite-migr status, then run the command again',
			});
		const violations = foreignKeyViolations(target.db, introspect(target.db), 'all');
		// The backup contains the state before the first group.
		before = prepared.changesRows ? yield* stateBeforeFile(options, target, null, outsideTransaction(group)) : undefined;
		yield* runGroup(options, target, group, {examined: {...examined, violations}, before, progress, transaction});
	} finally {
		transaction.end();
		before?.remove();
	}
}

function isAppliedAsBefore({migrationsDir}: ApplyOptions, {state}: PreparedRun, {db}: Target): boolean {
	const names = (applied: readonly {readonly name: string}[]) => applied.map(({name}) => name).join('\n');
	return names(stateOf(listMigrations(migrationsDir), readApplied(db)).applied) === names(state.applied);
}
