import {addressed} from '../../core/text/address.ts';
import {cleanLines} from '../../core/text/clean.ts';
import {type Symbols, withTwins} from '../../core/text/symbols.ts';

export type Paint = 'add' | 'change' | 'drop' | 'quiet' | 'strong';

/** Where a command's results go: text or JSON to stdout, problems to stderr. In JSON mode text to stdout is left out, and the other way round. */
export interface Output {
	readonly isJson: boolean;
	readonly symbols: Symbols;
	/** Text with the signs of `unicodeSymbols` in it; already cleaned. One line or several. */
	line(text?: string): void;
	/** As `line`, byte for byte: for SQL and anything that is to be copied. */
	verbatim(text: string): void;
	/** SQL or a model, byte for byte for a file or a pipe; a terminal gets it without what could act on it. */
	source(text: string): void;
	/** Our own words as this place can show them, to stand beside something that is to be copied. */
	shown(text: string): string;
	/** One JSON value on a line of its own. */
	json(value: unknown): void;
	/** Text to stderr. */
	problem(text: string): void;
	/** Colours a text where colours are wanted. */
	paint(how: Paint, text: string): string;
}

export interface OutputOptions {
	readonly writeOut: (text: string) => void;
	readonly writeProblem: (text: string) => void;
	readonly isJson: boolean;
	/** True where a terminal shows what is written out. */
	readonly isTerminal?: boolean;
	readonly hasColor: boolean;
	readonly symbols: Symbols;
	/** What commands that are told get: see `addressed`. */
	readonly address?: string;
}

const codes: Readonly<Record<Paint, readonly [number, number]>> = {add: [32, 39], change: [33, 39], drop: [31, 39], quiet: [2, 22], strong: [1, 22]};

export function outputOf({writeOut, writeProblem, isJson, isTerminal = false, hasColor, symbols, address = ''}: OutputOptions): Output {
	const isAscii = symbols.arrow === '->';
	const shown = (text: string) => addressed(isAscii ? withTwins(text) : text, address);
	return {
		isJson,
		symbols,
		line(text = '') {
			if (!isJson) writeOut(`${shown(text)}\n`);
		},
		verbatim(text) {
			if (!isJson) writeOut(`${text}\n`);
		},
		source(text) {
			if (!isJson) writeOut(`${isTerminal ? cleanLines(text) : text}\n`);
		},
		shown,
		json(value) {
			if (isJson) writeOut(`${jsonLine(value, address)}\n`);
		},
		problem(text) {
			writeProblem(`${shown(text)}\n`);
		},
		paint(how, text) {
			const [on, off] = codes[how];
			return hasColor ? `\u001b[${on}m${text}\u001b[${off}m` : text;
		},
	};
}

/** One line of JSON. Integers over 2^53 become text and blobs `{"hex": "…"}`; what could act on a terminal is escaped. */
export function jsonLine(value: unknown, address = ''): string {
	return JSON.stringify(value, jsonValue(address)).replace(
		/[\u007f-\u009f\u061c\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff]/g,
		(character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
	);
}

/** Keys under which JSON tells commands; everything else is data. */
const tellingKeys = ['hint', 'state', 'undo'];

/** A replacer; `this` holds the value before a Buffer's own toJSON changes it. */
function jsonValue(address: string) {
	const tell = (text: unknown) => (typeof text === 'string' ? addressed(text, address) : text);
	return function (this: Readonly<Record<string, unknown>>, key: string, value: unknown): unknown {
		if (typeof value === 'bigint') return value.toString();
		const original = this[key];
		if (original instanceof Uint8Array) return {hex: Buffer.from(original).toString('hex')};
		if (!tellingKeys.includes(key)) return value;
		return Array.isArray(value) ? value.map(tell) : tell(value);
	};
}
