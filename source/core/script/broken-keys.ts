import {literal, nameKey} from '../schema/identifiers.ts';
import type {Schema} from '../schema/schema.ts';
import {failIf, type GuardTable} from './guard.ts';
import {isMismatch} from './references.ts';

/**
 * How to read this file: a script fails if more rows have no parent row after it than before, like a local run. Rows that had none before are recorded in a
 * table at the start. They are compared by rowid, or only by their number in tables that the script copies.
 */
export function recordBroken(table: string, schema: Schema): string {
	return `CREATE TABLE ${table} AS SELECT child, row, parent FROM ${brokenRows(schema)}`;
}

/** @param rebuilt the tables whose rows may have different rowids than when they were recorded, in lower case */
export function failIfMoreAreBroken(guards: GuardTable, table: string, schema: Schema, rebuilt: readonly string[]): readonly string[] {
	const message = 'rows would have no parent row';
	const rows = brokenRows(schema);
	const same = `old.child = now.child COLLATE NOCASE AND old.parent = now.parent COLLATE NOCASE`;
	const isKept = rebuilt.length === 0 ? '' : ` AND lower(now.child) NOT IN (${rebuilt.map(literal).join(', ')})`;
	return [
		failIf(
			guards,
			message,
			`${rows} AS now GROUP BY lower(now.child), lower(now.parent) HAVING count(*) > (SELECT count(*) FROM ${table} AS old WHERE ${same})`,
		),
		failIf(guards, message, `${rows} AS now WHERE NOT EXISTS (SELECT 1 FROM ${table} AS old WHERE ${same} AND old.row IS now.row)${isKept}`),
	];
}

/**
 * Returns a query for all rows without a parent, as the part of a SELECT after FROM. Omits tables whose keys SQLite cannot check at that time, and
 * Cloudflare's own tables (`_cf_METADATA`), because D1 does not allow reading them.
 */
function brokenRows(schema: Schema): string {
	const unchecked = schema.tables.filter((table) => table.foreignKeys.some((key) => isMismatch(schema, key))).map(({name}) => nameKey(name));
	const omitted = unchecked.length === 0 ? '' : ` AND lower(s.name) NOT IN (${unchecked.map(literal).join(', ')})`;
	return `(SELECT s.name AS child, f."rowid" AS row, f.parent AS parent FROM sqlite_schema AS s JOIN pragma_foreign_key_check(s.name) AS f WHERE s.type = 'table' AND substr(s.name, 1, 4) <> '_cf_'${omitted})`;
}
