import {columnAffinity} from '../../schema/affinity.ts';
import {sameName} from '../../schema/identifiers.ts';
import type {Database} from '../../sqlite/database.ts';
import type {ColumnPair, RowStorage} from './row-storage.ts';

/** Two states of the rows of one table, and how a row is recognized. */
export interface Comparison {
	readonly before: RowStorage;
	readonly now: RowStorage;
	readonly columns: readonly ColumnPair[];
	/** SQL over `b` (before) and `n` (now) that is true for the same row, and finds a row `n` by an index. */
	readonly match: string;
	/** The same, but finds a row `b` by an index. */
	readonly matchBackwards: string;
	/** SQL over `n` that identifies a row and is never NULL. */
	readonly idNow: readonly string[];
	/** The same over `b`. */
	readonly idBefore: readonly string[];
	/** The columns that a match compares, by their names before. Their values are not part of the content. */
	readonly key: readonly string[];
}

export interface Counts {
	readonly rowsBefore: number;
	readonly rowsNow: number;
	readonly gone: number;
	readonly added: number;
	/** Rows with the same key and a different value. */
	readonly changed: number;
	/** In the order of the columns. */
	readonly columns: readonly {readonly gone: number; readonly changed: number}[];
}

/**
 * Chooses how rows are recognized: by the rowid if the table was never rebuilt, otherwise by a primary key that both states have. Undefined if there
 * is neither.
 *
 * @param isSame true if the table was never rebuilt, so its rowids are unchanged
 * @param keptRowids the largest rowid that cannot have been reused for another row. Undefined if no rowid can have been reused
 */
export function comparisonOf(
	db: Database,
	before: RowStorage,
	now: RowStorage,
	columns: readonly ColumnPair[],
	isSame: boolean,
	keptRowids?: number | bigint,
): Comparison | undefined {
	if (!isSame || before.rowid === undefined || now.rowid === undefined) return keyComparison(db, before, now, columns);
	const pairs = keyPairs(before, now, columns);
	const isRowidKey = pairs?.length === 1 && before.collations.length === 0 && now.collations.length === 0;
	const isKept = keptRowids === undefined ? '' : ` AND b.${before.rowid} <= ${keptRowids}`;
	return {
		before,
		now,
		columns,
		match: `n.${now.rowid} = b.${before.rowid}${isKept}`,
		matchBackwards: `b.${before.rowid} = n.${now.rowid}${isKept}`,
		idNow: [`n.${now.rowid}`],
		idBefore: [`b.${before.rowid}`],
		key: isRowidKey ? before.key : [],
	};
}

/** Returns the same comparison by primary key. Undefined if it already uses the primary key, or if the states have no common one. */
export function byPrimaryKey(db: Database, {before, now, columns, key}: Comparison): Comparison | undefined {
	return key.length > 0 ? undefined : keyComparison(db, before, now, columns);
}

/**
 * Undefined as well if the key does not identify the rows: SQLite allows several rows without a key, and a different type or collation can make two
 * keys equal (https://www.sqlite.org/lang_createtable.html#the_primary_key).
 */
function keyComparison(db: Database, before: RowStorage, now: RowStorage, columns: readonly ColumnPair[]): Comparison | undefined {
	const pairs = keyPairs(before, now, columns);
	if (pairs === undefined || !isKnown(db, before) || !isKnown(db, now)) return undefined;
	// The plus prevents SQLite from applying the type and collation of the other side, which would make the index of this side useless.
	const sides = pairs.map((pair) => [`n.${pair.now.sql}`, `b.${pair.before.sql}`] as const);
	const comparison: Comparison = {
		before,
		now,
		columns,
		match: sides.map(([n, b]) => `${n} IS +${b}`).join(' AND '),
		matchBackwards: sides.map(([n, b]) => `${b} IS +${n}`).join(' AND '),
		idNow: now.rowid === undefined ? pairs.map((pair) => `n.${pair.now.sql}`) : [`n.${now.rowid}`],
		idBefore: before.rowid === undefined ? pairs.map((pair) => `b.${pair.before.sql}`) : [`b.${before.rowid}`],
		key: before.key,
	};
	if (hasRepeatedKey(db, before) || hasRepeatedKey(db, now)) return undefined;
	const isAlike = collationsOf(before) === collationsOf(now) && pairs.every(sameAffinity);
	return isAlike || isOneToOne(db, comparison) ? comparison : undefined;
}

/** The columns of the primary key that both states have. Undefined if a state has none, or if they differ. */
function keyPairs(before: RowStorage, now: RowStorage, columns: readonly ColumnPair[]): readonly ColumnPair[] | undefined {
	const pairs = before.key.flatMap((name) => columns.find((pair) => sameName(pair.before.name, name)) ?? []);
	const isSame = pairs.length === before.key.length && pairs.every((pair, index) => sameName(pair.now.name, now.key[index] ?? ''));
	return pairs.length > 0 && isSame && now.key.length === pairs.length ? pairs : undefined;
}

/** False if the application defines a collation of the key, so it cannot be compared here. */
function isKnown(db: Database, {collations}: RowStorage): boolean {
	return collations.every((name) => db.value('SELECT 1 FROM pragma_collation_list WHERE name = ? COLLATE NOCASE', name) !== undefined);
}

/** Only NULL can repeat in a primary key. */
function hasRepeatedKey(db: Database, {from, key, collations, rowid, columns}: RowStorage): boolean {
	if (collations.length === 0 || rowid === undefined) return false;
	const sql = key.flatMap((name) => columns.find((column) => sameName(column.name, name))?.sql ?? []);
	const isNull = sql.map((column) => `${column} IS NULL`).join(' OR ');
	return db.value(`SELECT 1 FROM ${from} WHERE ${isNull} GROUP BY ${sql.join(', ')} HAVING count(*) > 1 LIMIT 1`) !== undefined;
}

/** A rowid is compared like any number. */
function collationsOf({collations}: RowStorage): string {
	return collations.join() || 'BINARY';
}

function isOneToOne(db: Database, {idNow, before, now, match}: Comparison): boolean {
	const found = `SELECT ${idNow.map((sql, index) => `${sql} AS v${index}`).join(', ')} FROM ${before.from} AS b NOT INDEXED CROSS JOIN ${now.from} AS n ON ${match}`;
	return db.value(`SELECT (SELECT count(*) FROM (${found})) = (SELECT count(*) FROM (SELECT DISTINCT * FROM (${found})))`) === 1;
}

function sameAffinity({before, now}: ColumnPair): boolean {
	return columnAffinity(before.type, false) === columnAffinity(now.type, false);
}

/** Counts added, removed and changed rows by key: in one pass over the rows before, and in a second one if several columns changed. */
export function countDifferences(db: Database, comparison: Comparison): Counts {
	const {columns, before, now, match} = comparison;
	const [rowsBefore, rowsNow] = [countOf(db, before), countOf(db, now)];
	const both = `FROM ${before.from} AS b NOT INDEXED CROSS JOIN ${now.from} AS n ON ${match}`;
	const counted: {gone: number; changed: number}[] = [];
	let matched = 0;
	for (let at = 0; at === 0 || at < columns.length; at += columnsAtOnce) {
		const group = columns.slice(at, at + columnsAtOnce);
		const [row = []] = db.tuples(`SELECT ${['count(*)', ...group.map((pair) => sumOf(comparison, pair))].join(', ')} ${both}`);
		matched = Number(row[0]);
		for (const sum of row.slice(1)) {
			const both = BigInt((sum as number | bigint | null) ?? 0);
			counted.push({gone: Number(both / goneUnit), changed: Number(both % goneUnit)});
		}
	}
	const differing = columns.filter((_, index) => (counted[index]?.gone ?? 0) + (counted[index]?.changed ?? 0) > 0);
	const [only] = counted.filter(({gone, changed}) => gone + changed > 0);
	const changed =
		only === undefined
			? 0
			: differing.length === 1
				? only.gone + only.changed
				: Number(db.value(`SELECT count(*) ${both} WHERE ${anyDiffers(differing)}`));
	return {rowsBefore, rowsNow, gone: rowsBefore - matched, added: Math.max(0, rowsNow - matched), changed, columns: counted};
}

/** One sum counts both, so each pair of values is compared once: lost values count as multiples of this number, changed values as 1. */
const goneUnit = 2n ** 32n;

function sumOf({key}: Comparison, pair: ColumnPair): string {
	if (key.length === 1 && sameName(key[0] as string, pair.before.name) && isInteger(pair)) return '0';
	if (pair.isConverted) return `sum(CASE WHEN ${becameNull(pair)} THEN ${goneUnit} ELSE 0 END)`;
	return `sum(CASE WHEN ${differs(pair)} IS 0 THEN 0 WHEN ${becameNull(pair)} THEN ${goneUnit} ELSE 1 END)`;
}

function isInteger({before, now}: ColumnPair): boolean {
	return [before, now].every(({type}) => columnAffinity(type, false) === 'INTEGER');
}

/** Without an index, because its collation may be one that only the application has. */
export function countOf(db: Database, {from}: RowStorage): number {
	return Number(db.value(`SELECT count(*) FROM ${from} NOT INDEXED`));
}

/** One sum for each column: SQLite allows some 2,000 columns in a result. */
const columnsAtOnce = 500;

/** The rows before, each with the current row of the same key if there is one. */
export function joined({before, now, match}: Comparison): string {
	return `FROM ${before.from} AS b NOT INDEXED LEFT JOIN ${now.from} AS n ON ${match}`;
}

/** The current rows, each with the row before of the same key if there is one. */
export function joinedBackwards({before, now, matchBackwards}: Comparison): string {
	return `FROM ${now.from} AS n NOT INDEXED LEFT JOIN ${before.from} AS b ON ${matchBackwards}`;
}

/** True for a row with a different value in at least one column. A conversion counts only if the value is NULL now. */
export function anyDiffers(columns: readonly ColumnPair[]): string {
	return anyOf(columns.map((pair) => (pair.isConverted ? becameNull(pair) : differs(pair))));
}

/** A value that is stored differently is a different value, even if the column's affinity or collation treats both as equal. */
export function differs(pair: ColumnPair): string {
	const [b, n] = [`b.${pair.before.sql}`, `n.${pair.now.sql}`];
	// 1 and 1.0 are equal, but the affinity of most columns stores only one of them.
	const hasOneNumber = sameAffinity(pair) && ['TEXT', 'INTEGER', 'REAL'].includes(columnAffinity(pair.now.type, false));
	return hasOneNumber ? `(+${n} COLLATE BINARY IS NOT +${b})` : `(+${n} COLLATE BINARY IS NOT +${b} OR typeof(${n}) <> typeof(${b}))`;
}

/** True for a value that its column's new type changed. Undefined if the type changes no value. */
export function convertedByType(pair: ColumnPair): string | undefined {
	return pair.changedByType === undefined ? undefined : `(${pair.changedByType}) AND ${differs(pair)}`;
}

/** An empty text that becomes NULL is not a loss. */
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

/** Returns how many different values a column had and has, among the first rows where it changed. */
export function distinctValues(db: Database, comparison: Comparison, pair: ColumnPair): {readonly before: number; readonly now: number} {
	const [row] = db.tuples(
		`SELECT count(DISTINCT x), count(DISTINCT y) FROM (SELECT +b.${pair.before.sql} COLLATE BINARY AS x, +n.${pair.now.sql} COLLATE BINARY AS y ${joined(comparison)}
		WHERE ${comparison.idNow[0]} IS NOT NULL AND ${differs(pair)} LIMIT 10000)`,
	);
	return {before: Number(row?.[0] ?? 0), now: Number(row?.[1] ?? 0)};
}
