import {closeSync, futimesSync, openSync, rmSync, statSync} from 'node:fs';
import {MigrError} from '../errors.ts';
import type {Database} from './database.ts';
import {sqliteCode} from './failure.ts';
import {openDatabase} from './open.ts';
import {openWithRetry} from './open-with-retry.ts';
import {retryWhileLocked, type TransactionOptions} from './transaction.ts';

/**
 * A lock between processes: a write transaction on a small file that is used for nothing else. The system releases it when the process ends for any
 * reason.
 */
export interface FileLock {
	/** Releases the lock and leaves the file. */
	release(): void;
	/** Removes the file and releases the lock. */
	remove(): void;
}

/** Returns the file to lock for work on a database that SQLite's own lock cannot cover. */
export function lockFileOf(database: string): string {
	return `${database}-lite-migr-lock`;
}

/** The maximum number of times that opening may fail because another process removes the file at that moment. */
const attempts = 100;

/**
 * Locks a file. Creates it if it does not exist, and waits while another process has the lock.
 *
 * @throws MigrError `locked` if the lock is not released in time, `cancelled` if the signal fires, and the errors of `openDatabase`
 */
export async function waitForFileLock(path: string, options: TransactionOptions = {}): Promise<FileLock> {
	for (let failures = 1; ; ) {
		// The file must exist before it is opened, so that it can be recognized.
		createLockFile(path);
		const identity = identityOf(path);
		let db: Database | undefined;
		try {
			const opened = await openWithRetry(path, {create: true, ...options});
			db = opened;
			opened.exec('PRAGMA busy_timeout = 0');
			await retryWhileLocked(path, () => opened.exec(begin), options);
			const lock = lockOf(opened, path, identity);
			if (lock !== undefined) return lock;
		} catch (error) {
			db?.close();
			if (!mayBeRemoved(error) || failures === attempts) throw error;
			failures += 1;
		}
	}
}

/** True for the errors of opening a file while another process removes it. */
function mayBeRemoved(error: unknown): boolean {
	return sqliteCode(error) === 'SQLITE_IOERR_FSTAT' || (error instanceof MigrError && ['files', 'database'].includes(error.code));
}

/**
 * Locks a file like `waitForFileLock`, for work that takes milliseconds: it blocks the event loop while another process has the lock. Returns undefined
 * if the file system has no locks.
 *
 * @throws the errors of SQLite and `openDatabase`, including `SQLITE_BUSY` if another process has the lock for 10 seconds
 */
export function shortFileLock(path: string): FileLock | undefined {
	for (let failures = 1; ; ) {
		createLockFile(path);
		try {
			const lock = tryFileLock(path);
			if (lock !== undefined) return lock;
		} catch (error) {
			const code = sqliteCode(error instanceof MigrError ? error.cause : error);
			if (code === 'SQLITE_IOERR_LOCK' || code === 'SQLITE_PROTOCOL') return undefined;
			if (!mayBeRemoved(error) || failures === attempts) throw error;
			failures += 1;
		}
	}
}

/**
 * Locks an existing file. Returns undefined if it was removed in the meantime.
 *
 * @param wait seconds to wait for another process, which blocks the event loop. Default: 10.
 * @throws the errors of SQLite and `openDatabase`, including `SQLITE_BUSY` if another process has the lock
 */
export function tryFileLock(path: string, wait?: number): FileLock | undefined {
	const identity = identityOf(path);
	const db = openDatabase(path, wait === undefined ? {} : {wait});
	try {
		db.exec(begin);
	} catch (error) {
		db.close();
		throw error;
	}
	return lockOf(db, path, identity);
}

const begin = 'BEGIN IMMEDIATE';

/** Returns the lock. Closes the connection and returns undefined if the path now leads to another file, where other processes would not see it. */
function lockOf(db: Database, path: string, identity: string | undefined): FileLock | undefined {
	if (identity === undefined || identityOf(path) !== identity) {
		db.close();
		return undefined;
	}
	return {
		release: () => db.close(),
		remove() {
			try {
				// While the lock is held, so a process that waits for it sees that the file was replaced.
				rmSync(path, {force: true});
			} finally {
				db.close();
			}
		},
	};
}

/** Creates the file with a random modification time, if it does not exist. */
function createLockFile(path: string): void {
	try {
		const file = openSync(path, 'wx', 0o644);
		try {
			futimesSync(file, 0, Math.random() * 2 ** 31);
		} finally {
			closeSync(file);
		}
	} catch {
		// The path exists, or the file cannot be created, which opening it reports, or the system sets no times.
	}
}

/**
 * Returns a text that differs for every file that was created at the path. Undefined if there is none. The number of a removed file is often used again
 * for the next one, so the random modification time, which SQLite leaves unchanged, is compared too.
 */
function identityOf(path: string): string | undefined {
	const stats = statSync(path, {bigint: true, throwIfNoEntry: false});
	return stats === undefined ? undefined : `${stats.ino} ${stats.mtimeNs}`;
}
