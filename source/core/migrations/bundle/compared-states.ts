import type {LossKind, LossStatement} from '../../runtime/bundle.ts';
import {nameKey, quoted, sameName} from '../../schema/identifiers.ts';
import type {ScriptNames} from '../../script/names.ts';
import {anyDiffers, becameNull, type Comparison, convertedByType, differs, joined} from '../effects/compare-rows.ts';
import type {ColumnPair, RowStorage, StorageColumn} from '../effects/row-storage.ts';

/** The statements of a script that count losses. */
export interface LossChecks {
	/** Statements before the first step. */
	readonly before: readonly LossStatement[];
	/** Statements after the last step. */
	readonly after: readonly LossStatement[];
	/** The columns of the widest table that is copied. */
	readonly columns: number;
}

/** The migrations that created each table and column, by their current names. Undefined if they are unknown. */
export interface Creators {
	table(name: string): string | undefined;
	column(table: string, column: string): string | undefined;
}

/** Returns a statement that counts one kind of loss. */
export function lossCount(sql: string, loss: LossKind, createdBy: string | undefined): LossStatement {
	return {sql, loss, ...(createdBy === undefined ? {} : {createdBy})};
}

/** A table before and after a migration. */
export interface ComparedStates {
	readonly origin: string;
	readonly before: RowStorage;
	readonly now: RowStorage;
	readonly pairs: readonly ColumnPair[];
	/** Columns of the previous state that statements dropped. */
	readonly dropped: readonly StorageColumn[];
	/** True if the rowids are unchanged. */
	readonly isSame: boolean;
	/** True if a row may have been deleted and another one inserted with its rowid. A changed row then counts as lost. */
	readonly mayReplace: boolean;
	/** Names in the statements that write the table, in lower case. Undefined if any column may change. */
	readonly mentions: ReadonlySet<string> | undefined;
}

const copiedRowid = '_lite_migr_rowid';

/** Returns the statements that copy a table before the migration, and compare it with its present state afterwards. */
export function comparedStates({names, creators}: {readonly names: ScriptNames; readonly creators: Creators}, states: ComparedStates): LossChecks {
	const {origin, before, now, pairs, dropped, isSame, mayReplace, mentions} = states;
	const createdBy = creators.table(origin);
	const copy = names.next('was');
	const copied = new Set([...pairs.map((pair) => pair.before.sql), ...dropped.map(({sql}) => sql), ...before.key.map(quoted)]);
	const columns = [...(before.rowid === undefined ? [] : [`${before.rowid} AS ${copiedRowid}`]), ...copied];
	const was: RowStorage = {...before, from: copy, rowid: before.rowid === undefined ? undefined : copiedRowid};
	const comparison = comparisonOf(was, now, pairs, isSame);
	const statement = (sql: string): LossStatement => ({sql, ...(createdBy === undefined ? {} : {createdBy})});
	const loss = (kind: LossKind['kind'], sql: string, column?: string) =>
		lossCount(
			sql,
			{kind, table: origin, ...(column === undefined ? {} : {column})},
			column === undefined ? createdBy : creators.column(origin, column),
		);
	const rows = comparison === undefined ? keylessRows(was, now, pairs) : keyedRows(comparison, mayReplace);
	const changed = pairs.filter(
		({before: {name}, now: is}) => mentions === undefined || mentions.has(nameKey(name)) || mentions.has(nameKey(is.name)),
	);
	const added = now.columns.filter(({sql}) => !pairs.some((pair) => pair.now.sql === sql));
	const values =
		comparison === undefined
			? dropped.map((column) => loss('valuesGone', `SELECT count(*) FROM ${copy} AS b WHERE ${hasValue(column)}`, column.name))
			: [
					...changed.flatMap((pair) => columnLosses(comparison, pair).map(([kind, sql]) => loss(kind, sql, pair.before.name))),
					...dropped.map((column) => loss('valuesGone', droppedValues(comparison, column, added), column.name)),
				];
	return {
		before: [statement(`CREATE TABLE ${copy} AS SELECT ${columns.join(', ')} FROM ${before.from}`)],
		after: [loss('deleteRows', rows), ...values, statement(`DROP TABLE ${copy}`)],
		columns: columns.length,
	};
}

function hasValue({sql}: StorageColumn): string {
	return `b.${sql} IS NOT NULL AND +b.${sql} COLLATE BINARY IS NOT ''`;
}

/** Returns how rows are recognized: by rowid, or by a primary key that both states have. Undefined if there is neither. */
function comparisonOf(before: RowStorage, now: RowStorage, columns: readonly ColumnPair[], isSame: boolean): Comparison | undefined {
	if (isSame && before.rowid !== undefined && now.rowid !== undefined) {
		const key = before.key.length === 1 && before.collations.length === 0 ? before.key : [];
		const [n, b] = [`n.${now.rowid}`, `b.${before.rowid}`];
		return {before, now, columns, match: `${n} = ${b}`, matchBackwards: `${b} = ${n}`, idNow: [n], idBefore: [b], key};
	}
	const keys = before.key.flatMap((name) => columns.find((pair) => sameName(pair.before.name, name)) ?? []);
	const isKey = keys.length > 0 && keys.length === before.key.length && keys.length === now.key.length;
	if (!isKey || !keys.every((pair, at) => sameName(pair.now.name, now.key[at] ?? ''))) return undefined;
	const sides = keys.map((pair) => [`n.${pair.now.sql}`, `b.${pair.before.sql}`] as const);
	return {
		before,
		now,
		columns,
		match: sides.map(([n, b]) => `${n} IS +${b}`).join(' AND '),
		matchBackwards: sides.map(([n, b]) => `${b} IS +${n}`).join(' AND '),
		idNow: now.rowid === undefined ? sides.map(([n]) => n) : [`n.${now.rowid}`],
		idBefore: sides.map(([, b]) => b),
		key: before.key,
	};
}

function keyedRows(comparison: Comparison, mayReplace: boolean): string {
	const {before, now, idNow, columns} = comparison;
	const gone = [`${idNow[0]} IS NULL`, ...(mayReplace && columns.length > 0 ? [anyDiffers(columns)] : [])].join(' OR ');
	// Rows with a NULL in their key match each other, so their number is compared as well.
	return `SELECT max((SELECT count(*) FROM ${before.from}) - (SELECT count(*) FROM ${now.from}), (SELECT count(*) ${joined(comparison)} WHERE ${gone}))`;
}

/** Whole rows as multisets: equal rows are numbered, so that each of them needs its own row. */
function keylessRows(before: RowStorage, now: RowStorage, pairs: readonly ColumnPair[]): string {
	const fall = `(SELECT count(*) FROM ${before.from}) - (SELECT count(*) FROM ${now.from})`;
	if (pairs.length === 0) return `SELECT max(0, ${fall})`;
	const list = pairs.map((_, index) => `v${index}`).join(', ');
	const numbered = (side: 'before' | 'now', from: string) => {
		const values = pairs.map((pair, index) => `+${pair[side].sql} COLLATE BINARY AS v${index}`).join(', ');
		return `SELECT ${list}, row_number() OVER (PARTITION BY ${list}) FROM (SELECT ${values} FROM ${from})`;
	};
	return `SELECT count(*) FROM (${numbered('before', before.from)} EXCEPT ${numbered('now', now.from)})`;
}

/** With fewer different values than this, a reduction to few values needs no consent. */
const manyValues = 10;

function columnLosses(comparison: Comparison, pair: ColumnPair): readonly (readonly [LossKind['kind'], string])[] {
	const both = `${joined(comparison)} WHERE ${comparison.idNow[0]} IS NOT NULL`;
	if (comparison.key.some((name) => sameName(name, pair.before.name))) return [];
	const gone = ['valuesGone', `SELECT count(*) ${both} AND ${becameNull(pair)}`] as const;
	if (pair.isConverted) return [gone];
	const distinct = (sql: string) => `count(DISTINCT +${sql} COLLATE BINARY)`;
	const [was, is] = [distinct(`b.${pair.before.sql}`), distinct(`n.${pair.now.sql}`)];
	const isMerged = `count(*) >= ${manyValues} AND ${was} >= ${manyValues} AND ${is} * ${manyValues} <= ${was}`;
	const merged = ['valuesMerged', `SELECT CASE WHEN ${isMerged} THEN count(*) ELSE 0 END ${both} AND ${differs(pair)}`] as const;
	const converted = convertedByType(pair);
	return [gone, ...(converted === undefined ? [] : [['convert', `SELECT count(*) ${both} AND ${converted}`] as const]), merged];
}

const mostAdded = 20;

/** Counts the values of a dropped column, unless an added column has all of them: then it was renamed by hand. */
function droppedValues(comparison: Comparison, column: StorageColumn, added: readonly StorageColumn[]): string {
	const both = `${joined(comparison)} WHERE ${comparison.idNow[0]} IS NOT NULL AND ${hasValue(column)}`;
	const carried = added.slice(0, mostAdded).map(({sql}) => `NOT EXISTS (SELECT 1 ${both} AND n.${sql} COLLATE BINARY IS NOT b.${column.sql})`);
	const values = `(SELECT count(*) ${both})`;
	return carried.length === 0 ? `SELECT ${values}` : `SELECT CASE WHEN ${carried.join(' OR ')} THEN 0 ELSE ${values} END`;
}
