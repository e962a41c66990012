import {quoted} from '../schema/identifiers.ts';
import type {Database, Row} from './database.ts';
import {missingExtension} from './missing-extension.ts';

/** Counts the rows of a table. Returns 0 for a virtual table over another table that no longer exists. */
export function countRows(db: Database, table: string): number {
	try {
		return Number(db.value(`SELECT count(*) FROM ${quoted(table)}`));
	} catch (error) {
		// SQLite counts with the smallest index, which may need a missing collation.
		if (missingExtension((error as Error).message) !== undefined) return Number(db.value(`SELECT count(*) FROM ${quoted(table)} NOT INDEXED`));
		if (!/^no such (?:table|column): /.test(String((error as Error).message)) || !isVirtual(db, table)) throw error;
		return 0;
	}
}

function isVirtual(db: Database, table: string): boolean {
	return db.value(`SELECT 1 FROM sqlite_schema WHERE type = 'table' AND name = ? COLLATE NOCASE AND sql LIKE 'CREATE VIRTUAL%'`, table) !== undefined;
}

/** Returns the columns of a table as SQLite sees them (https://www.sqlite.org/pragma.html#pragma_table_xinfo). */
export function columnFacts(db: Database, table: string): readonly Row[] {
	return db.all('SELECT cid, name, type, dflt_value, pk, hidden FROM pragma_table_xinfo(?) ORDER BY cid', table);
}

/** Returns the contents of each index of a table: its SQL, or for the indexes of PRIMARY KEY and UNIQUE, its columns. */
export function indexFacts(db: Database, table: string): ReadonlyMap<string, string> {
	const indexes = db.all(`SELECT name, sql FROM sqlite_schema WHERE type = 'index' AND tbl_name = ? COLLATE NOCASE`, table);
	return new Map(
		indexes.map(({name, sql}) => [
			String(name),
			sql === null
				? JSON.stringify(db.all('SELECT name, "desc", coll FROM pragma_index_xinfo(?) WHERE key ORDER BY seqno', name ?? null))
				: String(sql),
		]),
	);
}
