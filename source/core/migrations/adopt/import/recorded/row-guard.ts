import {literal, nameKey, quoted} from '../../../../schema/identifiers.ts';
import type {Database} from '../../../../sqlite/database.ts';

/** The rows of a table as a text, and the query that returns the same text in another database with the same rows. */
interface Content {
	readonly table: string;
	readonly query: string;
	readonly text: string | null;
}

/** The rows of all tables, by the name of the table in lower case. */
export type Contents = ReadonlyMap<string, Content>;

const note = '-- The code of this migration depends on rows. This statement fails in a database with other rows.\n';

/** Longer texts would make the file unreadable. */
const maxLength = 50_000;

/** Describes the rows of all tables. */
export function contentsOf(db: Database): Contents {
	const tables = db.tuples("SELECT name FROM main.sqlite_schema WHERE type = 'table' AND rootpage > 0 AND name NOT LIKE 'sqlite\\_%' ESCAPE '\\'");
	return new Map(
		tables.map(([name]) => {
			const table = String(name);
			const query = `SELECT count(*) AS n, group_concat("row", char(10)) AS "rows" FROM (SELECT ${rowText(db, table)} AS "row" FROM ${quoted(table)} ORDER BY 1)`;
			const text = db.get(query)?.rows;
			return [nameKey(table), {table, query, text: typeof text === 'string' ? text : null}];
		}),
	);
}

/** Returns an expression for a row as text. Times that SQLite inserted differ in each database, so they do not count. */
function rowText(db: Database, table: string): string {
	const columns = db.tuples('SELECT name, dflt_value FROM pragma_table_info(?)', table);
	return columns
		.map(([name, value]) => {
			const column = quoted(String(name));
			const isComputed = /\(|^current_/i.test(String(value ?? ''));
			return isComputed ? `''` : `CASE WHEN ${column} GLOB '[12][0-9][0-9][0-9]-[0-1][0-9]-[0-3][0-9]*' THEN '' ELSE quote(${column}) END`;
		})
		.join(` || ',' || `);
}

/**
 * Returns statements that fail in a database whose tables have other rows than these. If one of the names is not a table, all tables count. Undefined if
 * the rows are too many to be compared.
 */
export function guardStatements(contents: Contents, tables: ReadonlySet<string>, message: (table: string) => string): readonly string[] | undefined {
	const isKnown = [...tables].every((name) => contents.has(name));
	const guarded = [...contents].filter(([name]) => !isKnown || tables.has(name)).map(([, content]) => content);
	if (guarded.some(({text}) => (text?.length ?? 0) > maxLength)) return undefined;
	return guarded.map(({table, query, text}) => {
		// A constant path would be evaluated even if no row is returned.
		const failure = `json_extract('{}', ${literal(message(table))} || n)`;
		if (text === null) return `${note}SELECT ${failure} FROM (SELECT count(*) AS n FROM ${quoted(table)}) WHERE n > 0`;
		return `${note}SELECT ${failure} FROM (${query}) WHERE "rows" IS NOT ${literal(text)}`;
	});
}
