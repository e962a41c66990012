import {MigrError} from '../errors.ts';
import type {Database} from './database.ts';
import {defaultWait, type OpenOptions, openDatabase} from './open.ts';
import {patiently, type TransactionOptions} from './transaction.ts';

/**
 * As `openDatabase`, which reads the file at once and has to wait where somebody holds an EXCLUSIVE lock: here without blocking the event loop, so that
 * Ctrl-C acts, and telling whom it waits for.
 *
 * Throws what `openDatabase` throws, and MigrError `locked` or `cancelled`.
 */
export async function openPatiently(path: string, options: OpenOptions & TransactionOptions = {}): Promise<Database> {
	const {wait = defaultWait} = options;
	const db = await patiently(path, () => openAtOnce(path, options), options);
	db.exec(`PRAGMA busy_timeout = ${Math.round(wait * 1000)}`);
	return db;
}

function openAtOnce(path: string, options: OpenOptions): Database {
	try {
		return openDatabase(path, {...options, wait: 0});
	} catch (error) {
		// What SQLite said is what tells a lock from everything else.
		throw error instanceof MigrError && error.code === 'locked' ? error.cause : error;
	}
}
