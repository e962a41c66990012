import {isInPrimaryKey, isRowidAlias} from '../schema/key-columns.ts';
import type {Column, Table} from '../schema/schema.ts';

/** True if a row without a value for this column cannot be stored: NOT NULL or part of a key, without a default and not filled by SQLite. */
export function needsValue(table: Table, column: Column): boolean {
	const isFilledBySqlite = column.generated !== undefined || isRowidAlias(table, column);
	const hasDefault = column.default !== undefined && column.default.normal !== 'null';
	return !isFilledBySqlite && !hasDefault && forbidsNull(table, column);
}

/** True if the column cannot contain NULL: NOT NULL, the rowid, or a key of a WITHOUT ROWID or STRICT table. */
export function forbidsNull(table: Table, column: Column): boolean {
	if (column.notNull !== undefined) return true;
	return isInPrimaryKey(table, column) && (table.primaryKey?.rowidAlias === true || table.withoutRowid || table.strict);
}
