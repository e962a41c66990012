import {sameName} from '../schema/identifiers.ts';
import type {Column, Table} from '../schema/schema.ts';

/** True where a row without a value for this column cannot be stored: NOT NULL or part of a key, without a default or a value of its own. */
export function needsValue(table: Table, column: Column): boolean {
	const isKey = table.primaryKey?.columns.some(({name}) => sameName(name, column.name)) ?? false;
	const isFilledBySqlite = column.generated !== undefined || (isKey && table.primaryKey?.rowidAlias === true);
	const hasDefault = column.default !== undefined && column.default.normal !== 'null';
	return !isFilledBySqlite && !hasDefault && (column.notNull !== undefined || (isKey && table.withoutRowid));
}
