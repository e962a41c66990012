import {identifier} from '../schema/identifiers.ts';
import {thrownText} from '../text/thrown.ts';
import {nativeOf} from './connection.ts';
import type {Database} from './database.ts';

/**
 * Attaches a database file to read its tables. A view or trigger that names its own database (`FROM main.user`) works in that database, but makes the
 * attached schema "malformed" when SQLite loads it. `PRAGMA writable_schema` makes SQLite skip such objects
 * (https://www.sqlite.org/pragma.html#pragma_writable_schema). It stays on until `detachAfterReading`. Nothing is written.
 */
export function attachForReading(db: Database, file: string, name: string): void {
	tolerate(db, true);
	try {
		db.run(`ATTACH ? AS ${identifier(name)}`, file);
	} catch (error) {
		tolerate(db, false);
		throw error;
	}
}

/** The name of the attached state before a run, while it is compared with the current state. */
export const beforeSchema = 'lite_migr_before';

/** True if a statement that still reads keeps a database attached: SQLite has no code of its own for that. */
export function isReadByStatement(error: unknown): boolean {
	return /^database .* is locked$/.test(thrownText(error));
}

/** Detaches the database. Does nothing if it is not attached. */
export function detachAfterReading(db: Database, name: string): void {
	tolerate(db, true);
	try {
		// Not the table of the pragma: its statement would read the schema again, and after a COMMIT, another process may have locked the file.
		const isAttached = db.all('PRAGMA database_list').some((attached) => attached.name === name);
		if (isAttached) db.exec(`DETACH ${identifier(name)}`);
	} finally {
		tolerate(db, false);
	}
}

/** Sets whether SQLite ignores schema objects that it cannot load. Applies until it is reset, because a COMMIT or ROLLBACK can reload the schemas. */
function tolerate(db: Database, isTolerant: boolean): void {
	nativeOf(db).unsafeMode(true);
	db.exec(`PRAGMA writable_schema = ${isTolerant ? 'ON' : 'OFF'}`);
	nativeOf(db).unsafeMode(isTolerant);
}
