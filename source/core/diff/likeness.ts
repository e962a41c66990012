import {columnAffinity} from '../schema/affinity.ts';
import {nameKey} from '../schema/identifiers.ts';
import type {Column, Table} from '../schema/schema.ts';

/** Below this, what is gone and what is new have so little in common that a rename is not asked about: the drop is. */
export const worthAsking = 0.3;

/** A pair that falls behind another of the same column by more than this is not offered beside it. */
export const muchLikelier = 0.25;

/** 0 to 1: how alike two names are, by the Dice coefficient of their longest common subsequence, case and underscores aside. */
export function nameLikeness(a: string, b: string): number {
	const [left, right] = [plain(a), plain(b)];
	if (left.length + right.length === 0) return 0;
	return (2 * commonLength(left, right)) / (left.length + right.length);
}

/** 0 to 1: how likely it is that the column `after` was `before` under another name. */
export function columnLikeness(before: Column, after: Column, tables: {readonly before: Table; readonly after: Table}): number {
	const position = Math.abs(tables.before.columns.indexOf(before) - tables.after.columns.indexOf(after));
	return (
		0.55 * nameLikeness(before.name, after.name) +
		0.25 * typeLikeness(before, after, tables) +
		0.1 * Number((before.notNull === undefined) === (after.notNull === undefined)) +
		0.1 / (1 + position)
	);
}

function typeLikeness(before: Column, after: Column, tables: {readonly before: Table; readonly after: Table}): number {
	if (before.type.toUpperCase() === after.type.toUpperCase()) return 1;
	return columnAffinity(before.type, tables.before.strict) === columnAffinity(after.type, tables.after.strict) ? 0.6 : 0;
}

/** 0 to 1: how likely it is that the table `after` was `before` under another name: mostly by the columns that they share. */
export function tableLikeness(before: Table, after: Table): number {
	const types = new Map(before.columns.map(({name, type}) => [nameKey(name), type.toUpperCase()]));
	const shared = after.columns.reduce((sum, {name, type}) => {
		const other = types.get(nameKey(name));
		return sum + (other === undefined ? 0 : other === type.toUpperCase() ? 1 : 0.7);
	}, 0);
	const columns = shared / (before.columns.length + after.columns.length - shared);
	return 0.7 * columns + 0.3 * nameLikeness(before.name, after.name);
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
