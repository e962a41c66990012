import {identifier} from '../schema/identifiers.ts';
import {nativeOf} from './connection.ts';
import type {Database} from './database.ts';

/**
 * Attaches a database file for reading its tables. A view or trigger that names its own database (`FROM main.user`) is fine where it is, but makes the
 * whole attached schema "malformed" whenever SQLite loads it: such objects are passed over with `PRAGMA writable_schema`
 * (https://www.sqlite.org/pragma.html#pragma_writable_schema), which stays on until `detachAfterReading`. Nothing is written.
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

/** Detaches it again. Does nothing if it is not attached. */
export function detachAfterReading(db: Database, name: string): void {
	tolerate(db, true);
	try {
		const isAttached = db.value('SELECT 1 FROM pragma_database_list WHERE name = ?', name) !== undefined;
		if (isAttached) db.exec(`DETACH ${identifier(name)}`);
	} finally {
		tolerate(db, false);
	}
}

/** Schema objects that cannot be loaded are errors or not. A COMMIT or ROLLBACK can make SQLite load the schemas once more. */
function tolerate(db: Database, isTolerant: boolean): void {
	nativeOf(db).unsafeMode(true);
	db.exec(`PRAGMA writable_schema = ${isTolerant ? 'ON' : 'OFF'}`);
	nativeOf(db).unsafeMode(isTolerant);
}
