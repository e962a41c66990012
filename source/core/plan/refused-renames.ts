import {nameKey, sameName} from '../schema/identifiers.ts';
import {isRowidName} from '../schema/key-columns.ts';
import {findColumn} from '../schema/lookup.ts';
import type {Table} from '../schema/schema.ts';

/** Why ALTER TABLE … RENAME COLUMN would fail, so that a copy of the table has to make the rename; undefined where it works. */
export function whyNotRenamed(table: Table, column: string, to: string): string | undefined {
	if (!table.withoutRowid) return [column, to].some(isRowidName) ? 'SQLite renames no column to or from a name of the rowid' : undefined;
	// SQLite 3.54 says "no such column", and leaves the table as it was.
	const [key, another] = table.primaryKey?.columns ?? [];
	const isIntegerKey = key !== undefined && another === undefined && nameKey(findColumn(table, key.name)?.type ?? '') === 'integer';
	const isTwice = isIntegerKey && sameName(key.name, column) && table.uniques.some(({columns}) => columns.some(({name}) => sameName(name, column)));
	return isTwice ? 'SQLite cannot rename the key of this table WITHOUT ROWID, which a UNIQUE names as well' : undefined;
}
