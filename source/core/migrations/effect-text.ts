import {clean} from '../text/clean.ts';
import {count, plural} from '../text/numbers.ts';
import {valueText} from '../text/value.ts';
import type {ColumnEffect, EffectCause, EffectSample, TableEffect} from './event.ts';

/** A text about one effect of statements on a table. */
export interface EffectSentence {
	/** `1,204 rows are deleted`. */
	readonly text: string;
	/** True if it needs consent. */
	readonly isLoss: boolean;
}

/** Describes what statements did to the rows of a table, losses first. Empty if they only added rows. */
export function effectSentences(effect: TableEffect): readonly EffectSentence[] {
	const {rowsGone, columns} = effect;
	return [
		...(rowsGone > 0 ? [{text: deletedText(effect), isLoss: true}] : []),
		...columns.filter(losesValues).map((column) => ({text: columnText(column), isLoss: true})),
		...columns.filter((column) => !losesValues(column) && column.valuesChanged > 0).map((column) => ({text: columnText(column), isLoss: false})),
	];
}

/** Returns a text such as `1,204 of 88,112 rows are deleted`. */
export function deletedText({rowsGone, rowsBefore, note}: Pick<TableEffect, 'rowsGone' | 'rowsBefore' | 'note'>): string {
	const are = rowsGone === 1 ? 'is' : 'are';
	const some =
		rowsGone < rowsBefore
			? `${count(rowsGone)} of ${plural(rowsBefore, 'row')} ${are} deleted`
			: `${rowsBefore === 1 ? 'its only row is' : `all ${plural(rowsBefore, 'row')} are`} deleted`;
	return note === null ? some : `${some} (${clean(note)})`;
}

/** Returns the statement that wrote a table as one line, and its place as `file:line`, which is empty if unknown. */
export function causeText(
	{sql, location}: EffectCause,
	showPath: (file: string) => string,
	width = 60,
): {readonly sql: string; readonly place: string} {
	const line = clean(sql.replace(/\s+/g, ' ').trim());
	const place = location === null ? '' : `${showPath(location.file)}${location.line === undefined ? '' : `:${location.line}`}`;
	return {sql: line.length > width ? `${line.slice(0, width - 1)}…` : line, place};
}

function losesValues({valuesGone, valuesConverted, merged}: ColumnEffect): boolean {
	return valuesGone + valuesConverted > 0 || merged;
}

/** Returns a text such as `12,403 values of email change, 0 become NULL`. */
function columnText({column, valuesGone, valuesChanged, valuesConverted, merged}: ColumnEffect): string {
	const name = clean(column);
	const converted = valuesConverted === 0 ? '' : `, ${count(valuesConverted)} because of the new column type`;
	const lost = `${converted}${merged ? ', many different values become one' : ''}`;
	if (valuesChanged === 0) return `${plural(valuesGone, 'value')} of ${name} ${valuesGone === 1 ? 'is' : 'are'} lost${lost}`;
	const change = `${plural(valuesChanged, 'value')} of ${name} ${valuesChanged === 1 ? 'changes' : 'change'}`;
	return `${change}, ${count(valuesGone)} ${valuesGone === 1 ? 'becomes' : 'become'} NULL${lost}`;
}

/** Returns `id 17`, or `id 17   'Ann@Example.com' → 'ann@example.com'` if a value is shown. */
export function effectSampleText({row, column, before, after}: EffectSample, width?: number): string {
	const label = clean(row);
	return column === null ? label : `${label}   ${valueText(before, width)} → ${valueText(after, width)}`;
}
