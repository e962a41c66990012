import {forPrograms, MigrError} from '../errors.ts';
import type {Database} from './database.ts';
import {chosenDriver, inDriver} from './driver/choose.ts';
import {driverOfFile} from './driver/driver-of-file.ts';
import {type OpenOptions, openDatabase as openFile} from './open.ts';

/**
 * Opens a database file with `trusted_schema=OFF` (https://www.sqlite.org/pragma.html#pragma_trusted_schema), so views and triggers of a file from
 * an unknown source cannot call harmful functions. Reads the header and the schema immediately, so a file that is not a database fails here. If the
 * program has the file open, the same copy of SQLite is used.
 *
 * @throws MigrError `database` (missing, a folder, not a database, damaged, open with another copy of SQLite), `files` (permissions, read-only) or
 * `locked`
 */
export function openDatabase(path: string, options: OpenOptions = {}): Database {
	try {
		return inDriver(driverOfFile(path, chosenDriver()), () => openFile(path, options));
	} catch (error) {
		throw error instanceof MigrError ? forPrograms(error) : error;
	}
}
