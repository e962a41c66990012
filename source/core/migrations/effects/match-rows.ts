import type {SqlValue} from '../../operations/operation.ts';

/**
 * How to read this file: rows are first compared by key. If keys were added and removed, the key alone is not enough: `DELETE` of one row and `id =
 * id - 1` for the others looks like a lost row at the end and lost values in between. So the rows that differ are matched again by their content
 * without the key, and this result is used if it shows a smaller loss. A match counts only if the content is unique on both sides or is the whole
 * row. All other rows are compared by key.
 */

/** A row before that has no equal current row with the same key. */
export interface RowBefore {
	/** Identifies the current row with the same key. Null if there is none. */
	readonly counterpart: string | null;
	/** Values without the key. */
	readonly content: readonly SqlValue[];
}

/** A current row that had no equal row with the same key before. */
export interface RowNow {
	readonly id: string;
	readonly content: readonly SqlValue[];
}

export interface RowMatch {
	/** Indexes of the rows before that no longer exist. */
	readonly gone: readonly number[];
	readonly added: number;
	/** Rows that still exist, with a different key or different values. */
	readonly changed: number;
	/** For each value of the content: the indexes of the rows before whose value is NULL now. */
	readonly valuesGone: readonly (readonly number[])[];
	/** For each value of the content: the number of values that are different now. */
	readonly valuesChanged: readonly number[];
	/** True if rows were added and removed and their content does not identify them. */
	readonly isAmbiguous: boolean;
}

export interface MatchOptions {
	/** How many values a row's content has. */
	readonly width: number;
	/** True if only plain UPDATE statements wrote the table, so no row was added or removed. */
	readonly isUpdate: boolean;
	/** True if there is no key, so the content is the whole row and equal rows are interchangeable. */
	readonly isWhole: boolean;
}

/**
 * Matches the rows that differ between two states of a table: by content if that shows fewer losses and changes than the comparison by key. Pure.
 */
export function matchRows(before: readonly RowBefore[], now: readonly RowNow[], {width, isUpdate, isWhole}: MatchOptions): RowMatch {
	const byKey = matched(before, now, width, {paired: new Set(), used: new Set()});
	const byContent = matched(before, now, width, pairByContent(before, now, isWhole));
	const isBetter = byContent.lost < byKey.lost || (byContent.lost === byKey.lost && byContent.moved < byKey.moved);
	const {match} = isBetter ? byContent : byKey;
	if (isUpdate && match.gone.length > 0 && match.gone.length <= match.added) return rekeyed(before, now, width);
	return match;
}

interface WeighedMatch {
	readonly match: RowMatch;
	/** Lost rows and values. */
	readonly lost: number;
	/** Rows with a different key, and values that are different. */
	readonly moved: number;
}

function matched(before: readonly RowBefore[], now: readonly RowNow[], width: number, {paired, used}: Pairs): WeighedMatch {
	const byId = new Map(now.map((row, index) => [row.id, index]));
	const gone: number[] = [];
	const valuesGone = Array.from({length: width}, (): number[] => []);
	const valuesChanged = Array.from({length: width}, () => 0);
	for (const [index, row] of before.entries()) {
		if (paired.has(index)) continue;
		const at = row.counterpart === null ? undefined : byId.get(row.counterpart);
		if (at === undefined || used.has(at)) {
			gone.push(index);
			continue;
		}
		used.add(at);
		for (const [column, value] of row.content.entries()) {
			const is = now[at]?.content[column] ?? null;
			if (hasValue(value) && is === null) valuesGone[column]?.push(index);
			else if (!sameValue(value, is)) valuesChanged[column] = (valuesChanged[column] ?? 0) + 1;
		}
	}
	const added = now.length - used.size;
	return {
		match: {
			gone,
			added,
			changed: before.length - gone.length,
			valuesGone,
			valuesChanged,
			isAmbiguous: haveContentInCommon(
				gone.map((index) => before[index]),
				now.filter((_, index) => !used.has(index)),
			),
		},
		lost: valuesGone.reduce((sum, indexes) => sum + indexes.length, gone.length),
		moved: valuesChanged.reduce((sum, values) => sum + values, paired.size),
	};
}

/** True if a lost row may be one of the added rows: they have the same content, but other rows have it too. */
function haveContentInCommon(
	gone: readonly (Pick<RowBefore, 'content'> | undefined)[],
	added: readonly (Pick<RowNow, 'content'> | undefined)[],
): boolean {
	const contents = new Set(added.map((row) => contentText(row?.content ?? [])));
	return gone.some((row) => contents.has(contentText(row?.content ?? [])));
}

interface Pairs {
	/** Rows before that have a current row, by index. */
	readonly paired: ReadonlySet<number>;
	/** Their current rows. */
	readonly used: Set<number>;
}

function pairByContent(before: readonly RowBefore[], now: readonly RowNow[], isWhole: boolean): Pairs {
	const paired = new Set<number>();
	const used = new Set<number>();
	const [old, is] = [rowsByContent(before), rowsByContent(now)];
	for (const [content, rows] of old) {
		const others = is.get(content) ?? [];
		if (!isWhole && (rows.length > 1 || others.length > 1)) continue;
		for (const [place, index] of rows.slice(0, others.length).entries()) {
			paired.add(index);
			used.add(others[place] as number);
		}
	}
	return {paired, used};
}

/** By content, the indexes of the rows that have it. */
function rowsByContent(rows: readonly {readonly content: readonly SqlValue[]}[]): ReadonlyMap<string, readonly number[]> {
	const found = new Map<string, number[]>();
	for (const [index, {content}] of rows.entries()) {
		if (content.length === 0) continue;
		const text = contentText(content);
		const others = found.get(text);
		if (others === undefined) found.set(text, [index]);
		else others.push(index);
	}
	return found;
}

/**
 * Only plain UPDATE statements wrote the table, and as many rows are unmatched now as before: their keys were changed. It is unknown which rows
 * belong together, so values are compared as multisets. Each value that may have become NULL counts as lost.
 */
function rekeyed(before: readonly RowBefore[], now: readonly RowNow[], width: number): RowMatch {
	const valuesGone: number[][] = [];
	const valuesChanged: number[] = [];
	for (let column = 0; column < width; column += 1) {
		const [old, is] = [before.map(({content}) => content[column] ?? null), now.map(({content}) => content[column] ?? null)];
		const left = multiset(is);
		const missing = old.flatMap((value, index) => (!hasValue(value) || take(left, value) ? [] : [index]));
		const nulls = (values: readonly SqlValue[]) => values.filter((value) => value === null).length;
		const fell = Math.max(0, nulls(is) - nulls(old));
		const possible = nulls(old) > 0 ? Math.min(missing.length, nulls(is)) : Math.min(missing.length, fell);
		valuesGone.push(missing.slice(0, possible));
		valuesChanged.push(missing.length - possible);
	}
	return {gone: [], added: 0, changed: before.length, valuesGone, valuesChanged, isAmbiguous: false};
}

function multiset(values: readonly SqlValue[]): Map<string, number> {
	const counts = new Map<string, number>();
	for (const value of values) counts.set(contentText([value]), (counts.get(contentText([value])) ?? 0) + 1);
	return counts;
}

function take(counts: Map<string, number>, value: SqlValue): boolean {
	const text = contentText([value]);
	const left = counts.get(text) ?? 0;
	if (left > 0) counts.set(text, left - 1);
	return left > 0;
}

/** An empty text that becomes NULL is not a loss. */
function hasValue(value: SqlValue): boolean {
	return value !== null && value !== '';
}

function sameValue(a: SqlValue, b: SqlValue): boolean {
	return contentText([a]) === contentText([b]);
}

/** A text that is the same only for the same values. */
export function contentText(values: readonly SqlValue[]): string {
	return JSON.stringify(
		values.map((value) => {
			if (value instanceof Uint8Array) return ['b', Buffer.from(value).toString('hex')];
			return typeof value === 'bigint' ? ['i', String(value)] : typeof value === 'number' && !Number.isFinite(value) ? ['r', String(value)] : value;
		}),
	);
}
