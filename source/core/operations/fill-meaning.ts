import {columnsIn} from '../ddl/expression.ts';
import {nameKey} from '../schema/identifiers.ts';
import type {Column} from '../schema/schema.ts';

/**
 * What a fill is for, where the column was there before: under the same type for the rows without a value, under another one for every row, as its
 * conversion. Where the column becomes NOT NULL as well, either could be meant: then it is a conversion only if it reads the column, so that no value
 * is overwritten that nobody spoke of.
 */
export function isForMissing(fill: string, table: string, old: Column, column: Column): boolean {
	if (old.type.toUpperCase() === column.type.toUpperCase()) return true;
	return old.notNull === undefined && column.notNull !== undefined && !readsOwn(fill, table, column);
}

/** True for an expression over a row of the table that reads the column. */
export function readsOwn(fill: string, table: string, {name}: Column): boolean {
	return columnsIn(fill, table).includes(nameKey(name));
}
