import {basename} from 'node:path';
import {MigrError} from '../../errors.ts';
import {isSameVersion, versionOf} from '../../sqlite/database-version.ts';
import {introspect} from '../../sqlite/introspect.ts';
import {beginGuarded, type GuardedTransaction} from '../../sqlite/transaction.ts';
import {takeBackup} from '../backup/backup.ts';
import {defaultBackupDir, defaultBackupKeep, pruneBackups} from '../backup/backup-files.ts';
import {detachBefore} from '../effects/state-before.ts';
import type {ApplyEvent, NoticeEvent} from '../event.ts';
import {readApplied} from '../history/history.ts';
import {settleHistory} from '../history/settle.ts';
import {stateOf} from '../history/state.ts';
import {foreignKeyViolations} from '../preflight/foreign-key-check.ts';
import {planChanged, requireConsent, requirePlan} from './consent.ts';
import {type Examined, examine} from './examine.ts';
import {type Group, groupsOf, outsideTransaction} from './group.ts';
import type {PreparedRun} from './prepared-run.ts';
import {foresee} from './rehearsal.ts';
import type {Run} from './run.ts';
import {runAlone} from './run-alone.ts';
import {runTogether} from './run-together.ts';
import {type StateBeforeFile, stateBeforeFile} from './state-before-file.ts';
import {reading, taking} from './waiting.ts';

/**
 * Runs a prepared run in one transaction, except for migrations that must run alone. Returns `stale`, with nothing written, if the database has changed
 * since its rows were checked. With `examineUnderLock` it cannot have changed.
 *
 * @throws MigrError `answerNeeded` with nothing written, if the plan is not the one in the options
 */
export async function* runPrepared(
	run: Run,
	prepared: PreparedRun,
	{examineUnderLock}: {readonly examineUnderLock: boolean},
): AsyncGenerator<ApplyEvent, 'done' | 'stale', void> {
	const {migrations, target} = run;
	let examined = examineUnderLock ? undefined : yield* examineWithEvents(run, prepared);
	if (examined === 'stale') return 'stale';
	const [first = [], ...others] = groupsOf(prepared.migrations);
	if (target.path === ':memory:') requireOneTransaction(prepared.migrations);
	const commitsInParts = others.length > 0 || outsideTransaction(first);
	if (commitsInParts && examined !== undefined) await foresee(run, examined);
	const transaction = yield* lock(run);
	let before: StateBeforeFile | undefined;
	let seen: number;
	try {
		if (examined !== undefined && !isSameVersion(versionOf(target.db), prepared.version)) return 'stale';
		if (examined === undefined) {
			if (!isAppliedAsBefore(run, prepared)) return 'stale';
			examined = yield* examineWithEvents(run, prepared);
			if (examined === 'stale') return 'stale';
			if (commitsInParts) await foresee(run, examined);
		}
		seen = versionOf(target.db).data;
		if (examined.takesBackup) yield* backUp(run, first[0]?.name ?? null);
		before = prepared.changesRows && !target.isNew ? yield* stateBeforeFile(run, run.journal.backup, outsideTransaction(first)) : undefined;
		settleHistory(target.db, migrations, examineUnderLock ? undefined : run.journal.applied);
		yield* runGroup(run, {migrations: first, examined, before}, transaction);
	} catch (error) {
		transaction.end();
		if (examined !== undefined && examined !== 'stale' && examined.preflight.leftDuplicates) yield* explainDuplicates(run, prepared, error);
		throw error;
	} finally {
		transaction.end();
		before?.remove();
	}
	const begun = {...run, options: {...run.options, stopWaiting: undefined}};
	for (const group of others) yield* runLater(begun, {migrations: group, examined}, seen);
	pruneAfter(run);
	return 'done';
}

/** @throws MigrError `plan` for a migration that other runs would have to wait for, which they cannot do in memory */
function requireOneTransaction(migrations: PreparedRun['migrations']): void {
	const alone = migrations.find(({transaction}) => !transaction);
	if (alone === undefined) return;
	throw new MigrError('plan', `${alone.name} runs outside a transaction, which a database in memory cannot do`, {
		location: {file: alone.path},
		hint: 'remove transaction = false from the migration',
	});
}

/** Records the new names of renamed migrations in the history, for a run with nothing else to do. Waits for the write lock like any run. */
export async function* settleNames(run: Run): AsyncGenerator<NoticeEvent, void, void> {
	const transaction = yield* lock(run);
	try {
		settleHistory(run.target.db, run.migrations);
		const applied = readApplied(run.target.db);
		await transaction.commit();
		run.journal.record({applied});
	} finally {
		transaction.end();
	}
}

/** Removes old backups. Called only after everything is committed, so a run that rolls back removes none. */
function pruneAfter({options: {database, backupDir = defaultBackupDir(database), backupKeep = defaultBackupKeep}, plans, journal}: Run): void {
	if (journal.backup !== null) pruneBackups(database, backupDir, backupKeep, plans.backups);
}

/** Checks existing rows and yields the findings. Throws if the run would fail on them or would lose data without consent. */
async function* examineWithEvents(run: Run, prepared: PreparedRun): AsyncGenerator<ApplyEvent, Examined | 'stale', void> {
	const {options, journal} = run;
	const examined = yield* reading(run, () => examine(run, prepared, {leavesDuplicates: true}));
	if (examined === undefined) return 'stale';
	for (const message of prepared.notices) yield {type: 'notice', message};
	journal.record({plan: examined.plan});
	yield examined.event;
	requirePlan(options, examined.plan, prepared.files);
	await requireConsent(options, examined.preflight.findings, examined.plan.id());
	return examined;
}

/**
 * Finds the duplicates that made an index fail, after the run was rolled back. Reports them as if they had been found before the run.
 *
 * @throws MigrError `hazard` if there are any
 */
async function* explainDuplicates(run: Run, prepared: PreparedRun, error: unknown): AsyncGenerator<ApplyEvent, void, void> {
	if (!(error instanceof MigrError) || error.code !== 'hazard') return;
	// What the run itself has changed is rolled back.
	const {own} = versionOf(run.target.db);
	const examined = examine(run, {...prepared, version: {...prepared.version, own}});
	if (examined?.preflight.findings.some(({blocking}) => blocking) !== true) return;
	run.journal.record({plan: examined.plan, current: null, hasWritten: false});
	yield examined.event;
	await requireConsent(run.options, examined.preflight.findings, examined.plan.id());
}

/** Takes the write lock. Yields a notice if another process holds it. */
async function* lock({options, target: {db, path, isInPlace}}: Run): AsyncGenerator<NoticeEvent, GuardedTransaction, void> {
	const transaction = yield* taking(
		options,
		(held) => beginGuarded(db, {...held, onEnd: () => detachBefore(db)}),
		(held) => held.end(),
	);
	if (isInPlace()) return transaction;
	transaction.end();
	throw new MigrError('database', `${basename(path)} was removed or replaced while this run waited for it`, {hint: 'run the command again'});
}

async function* backUp({options, plans, target, journal}: Run, before: string | null): AsyncGenerator<ApplyEvent, void, void> {
	const {wait, signal, now = () => new Date()} = options;
	const file = yield* takeBackup({
		database: target.path,
		folder: options.backupDir ?? defaultBackupDir(options.database),
		before,
		names: plans.backups,
		now: now(),
		writeLock: target.db,
		...(wait === undefined ? {} : {wait}),
		...(signal === undefined ? {} : {signal}),
	});
	journal.record({backup: file});
}

async function* runGroup(run: Run, group: Group, transaction: GuardedTransaction): AsyncGenerator<ApplyEvent, void, void> {
	if (outsideTransaction(group.migrations)) {
		// The updated names in the history are kept, even if the migration fails.
		await transaction.commit();
		transaction.end();
		yield* runAlone(run, group);
	} else yield* runTogether(run, group, transaction);
}

/**
 * Runs a group after the first one. The lock was free in between, so the state is read again.
 *
 * @param seen the version of the data before the first group
 */
async function* runLater(run: Run, {migrations, examined}: Omit<Group, 'before'>, seen: number): AsyncGenerator<ApplyEvent, void, void> {
	const {options, target} = run;
	const transaction = yield* lock(run);
	let before: StateBeforeFile | undefined;
	try {
		const isLossy = examined.preflight.findings.some(({destructive, migration}) => destructive && migrations.some(({name}) => name === migration));
		// The plan lists losses from before another process wrote.
		if (options.plan !== undefined && isLossy && versionOf(target.db).data !== seen) throw planChanged(options, null, migrations);
		const applied = readApplied(target.db, run.migrations.wranglerTable).map(({name}) => name);
		const isOpen = migrations.every(({name}) => applied.includes(name) === (options.direction === 'downgrade'));
		if (!isOpen)
			throw new MigrError('history', 'another run changed the migration history in the meantime', {
				hint: 'run lite-migr status, then run the command again',
			});
		const violations = foreignKeyViolations(target.db, introspect(target.db), 'all');
		// The backup contains the state before the first group.
		before = examined.prepared.changesNewRows ? yield* stateBeforeFile(run, null, outsideTransaction(migrations)) : undefined;
		yield* runGroup(run, {migrations, examined: {...examined, violations}, before}, transaction);
	} finally {
		transaction.end();
		before?.remove();
	}
}

function isAppliedAsBefore({migrations, target}: Run, {state}: PreparedRun): boolean {
	const names = (applied: readonly {readonly name: string}[]) => applied.map(({name}) => name).join('\n');
	return names(stateOf(migrations, readApplied(target.db, migrations.wranglerTable)).applied) === names(state.applied);
}
