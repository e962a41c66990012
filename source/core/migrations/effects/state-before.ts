import {attachForReading, beforeSchema, detachAfterReading, isReadByStatement} from '../../sqlite/attach.ts';
import type {Database} from '../../sqlite/database.ts';

/**
 * Attaches a file that contains the state before the open transaction: the database itself in WAL mode, where a second connection to it sees only
 * what is committed, otherwise a backup or a copy. Must be called after the last statement of the migrations: while it is attached, a name that no
 * longer exists in `main` would refer to the table before (https://www.sqlite.org/lang_naming.html).
 */
export function attachBefore(db: Database, file: string): void {
	attachForReading(db, file, beforeSchema);
}

/**
 * Detaches it. SQLite allows that only after the transaction has ended. Does nothing if it is not attached. If a statement of the program still reads,
 * it stays attached until the next run: the run may be committed, and must not end as a failure.
 */
export function detachBefore(db: Database): void {
	try {
		detachAfterReading(db, beforeSchema);
	} catch (error) {
		if (!isReadByStatement(error)) throw error;
	}
}
