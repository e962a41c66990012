import {quoted} from '../../../../schema/identifiers.ts';
import type {Database} from '../../../../sqlite/database.ts';

/**
 * Describes all rows of a database, with the type of each value. Two databases with the same description store the same values, except for the
 * characters of a text: a time that SQLite inserts has the same length in each run.
 */
export function contentOf(db: Database): string {
	const tables = db.tuples("SELECT name FROM main.sqlite_schema WHERE type = 'table' AND rootpage > 0 ORDER BY name").map(([name]) => String(name));
	return tables.map((table) => `${table}\n${rowsOf(db, table).join('\n')}`).join('\n');
}

function rowsOf(db: Database, table: string): readonly string[] {
	const columns = db.tuples('SELECT name FROM pragma_table_xinfo(?) WHERE hidden <> 1', table).map(([name]) => quoted(String(name)));
	const values = columns.map((name) => `CASE typeof(${name}) WHEN 'text' THEN 'text ' || length(${name}) ELSE quote(${name}) END`);
	return db.tuples(`SELECT ${values.join(` || ', ' || `)} FROM ${quoted(table)}`).map(([row]) => String(row));
}
