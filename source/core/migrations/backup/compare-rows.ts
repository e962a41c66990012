import type {Database} from '../../sqlite/database.ts';

/** Records facts about the compared state, one per call. The same facts in the same order mean the same state. */
export type Recorder = (fact: string) => void;

export interface RowsQuery {
	/** The rows of the database, as `n`. */
	readonly from: string;
	/** Expressions that identify a row. */
	readonly key: readonly string[];
	/** The rows of the backup, as `t`, with the condition that matches a row. If absent, all rows count as lost. */
	readonly join?: string;
	/** An expression that is NULL if the backup does not have the row. */
	readonly mark?: string;
	/** Conditions. One of them is true if the row has a different value in the backup. */
	readonly differ?: readonly string[];
	/** Conditions. One of them is true if the row has a value that is not in any column of the backup. */
	readonly gone?: readonly string[];
}

export interface ComparedRows {
	readonly lost: number;
	readonly reverted: number;
	readonly valuesGone: number;
}

/** Counts the rows that would be lost, changed or emptied, in one pass, and records the key of each. */
export function compareRows(db: Database, {from, key, join, mark, differ = [], gone = []}: RowsQuery, record: Recorder): ComparedRows {
	const isLost = mark === undefined ? '1' : `${mark} IS NULL`;
	const facts = `${isLost} AS "lost", ${anyOf(differ)} AS "differ", ${anyOf(gone)} AS "gone"`;
	const keys = key.map((sql, index) => `quote(${sql}) AS "key ${index}"`);
	const source = join === undefined ? from : `${from} LEFT JOIN ${join}`;
	let [lost, reverted, valuesGone] = [0, 0, 0];
	for (const row of db.iterate(`SELECT * FROM (SELECT ${[facts, ...keys].join(', ')} FROM ${source}) WHERE "lost" OR "differ" OR "gone"`)) {
		if (row.lost === 1) lost++;
		else {
			if (row.differ === 1) reverted++;
			if (row.gone === 1) valuesGone++;
		}
		record(Object.values(row).join(' '));
	}
	return {lost, reverted, valuesGone};
}

/** Joins conditions with OR as a balanced tree. SQLite limits expressions to 1,000 levels (https://www.sqlite.org/limits.html#max_expr_depth). */
function anyOf(conditions: readonly string[]): string {
	if (conditions.length <= 1) return conditions[0] ?? '0';
	const middle = conditions.length >> 1;
	return `(${anyOf(conditions.slice(0, middle))} OR ${anyOf(conditions.slice(middle))})`;
}

export function countFrom(db: Database, table: string): number {
	return Number(db.value(`SELECT count(*) FROM ${table}`));
}
