import {clean} from '../text/clean.ts';
import {count, plural} from '../text/numbers.ts';
import {valueText} from '../text/value.ts';
import type {ColumnEffect, EffectSample, TableEffect} from './event.ts';

/** One thing that statements did to a table, in words. */
export interface EffectSentence {
	/** `1,204 rows are deleted`. */
	readonly text: string;
	/** True if it needs consent. */
	readonly isLoss: boolean;
}

/** What statements did to the rows of a table, losses first; nothing if they only added rows. */
export function effectSentences({rowsGone, columns, note}: TableEffect): readonly EffectSentence[] {
	return [
		...(rowsGone > 0
			? [{text: `${plural(rowsGone, 'row')} ${rowsGone === 1 ? 'is' : 'are'} deleted${note === null ? '' : ` (${clean(note)})`}`, isLoss: true}]
			: []),
		...columns.filter(losesValues).map((column) => ({text: columnText(column), isLoss: true})),
		...columns.filter((column) => !losesValues(column) && column.valuesChanged > 0).map((column) => ({text: columnText(column), isLoss: false})),
	];
}

/** True if consent is needed: rows or values no longer exist, or many different values became one. */
export function losesData({rowsGone, columns}: TableEffect): boolean {
	return rowsGone > 0 || columns.some(losesValues);
}

function losesValues({valuesGone, merged}: ColumnEffect): boolean {
	return valuesGone > 0 || merged;
}

/** `12,403 values of email change, 0 become NULL`. */
function columnText({column, valuesGone, valuesChanged, merged}: ColumnEffect): string {
	const name = clean(column);
	const lost = merged ? ', many different values become one' : '';
	if (valuesChanged === 0) return `${plural(valuesGone, 'value')} of ${name} ${valuesGone === 1 ? 'is' : 'are'} lost${lost}`;
	const change = `${plural(valuesChanged, 'value')} of ${name} ${valuesChanged === 1 ? 'changes' : 'change'}`;
	return `${change}, ${count(valuesGone)} ${valuesGone === 1 ? 'becomes' : 'become'} NULL${lost}`;
}

/** `id 17`, or `id 17   'Ann@Example.com' → 'ann@example.com'`. */
export function effectSampleText({row, column, before, after}: EffectSample, width?: number): string {
	const label = clean(row);
	return column === null ? label : `${label}   ${valueText(before, width)} → ${valueText(after, width)}`;
}
