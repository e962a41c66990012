import type {ErrorLocation} from '../../../core/errors.ts';
import {blank, type Line, prefixed, prose, ruled, ruledHanging, type Span, span} from '../../page/line.ts';

/** A failure from any source. */
export interface DisplayedError {
	/** The symbol, if it is not a failure. */
	readonly sign?: Span;
	/** What failed, in one line. */
	readonly title: string;
	readonly message: string;
	readonly location: ErrorLocation | null;
	readonly details: readonly string[];
	/** The state of the database, as text. */
	readonly state?: string | undefined;
	/** The next step. */
	readonly hint: string | null;
}

/** Returns the problem, the location, the state of the database, and the next step. */
export function errorLines({sign = span('✗ ', 'failed'), title, message, location, details, state, hint}: DisplayedError): readonly Line[] {
	const place = placeOf(location);
	const facts = [
		...(message === '' ? [] : message.split('\n').map((text) => prefixed(span('  '), ruled(text)))),
		...(place === '' ? [] : [prefixed(span('  '), ruled(span(place, 'accent')))]),
		...details.flatMap((detail) => detail.split('\n')).map((text) => prefixed(span('  '), ruledHanging(afterLineNumber(text), span(text, 'quiet')))),
	];
	return [
		prose(2, sign, span(title, 'strong'), state === undefined || state === '' ? '' : `${/[.!?]$/.test(title) ? '' : '.'} ${state}`),
		...(facts.length === 0 ? [] : [blank, ...facts]),
		...(hint === null ? [] : [blank, ...hint.split('\n').map((text) => prose(2, '  ', text))]),
	];
}

/** Returns the column where the code begins in a line of a file: `> 12  CREATE TABLE …`. */
function afterLineNumber(text: string): number {
	return /^>? *\d+ {2,}/.exec(text)?.[0].length ?? 0;
}

/** Formats a location: `migrations/x.ts:14   table user   id 17`. */
function placeOf(location: ErrorLocation | null): string {
	if (location === null) return '';
	const {file, line, column, table, row} = location;
	const position = [line, column].filter((part) => part !== undefined).join(':');
	const where = file === undefined ? (position === '' ? '' : `line ${position}`) : position === '' ? file : `${file}:${position}`;
	return [where, table === undefined ? '' : `table ${table}`, row ?? ''].filter((part) => part !== '').join('   ');
}
