import {nativeOf} from './connection.ts';
import type {Database} from './database.ts';

/**
 * How to read this file. After each CREATE statement, SQLite looks for the new object in all rows of `sqlite_schema`
 * (https://www.sqlite.org/schematab.html), so creating thousands of objects takes quadratic time. In a copy in memory, which is thrown away, that can be
 * avoided: rows are taken out of the table while objects are created, and put back before anything else reads it. SQLite does not notice, because it
 * keeps the schema in memory. Never used on a database file.
 */
export interface ParkedSchema {
	/** Called before a CREATE statement. Takes the rows out if there are many. */
	park(): void;
	/** Puts all rows back. Called before everything else. */
	restore(): void;
}

/** With fewer rows, taking them out is slower than reading them. */
const few = 128;

/** Returns the parked rows of a database in memory. */
export function parkedSchema(db: Database): ParkedSchema {
	let created = 0;
	let parked: (readonly unknown[])[] = [];
	return {
		park() {
			created += 1;
			if (created < few) return;
			created = 0;
			// The last row stays, because its rowid determines the next one.
			const rows = db.tuples(
				'SELECT rowid, type, name, tbl_name, rootpage, sql FROM sqlite_schema WHERE rowid < (SELECT max(rowid) FROM sqlite_schema)',
			);
			writeRows(db, () => db.exec('DELETE FROM sqlite_schema WHERE rowid < (SELECT max(rowid) FROM sqlite_schema)'));
			parked = parked.concat(rows);
		},
		restore() {
			if (parked.length === 0) return;
			const rows = JSON.stringify(parked);
			parked = [];
			created = 0;
			const fields = [0, 1, 2, 3, 4, 5].map((index) => `value ->> ${index}`).join(', ');
			writeRows(db, () => db.run(`INSERT INTO sqlite_schema (rowid, type, name, tbl_name, rootpage, sql) SELECT ${fields} FROM json_each(?)`, rows));
		},
	};
}

/** Writes rows of `sqlite_schema` without loading the schema again. */
function writeRows(db: Database, write: () => void): void {
	const native = nativeOf(db);
	native.unsafeMode(true);
	try {
		db.exec('PRAGMA writable_schema = ON');
		write();
		db.exec('PRAGMA writable_schema = OFF');
	} finally {
		native.unsafeMode(false);
	}
}
