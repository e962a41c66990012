import {columnAffinity} from '../schema/affinity.ts';
import {nameKey} from '../schema/identifiers.ts';
import type {Column, Table} from '../schema/schema.ts';

/** Minimum similarity to ask about a rename. Below it, the old and the new object have too little in common, and the drop is asked about instead. */
export const minSimilarity = 0.3;

/** A candidate is not offered if another pair with the same column is more similar by more than this. */
export const clearMargin = 0.25;

/** Returns the similarity of two names, 0 to 1: the Dice coefficient of their longest common subsequence, ignoring case and underscores. */
export function nameSimilarity(a: string, b: string): number {
	const [left, right] = [plain(a), plain(b)];
	if (left.length + right.length === 0) return 0;
	return (2 * commonLength(left, right)) / (left.length + right.length);
}

/** Returns how likely it is, 0 to 1, that the column `after` is `before` with a new name. */
export function columnSimilarity(before: Column, after: Column, tables: {readonly before: Table; readonly after: Table}): number {
	const position = Math.abs(tables.before.columns.indexOf(before) - tables.after.columns.indexOf(after));
	return (
		0.55 * nameSimilarity(before.name, after.name) +
		0.25 * typeSimilarity(before, after, tables) +
		0.1 * Number((before.notNull === undefined) === (after.notNull === undefined)) +
		0.1 / (1 + position)
	);
}

function typeSimilarity(before: Column, after: Column, tables: {readonly before: Table; readonly after: Table}): number {
	if (before.type.toUpperCase() === after.type.toUpperCase()) return 1;
	return columnAffinity(before.type, tables.before.strict) === columnAffinity(after.type, tables.after.strict) ? 0.6 : 0;
}

/** Returns how likely it is, 0 to 1, that the table `after` is `before` with a new name. Depends mostly on the columns that both have. */
export function tableSimilarity(before: Table, after: Table): number {
	const types = new Map(before.columns.map(({name, type}) => [nameKey(name), type.toUpperCase()]));
	const shared = after.columns.reduce((sum, {name, type}) => {
		const other = types.get(nameKey(name));
		return sum + (other === undefined ? 0 : other === type.toUpperCase() ? 1 : 0.7);
	}, 0);
	const columns = shared / (before.columns.length + after.columns.length - shared);
	return 0.7 * columns + 0.3 * nameSimilarity(before.name, after.name);
}

function plain(name: string): string {
	return nameKey(name).replace(/[_\s-]/g, '');
}

function commonLength(a: string, b: string): number {
	let row = new Array<number>(b.length + 1).fill(0);
	for (const letter of a) {
		const next = [0];
		for (let column = 1; column <= b.length; column++) {
			next[column] = b[column - 1] === letter ? (row[column - 1] as number) + 1 : Math.max(row[column] as number, next[column - 1] as number);
		}
		row = next;
	}
	return row[b.length] as number;
}
