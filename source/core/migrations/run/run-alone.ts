import {existsSync} from 'node:fs';
import {MigrError} from '../../errors.ts';
import {TableNames} from '../../operations/table-names.ts';
import type {Step} from '../../plan/step.ts';
import type {Database} from '../../sqlite/database.ts';
import {executeStep} from '../../sqlite/execute-step.ts';
import {waitForFileLock} from '../../sqlite/file-lock.ts';
import {introspect} from '../../sqlite/introspect.ts';
import type {StepContext, StepRun} from '../../sqlite/step-context.ts';
import {beginGuarded, type TransactionOptions} from '../../sqlite/transaction.ts';
import {detachBefore} from '../effects/state-before.ts';
import {StatementWatch} from '../effects/statement-watch.ts';
import type {ApplyEvent} from '../event.ts';
import {readApplied} from '../history/history.ts';
import {checkHistory, historyContents} from '../history/history-guard.ts';
import type {ApplyOptions} from './apply-options.ts';
import type {Target} from './apply-target.ts';
import {checkForeignKeys} from './check-foreign-keys.ts';
import type {Examined} from './examine.ts';
import type {PreparedMigration} from './prepare-run.ts';
import {performWithEvents} from './run-events.ts';
import {effectDigest} from './run-plan.ts';
import {examineDeferred, type GroupRun, measured, note} from './run-together.ts';
import type {StateBeforeFile} from './state-before-file.ts';

/**
 * Runs a migration with `transaction = false`. Its statements and code run outside a transaction, for statements that need it (VACUUM, a journal mode,
 * changes committed in batches). Each operation that changes the schema has its own transaction. The migration is recorded when all of it is done and
 * leaves no row without a parent; a run on a private copy has shown that before.
 *
 * The write lock is free in between, so a lock on a file next to the database keeps other runs out. The system releases it when a run is killed.
 */
export async function* runAlone(
	options: ApplyOptions,
	target: Target,
	migration: PreparedMigration,
	{examined, before, progress}: Omit<GroupRun, 'transaction'>,
): AsyncGenerator<ApplyEvent, void, void> {
	const {db} = target;
	const lockOptions = {
		...(options.wait === undefined ? {} : {wait: options.wait}),
		...(options.signal === undefined ? {} : {signal: options.signal}),
	};
	const lock = await waitForFileLock(lockFile(target.path), lockOptions);
	const foreignKeys = Number(db.value('PRAGMA foreign_keys'));
	try {
		const isApplied = readApplied(db).some(({name}) => name === migration.name);
		if (isApplied === (options.direction === 'upgrade')) return;
		progress.current = migration.name;
		db.exec('PRAGMA foreign_keys = OFF');
		yield* examineDeferred(options, db, migration, examined);
		progress.hasWritten = true;
		progress.isOutside = true;
		const history = historyContents(db);
		const watch = new StatementWatch(db, new TableNames(introspect(db)));
		const executed = yield* performWithEvents(db, migration, {
			signal: options.signal,
			watch,
			execute: (step, context) => alone(step, context, lockOptions),
		});
		checkHistory(history, db, migration);
		checkForeignKeys(db, watch, migration.operations, examined.violations, options.dryRun !== true);
		const transaction = await beginGuarded(db, lockOptions);
		try {
			note(options, db, migration, executed.durationMs);
			await transaction.commit();
		} finally {
			transaction.end();
		}
		const {name, canUndo, origin} = migration;
		progress.committed.push(name);
		progress.ran.push({name, durationMs: executed.durationMs, steps: executed.steps.length, canUndo, origin});
		progress.current = null;
		progress.isOutside = false;
		yield* effectsOf(db, name, watch, examined, before);
		examined.plan.finish();
		yield {type: 'migrationDone', migration: name, durationMs: executed.durationMs, summary: executed.summary};
	} finally {
		if (db.inTransaction) db.exec('ROLLBACK');
		db.exec(`PRAGMA foreign_keys = ${foreignKeys}`);
		lock.remove();
	}
}

/** Reports the effects of the migration. They are permanent, and were confirmed after a run on a private copy. */
function* effectsOf(
	db: Database,
	migration: string,
	watch: StatementWatch,
	examined: Examined,
	before: StateBeforeFile | undefined,
): Generator<ApplyEvent, void, void> {
	if (before === undefined) return;
	try {
		const found = measured(db, watch, examined, before);
		for (const table of found) examined.plan.add(effectDigest(table));
		const tables = found.map(({effect}) => effect);
		if (tables.length > 0) yield {type: 'effects', migration, tables};
	} finally {
		detachBefore(db);
	}
}

async function* alone(step: Step, context: StepContext, options: TransactionOptions): StepRun {
	if (step.kind === 'execute' || step.kind === 'run') {
		const result = yield* executeStep(step, {...context, inTransaction: false});
		if (step.kind === 'run' && context.db.inTransaction) {
			throw new MigrError('migration', 'the code began a transaction and did not end it', {hint: 'add COMMIT at the end of op.run'});
		}
		return result;
	}
	const transaction = await beginGuarded(context.db, options);
	try {
		const result = yield* executeStep(step, context);
		await transaction.commit();
		return result;
	} finally {
		transaction.end();
	}
}

/** Waits until no run works on a database outside a transaction. Returns false if there was nothing to wait for. */
export async function waitForRunAlone(database: string, options: TransactionOptions): Promise<boolean> {
	const file = lockFile(database);
	if (!existsSync(file)) return false;
	(await waitForFileLock(file, options)).remove();
	return true;
}

function lockFile(database: string): string {
	return `${database}-lite-migr-lock`;
}
