import {addressed} from '../../core/text/address.ts';
import {cleanLines} from '../../core/text/clean.ts';
import {type FindLinks, withLinks} from '../../core/text/links.ts';
import {type Symbols, withAsciiFallbacks} from '../../core/text/symbols.ts';

export type Paint = 'add' | 'change' | 'drop' | 'quiet' | 'strong';

/** The output of a command: text or JSON to stdout, problems to stderr. In JSON mode, text to stdout is omitted. In text mode, JSON is omitted. */
export interface Output {
	readonly isJson: boolean;
	readonly symbols: Symbols;
	/** Prints one or more lines of cleaned text. Symbols from `unicodeSymbols` are replaced in ASCII mode. */
	line(text?: string): void;
	/** Prints text unchanged: for SQL and anything else to copy. */
	verbatim(text: string): void;
	/** Prints SQL or a model. The text is unchanged in a file or a pipe. For a terminal, control characters are removed. */
	source(text: string): void;
	/** Converts lite-migr's own text for this output, to print it next to `verbatim` text. */
	shown(text: string): string;
	/** Prints one JSON value on its own line. */
	json(value: unknown): void;
	/** Prints text to stderr. */
	problem(text: string): void;
	/** From now on, prints another name instead of these paths of a file, the longest first. */
	rename(paths: readonly string[], name: string): void;
	/** Colors a text if colors are enabled. */
	paint(how: Paint, text: string): string;
}

export interface OutputOptions {
	readonly writeOut: (text: string) => void;
	readonly writeProblem: (text: string) => void;
	readonly isJson: boolean;
	/** True if stdout is a terminal. */
	readonly isTerminal?: boolean;
	readonly hasColor: boolean;
	/** Finds links in text to stdout and to stderr. Absent if the terminal does not support them. */
	readonly linksOut?: FindLinks | undefined;
	readonly linksProblem?: FindLinks | undefined;
	readonly symbols: Symbols;
	/** Flags to insert into suggested commands: see `addressed`. */
	readonly address?: string;
}

const codes: Readonly<Record<Paint, readonly [number, number]>> = {add: [32, 39], change: [33, 39], drop: [31, 39], quiet: [2, 22], strong: [1, 22]};

export function outputOf(options: OutputOptions): Output {
	const {writeOut, writeProblem, isJson, isTerminal = false, hasColor, linksOut, linksProblem, symbols, address = ''} = options;
	const linked = (text: string, find: FindLinks | undefined) => (find === undefined ? text : withLinks(text, find));
	const isAscii = symbols.arrow === '->';
	let named = (text: string) => text;
	const shown = (text: string) => addressed(named(isAscii ? withAsciiFallbacks(text) : text), address);
	return {
		isJson,
		symbols,
		line(text = '') {
			if (!isJson) writeOut(`${linked(shown(text), linksOut)}\n`);
		},
		verbatim(text) {
			if (!isJson) writeOut(`${text}\n`);
		},
		source(text) {
			if (!isJson) writeOut(`${isTerminal ? cleanLines(text) : text}\n`);
		},
		shown,
		json(value) {
			if (isJson) writeOut(`${jsonLine(value, address, named)}\n`);
		},
		problem(text) {
			writeProblem(`${linked(shown(text), linksProblem)}\n`);
		},
		rename(paths, name) {
			named = (text) => paths.reduce((before, path) => renamed(before, path, name), text);
		},
		paint(how, text) {
			const [on, off] = codes[how];
			return hasColor ? `\u001b[${on}m${text}\u001b[${off}m` : text;
		},
	};
}

/** Replaces a path, unless it is only the start of a longer one, such as that of its journal. */
function renamed(text: string, path: string, name: string): string {
	return text.split(path).reduce((before, after) => before + (/^[\w-]|^\.\w/.test(after) ? path : name) + after);
}

/** Returns one line of JSON. Big integers become strings and blobs become `{"hex": "…"}`. Characters that could act on a terminal are escaped. */
export function jsonLine(value: unknown, address = '', named: (text: string) => string = (text) => text): string {
	return JSON.stringify(value, jsonValue(address, named)).replace(
		/[\u007f-\u009f\u061c\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff]/g,
		(character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
	);
}

/** JSON keys whose text can contain suggested commands. Everything else is data. */
const commandKeys = ['hint', 'state', 'undo'];

/** JSON keys with text for people. */
const textKeys = [...commandKeys, 'message', 'details'];

/** Returns a replacer for `JSON.stringify`. `this` has the value before the `toJSON` of a Buffer changes it. */
function jsonValue(address: string, named: (text: string) => string) {
	return function (this: Readonly<Record<string, unknown>>, key: string, value: unknown): unknown {
		if (typeof value === 'bigint') return value.toString();
		const original = this[key];
		if (original instanceof Uint8Array) return {hex: Buffer.from(original).toString('hex')};
		if (!textKeys.includes(key)) return value;
		const written = (text: unknown) => (typeof text === 'string' ? addressed(named(text), commandKeys.includes(key) ? address : '') : text);
		return Array.isArray(value) ? value.map(written) : written(value);
	};
}
