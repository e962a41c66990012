import {existsSync} from 'node:fs';
import {type FileLock, lockFileOf, tryFileLock, waitForFileLock} from '../../sqlite/file-lock.ts';
import type {TransactionOptions} from '../../sqlite/transaction.ts';

/** Takes the lock of a run that works outside a transaction. It keeps other such runs out. */
export async function lockForRunAlone(database: string, options: TransactionOptions): Promise<FileLock> {
	return await waitForFileLock(lockFileOf(database), options);
}

/** Waits until no run works on a database outside a transaction. Returns false if there was nothing to wait for. */
export async function waitForRunAlone(database: string, options: TransactionOptions): Promise<boolean> {
	const file = lockFileOf(database);
	if (!existsSync(file)) return false;
	(await waitForFileLock(file, options)).remove();
	return true;
}

/** Removes the lock file of a run outside a transaction that was killed. */
export function removeAbandonedLock(database: string): void {
	const file = lockFileOf(database);
	if (!existsSync(file)) return;
	try {
		tryFileLock(file, 0)?.remove();
	} catch {
		// Another run has the lock by now, and removes the file.
	}
}
