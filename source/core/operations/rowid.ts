import {quoted} from '../schema/identifiers.ts';
import {rowidNames} from '../schema/key-columns.ts';
import {findColumn} from '../schema/lookup.ts';
import type {Table} from '../schema/schema.ts';

/**
 * Returns a name for reading and writing the rowid: the column that is the rowid, or one of its three names that is not used by a column
 * (https://www.sqlite.org/rowidtable.html). Undefined for WITHOUT ROWID, and if columns use all three names.
 */
export function rowidOf(table: Table): string | undefined {
	if (table.withoutRowid) return undefined;
	const alias = table.primaryKey?.rowidAlias === true ? table.primaryKey.columns[0]?.name : undefined;
	if (alias !== undefined) return quoted(alias);
	return rowidNames.find((name) => findColumn(table, name) === undefined);
}
