import type {Database} from './database.ts';

/** Version numbers that reveal changes by other connections (https://www.sqlite.org/pragma.html#pragma_data_version). */
export interface DatabaseVersion {
	/** Changes after every commit of another connection. */
	readonly data: number;
	/** Changes after every schema change. */
	readonly schema: number;
}

/** Returns the current version of a database. */
export function versionOf(db: Database): DatabaseVersion {
	// Reading the schema version first starts the snapshot.
	const schema = Number(db.value('PRAGMA schema_version'));
	return {data: Number(db.value('PRAGMA data_version')), schema};
}

/** Calls `read` in one snapshot, without commits of other connections in between. */
export function inSnapshot<T>(db: Database, read: () => T): T {
	if (db.inTransaction) return read();
	db.exec('BEGIN');
	try {
		return read();
	} finally {
		db.exec('COMMIT');
	}
}
