import type {Database} from './database.ts';

/** Version numbers that reveal changes since they were read. */
export interface DatabaseVersion {
	/** Changes after every commit of another connection (https://www.sqlite.org/pragma.html#pragma_data_version). */
	readonly data: number;
	/** Changes after every schema change. */
	readonly schema: number;
	/** The number of rows that this connection has changed (https://www.sqlite.org/lang_corefunc.html#total_changes). It may belong to a program. */
	readonly own: number;
}

/** Returns the current version of a database. */
export function versionOf(db: Database): DatabaseVersion {
	// Reading the schema version first starts the snapshot.
	const schema = Number(db.value('PRAGMA schema_version'));
	return {data: Number(db.value('PRAGMA data_version')), schema, own: Number(db.value('SELECT total_changes()'))};
}

/** True if nothing was changed between two versions, neither by another connection nor by this one. */
export function isSameVersion(a: DatabaseVersion, b: DatabaseVersion): boolean {
	return a.data === b.data && a.schema === b.schema && a.own === b.own;
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
