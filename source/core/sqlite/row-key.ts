import type {SqlValue} from '../operations/operation.ts';
import {quoted} from '../schema/identifiers.ts';
import {rowidNames} from '../schema/key-columns.ts';
import {clean} from '../text/clean.ts';
import {valueText} from '../text/value.ts';
import type {Database, Row} from './database.ts';

/** Identifies a row for the user: by the primary key, or by the rowid if there is none. */
export interface RowKey {
	/** SQL expressions over a row, with the names shown for them. */
	readonly parts: readonly {readonly name: string; readonly sql: string}[];
}

/** Returns the key of a table's rows. It has no parts for a view, or for a virtual table without a rowid. */
export function rowKeyOf(db: Database, table: string): RowKey {
	const columns = db.all('SELECT name, pk FROM pragma_table_xinfo(?) ORDER BY pk', table);
	const key = columns.filter((column) => column.pk !== 0).map((column) => String(column.name));
	if (key.length > 0) return {parts: key.map((name) => ({name, sql: quoted(name)}))};
	const taken = new Set(columns.map((column) => String(column.name).toLowerCase()));
	const rowid = rowidNames.find((name) => !taken.has(name));
	const type = db.value('SELECT type FROM pragma_table_list WHERE schema = ? AND name = ? COLLATE NOCASE', 'main', table);
	return {parts: rowid === undefined || type === 'view' ? [] : [{name: 'rowid', sql: rowid}]};
}

/** Returns a label such as `id 17` or `user_id 4, post_id 9`, safe for a terminal. `values` are in the order of the key's parts. */
export function rowLabel(key: RowKey, values: readonly SqlValue[]): string {
	return key.parts.map(({name}, index) => `${clean(name)} ${valueText(values[index] ?? null)}`).join(', ');
}

/** Returns the key expressions for a SELECT list, or `NULL` if there is no key. */
export function keyList(key: RowKey): string {
	return key.parts.length === 0 ? 'NULL' : key.parts.map(({sql}) => sql).join(', ');
}

/** Returns the key expressions for a SELECT list, with aliases that no other column has. `labelFrom` reads them from the row. */
export function aliasedKey(key: RowKey): string {
	return ['NULL AS "no key"', ...key.parts.map(({sql}, index) => `${sql} AS "key ${index}"`)].join(', ');
}

export function labelFrom(key: RowKey, row: Row): string {
	return rowLabel(
		key,
		key.parts.map((_, index): SqlValue => row[`key ${index}`] ?? null),
	);
}
