import {nameKey} from '../../schema/identifiers.ts';
import type {Database} from '../../sqlite/database.ts';
import {type Comparison, joined} from './compare-rows.ts';
import type {RowStorage, StorageColumn} from './row-storage.ts';

/** Looking at every pair of a dropped and an added column reads the table each time. */
const mostPairs = 40;

/**
 * Returns the added column that has every value of a column that no longer exists: then it was renamed by hand. Undefined if none has.
 *
 * @param added columns of now that before did not have
 */
export function carriedColumn(
	db: Database,
	comparison: Comparison,
	column: StorageColumn,
	added: readonly StorageColumn[],
): StorageColumn | undefined {
	const b = `b.${column.sql}`;
	const needed = `${b} IS NOT NULL AND +${b} COLLATE BINARY IS NOT '' AND ${comparison.idNow[0]} IS NOT NULL`;
	return added
		.slice(0, mostPairs)
		.find((other) => db.value(`SELECT 1 ${joined(comparison)} WHERE ${needed} AND n.${other.sql} IS NOT ${b} LIMIT 1`) === undefined);
}

/** Some rows of a table: FROM and WHERE over `b` (rows of before) or `n` (rows of now), and the columns that are compared. */
export interface SomeRows {
	readonly columns: RowStorage['columns'];
	readonly from: string;
}

/**
 * Returns how many rows that no longer exist in one table are among the rows that another one received: with every column that has a value, under the
 * same names. They were moved.
 *
 * @param gone rows of before, `received` rows of now
 */
export function movedRows(db: Database, gone: SomeRows, received: SomeRows): number {
	const {columns, from} = gone;
	const byName = new Map(received.columns.map((column) => [nameKey(column.name), column]));
	const shared = columns.flatMap((column) => {
		const other = byName.get(nameKey(column.name));
		return other === undefined ? [] : [{before: column, now: other}];
	});
	const lost = columns.filter(({name}) => !byName.has(nameKey(name)));
	if (shared.length === 0) return 0;
	const isWhole = lost.map(({sql}) => `b.${sql} IS NULL`).join(' AND ');
	const values = (side: 'before' | 'now') =>
		shared.map((pair, index) => `+${side === 'before' ? 'b' : 'n'}.${pair[side].sql} COLLATE BINARY AS v${index}`).join(', ');
	// Equal rows are numbered, so that each of them needs a row of its own.
	const list = shared.map((_, index) => `v${index}`).join(', ');
	const numbered = (rows: string) => `SELECT ${list}, row_number() OVER (PARTITION BY ${list}) FROM (${rows})`;
	const goneRows = `SELECT ${values('before')} ${from}${isWhole === '' ? '' : ` AND ${isWhole}`}`;
	const newRows = `SELECT ${values('now')} ${received.from}`;
	return Number(db.value(`SELECT count(*) FROM (${numbered(goneRows)} INTERSECT ${numbered(newRows)})`));
}
