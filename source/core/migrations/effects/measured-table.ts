import {clean} from '../../text/clean.ts';
import {plural} from '../../text/numbers.ts';
import type {TableEffect} from '../event.ts';

/** What a run did to one table. */
export interface MeasuredTable {
	/** The last migration that wrote it. */
	readonly migration: string;
	readonly effect: TableEffect;
	/** A hash of the keys of all lost rows and values. Empty if there are none. */
	readonly lost: string;
}

/** The same, before the migration that wrote it is known. */
export type Measurement = Omit<MeasuredTable, 'migration'>;

/** True if the effect needs consent: rows or values are lost, a new type changed values, or many different values became one or few. */
export function isLoss({rowsGone, columns}: Pick<TableEffect, 'rowsGone' | 'columns'>): boolean {
	return rowsGone > 0 || columns.some(({valuesGone, valuesConverted, merged}) => valuesGone + valuesConverted > 0 || merged);
}

/** The samples of an effect are limited to this number. */
export const mostSamples = 5;

export function noEffect(table: string): TableEffect {
	return {table, rowsBefore: 0, rowsGone: 0, rowsAdded: 0, rowsChanged: 0, columns: [], samples: [], by: [], note: null};
}

export function noteOf(notes: readonly string[]): string | null {
	return notes.length === 0 ? null : notes.join('; ');
}

export function carriedNote(column: string, into: string): string {
	return `the values of ${clean(column)} are in ${clean(into)} now`;
}

export function ambiguousNote(rowsGone: number, rowsAdded: number): string {
	return `${plural(rowsGone, 'row')} removed and ${rowsAdded} added: their contents do not show which rows belong together`;
}
