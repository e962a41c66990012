import {nameKey} from '../../schema/identifiers.ts';
import type {Database} from '../../sqlite/database.ts';
import {type Comparison, joined} from './compare-rows.ts';
import type {RowStorage, StorageColumn} from './row-storage.ts';

/** The maximum number of pairs of a dropped and an added column to compare. Each comparison reads the whole table. */
const mostPairs = 40;

/**
 * Returns the added column that has every value of a column that no longer exists: then it was renamed by hand. Undefined if none has.
 *
 * @param added columns that did not exist before
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
		.find((other) => db.value(`SELECT 1 ${joined(comparison)} WHERE ${needed} AND n.${other.sql} COLLATE BINARY IS NOT ${b} LIMIT 1`) === undefined);
}

/** Some rows of a table: FROM and WHERE over `b` (rows before) or `n` (current rows), and the columns that are compared. */
export interface SomeRows {
	readonly columns: RowStorage['columns'];
	readonly side: 'b' | 'n';
	readonly from: string;
}

/**
 * Returns how many rows that no longer exist in one table are among the rows that others received, with the same value in every column that has one.
 * They were moved. Equal rows are numbered, so that each of them needs its own row.
 *
 * @param gone rows before
 * @param received current rows
 */
export function movedRows(db: Database, gone: readonly SomeRows[], received: readonly SomeRows[], names: readonly string[]): number {
	if (names.length === 0) return 0;
	const list = names.map((_, index) => `v${index}`).join(', ');
	const values = ({columns, side, from}: SomeRows) => {
		const byName = new Map(columns.map(({name, sql}) => [nameKey(name), sql]));
		const value = (name: string) => (byName.has(name) ? `+${side}.${byName.get(name)} COLLATE BINARY` : 'NULL');
		return `SELECT ${names.map((name, index) => `${value(name)} AS v${index}`).join(', ')} ${from}`;
	};
	const numbered = (rows: readonly SomeRows[]) =>
		`SELECT ${list}, row_number() OVER (PARTITION BY ${list}) FROM (${rows.map(values).join(' UNION ALL ')})`;
	return Number(db.value(`SELECT count(*) FROM (${numbered(gone)} INTERSECT ${numbered(received)})`));
}

export function columnKeys({columns}: SomeRows): readonly string[] {
	return columns.map(({name}) => nameKey(name));
}
