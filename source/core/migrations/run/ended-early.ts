import {existsSync} from 'node:fs';
import {tmpdir} from 'node:os';
import {basename, dirname, resolve} from 'node:path';
import {MigrError} from '../../errors.ts';
import type {Database} from '../../sqlite/database.ts';
import {closeNewFile} from '../../sqlite/new-file.ts';
import {defaultWait, openDatabase} from '../../sqlite/open.ts';
import {clean} from '../../text/clean.ts';
import {isError, thrownText} from '../../text/thrown.ts';
import type {ApplyEvent, FailedEvent} from '../event.ts';
import type {AppliedMigration} from '../files/migration.ts';
import {readApplied} from '../history/history.ts';
import type {ApplyOptions} from './apply-options.ts';
import {failedEvent} from './end-events.ts';
import {startJournal} from './journal.ts';
import {removeAbandonedCopies} from './private-copy.ts';
import {removeAbandonedLock} from './run-alone-lock.ts';

/**
 * Returns why a run ended before its last event: user code ended the process, waits for a promise that never settles, or threw an error that nothing
 * caught.
 */
export function reasonForEarlyEnd(uncaught?: {readonly error: unknown}): MigrError {
	if (uncaught === undefined) {
		return new MigrError('migration', 'a migration ended the process, or is waiting for a promise that never settles', {
			hint: 'check the migrations for process.exit and for promises that never settle',
		});
	}
	const {error} = uncaught;
	if (error instanceof MigrError) return error;
	return new MigrError('migration', `uncaught error in a migration: ${clean(thrownText(error))}`, {
		details: stackOf(error),
		hint: 'await every promise that op.run starts',
	});
}

/** Returns why the process of a run ended before its last event, if it did not end itself. */
export function killedProcess(signal: string): MigrError {
	return new MigrError('migration', `the process of the run was killed (${signal})`, {
		hint: 'check the system log for the cause, such as too little memory, and run the command again',
	});
}

/** Returns the first lines of the stack of an error. */
function stackOf(error: unknown): readonly string[] {
	const lines = isError(error) ? (error.stack ?? '').split('\n') : [];
	return lines
		.filter((line) => /^\s+at /.test(line))
		.slice(0, 3)
		.map((line) => clean(line.trim()));
}

/**
 * Returns the last event of a run that ended early in this process, from its events so far. Does not open the database: the run may still have it open.
 */
export function endedEarly(options: ApplyOptions, reported: readonly ApplyEvent[], reason: MigrError): FailedEvent {
	const {running, backup, hasStarted} = factsOf(reported);
	const name = basename(options.database);
	return {
		...failedEvent(reason, options, startJournal()),
		migration: running,
		state:
			options.dryRun === true
				? `a dry run: ${name} is untouched`
				: hasStarted
					? `uncommitted changes are rolled back when ${name} is next opened: lite-migr status shows its state`
					: `nothing was written: ${name} is unchanged`,
		committed: options.dryRun === true ? [] : committedBy(reported),
		backup,
	};
}

/**
 * Returns the last event of a run whose process has ended. Opens the database, so SQLite rolls back uncommitted changes, and reads the committed
 * history (https://www.sqlite.org/atomiccommit.html#_rollback). Removes files that the process left.
 *
 * @param existed true if the database existed before the run
 */
export function endedWithProcess(options: ApplyOptions, reported: readonly ApplyEvent[], reason: MigrError, existed: boolean): FailedEvent {
	const path = resolve(options.database);
	removeAbandonedCopies([tmpdir(), dirname(path)]);
	removeAbandonedLock(path);
	const {running, backup, hasStarted, isOutside} = factsOf(reported);
	if (options.dryRun === true) return endedEarly(options, reported, reason);
	let applied: readonly AppliedMigration[];
	try {
		// A process that is killed may have written more than it could report. But if it was waiting for a lock, this does not wait again. SQLite's own wait
		// cannot be stopped, so it is short.
		applied = appliedIn(path, {...options, wait: hasStarted ? Math.min(options.wait ?? defaultWait, secondsToRead) : 0}, existed);
	} catch {
		// The database cannot be opened now, for example because another process has locked it. SQLite rolls back when it is next opened.
		return endedEarly(options, reported, reason);
	}
	const names = new Set(applied.map(({name}) => name));
	const selected = reported.flatMap((event) => (event.type === 'start' ? event.migrations : []));
	const committed = selected.filter((name) => names.has(name) === (options.direction === 'upgrade'));
	if (!hasStarted && committed.length === 0) return endedEarly(options, reported, reason);
	const journal = startJournal();
	journal.commit(committed);
	const isCurrent = running !== null && !committed.includes(running);
	journal.record({applied, hasWritten: true, ...(isCurrent ? {current: running, isOutside} : {})});
	return {...failedEvent(reason, options, journal), backup};
}

/** Seconds to wait for the lock of another process after a run has ended early. */
const secondsToRead = 1;

function appliedIn(path: string, {wait, wranglerTable}: ApplyOptions, existed: boolean): readonly AppliedMigration[] {
	if (!existsSync(path)) return [];
	const db = openDatabase(path, wait === undefined ? {} : {wait});
	try {
		const applied = readApplied(db, wranglerTable);
		removeUnusedJournal(db);
		return applied;
	} finally {
		if (existed) db.close();
		else closeNewFile(db);
	}
}

/**
 * Removes a journal that the process created but had not written to the database yet. SQLite ignores it, and keeps the file until the next transaction.
 * Changing the journal mode removes it under SQLite's own lock (https://www.sqlite.org/pragma.html#pragma_journal_mode).
 */
function removeUnusedJournal(db: Database): void {
	if (!existsSync(`${db.path}-journal`) || db.value('PRAGMA journal_mode') !== 'delete') return;
	db.exec('PRAGMA journal_mode = TRUNCATE; PRAGMA journal_mode = DELETE');
}

interface Facts {
	/** The migration that was running. */
	readonly running: string | null;
	/** True if it runs outside a transaction. */
	readonly isOutside: boolean;
	/** True if a migration has started. */
	readonly hasStarted: boolean;
	readonly backup: string | null;
}

function factsOf(reported: readonly ApplyEvent[]): Facts {
	const last = reported.findLast((event) => event.type === 'migrationStart' || event.type === 'migrationDone');
	const backup = reported.findLast((event) => event.type === 'backup' && event.state === 'done');
	return {
		running: last?.type === 'migrationStart' ? last.migration : null,
		isOutside: last?.type === 'migrationStart' && last.outsideTransaction === true,
		hasStarted: last !== undefined,
		backup: backup?.type === 'backup' ? backup.path : null,
	};
}

/** Returns the migrations known to be committed: those that ran outside the shared transaction, and all migrations before them. */
function committedBy(reported: readonly ApplyEvent[]): readonly string[] {
	let done: readonly string[] = [];
	let committed: readonly string[] = [];
	let isAlone = false;
	for (const event of reported) {
		if (event.type === 'migrationStart') isAlone = event.outsideTransaction === true;
		if (event.type === 'migrationDone') done = [...done, event.migration];
		if (isAlone && (event.type === 'migrationStart' || event.type === 'migrationDone')) committed = done;
	}
	return committed;
}
