import {literal, nameKey} from '../schema/identifiers.ts';

/**
 * Returns a query for one text about tables: their columns, indexes and triggers, and the foreign keys that refer to them. NULL if they do not exist.
 * A script that copies or protects rows is written for these, and would lose rows if there were others. The text is the same in every version of SQLite,
 * and does not depend on how a statement is written.
 */
export function tableShapesQuery(tables: readonly string[]): string {
	const isOne = (name: string) => `lower(${name}) IN (${tables.map((table) => literal(nameKey(table))).join(', ')})`;
	const selects = parts.map(({table, part, from}) => `SELECT ${part} FROM ${from} AND ${isOne(table)}`);
	return `SELECT group_concat(part, char(10)) FROM (SELECT lower(part) AS part FROM (SELECT NULL AS part WHERE 0 UNION ALL ${selects.join(' UNION ALL ')}) ORDER BY 1)`;
}

/** Returns a query for the parts of this text, for all tables: the table in lower case, and the part. */
export function tableShapePartsQuery(): string {
	return `${parts.map(({table, part, from}) => `SELECT lower(${table}), lower(${part}) AS part FROM ${from}`).join(' UNION ALL ')} ORDER BY part`;
}

const joined = (pragma: string) => `sqlite_schema AS s JOIN ${pragma}(s.name) AS p WHERE s.type = 'table' AND substr(s.name, 1, 4) <> '_cf_'`;

/** Before 3.39, SQLite reports the type of a generated column with these words. */
const type = "rtrim(replace(lower(p.type), 'generated always', ''))";

const parts = [
	{table: 's.name', part: `'column ' || s.name || '.' || p.name || ' ' || ${type}`, from: joined('pragma_table_xinfo')},
	{
		table: 'tbl_name',
		part: "type || ' ' || tbl_name || '.' || name",
		from: "sqlite_schema WHERE type IN ('index', 'trigger') AND sql IS NOT NULL",
	},
	{
		table: 'p."table"',
		part: "'key ' || s.name || '.' || p.\"from\" || ' ' || p.\"table\" || ' ' || p.on_update || ' ' || p.on_delete",
		from: joined('pragma_foreign_key_list'),
	},
] as const;
