import {attachForReading, detachAfterReading} from '../../sqlite/attach.ts';
import type {Database} from '../../sqlite/database.ts';

/** The name of the attached state before a run, while it is compared with the current state. */
export const beforeSchema = 'lite_migr_before';

/**
 * Attaches a file that contains the state before the open transaction: the database itself in WAL mode, where a second connection to it sees only
 * what is committed, otherwise a backup or a copy. Must be called after the last statement of the migrations: while it is attached, a name that no
 * longer exists in `main` would refer to the table before (https://www.sqlite.org/lang_naming.html).
 */
export function attachBefore(db: Database, file: string): void {
	attachForReading(db, file, beforeSchema);
}

/** Detaches it. SQLite allows that only after the transaction has ended. Does nothing if it is not attached. */
export function detachBefore(db: Database): void {
	detachAfterReading(db, beforeSchema);
}
