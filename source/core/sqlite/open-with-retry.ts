import type {Database} from './database.ts';
import {isBusy} from './failure.ts';
import {defaultWait, type OpenOptions, openFailure, tryOpening} from './open.ts';
import {retryWhileLocked, type TransactionOptions} from './transaction.ts';

/**
 * Opens a database like `openDatabase`, which reads the file immediately and has to wait if another process holds an EXCLUSIVE lock. Does not block the
 * event loop while waiting, so Ctrl-C works, and reports which processes hold the lock.
 *
 * @throws the errors of `openDatabase`, and MigrError `locked` or `cancelled`
 */
export async function openWithRetry(path: string, options: OpenOptions & TransactionOptions = {}): Promise<Database> {
	const {wait = defaultWait} = options;
	const db = await retryWhileLocked(path, () => openAtOnce(path, options), options);
	db.exec(`PRAGMA busy_timeout = ${Math.round(wait * 1000)}`);
	return db;
}

function openAtOnce(path: string, options: OpenOptions): Database {
	try {
		return tryOpening(path, {...options, wait: 0});
	} catch (error) {
		throw isBusy(error) ? error : openFailure(path, error);
	}
}
