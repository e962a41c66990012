import {basename} from 'node:path';
import {setTimeout as delay} from 'node:timers/promises';
import {MigrError} from '../errors.ts';
import {nativeOf} from './connection.ts';
import type {Database} from './database.ts';
import {fileFailure, isBusy, sqliteCode} from './failure.ts';
import {lockHolders} from './lock-holder.ts';
import {defaultWait} from './open.ts';

export interface TransactionOptions {
	/** Seconds to wait for somebody else's lock, at BEGIN and at COMMIT; 10 where nothing is said. */
	readonly wait?: number;
	readonly signal?: AbortSignal;
	/** Called when the transaction has ended, by a commit or a rollback, before the settings of the connection are restored. */
	readonly onEnd?: () => void;
	/** Called once when the lock is not free at once, with the programs that hold it, where they can be known. */
	readonly onWait?: (holders: readonly string[]) => void;
}

/** A write transaction under the guard of `beginGuarded`. */
export interface GuardedTransaction {
	readonly isOpen: boolean;
	/** Waits for readers of a rollback-journal database; throws MigrError `locked` and stays open when they do not finish in time. */
	commit(onWait?: TransactionOptions['onWait']): Promise<void>;
	/** Undoes everything; does nothing when SQLite rolled back by itself, or after a commit. */
	rollback(): void;
	/** Puts the connection's settings back. Rolls back first where nobody committed. Can be called any number of times. */
	end(): void;
	/** Puts the settings of the guard back in force, in case a statement of a migration changed one. */
	reassert(): void;
}

/**
 * What a run needs the connection to be, whatever its owner set. Each is read before and put back after, also after an error.
 *
 * - `foreign_keys=OFF`: otherwise DROP TABLE deletes the rows of children. Ignored inside a transaction, so it comes before BEGIN and is read back
 *   (https://www.sqlite.org/pragma.html#pragma_foreign_keys).
 * - `legacy_alter_table=OFF`: ALTER … RENAME rewrites views and triggers, but for the one in a rewrite.
 * - `synchronous=FULL`: what was reported as done survives a power cut, in WAL mode too.
 * - `threads`: helpers that sort while an index is built (measured: a third less time with two of them).
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
	threads: 2,
} as const;

/** Settings that count within a transaction: a migration's own PRAGMA must not outlive its statement. */
const reasserted = ['legacy_alter_table', 'recursive_triggers', 'writable_schema', 'ignore_check_constraints', 'query_only'] as const;

/**
 * Puts the guard's settings in force and begins an IMMEDIATE transaction, waiting for the lock without blocking the event loop.
 *
 * Throws MigrError `database` inside somebody's transaction or where foreign keys cannot be switched off, `locked` when the lock stays taken,
 * `cancelled` when the signal fires; the connection is then as it was.
 */
export async function beginGuarded(db: Database, options: TransactionOptions = {}): Promise<GuardedTransaction> {
	if (db.inTransaction) {
		throw new MigrError('database', `a transaction is open on ${basename(db.path)}: a migration must begin its own`, {
			hint: 'commit or roll back first, or use a connection of its own',
		});
	}
	const before = readSettings(db);
	try {
		for (const [name, value] of Object.entries(settings)) db.exec(`PRAGMA ${name} = ${value}`);
		if (db.value('PRAGMA foreign_keys') !== 0) {
			throw new MigrError('database', 'foreign keys could not be switched off, and a rewrite would then delete the rows of children');
		}
		await patiently(db.path, () => db.exec('BEGIN IMMEDIATE'), options);
	} catch (error) {
		restoreSettings(db, before);
		throw error;
	}
	return guarded(db, before, options);
}

function guarded(db: Database, before: ReadonlyMap<string, number>, options: TransactionOptions): GuardedTransaction {
	let isEnded = false;
	const rollback = () => {
		if (db.inTransaction) db.exec('ROLLBACK');
	};
	return {
		get isOpen() {
			return !isEnded && db.inTransaction;
		},
		commit: (onWait = options.onWait) => patiently(db.path, () => db.exec('COMMIT'), {...options, ...(onWait === undefined ? {} : {onWait})}),
		rollback,
		end() {
			if (isEnded) return;
			isEnded = true;
			rollback();
			options.onEnd?.();
			restoreSettings(db, before);
		},
		reassert: () => reassertSettings(db),
	};
}

/** Puts those settings back in force that a statement of a migration may have changed. */
export function reassertSettings(db: Database): void {
	for (const name of reasserted) db.exec(`PRAGMA ${name} = ${settings[name]}`);
	nativeOf(db).unsafeMode(false);
}

function readSettings(db: Database): ReadonlyMap<string, number> {
	return new Map(Object.keys(settings).map((name) => [name, Number(db.value(`PRAGMA ${name}`))]));
}

function restoreSettings(db: Database, before: ReadonlyMap<string, number>): void {
	nativeOf(db).unsafeMode(false);
	for (const [name, value] of before) db.exec(`PRAGMA ${name} = ${value}`);
}

/** Milliseconds between two tries for a lock; SQLite's own busy handler would block the event loop and with it Ctrl-C. */
const pause = 25;

/** Does something as soon as nobody else's lock on the file is in its way. Throws what it throws, MigrError `locked` or `cancelled`. */
export async function patiently<T>(path: string, work: () => T, {wait = defaultWait, signal, onWait}: TransactionOptions): Promise<T> {
	const end = performance.now() + wait * 1000;
	for (let hasWaited = false; ; hasWaited = true) {
		if (signal?.aborted === true) throw cancelled(signal);
		try {
			return work();
		} catch (error) {
			if (!isBusy(error)) throw fileFailure(error, path) ?? error;
			const holders = hasWaited && performance.now() < end ? [] : lockHolders(path);
			if (performance.now() >= end) throw lockedFor(path, wait, holders, sqliteCode(error));
			if (!hasWaited) onWait?.(holders);
		}
		await delay(pause);
	}
}

export function cancelled(signal?: AbortSignal): MigrError {
	return new MigrError('cancelled', 'cancelled', {cause: signal?.reason});
}

export function lockedFor(path: string, wait: number, holders: readonly string[], code?: string): MigrError {
	const by = holders.length === 0 ? 'another process' : holders.join(', ');
	return new MigrError('locked', `${basename(path)} is locked by ${by}; waited ${wait} s`, {
		hint: 'wait until it has finished, or give it longer with --wait SECONDS',
		...(code === undefined ? {} : {details: [code]}),
	});
}
