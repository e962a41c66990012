import {isFile} from './connection.ts';
import type {Database} from './database.ts';
import {retryWhileLocked, type TransactionOptions} from './transaction.ts';

/**
 * Runs `work` in an IMMEDIATE transaction, for changes to a few rows. Waits for the lock at BEGIN and at COMMIT without blocking the event loop, so
 * Ctrl-C works, and reports which processes hold it. Everything is rolled back if `work` throws.
 *
 * @throws the errors of `work`, and MigrError `locked` or `cancelled`
 */
export async function writeTransaction<T>(db: Database, options: TransactionOptions, work: () => T): Promise<T> {
	// A database on a server has no such setting.
	const timeout = isFile(db) ? Number(db.value('PRAGMA busy_timeout')) : undefined;
	if (timeout !== undefined) db.exec('PRAGMA busy_timeout = 0');
	try {
		await retryWhileLocked(db.path, () => db.exec('BEGIN IMMEDIATE'), options);
		const result = work();
		await retryWhileLocked(db.path, () => db.exec('COMMIT'), options);
		return result;
	} finally {
		if (db.inTransaction) db.exec('ROLLBACK');
		if (timeout !== undefined) db.exec(`PRAGMA busy_timeout = ${timeout}`);
	}
}
