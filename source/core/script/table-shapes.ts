import {literal, nameKey} from '../schema/identifiers.ts';

/**
 * Returns a query for one text about tables: their columns, indexes and triggers, and the foreign keys that refer to them. NULL if they do not exist.
 * A script that copies or protects rows is written for these, and would lose rows if there were others. The text is the same in every version of SQLite,
 * and does not depend on how a statement is written.
 */
export function tableShapesQuery(tables: readonly string[]): string {
	const isOne = (name: string) => `lower(${name}) IN (${tables.map((table) => literal(nameKey(table))).join(', ')})`;
	const joined = (pragma: string) => `sqlite_schema AS s JOIN ${pragma}(s.name) AS p WHERE s.type = 'table' AND substr(s.name, 1, 4) <> '_cf_'`;
	const parts = [
		`SELECT 'column ' || s.name || '.' || p.name || ' ' || p.type FROM ${joined('pragma_table_xinfo')} AND ${isOne('s.name')}`,
		`SELECT type || ' ' || tbl_name || '.' || name FROM sqlite_schema WHERE type IN ('index', 'trigger') AND sql IS NOT NULL AND ${isOne('tbl_name')}`,
		`SELECT 'key ' || s.name || '.' || p."from" || ' ' || p."table" || ' ' || p.on_update || ' ' || p.on_delete FROM ${joined('pragma_foreign_key_list')} AND ${isOne('p."table"')}`,
	];
	return `SELECT group_concat(part, char(10)) FROM (SELECT lower(part) AS part FROM (SELECT NULL AS part WHERE 0 UNION ALL ${parts.join(' UNION ALL ')}) ORDER BY 1)`;
}
