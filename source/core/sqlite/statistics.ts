import {quoted} from '../schema/identifiers.ts';
import type {Database, Row} from './database.ts';
import {indexFacts} from './table-facts.ts';

/** The results of ANALYZE for a table (https://www.sqlite.org/fileformat2.html#stat1tab). DROP TABLE deletes them. */
export interface Statistics {
	readonly rows: readonly {readonly table: 'sqlite_stat1' | 'sqlite_stat4'; readonly row: Row}[];
	readonly indexes: ReadonlyMap<string, string>;
}

export function readStatistics(db: Database, table: string): Statistics {
	const present = new Set(db.all(`SELECT name FROM sqlite_schema WHERE name IN ('sqlite_stat1', 'sqlite_stat4')`).map(({name}) => name));
	const rows = (['sqlite_stat1', 'sqlite_stat4'] as const)
		.filter((name) => present.has(name))
		.flatMap((name) => db.all(`SELECT * FROM ${name} WHERE tbl = ? COLLATE NOCASE`, table).map((row) => ({table: name, row})));
	return {rows, indexes: rows.length === 0 ? new Map() : indexFacts(db, table)};
}

/** Restores the statistics that are still valid: those of the table itself and of its unchanged indexes. */
export function writeStatistics(db: Database, table: string, {rows, indexes}: Statistics): void {
	if (rows.length === 0) return;
	const now = indexFacts(db, table);
	for (const {table: statistics, row} of rows) {
		const index = row.idx === null ? null : String(row.idx);
		if (index !== null && now.get(index) !== indexes.get(index)) continue;
		const columns = Object.keys(row);
		const values = columns.map((column) => (column === 'tbl' ? table : (row[column] ?? null)));
		db.run(`INSERT INTO ${statistics} (${columns.map(quoted).join(', ')}) VALUES (${columns.map(() => '?').join(', ')})`, ...values);
	}
}
