import {readIndex} from '../ddl/read.ts';
import {quoted} from '../schema/identifiers.ts';
import type {Index} from '../schema/schema.ts';
import type {Database} from './database.ts';
import type {StepProgress} from './step-context.ts';
import {countRows} from './table-facts.ts';

/** Below this number of rows, an index takes less than a second to build, and an estimate is not worth its time. */
const minRows = 500_000;

/** Rows that are sorted to estimate how long all of them take. Sorting 5,000 rows takes about 2 ms, and larger samples were not more precise. */
const sampleRows = 5000;

/**
 * Building an index takes about 0.65 times as long as sorting samples of its rows in memory (measured with texts, numbers and both, 4,000,000 rows:
 * 0.55 to 0.66). It sorts in pieces, and writes pages in order.
 */
const buildPerSort = 0.65;

/** Returns the progress before an index is built. SQLite builds it in one statement that reports no progress, so the time is estimated. */
export function indexProgress(db: Database, sql: string, table: string, rows: number): StepProgress {
	const index = readIndex(sql);
	const expected = rows < minRows ? undefined : expectedMs(db, index, table, rows);
	return {phase: 'index', done: 0, total: rows, object: index.name, ...(expected === undefined ? {} : {expectedMs: expected})};
}

/** Returns the progress before a statement of a migration is executed, if it builds an index of a large table. */
export function statementProgress(db: Database, sql: string): StepProgress | undefined {
	if (!/^\s*create\s+(?:unique\s+)?index\s/i.test(sql)) return undefined;
	try {
		const {table} = readIndex(sql);
		const rows = countRows(db, table);
		return rows < minRows ? undefined : indexProgress(db, sql, table, rows);
	} catch {
		// The table does not exist, or the index cannot be created. The statement itself reports that.
		return undefined;
	}
}

function expectedMs(db: Database, {columns, where}: Index, table: string, rows: number): number | undefined {
	const keys = columns.map(
		({expression, collate, descending}) =>
			`${expression.text}${collate === undefined ? '' : ` COLLATE ${quoted(collate)}`}${descending ? ' DESC' : ''}`,
	);
	// The condition applies to the sample. A search for so many rows that fulfil it could read the whole table.
	const from = `SELECT * FROM (SELECT * FROM ${quoted(table)} LIMIT ${sampleRows}) AS ${quoted(table)}${where === undefined ? '' : ` WHERE ${where.text}`}`;
	const values = columns.map(({expression}) => expression.text).join(', ');
	const started = performance.now();
	try {
		// LIMIT and OFFSET keep SQLite from omitting the sort.
		db.value(`SELECT count(*) FROM (SELECT ${values} FROM (${from}) ORDER BY ${keys.join(', ')} LIMIT -1 OFFSET 1)`);
	} catch {
		// An expression fails on some row. The statement that builds the index reports that.
		return undefined;
	}
	const sampleMs = performance.now() - started;
	const comparisons = Math.log2(rows) / Math.log2(sampleRows);
	return Math.round(sampleMs * (rows / sampleRows) * comparisons * buildPerSort);
}
