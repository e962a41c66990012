import type {Database} from '../../sqlite/database.ts';

/** By these a change by another connection is noticed (https://www.sqlite.org/pragma.html#pragma_data_version). */
export interface DatabaseVersion {
	/** Another one after every commit of another connection. */
	readonly data: number;
	/** Another one after every change of the schema. */
	readonly schema: number;
}

export function versionOf(db: Database): DatabaseVersion {
	// In this order: reading the schema's version begins the snapshot.
	const schema = Number(db.value('PRAGMA schema_version'));
	return {data: Number(db.value('PRAGMA data_version')), schema};
}

/** Reads at one moment: no commit of somebody else comes in between. */
export function inSnapshot<T>(db: Database, read: () => T): T {
	if (db.inTransaction) return read();
	db.exec('BEGIN');
	try {
		return read();
	} finally {
		db.exec('COMMIT');
	}
}
