import stringWidth from 'string-width';
import {addressed} from '../../core/text/address.ts';
import {clean} from '../../core/text/clean.ts';
import {graphemesOf, isSimpleText} from './graphemes.ts';
import type {Line, Span} from './line.ts';
import type {Look} from './look.ts';
import {asciiOnly} from './twins.ts';

/** Returns the width of a text in terminal columns. */
export function widthOf(text: string): number {
	return isSimpleText(text) ? text.length : stringWidth(text);
}

/** Splits a text into the characters that a reader sees, regardless of how many code points each has. */
export function characters(text: string): readonly string[] {
	return isSimpleText(text) ? text.split('') : Array.from(graphemesOf(text), ({segment}) => segment);
}

/** Returns text that cannot act on the terminal and uses only symbols it can show. All text in a frame passes through here: see `layout`. */
export function safe(text: string, look: Look): string {
	const cleaned = addressed(clean(text), look.address ?? '');
	return look.isAscii ? asciiOnly(cleaned) : cleaned;
}

export function safeSpans(spans: readonly Span[], look: Look): readonly Span[] {
	return spans.map((part) => ({...part, text: safe(part.text, look)})).filter((part) => part.text !== '');
}

/** Marks paths and URLs before a line is cut or wrapped, so that each piece of them is a link to the whole. */
function withLinks(spans: readonly Span[], {links}: Look): readonly Span[] {
	if (links === undefined) return spans;
	return spans.flatMap((part) => links(part.text).map(({text, target}) => (target === undefined ? {...part, text} : {...part, text, link: target})));
}

export function spansWidth(spans: readonly Span[]): number {
	return spans.reduce((width, part) => width + widthOf(part.text), 0);
}

export function ellipsisOf(look: Look): string {
	return look.isAscii ? '...' : '…';
}

/** Cuts spans to a width and marks the cut with an ellipsis. `keepsEnd` cuts the start instead of the end. */
export function cutSpans(spans: readonly Span[], width: number, ellipsis: string, keepsEnd = false): readonly Span[] {
	if (spansWidth(spans) <= width) return spans;
	const room = Math.max(0, width - widthOf(ellipsis));
	const kept = taken(keepsEnd ? reversed(spans) : spans, room);
	if (widthOf(ellipsis) > width) return kept;
	return keepsEnd ? [{text: ellipsis, tone: 'quiet'}, ...reversed(kept)] : [...kept, {text: ellipsis, tone: 'quiet'}];
}

/** Cuts a text to a width, or pads it with spaces. */
export function padded(text: string, width: number, ellipsis = '…'): string {
	const cut = cutSpans([{text}], width, ellipsis)
		.map((part) => part.text)
		.join('');
	return cut + ' '.repeat(Math.max(0, width - widthOf(cut)));
}

/** Cuts spans to a width, or adds spaces. */
export function filled(spans: readonly Span[], width: number, ellipsis = '…'): readonly Span[] {
	const cut = cutSpans(spans, width, ellipsis);
	const left = width - spansWidth(cut);
	return left > 0 ? [...cut, {text: ' '.repeat(left)}] : cut;
}

/** Caches the rows of each line, because every key lays out all lines of a long text again. */
const rowsByLine = new WeakMap<Line, {readonly columns: number; readonly isAscii: boolean; readonly rows: readonly Line[]}>();

/** Returns the rows of a line: one row that is cut, or as many as its words need. */
export function rowsOf(line: Line, look: Look): readonly Line[] {
	const {columns, isAscii} = look;
	const known = rowsByLine.get(line);
	if (known?.columns === columns && known.isAscii === isAscii) return known.rows;
	const rows = newRowsOf(line, look);
	rowsByLine.set(line, {columns, isAscii, rows});
	return rows;
}

/** Returns the first rows of a line. The last of them ends with an ellipsis if there are more. */
export function firstRowsOf(line: Line, most: number, look: Look): readonly Line[] {
	const rows = rowsOf(line, look);
	if (rows.length <= most) return rows;
	const ellipsis = ellipsisOf(look);
	const shown = rows.slice(0, most);
	const last = shown.at(-1) ?? line;
	return [...shown.slice(0, -1), {...last, spans: cutSpans([...last.spans, {text: ellipsis, tone: 'quiet'}], look.columns, ellipsis)}];
}

function newRowsOf(line: Line, look: Look): readonly Line[] {
	// Non-breaking spaces are no longer needed after wrapping.
	return fitted(line, look).map((row) => ({...row, spans: row.spans.map((part) => ({...part, text: part.text.replaceAll('\u00a0', ' ')}))}));
}

function fitted(line: Line, look: Look): readonly Line[] {
	const cleaned = withLinks(safeSpans(line.spans, look), look);
	const aside = line.aside === undefined ? [] : withLinks(safeSpans(line.aside, look), look);
	// Text for a screen reader is also written to the terminal.
	const label = line.reading?.label;
	const base = {...line, spans: cleaned, ...(label === undefined ? {} : {reading: {...line.reading, label: safe(label, look)}})};
	if (line.hang !== undefined && aside.length === 0) {
		const hang = cutSpans(safeSpans(line.hang, look), Math.floor(look.columns / 2), '');
		return wrapped(cleaned, look.columns, hang).map((spans, index) => ({...base, spans, ...(index > 0 && line.reading ? {reading: {}} : {})}));
	}
	const ellipsis = ellipsisOf(look);
	if (aside.length === 0) return [{...base, spans: cutSpans(cleaned, look.columns, ellipsis, line.keepsEnd)}];
	const asideWidth = spansWidth(aside);
	const room = look.columns - asideWidth - 2;
	if (room < Math.min(spansWidth(cleaned), Math.floor(look.columns / 3))) {
		return [{...base, spans: cutSpans(cleaned, look.columns, ellipsis, line.keepsEnd)}];
	}
	const left = cutSpans(cleaned, room, ellipsis, line.keepsEnd);
	return [{...base, spans: [...left, {text: ' '.repeat(look.columns - asideWidth - spansWidth(left))}, ...aside]}];
}

function reversed(spans: readonly Span[]): readonly Span[] {
	return spans.map((part) => ({...part, text: characters(part.text).toReversed().join('')})).toReversed();
}

function taken(spans: readonly Span[], width: number): readonly Span[] {
	const kept: Span[] = [];
	let used = 0;
	for (const part of spans) {
		let text = '';
		for (const character of characters(part.text)) {
			const wide = widthOf(character);
			if (used + wide > width) return text === '' ? kept : [...kept, {...part, text}];
			text += character;
			used += wide;
		}
		kept.push(part);
	}
	return kept;
}

interface Row {
	spans: Span[];
	width: number;
}

/** Wraps at spaces. A word that is longer than a row is broken at the end of the row. */
function wrapped(spans: readonly Span[], columns: number, lead: readonly Span[]): readonly (readonly Span[])[] {
	const rows: Row[] = [{spans: [], width: 0}];
	const hang = spansWidth(lead);
	const start = (): Row => {
		const row: Row = {spans: [...lead], width: hang};
		rows.push(row);
		return row;
	};
	let isBroken = false;
	for (const word of words(spans)) {
		let row = rows.at(-1)!;
		const width = spansWidth(word);
		if (row.width > hang && (isBroken || row.width + width > columns)) {
			// A short word could still fit after spaces that do not fit, and would then touch the previous word.
			isBroken = isSpace(word);
			if (isBroken) continue;
			row = start();
		}
		for (const piece of pieces(word, columns - row.width, columns - hang)) {
			if (row.width + spansWidth(piece) > columns) row = start();
			row.spans.push(...piece);
			row.width += spansWidth(piece);
		}
	}
	return rows.map((row) => row.spans);
}

function isSpace(word: readonly Span[]): boolean {
	return word.every((part) => part.text.trim() === '');
}

/** Splits spans into runs of spaces and runs of other text. A word can continue across spans. */
function words(spans: readonly Span[]): readonly (readonly Span[])[] {
	const found: Span[][] = [];
	let lastIsSpace: boolean | undefined;
	for (const part of spans) {
		for (const piece of part.text.split(/( +)/).filter((text) => text !== '')) {
			const isGap = piece.startsWith(' ');
			if (isGap !== lastIsSpace || found.length === 0) found.push([]);
			found.at(-1)!.push({...part, text: piece});
			lastIsSpace = isGap;
		}
	}
	return found;
}

function pieces(word: readonly Span[], first: number, full: number): readonly (readonly Span[])[] {
	if (spansWidth(word) <= Math.max(first, 0) || spansWidth(word) <= full) return [word];
	const found: (readonly Span[])[] = [];
	let rest = word;
	let room = first > 0 ? first : full;
	while (rest.length > 0) {
		const head = taken(rest, Math.max(1, room));
		if (head.length === 0) return [...found, rest];
		found.push(head);
		rest = without(rest, head);
		room = full;
	}
	return found;
}

function without(spans: readonly Span[], head: readonly Span[]): readonly Span[] {
	const last = head.length - 1;
	const [partial, ...after] = spans.slice(last);
	const remaining = partial!.text.slice(head[last]!.text.length);
	return remaining === '' ? after : [{...partial!, text: remaining}, ...after];
}
