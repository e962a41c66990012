import {MigrError} from '../../errors.ts';
import {TableNames} from '../../operations/table-names.ts';
import type {ExecuteStep, Step} from '../../plan/step.ts';
import type {Database} from '../../sqlite/database.ts';
import {executeStatement} from '../../sqlite/execute-statement.ts';
import {executeStep} from '../../sqlite/execute-step.ts';
import {isBusy} from '../../sqlite/failure.ts';
import {statementProgress} from '../../sqlite/index-progress.ts';
import {introspect} from '../../sqlite/introspect.ts';
import type {StepContext, StepRun, StepWait} from '../../sqlite/step-context.ts';
import {beginGuarded, retryWhileLocked, type TransactionOptions} from '../../sqlite/transaction.ts';
import {detachBefore} from '../effects/state-before.ts';
import {StatementWatch} from '../effects/statement-watch.ts';
import {emitted} from '../emitted.ts';
import type {ApplyEvent} from '../event.ts';
import {readApplied} from '../history/history.ts';
import {checkHistory, historyContents} from '../history/history-guard.ts';
import {checkForeignKeys} from './check-foreign-keys.ts';
import {checkGeneratedValues} from './check-generated-values.ts';
import {examineDeferred, type Group, measured, record} from './group.ts';
import type {PreparedMigration} from './prepared-run.ts';
import type {Run} from './run.ts';
import {lockForRunAlone} from './run-alone-lock.ts';
import {performWithEvents} from './run-events.ts';
import {effectDigest} from './run-plan.ts';
import {reading, taking, waiting} from './waiting.ts';

/**
 * Runs a migration with `transaction = false`. Its statements and code run outside a transaction, for statements that need it (VACUUM, a journal
 * mode, changes committed in batches). Each operation that changes the schema has its own transaction. The migration is recorded when all of it is
 * done and no row lacks a parent. A run on a private copy has already shown that.
 *
 * The write lock is free in between, so a lock on a file next to the database keeps other runs out. The system releases it when a run is killed.
 */
export async function* runAlone(run: Run, group: Group): AsyncGenerator<ApplyEvent, void, void> {
	const {options, portable, target, journal} = run;
	/** Once a statement has run, the migration must be recorded. */
	const begun = {...options, stopWaiting: undefined};
	const {examined} = group;
	const {db} = target;
	const lockOptions = {
		...(options.wait === undefined ? {} : {wait: options.wait}),
		...(options.signal === undefined ? {} : {signal: options.signal}),
	};
	const [migration] = group.migrations as readonly [PreparedMigration];
	const {name} = migration;
	const lock = yield* taking(
		options,
		(held) => lockForRunAlone(target.path, held),
		(held) => held.remove(),
	);
	const foreignKeys = Number(db.value('PRAGMA foreign_keys'));
	try {
		const present = yield* reading(run, () => readApplied(db, options.wranglerTable));
		journal.record({applied: present});
		if (present.some((each) => each.name === name) === (options.direction === 'upgrade')) return;
		journal.record({current: name});
		db.exec('PRAGMA foreign_keys = OFF');
		yield* examineDeferred(run, migration, examined);
		journal.record({hasWritten: true, isOutside: true});
		const history = historyContents(db, options.wranglerTable);
		const watch = new StatementWatch(db, new TableNames(introspect(db)));
		const executed = yield* performWithEvents(db, migration, {
			portable,
			signal: options.signal,
			watch,
			execute: (step, context) => readableAfter(alone(step, context, lockOptions), context, lockOptions),
		});
		checkHistory(history, db, migration, options.wranglerTable);
		checkForeignKeys(run, group, watch);
		checkGeneratedValues(db, executed.after, watch);
		const transaction = yield* taking(
			begun,
			(held) => beginGuarded(db, held),
			(held) => held.end(),
		);
		try {
			record(run, migration, executed, {isFirst: true});
			const applied = readApplied(db, options.wranglerTable);
			yield* waiting(begun, ({onWait}) => transaction.commit(onWait));
			journal.record({applied});
		} finally {
			transaction.end();
		}
		journal.finish(migration, executed);
		journal.commit([name]);
		yield* effectsOf(run, group, watch);
		examined.plan.finish();
		yield {type: 'migrationDone', migration: name, durationMs: executed.durationMs, summary: executed.summary};
	} finally {
		if (db.inTransaction) db.exec('ROLLBACK');
		db.exec(`PRAGMA foreign_keys = ${foreignKeys}`);
		lock.remove();
	}
}

/** Reports the effects of the migration. They are permanent, and were confirmed after a run on a private copy. */
function* effectsOf(run: Run, group: Group, watch: StatementWatch): Generator<ApplyEvent, void, void> {
	if (group.before === undefined) return;
	try {
		const found = measured(run, group, watch);
		for (const table of found) group.examined.plan.add(effectDigest(table));
		const [{name}] = group.migrations as readonly [PreparedMigration];
		const tables = found.map(({effect}) => effect);
		if (tables.length > 0) yield {type: 'effects', migration: name, tables};
	} finally {
		detachBefore(run.target.db);
	}
}

async function* alone(step: Step, context: StepContext, options: TransactionOptions): StepRun {
	const {db} = context;
	if (step.kind === 'execute') return yield* statementAlone(step, context, options);
	if (step.kind === 'run') {
		const result = yield* executeStep(step, {...context, inTransaction: false});
		if (db.inTransaction) {
			throw new MigrError('migration', 'the code began a transaction and did not end it', {hint: 'add COMMIT at the end of op.run'});
		}
		return result;
	}
	const transaction = yield* waitingIn(options, (held) => beginGuarded(db, held));
	try {
		const result = yield* executeStep(step, context);
		yield* waitingIn(options, ({onWait}) => transaction.commit(onWait));
		return result;
	} finally {
		transaction.end();
	}
}

/**
 * Executes a statement. While another process has locked the database, tries it again: SQLite's own wait would block the event loop, so the run could not
 * be stopped, and would report nothing. In a transaction that an earlier statement began, a lock may never be free.
 */
async function* statementAlone(step: ExecuteStep, context: StepContext, options: TransactionOptions): StepRun {
	const {db} = context;
	const outside = {...context, inTransaction: false};
	if (db.inTransaction) return yield* executeStep(step, outside);
	const progress = statementProgress(db, step.operation.sql);
	if (progress !== undefined) yield progress;
	return yield* retried(db, options, () => asSqliteError(() => executeStatement(outside, step)));
}

/** Runs a step, and waits until the schema can be read, which its caller does after each step. */
async function* readableAfter(step: StepRun, {db}: StepContext, options: TransactionOptions): StepRun {
	const result = yield* step;
	if (!db.inTransaction) yield* retried(db, options, () => db.value('SELECT count(*) FROM sqlite_schema'));
	return result;
}

/** Does work, again and again while another process has locked the database. */
async function* retried<T>(db: Database, options: TransactionOptions, work: () => T): AsyncGenerator<StepWait, T, void> {
	const timeout = db.value('PRAGMA busy_timeout');
	db.exec('PRAGMA busy_timeout = 0');
	try {
		return yield* waitingIn(options, (held) => retryWhileLocked(db.path, work, held));
	} finally {
		// A statement of the migration may have set it.
		if (db.value('PRAGMA busy_timeout') === 0) db.exec(`PRAGMA busy_timeout = ${timeout}`);
	}
}

/** Throws SQLite's error of a statement if the database was locked. */
function asSqliteError<T>(work: () => T): T {
	try {
		return work();
	} catch (error) {
		throw error instanceof MigrError && isBusy(error.cause) ? error.cause : error;
	}
}

/** Does work that may wait for a lock, and yields the wait. */
function waitingIn<T>(options: TransactionOptions, work: (held: TransactionOptions) => Promise<T>): AsyncGenerator<StepWait, T, void> {
	return emitted((emit) => work({...options, onWait: (lock) => emit({lock})}));
}
