import type {SqlValue} from '../../operations/operation.ts';

/**
 * How to read this file: rows are first compared by key. If keys came and went, the key alone says nothing: `DELETE` of one row and `id = id - 1` for
 * the others looks like a row that is gone at the end and values that are gone in between. So the rows that differ are matched again by their
 * content without the key, which counts if less is lost in this way. A match counts only if the content is unique on both sides or the whole row; the rest is
 * compared by key.
 */

/** A row of before that has no equal row with the same key now. */
export interface RowBefore {
	/** Identifies the row now that has the same key; null if there is none. */
	readonly counterpart: string | null;
	/** Values without the key. */
	readonly content: readonly SqlValue[];
}

/** A row of now that had no equal row with the same key before. */
export interface RowNow {
	readonly id: string;
	readonly content: readonly SqlValue[];
}

export interface RowMatch {
	/** Indexes of the rows of before that no longer exist. */
	readonly gone: readonly number[];
	readonly added: number;
	/** Rows that still exist, under another key or with other values. */
	readonly changed: number;
	/** For each value of the content: the indexes of the rows of before whose value is NULL now. */
	readonly valuesGone: readonly (readonly number[])[];
	/** For each value of the content: how many are another value now. */
	readonly valuesChanged: readonly number[];
	/** True if rows came and went and their content does not say which is which. */
	readonly isAmbiguous: boolean;
}

export interface MatchOptions {
	/** How many values a row's content has. */
	readonly width: number;
	/** True if only plain UPDATE statements wrote the table, so that no row came or went. */
	readonly isUpdate: boolean;
	/** True if there is no key, so that the content is the whole row, and equal rows are the same to anybody. */
	readonly isWhole: boolean;
}

/**
 * Matches the rows that differ between two states of a table: by content if less is lost or changed in this way than the keys say. Pure.
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
	/** Rows and values that are gone. */
	readonly lost: number;
	/** Rows that have another key, and values that are other ones. */
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

/** True if a row that is gone may be one that was added: both have the same content, but so have others. */
function haveContentInCommon(
	gone: readonly (Pick<RowBefore, 'content'> | undefined)[],
	added: readonly (Pick<RowNow, 'content'> | undefined)[],
): boolean {
	const contents = new Set(added.map((row) => contentText(row?.content ?? [])));
	return gone.some((row) => contents.has(contentText(row?.content ?? [])));
}

interface Pairs {
	/** Rows of before that have a row now, by index. */
	readonly paired: ReadonlySet<number>;
	/** The rows now that they have. */
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
 * Only plain UPDATE statements wrote the table and as many rows are left over now as before: they have other keys. Which row is which is unknown, so
 * values are compared as multisets; whatever could be a value that became NULL counts as one.
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

/** An empty text that becomes NULL is no loss. */
function hasValue(value: SqlValue): boolean {
	return value !== null && value !== '';
}

function sameValue(a: SqlValue, b: SqlValue): boolean {
	return contentText([a]) === contentText([b]);
}

/** A text that is the same for the same values only. */
export function contentText(values: readonly SqlValue[]): string {
	return JSON.stringify(
		values.map((value) => {
			if (value instanceof Uint8Array) return ['b', Buffer.from(value).toString('hex')];
			return typeof value === 'bigint' ? ['i', String(value)] : typeof value === 'number' && !Number.isFinite(value) ? ['r', String(value)] : value;
		}),
	);
}
