import {columnAffinity} from '../../schema/affinity.ts';
import {sameName} from '../../schema/identifiers.ts';
import type {Database, Row} from '../../sqlite/database.ts';
import type {ColumnPair, RowStorage} from './row-storage.ts';

/** Two states of the rows of one table, and how a row is recognized. */
export interface Comparison {
	readonly before: RowStorage;
	readonly now: RowStorage;
	readonly columns: readonly ColumnPair[];
	/** SQL over `b` (before) and `n` (now) that is true for the same row. */
	readonly match: string;
	/** SQL over `n` that is not NULL for every row, and by which a row is identified. */
	readonly idNow: readonly string[];
	/** The same over `b`. */
	readonly idBefore: readonly string[];
	/** The columns that a match compares, by their names before: their values are no content. */
	readonly key: readonly string[];
}

export interface Counts {
	readonly rowsBefore: number;
	readonly rowsNow: number;
	readonly gone: number;
	readonly added: number;
	/** Rows with the same key and another value. */
	readonly changed: number;
	/** In the order of the columns. */
	readonly columns: readonly {readonly gone: number; readonly changed: number}[];
}

/**
 * Chooses how rows are recognized: by the rowid if the table is the same one all along, otherwise by a primary key that both states have. Undefined if
 * there is neither.
 *
 * @param isSame true if the table was never rebuilt, so that its rowids are those of before
 */
export function comparisonOf(before: RowStorage, now: RowStorage, columns: readonly ColumnPair[], isSame: boolean): Comparison | undefined {
	if (!isSame || before.rowid === undefined || now.rowid === undefined) return keyComparison(before, now, columns);
	const pairs = keyPairs(before, now, columns);
	const isRowidKey = pairs?.length === 1 && columnAffinity(pairs[0]?.now.type ?? '', false) === 'INTEGER';
	return {
		before,
		now,
		columns,
		match: `n.${now.rowid} = b.${before.rowid}`,
		idNow: [`n.${now.rowid}`],
		idBefore: [`b.${before.rowid}`],
		key: isRowidKey ? before.key : [],
	};
}

/** Returns the same comparison by primary key; undefined if it is by primary key already, or if there is none that both states have. */
export function byPrimaryKey({before, now, columns, key}: Comparison): Comparison | undefined {
	return key.length > 0 ? undefined : keyComparison(before, now, columns);
}

function keyComparison(before: RowStorage, now: RowStorage, columns: readonly ColumnPair[]): Comparison | undefined {
	const pairs = keyPairs(before, now, columns);
	if (pairs === undefined) return undefined;
	return {
		before,
		now,
		columns,
		match: pairs.map((pair) => `n.${pair.now.sql} IS b.${pair.before.sql}`).join(' AND '),
		idNow: now.rowid === undefined ? pairs.map((pair) => `n.${pair.now.sql}`) : [`n.${now.rowid}`],
		idBefore: before.rowid === undefined ? pairs.map((pair) => `b.${pair.before.sql}`) : [`b.${before.rowid}`],
		key: before.key,
	};
}

/** The columns of the primary key that both states have; undefined if they have none, or not the same. */
function keyPairs(before: RowStorage, now: RowStorage, columns: readonly ColumnPair[]): readonly ColumnPair[] | undefined {
	const pairs = before.key.flatMap((name) => columns.find((pair) => sameName(pair.before.name, name)) ?? []);
	const isSame = pairs.length === before.key.length && pairs.every((pair, index) => sameName(pair.now.name, now.key[index] ?? ''));
	return pairs.length > 0 && isSame && now.key.length === pairs.length ? pairs : undefined;
}

/** Counts by key what came, went and changed, in one pass over the rows of before. */
export function countDifferences(db: Database, comparison: Comparison): Counts {
	const {columns, now} = comparison;
	const present = `${comparison.idNow[0]} IS NOT NULL`;
	const rowsNow = Number(db.value(`SELECT count(*) FROM ${now.from}`));
	const counted: {gone: number; changed: number}[] = [];
	let [rowsBefore, matched] = [0, 0];
	for (let at = 0; at === 0 || at < columns.length; at += columnsAtOnce) {
		const group = columns.slice(at, at + columnsAtOnce);
		const sums = group.flatMap((pair, index) => [
			`sum(${present} AND ${becameNull(pair)}) AS "gone ${index}"`,
			`sum(${present} AND ${differs(pair)}) AS "differs ${index}"`,
		]);
		const [row = {} as Row] = db.all(
			`SELECT ${['count(*) AS "before"', `count(${comparison.idNow[0]}) AS "matched"`, ...sums].join(', ')} ${joined(comparison)}`,
		);
		[rowsBefore, matched] = [Number(row.before), Number(row.matched)];
		for (const [index, {isConverted}] of group.entries()) {
			const gone = Number(row[`gone ${index}`] ?? 0);
			counted.push({gone, changed: isConverted ? 0 : Number(row[`differs ${index}`] ?? 0) - gone});
		}
	}
	const isSame = counted.every(({gone, changed}) => gone + changed === 0);
	const changed = isSame ? 0 : Number(db.value(`SELECT count(*) ${joined(comparison)} WHERE ${present} AND ${anyDiffers(columns)}`));
	return {rowsBefore, rowsNow, gone: rowsBefore - matched, added: Math.max(0, rowsNow - matched), changed, columns: counted};
}

/** Two sums for each column: SQLite allows some 2,000 columns in a result. */
const columnsAtOnce = 200;

/** The rows of before, each with the row of the same key now if there is one. */
export function joined({before, now, match}: Comparison): string {
	return `FROM ${before.from} AS b NOT INDEXED LEFT JOIN ${now.from} AS n ON ${match}`;
}

/** The rows of now, each with the row of the same key before if there is one. */
export function joinedBackwards({before, now, match}: Comparison): string {
	return `FROM ${now.from} AS n NOT INDEXED LEFT JOIN ${before.from} AS b ON ${match}`;
}

/** True for a row one of whose values differs, a conversion left aside unless the value is NULL now. */
export function anyDiffers(columns: readonly ColumnPair[]): string {
	return anyOf(columns.map((pair) => (pair.isConverted ? becameNull(pair) : differs(pair))));
}

/** A value that is stored in another way is another value, even if the column's affinity or collation calls both equal. */
export function differs({before, now}: ColumnPair): string {
	const [b, n] = [`b.${before.sql}`, `n.${now.sql}`];
	return `(+${n} COLLATE BINARY IS NOT +${b} OR typeof(${n}) <> typeof(${b}))`;
}

/** True for a value that its column's new type changed; undefined if the type changes none. */
export function convertedByType(pair: ColumnPair): string | undefined {
	return pair.changedByType === undefined ? undefined : `(${pair.changedByType}) AND ${differs(pair)}`;
}

/** An empty text that becomes NULL is no loss. */
export function becameNull({before, now}: ColumnPair): string {
	return `(n.${now.sql} IS NULL AND b.${before.sql} IS NOT NULL AND +b.${before.sql} COLLATE BINARY IS NOT '')`;
}

/** A disjunction as a balanced tree: a chain of a thousand would be too deep for SQLite (https://www.sqlite.org/limits.html). */
export function anyOf(conditions: readonly string[]): string {
	if (conditions.length === 0) return '0';
	if (conditions.length === 1) return conditions[0] as string;
	const half = Math.ceil(conditions.length / 2);
	return `(${anyOf(conditions.slice(0, half))} OR ${anyOf(conditions.slice(half))})`;
}

/** Returns how many different values a column had and has, among the first rows in which it changed. */
export function distinctValues(db: Database, comparison: Comparison, pair: ColumnPair): {readonly before: number; readonly now: number} {
	const [row] = db.tuples(
		`SELECT count(DISTINCT x), count(DISTINCT y) FROM (SELECT +b.${pair.before.sql} AS x, +n.${pair.now.sql} AS y ${joined(comparison)}
		WHERE ${comparison.idNow[0]} IS NOT NULL AND ${differs(pair)} LIMIT 10000)`,
	);
	return {before: Number(row?.[0] ?? 0), now: Number(row?.[1] ?? 0)};
}
