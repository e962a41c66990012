import type {SqlValue} from '../../operations/operation.ts';

/**
 * How to read this file: rows are first compared by key. If keys came and went, the key alone says nothing: `DELETE` of one row and `id = id - 1` for
 * the others looks like a row that is gone at the end and values that are gone in between. So the rows that differ are matched again by their
 * content without the key. A match counts only if the content is unique on both sides; what is left is compared by key.
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
	/** True if its key is new. */
	readonly isAdded: boolean;
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

/**
 * Matches the rows that differ between two states of a table. Pure.
 *
 * @param width how many values a row's content has
 * @param isUpdate true if only plain UPDATE statements wrote the table, so that no row came or went
 */
export function matchRows(before: readonly RowBefore[], now: readonly RowNow[], width: number, isUpdate: boolean): RowMatch {
	const {paired, used} = pairByContent(before, now);
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
	const left = now.flatMap((_, index) => (used.has(index) ? [] : [index]));
	if (isUpdate && gone.length > 0 && gone.length <= left.length) return rekeyed(before, now, width);
	return {
		gone,
		added: left.length,
		changed: before.length - gone.length,
		valuesGone,
		valuesChanged,
		isAmbiguous: haveContentInCommon(
			gone.map((index) => before[index]),
			left.map((index) => now[index]),
		),
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

function pairByContent(before: readonly RowBefore[], now: readonly RowNow[]): Pairs {
	const paired = new Set<number>();
	const used = new Set<number>();
	const [old, is] = [uniqueContents(before), uniqueContents(now)];
	for (const [content, index] of old) {
		const at = index === undefined ? undefined : is.get(content);
		if (index === undefined || at === undefined) continue;
		paired.add(index);
		used.add(at);
	}
	return {paired, used};
}

/** By content, the index of the only row that has it; undefined if several do. */
function uniqueContents(rows: readonly {readonly content: readonly SqlValue[]}[]): ReadonlyMap<string, number | undefined> {
	const found = new Map<string, number | undefined>();
	for (const [index, {content}] of rows.entries()) {
		if (content.length === 0) continue;
		const text = contentText(content);
		found.set(text, found.has(text) ? undefined : index);
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
