import {mkdtempSync, rmSync} from 'node:fs';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {MigrError} from '../errors.ts';
import type {CloningDriver, Closable} from '../sqlite/driver/in-memory-clone.ts';

/** Calls `work` with the path of a database file that does not exist yet. Removes the file and its folder afterwards. */
export async function inNewFolder<T>(work: (file: string) => Promise<T>): Promise<T> {
	const folder = mkdtempSync(join(tmpdir(), 'lite-migr-test-'));
	try {
		return await work(join(folder, 'test.db'));
	} finally {
		rmSync(folder, {recursive: true, force: true});
	}
}

/**
 * Calls a user function with a connection to a file, and closes the connection afterwards.
 *
 * @param name the name of the function, for errors
 * @throws MigrError `usage` if the function closes the connection or leaves a transaction open, and any error of the function
 */
export async function withConnection<Connection extends Closable>(
	driver: CloningDriver<Connection>,
	file: string,
	name: string,
	work: (connection: Connection) => unknown,
): Promise<void> {
	const connection = driver.open(file);
	try {
		await work(connection);
		if (!driver.isOpen(connection)) {
			throw new MigrError('usage', `the function ${name} closed the database`, {hint: 'remove the call of close(): lite-migr closes the database'});
		}
		if (driver.inTransaction(connection)) {
			throw new MigrError('usage', `the function ${name} left a transaction open`, {
				hint: 'end the transaction, and await everything that the function starts',
			});
		}
	} finally {
		if (driver.isOpen(connection)) connection.close();
	}
}
