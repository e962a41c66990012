import {nameKey, sameName} from '../schema/identifiers.ts';
import {isRowidName} from '../schema/key-columns.ts';
import {findColumn} from '../schema/lookup.ts';
import type {Table} from '../schema/schema.ts';

/** Explains why ALTER TABLE … RENAME COLUMN would fail, so that a copy must apply the rename. Undefined if it works. */
export function whyNotRenamed(table: Table, column: string, to: string): string | undefined {
	if (!table.withoutRowid) return [column, to].some(isRowidName) ? 'SQLite cannot rename a column to or from a name of the rowid' : undefined;
	// SQLite 3.54 reports "no such column" and leaves the table unchanged.
	const [key, another] = table.primaryKey?.columns ?? [];
	const isIntegerKey = key !== undefined && another === undefined && nameKey(findColumn(table, key.name)?.type ?? '') === 'integer';
	const isTwice = isIntegerKey && sameName(key.name, column) && table.uniques.some(({columns}) => columns.some(({name}) => sameName(name, column)));
	return isTwice ? 'SQLite cannot rename the key of a WITHOUT ROWID table if a UNIQUE constraint names it too' : undefined;
}
