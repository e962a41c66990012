import {availableParallelism, loadavg} from 'node:os';
import {basename} from 'node:path';
import {setTimeout as delay} from 'node:timers/promises';
import {MigrError} from '../errors.ts';
import {nativeOf} from './connection.ts';
import type {Database} from './database.ts';
import {fileFailure, isBusy} from './failure.ts';
import {type LockWait, patience} from './held-lock.ts';
import {defaultWait} from './open.ts';

export interface TransactionOptions {
	/** Seconds to wait for the lock of another process, at BEGIN and at COMMIT. Default: 10. */
	readonly wait?: number | undefined;
	readonly signal?: AbortSignal | undefined;
	/** Called when the transaction has ended, by a commit or a rollback, before the settings of the connection are restored. */
	readonly onEnd?: () => void;
	/** Called if the lock is not free after a moment, and again when it is free. */
	readonly onWait?: ((wait: LockWait) => void) | undefined;
	/** Called at the end of a wait that was reported, even if the lock is not free in time. */
	readonly onWaitEnd?: (() => void) | undefined;
	/** Ends a wait before the transaction begins, and nothing else. */
	readonly stopWaiting?: AbortSignal | undefined;
	/** What to do if the lock is not free in time. By default, it names the option `wait`. */
	readonly hint?: string | undefined;
}

/** A write transaction with the settings of `beginGuarded`. */
export interface GuardedTransaction {
	readonly isOpen: boolean;
	/** Commits. Waits for readers of a rollback-journal database. @throws MigrError `locked` and stays open if they do not finish in time */
	commit(onWait?: TransactionOptions['onWait']): Promise<void>;
	/** Undoes everything. Does nothing after a commit or if SQLite already rolled back. */
	rollback(): void;
	/** Restores the connection's settings. Rolls back first if nothing was committed. Can be called any number of times. */
	end(): void;
	/** Reapplies the guard's settings, in case a statement of a migration changed one. */
	reassert(): void;
}

/**
 * Settings that a run needs, regardless of what the owner of the connection set. Each is read before and restored after, even after an error.
 *
 * - `foreign_keys=OFF`: otherwise DROP TABLE deletes the rows of children. Ignored inside a transaction, so it is set before BEGIN and verified
 *   (https://www.sqlite.org/pragma.html#pragma_foreign_keys).
 * - `legacy_alter_table=OFF`: ALTER … RENAME updates views and triggers, except for the rename in a rewrite.
 * - `synchronous=FULL`: changes that were reported as done survive a power failure, in WAL mode too.
 * - `threads`: helper threads that sort while an index is built. On idle cores, two of them save a third of the time. On busy cores they double it.
 */
const settings = {
	foreign_keys: 0,
	legacy_alter_table: 0,
	recursive_triggers: 0,
	writable_schema: 0,
	ignore_check_constraints: 0,
	reverse_unordered_selects: 0,
	query_only: 0,
	automatic_index: 1,
	synchronous: 2,
	busy_timeout: 0,
	cache_size: -8000,
	threads: 0,
} as const;

/** Settings that take effect within a transaction. A PRAGMA of a migration must not last longer than its statement. */
const reasserted = ['legacy_alter_table', 'recursive_triggers', 'writable_schema', 'ignore_check_constraints', 'query_only'] as const;

/**
 * Applies the guard's settings and begins an IMMEDIATE transaction. Waits for the lock without blocking the event loop.
 *
 * @throws MigrError `database` if a transaction is already open or foreign keys cannot be turned off, `locked` if the lock is not released in time,
 * `cancelled` if the signal fires. The connection is then unchanged.
 */
export async function beginGuarded(db: Database, options: TransactionOptions = {}): Promise<GuardedTransaction> {
	if (db.inTransaction) {
		throw new MigrError('database', `a transaction is already open on ${basename(db.path)}, but a migration needs its own`, {
			hint: 'commit or roll back first, or use a separate connection',
		});
	}
	const before = readSettings(db);
	try {
		for (const [name, value] of Object.entries({...settings, threads: helperThreads()})) db.exec(`PRAGMA ${name} = ${value}`);
		if (db.value('PRAGMA foreign_keys') !== 0) {
			throw new MigrError('database', 'foreign keys could not be turned off, so rewriting a table would delete the rows of its children');
		}
		await retryWhileLocked(db.path, () => db.exec('BEGIN IMMEDIATE'), options);
	} catch (error) {
		restoreSettings(db, before);
		throw error;
	}
	return guarded(db, before, options);
}

function guarded(db: Database, before: ReadonlyMap<string, number>, options: TransactionOptions): GuardedTransaction {
	let isEnded = false;
	let isCommitted = false;
	const rollback = () => {
		if (db.inTransaction) db.exec('ROLLBACK');
		else if (isCommitted) return;
		forgetSchema(db);
	};
	return {
		get isOpen() {
			return !isEnded && db.inTransaction;
		},
		async commit(onWait = options.onWait) {
			const commit = () => {
				// The program may have begun a transaction of its own by now.
				if (isEnded) throw cancelledError(options.signal);
				db.exec('COMMIT');
			};
			await retryWhileLocked(db.path, commit, {...options, onWait, stopWaiting: undefined});
			isCommitted = true;
			// Reading after COMMIT would wait for a process that has locked the file in the meantime. A committed run must not end as a failure.
			db.exec(`PRAGMA busy_timeout = ${afterwards(before)}`);
		},
		rollback,
		end() {
			if (isEnded) return;
			isEnded = true;
			try {
				rollback();
				options.onEnd?.();
			} finally {
				restoreSettings(db, before);
			}
		},
		reassert: () => reassertSettings(db),
	};
}

/**
 * Makes SQLite read the schema again. After an edit of `sqlite_schema` (`write-schema.ts`) and a rollback, it still has the edited schema, and compares
 * only its version with that of the file. If another connection changed the schema as often, SQLite would use wrong definitions and pages.
 */
function forgetSchema(db: Database): void {
	db.exec('PRAGMA writable_schema = RESET');
}

/** Reapplies the settings that a statement of a migration may have changed. */
export function reassertSettings(db: Database): void {
	for (const name of reasserted) db.exec(`PRAGMA ${name} = ${settings[name]}`);
	nativeOf(db).unsafeMode(false);
}

function helperThreads(): number {
	const now = performance.now();
	if (now - lastLoad.at > loadMilliseconds) lastLoad = {at: now, isLow: (loadavg()[0] ?? 0) < availableParallelism()};
	return lastLoad.isLow ? 2 : 0;
}

/** The system computes its load every five seconds, and reading it takes longer than most statements of a small database. */
const loadMilliseconds = 2500;
let lastLoad = {at: Number.NEGATIVE_INFINITY, isLow: false};

function readSettings(db: Database): ReadonlyMap<string, number> {
	return new Map(Object.keys(settings).map((name) => [name, Number(db.value(`PRAGMA ${name}`))]));
}

/** Settings that SQLite changes only after it has read the schema. It may have to read it again, and another process may have locked the file. */
const withSchema: readonly string[] = ['synchronous', 'cache_size'];

/** Returns how many milliseconds to wait for a lock after the transaction. */
function afterwards(before: ReadonlyMap<string, number>): number {
	return Math.max(before.get('busy_timeout') ?? 0, defaultWait * 1000);
}

function restoreSettings(db: Database, before: ReadonlyMap<string, number>): void {
	const set = (names: readonly string[]) => {
		for (const name of names) db.exec(`PRAGMA ${name} = ${before.get(name)}`);
	};
	// In safe mode, better-sqlite3 refuses all of this while the program reads rows.
	nativeOf(db).unsafeMode(true);
	try {
		set([...before.keys()].filter((name) => name !== 'busy_timeout' && !withSchema.includes(name)));
		db.exec(`PRAGMA busy_timeout = ${afterwards(before)}`);
		set(withSchema);
	} finally {
		set(['busy_timeout']);
		nativeOf(db).unsafeMode(false);
	}
}

/** Milliseconds between two tries for a lock. SQLite's own busy handler would block the event loop, and with it Ctrl-C. */
const pause = 25;

/** Runs `work` as soon as no other process has a lock on the file. @throws the errors of `work`, and MigrError `locked` or `cancelled` */
export async function retryWhileLocked<T>(
	path: string,
	work: () => T,
	{wait = defaultWait, signal, stopWaiting, onWait, onWaitEnd, hint}: TransactionOptions,
): Promise<T> {
	const held = patience({path, wait, hint, onWait});
	try {
		for (;;) {
			if (signal?.aborted === true) throw cancelledError(signal);
			try {
				const result = work();
				held.over();
				return result;
			} catch (error) {
				if (!isBusy(error)) throw fileFailure(error, path) ?? error;
				if (stopWaiting?.aborted === true) throw cancelledError(stopWaiting);
				held.again(error);
			}
			await delay(pause);
		}
	} finally {
		if (held.isReported) onWaitEnd?.();
	}
}

export function cancelledError(signal?: AbortSignal): MigrError {
	return new MigrError('cancelled', 'cancelled', {cause: signal?.reason});
}
