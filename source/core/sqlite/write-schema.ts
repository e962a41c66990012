import {nativeOf} from './connection.ts';
import type {Database} from './database.ts';

/**
 * Lets some work write to `sqlite_schema` (https://www.sqlite.org/pragma.html#pragma_writable_schema), and loads the schema again after it. The caller
 * has begun a transaction, and rolls back if the work fails.
 */
export function writeSchema(db: Database, work: () => void): void {
	const native = nativeOf(db);
	native.unsafeMode(true);
	try {
		db.exec('PRAGMA writable_schema = ON');
		work();
		// A new version makes every other connection reload the schema.
		db.exec(`PRAGMA schema_version = ${Number(db.value('PRAGMA schema_version')) + 1}`);
		db.exec('PRAGMA writable_schema = RESET');
	} finally {
		native.unsafeMode(false);
	}
}
