import {nameKey} from '../schema/identifiers.ts';
import {nativeOf} from './connection.ts';
import type {Database} from './database.ts';

/**
 * How to read this file. After each CREATE statement, SQLite looks for the new object in all rows of `sqlite_schema`
 * (https://www.sqlite.org/schematab.html), and after each ALTER TABLE … ADD COLUMN it parses all of them again. So thousands of changes take
 * quadratic time. If nothing else reads the schema during a transaction, that can be avoided: rows are removed from the table while other objects are
 * created and changed, and restored, with their rowids, before anything reads them.
 *
 * After a CREATE, SQLite still has the objects of these rows in memory. After an ADD COLUMN it has forgotten them, so the rows of a table are
 * restored before the next statement about that table.
 *
 * Used on copies in memory, and on a database that was empty before the transaction. Never used on a database with tables.
 */
export interface ParkedSchema {
	/** Called before a CREATE TABLE or CREATE INDEX statement, or an ADD COLUMN, that reads no table except this one. May remove other rows. */
	beforeChange(change: SchemaChange, table: string | undefined): void;
	/** Called before a statement that reads rows of this table. */
	beforeQuery(table: string): void;
	/** Restores the rows of a table, its indexes and triggers. Called before they are read. */
	restoreTable(table: string): void;
	/** Restores all rows. Called before everything else. */
	restore(): void;
}

export type SchemaChange = 'create' | 'addColumn';

/** The number of CREATE statements after which removing rows is faster than reading them each time. With fewer rows, nothing is removed. */
const few = 128;
/** An ADD COLUMN takes as long as this number of CREATE statements, because it parses the rows. */
const addColumnCost = 16;
/** The number of rows that may be restored for changes of their tables before all are removed again. */
const maxRequired = 48;

type ParkedRow = readonly [rowid: unknown, type: unknown, name: unknown, table: unknown, rootpage: unknown, sql: unknown];

/**
 * Returns the parked rows of a database.
 *
 * @param kept tables whose rows always stay
 */
export function parkedSchema(db: Database, kept: readonly string[] = []): ParkedSchema {
	const keptKeys = new Set(kept.map(nameKey));
	/** By table, in lower case. */
	const parked = new Map<string, ParkedRow[]>();
	/** The cost of the changes since rows were last removed or all restored. */
	let cost = 0;
	let required = 0;
	/** True if SQLite does not have the objects of parked rows in memory. */
	let isForgotten = false;
	/** True if an index may have been created on a table whose row is parked. SQLite cannot read the schema like that. */
	let hasOrphans = false;

	const putBack = (rows: readonly ParkedRow[]) => {
		const fields = [0, 1, 2, 3, 4, 5].map((index) => `value ->> ${index}`).join(', ');
		const insert = `INSERT INTO sqlite_schema (rowid, type, name, tbl_name, rootpage, sql) SELECT ${fields} FROM json_each(?)`;
		writeRows(db, () => db.run(insert, JSON.stringify(rows)), isForgotten ? 'RESET' : 'OFF');
	};
	const putBackTable = (table: string) => {
		const rows = parked.get(nameKey(table));
		if (rows === undefined) return;
		parked.delete(nameKey(table));
		required += rows.length;
		putBack(rows);
	};
	/** Removes all rows except those of this table and of the newest object, whose rowid determines the next one. */
	const park = (table: string | undefined) => {
		cost = 0;
		required = 0;
		const rows = db.tuples('SELECT rowid, type, name, tbl_name, rootpage, sql FROM sqlite_schema ORDER BY rowid') as unknown as readonly ParkedRow[];
		const newest = rows.at(-1);
		if (newest === undefined || (parked.size === 0 && rows.length < few / 2)) return;
		const stays = new Set([...keptKeys, nameKey(String(newest[3])), ...(table === undefined ? [] : [nameKey(table)])]);
		const out = rows.filter(([, , , owner]) => !stays.has(nameKey(String(owner))) && !/^sqlite_/i.test(String(owner)));
		for (const row of out) {
			const key = nameKey(String(row[3]));
			const list = parked.get(key);
			if (list === undefined) parked.set(key, [row]);
			else list.push(row);
		}
		const rowids = JSON.stringify(out.map(([rowid]) => rowid));
		writeRows(db, () => db.run('DELETE FROM sqlite_schema WHERE rowid IN (SELECT value FROM json_each(?))', rowids));
		for (const key of stays) putBackTable(key);
		hasOrphans = false;
	};
	return {
		beforeChange(change, table) {
			cost += change === 'create' ? 1 : addColumnCost;
			if (cost >= few || required > maxRequired || (hasOrphans && change === 'addColumn')) park(table);
			if (table !== undefined && parked.has(nameKey(table))) {
				if (isForgotten || change === 'addColumn') putBackTable(table);
				else hasOrphans = true;
			}
			if (change === 'addColumn') isForgotten = parked.size > 0;
		},
		beforeQuery(table) {
			if (isForgotten) putBackTable(table);
		},
		restoreTable: putBackTable,
		restore() {
			cost = 0;
			required = 0;
			const rows = [...parked.values()].flat();
			parked.clear();
			if (rows.length > 0) putBack(rows);
			isForgotten = false;
			hasOrphans = false;
		},
	};
}

/** Writes rows of `sqlite_schema`. With `RESET`, SQLite then reads the schema again. */
function writeRows(db: Database, write: () => void, end: 'OFF' | 'RESET' = 'OFF'): void {
	const native = nativeOf(db);
	native.unsafeMode(true);
	try {
		db.exec('PRAGMA writable_schema = ON');
		write();
		db.exec(`PRAGMA writable_schema = ${end}`);
	} finally {
		native.unsafeMode(false);
	}
}
