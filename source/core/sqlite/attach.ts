import {identifier} from '../schema/identifiers.ts';
import {nativeOf} from './connection.ts';
import type {Database} from './database.ts';

/**
 * Attaches a database file for reading its tables. A view or trigger that names its own database (`FROM main.user`) is fine where it is, but makes the
 * whole attached schema "malformed": such objects are passed over. ATTACH loads the schema, with `PRAGMA writable_schema`, which ignores them
 * (https://www.sqlite.org/pragma.html#pragma_writable_schema). Nothing is written.
 */
export function attachForReading(db: Database, file: string, name: string): void {
	const native = nativeOf(db);
	native.unsafeMode(true);
	try {
		db.exec('PRAGMA writable_schema = ON');
		db.run(`ATTACH ? AS ${identifier(name)}`, file);
	} finally {
		db.exec('PRAGMA writable_schema = OFF');
		native.unsafeMode(false);
	}
}
