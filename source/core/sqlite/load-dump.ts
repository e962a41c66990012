import {MigrError} from '../errors.ts';
import {thrownText} from '../text/thrown.ts';
import {nativeOf} from './connection.ts';
import {openDatabase} from './open.ts';

/**
 * Creates a database from the output of `.dump` in the sqlite3 shell. The dump may write `sqlite_schema`, which is how the shell restores virtual tables.
 *
 * @param file the dump, for errors
 * @throws MigrError `database` if a statement fails
 */
export function loadDump(sql: string, database: string, file: string): void {
	const db = openDatabase(database, {create: true});
	const native = nativeOf(db);
	try {
		native.unsafeMode(true);
		db.exec('PRAGMA foreign_keys = OFF');
		db.exec(sql);
	} catch (error) {
		throw new MigrError('database', `the dump cannot be loaded: ${thrownText(error)}`, {location: {file}, cause: error});
	} finally {
		db.close();
	}
}
