import {columnsIn} from '../ddl/expression.ts';
import {nameKey} from '../schema/identifiers.ts';
import type {Column} from '../schema/schema.ts';

/**
 * True if the fill of an existing column applies only to rows without a value. If the type is unchanged, it does. If the type changes, the fill converts
 * every row. If the column also becomes NOT NULL, either is possible: the fill is then a conversion only if it reads the column, so that no value is
 * overwritten without being mentioned.
 */
export function isForMissing(fill: string, table: string, old: Column, column: Column): boolean {
	if (old.type.toUpperCase() === column.type.toUpperCase()) return true;
	return old.notNull === undefined && column.notNull !== undefined && !readsOwn(fill, table, column);
}

/** True for an expression over a row of the table that reads the column. */
export function readsOwn(fill: string, table: string, {name}: Column): boolean {
	return columnsIn(fill, table).includes(nameKey(name));
}
