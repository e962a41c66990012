/** A table header or a `key = value` in TOML text, with its position. */
export interface TomlEntry {
	/** The full path of names: `['migrate', 'db_path']`. */
	readonly path: readonly string[];
	readonly kind: 'table' | 'value';
	/** 1-based. */
	readonly line: number;
	/** Offset of the header's bracket or the key. */
	readonly start: number;
	/** Offsets of the value's first character and after its last. For a table, the offsets of its header. */
	readonly valueStart: number;
	readonly end: number;
}

/**
 * Returns the table headers and keys of TOML text with their positions, which the parser does not report. The text must be valid TOML: it is not
 * checked again. Keys inside inline tables and arrays are not listed.
 */
export function tomlEntries(text: string): TomlEntry[] {
	const entries: TomlEntry[] = [];
	let table: string[] = [];
	let line = 1;
	let counted = 0;
	let offset = 0;
	for (;;) {
		const start = skipBlank(text, offset);
		if (start >= text.length) return entries;
		for (; counted < start; counted++) if (text[counted] === '\n') line++;
		if (text[start] === '[') {
			const key = readKey(text, start + (text[start + 1] === '[' ? 2 : 1));
			table = key.path;
			offset = lineEnd(text, key.end);
			entries.push({path: table, kind: 'table', line, start, valueStart: start, end: offset});
		} else {
			const key = readKey(text, start);
			const valueStart = skipSpace(text, text.indexOf('=', key.end) + 1);
			offset = valueEnd(text, valueStart);
			entries.push({path: [...table, ...key.path], kind: 'value', line, start, valueStart, end: offset});
		}
	}
}

/** Returns the spans of an array's elements, without commas and comments. `start` is the offset of the opening bracket. */
export function tomlElements(text: string, start: number): {readonly start: number; readonly end: number}[] {
	const elements: {start: number; end: number}[] = [];
	let offset = start + 1;
	for (;;) {
		offset = skipBlank(text, offset);
		if (text[offset] === ',') offset++;
		else if (offset >= text.length || text[offset] === ']') return elements;
		else {
			const end = valueEnd(text, offset);
			elements.push({start: offset, end});
			offset = end;
		}
	}
}

/** Returns the offset after the last character of the line, before its line break. */
export function lineEnd(text: string, offset: number): number {
	const end = text.indexOf('\n', offset);
	if (end === -1) return text.length;
	return text[end - 1] === '\r' && end > offset ? end - 1 : end;
}

/** Returns the offset after whitespace, line breaks and comments. */
function skipBlank(text: string, from: number): number {
	let offset = from;
	for (;;) {
		while (offset < text.length && /\s/.test(text[offset] ?? '')) offset++;
		if (text[offset] !== '#') return offset;
		offset = lineEnd(text, offset);
	}
}

function skipSpace(text: string, from: number): number {
	let offset = from;
	while (text[offset] === ' ' || text[offset] === '\t') offset++;
	return offset;
}

function readKey(text: string, from: number): {path: string[]; end: number} {
	const path: string[] = [];
	let offset = from;
	for (;;) {
		offset = skipSpace(text, offset);
		const end = text[offset] === '"' || text[offset] === "'" ? stringEnd(text, offset) : bareEnd(text, offset);
		path.push(keyName(text.slice(offset, end)));
		offset = skipSpace(text, end);
		if (text[offset] !== '.' || end === text.length) return {path, end: offset};
		offset++;
	}
}

function keyName(written: string): string {
	if (written.startsWith("'")) return written.slice(1, -1);
	if (!written.startsWith('"')) return written;
	return written.slice(1, -1).replace(/\\(?:u([\da-fA-F]{4})|U([\da-fA-F]{8})|(.))/g, (_, short, long, letter) => {
		const hex = short ?? long;
		return hex === undefined
			? ({b: '\b', t: '\t', n: '\n', f: '\f', r: '\r'}[letter as string] ?? letter)
			: String.fromCodePoint(Number.parseInt(hex, 16));
	});
}

function bareEnd(text: string, from: number): number {
	let offset = from;
	while (offset < text.length && /[\w-]/.test(text[offset] ?? '')) offset++;
	return offset;
}

function stringEnd(text: string, from: number): number {
	const quote = text[from] ?? '';
	const triple = text.startsWith(quote.repeat(3), from);
	let offset = from + (triple ? 3 : 1);
	while (offset < text.length && !text.startsWith(triple ? quote.repeat(3) : quote, offset)) offset += quote === '"' && text[offset] === '\\' ? 2 : 1;
	if (!triple) return offset + 1;
	// Up to two quotes may come directly before the closing three.
	offset += 3;
	while (text[offset] === quote) offset++;
	return offset;
}

function valueEnd(text: string, from: number): number {
	const first = text[from];
	if (first === '"' || first === "'") return stringEnd(text, from);
	if (first !== '[' && first !== '{') {
		let offset = from;
		while (offset < text.length && !/[,\]}#\r\n]/.test(text[offset] ?? '')) offset++;
		return from + text.slice(from, offset).trimEnd().length;
	}
	let depth = 0;
	let offset = from;
	while (offset < text.length) {
		const character = text[offset];
		if (character === '"' || character === "'") {
			offset = stringEnd(text, offset);
			continue;
		}
		if (character === '#') {
			offset = lineEnd(text, offset);
			continue;
		}
		if (character === '[' || character === '{') depth++;
		if (character === ']' || character === '}') depth--;
		offset++;
		if (depth === 0) break;
	}
	return offset;
}
