import {attachForReading, detachAfterReading} from '../../sqlite/attach.ts';
import type {Database} from '../../sqlite/database.ts';

/** The name under which the state before a run is attached, while it is compared with the state now. */
export const beforeSchema = 'lite_migr_before';

/**
 * Attaches a file that contains the state before the open transaction: the database itself in WAL mode, where a second connection to it sees only
 * what is committed, otherwise a backup or a copy. To be called after the last statement of the migrations: while it is attached, a name that no
 * longer exists in `main` would mean the table of before (https://www.sqlite.org/lang_naming.html).
 */
export function attachBefore(db: Database, file: string): void {
	attachForReading(db, file, beforeSchema);
}

/** Detaches it again; SQLite allows that only once the transaction has ended. Does nothing if it is not attached. */
export function detachBefore(db: Database): void {
	detachAfterReading(db, beforeSchema);
}
