import {sameName} from './identifiers.ts';
import type {Column, Table} from './schema.ts';

/** True if the column is part of the primary key. */
export function isInPrimaryKey({primaryKey}: Pick<Table, 'primaryKey'>, {name}: Pick<Column, 'name'>): boolean {
	return primaryKey?.columns.some((key) => sameName(key.name, name)) ?? false;
}

/** True for the column that is the rowid. */
export function isRowidAlias({primaryKey}: Pick<Table, 'primaryKey'>, {name}: Pick<Column, 'name'>): boolean {
	return primaryKey?.rowidAlias === true && sameName(primaryKey.columns[0]?.name ?? '', name);
}

/** The names that SQLite accepts for a rowid, unless a column uses them. ALTER TABLE cannot name a column like this (https://www.sqlite.org/rowidtable.html). */
export const rowidNames: readonly string[] = ['rowid', '_rowid_', 'oid'];

export function isRowidName(name: string): boolean {
	return rowidNames.some((rowid) => sameName(rowid, name));
}
