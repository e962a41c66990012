import {sameName} from '../../schema/identifiers.ts';
import type {RowKey} from '../../sqlite/row-key.ts';
import type {RowStorage} from './row-storage.ts';

/** Returns the label that users recognize a row before by: its primary key, or else its rowid. SQL over `b`. */
export function labelKeyOf({key, columns, rowid}: RowStorage): RowKey {
	const parts = key.flatMap((name) => {
		const column = columns.find((one) => sameName(one.name, name));
		return column === undefined ? [] : [{name, sql: `b.${column.sql}`}];
	});
	return {parts: parts.length > 0 || rowid === undefined ? parts : [{name: 'rowid', sql: `b.${rowid}`}]};
}

/** Returns the parts of a key for a SELECT list. */
export function labelList({parts}: RowKey): string {
	return parts.length === 0 ? 'NULL' : parts.map(({sql}) => sql).join(', ');
}
