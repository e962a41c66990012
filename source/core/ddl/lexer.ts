import {MigrError} from '../errors.ts';
import type {Source} from '../schema/schema.ts';

export type TokenKind = 'word' | 'quotedName' | 'string' | 'number' | 'blob' | 'parameter' | 'operator' | 'space' | 'comment';

export interface Token {
	readonly kind: TokenKind;
	readonly text: string;
	/** Offset of the first UTF-16 code unit. */
	readonly start: number;
	/** Offset after the last one. */
	readonly end: number;
}

/** Classes of first characters, like `aiClass` in https://www.sqlite.org/src/file/src/tokenize.c. 0 is illegal. */
const space = 1;
const letter = 2;
const x = 3;
const digit = 4;
const dot = 5;
const quote = 6;
const string = 7;
const parameter = 8;
const operator = 9;
const single = 10;

const classes = new Uint8Array(128);
const wordCharacters = new Uint8Array(128);

function classify(characters: string, value: number): void {
	for (const character of characters) classes[character.charCodeAt(0)] = value;
}

const letters = 'abcdefghijklmnopqrstuvwyzABCDEFGHIJKLMNOPQRSTUVWYZ_';
classify('\t\n\f\r ', space);
classify(letters, letter);
classify('xX', x);
classify('0123456789', digit);
classify('.', dot);
classify('"`[', quote);
classify("'", string);
classify('?$@#:', parameter);
classify('-/=<>!|', operator);
classify('%,&~+*();', single);
for (const character of `${letters}xX0123456789$`) wordCharacters[character.charCodeAt(0)] = 1;

const byteOrderMark = 0xfeff;
const semicolon = 59;

/**
 * Splits SQL into tokens as SQLite does (https://www.sqlite.org/lang.html, `sqlite3GetToken`), including whitespace and comments. Each code unit of
 * the text belongs to exactly one token. A block comment may lack its end.
 *
 * Throws MigrError('syntax') with line and column if SQLite would report "unrecognized token". `source` is where the text begins.
 */
export function tokenize(sql: string, source?: Source): Token[] {
	const tokens: Token[] = [];
	for (let start = 0; start < sql.length; ) {
		const token = tokenFrom(sql, start, source);
		tokens.push(token);
		start = token.end;
	}

	return tokens;
}

/** Returns the token that begins at `start`, as in the list of `tokenize`, for texts whose tokens need not be in memory all at once. */
export function tokenFrom(sql: string, start: number, source?: Source): Token {
	const token = tokenAt(sql, start);
	if (token === undefined) throw unrecognized(sql, start, source);
	return token;
}

/**
 * Returns the end of the token at `start` if its first character is enough to know that it is a plain word or one of `( ) , + * % & ~`. Otherwise `start`.
 * So a text can be searched for other tokens without an object for each.
 */
export function endOfPlainToken(sql: string, start: number): number {
	const code = sql.charCodeAt(start);
	if (classes[code] === letter) return endOfWord(sql, start + 1);
	return classes[code] === single && code !== semicolon ? start + 1 : start;
}

/** Splits SQL into significant tokens and comments, without whitespace. */
export function significantTokens(sql: string, source?: Source): {readonly tokens: Token[]; readonly comments: Token[]} {
	const tokens: Token[] = [];
	const comments: Token[] = [];
	for (let start = 0; start < sql.length; ) {
		const code = sql.charCodeAt(start);
		if (code === 32 || code === 10) {
			start = endOfSpace(sql, start + 1, code);
			continue;
		}

		const token = tokenFrom(sql, start, source);
		if (token.kind === 'comment') comments.push(token);
		else if (token.kind !== 'space') tokens.push(token);
		start = token.end;
	}

	return {tokens, comments};
}

/** Returns the line and column (1-based, in code units) of an offset. `source` is where the text begins. */
export function locationOf(sql: string, offset: number, source?: Source): {readonly file?: string; readonly line: number; readonly column: number} {
	let line = 1;
	let lineStart = 0;
	for (let at = sql.indexOf('\n'); at >= 0 && at < offset; at = sql.indexOf('\n', at + 1)) {
		line += 1;
		lineStart = at + 1;
	}

	const column = offset - lineStart + 1;
	return source === undefined ? {line, column} : {file: source.file, line: source.line + line - 1, column};
}

/** True for whitespace and comments. */
export function isInsignificant(token: Token): boolean {
	return token.kind === 'space' || token.kind === 'comment';
}

/** Returns a token's text as a name, without quotes. SQLite also accepts a string literal as a name. */
export function tokenName(token: Token): string {
	if (token.kind === 'word') return token.text;
	const inner = token.text.slice(1, -1);
	const closing = token.text.charAt(0);
	return closing === '[' || !inner.includes(closing) ? inner : inner.replaceAll(closing + closing, closing);
}

/** Returns the token that begins at `start`. Undefined if no token does. */
function tokenAt(sql: string, start: number): Token | undefined {
	const code = sql.charCodeAt(start);
	if (code > 127) return code === byteOrderMark ? token('space', sql, start, start + 1) : token('word', sql, start, endOfWord(sql, start + 1));
	switch (classes[code]) {
		case space:
			return token('space', sql, start, endOfSpace(sql, start + 1, code));
		case letter:
			return token('word', sql, start, endOfWord(sql, start + 1));
		case x:
			if (sql.charCodeAt(start + 1) === 39) return token('blob', sql, start, endOfBlob(sql, start));
			return token('word', sql, start, endOfWord(sql, start + 1));
		case digit:
			return token('number', sql, start, endOfNumber(sql, start));
		case dot:
			if (isDigit(sql.charCodeAt(start + 1))) return token('number', sql, start, endOfNumber(sql, start));
			return token('operator', sql, start, start + 1);
		case string:
			return token('string', sql, start, endOfQuoted(sql, start, "'"));
		case quote:
			return token('quotedName', sql, start, code === 91 ? sql.indexOf(']', start) + 1 : endOfQuoted(sql, start, code === 34 ? '"' : '`'));
		case single:
			return {kind: 'operator', text: sql.charAt(start), start, end: start + 1};
		case parameter:
			return token('parameter', sql, start, endOfParameter(sql, start, code));
		case operator:
			if (startsComment(sql, start, code)) return token('comment', sql, start, endOfComment(sql, start, code));
			return token('operator', sql, start, endOfOperator(sql, start, code));
		default:
			return undefined;
	}
}

function token(kind: TokenKind, sql: string, start: number, end: number): Token | undefined {
	return end > start ? {kind, text: sql.slice(start, end), start, end} : undefined;
}

/** True if a comment begins here. As in SQLite, a slash and a star at the very end of the text are two operators. */
function startsComment(sql: string, start: number, code: number): boolean {
	if (code !== 45 && code !== 47) return false;
	const next = sql.charCodeAt(start + 1);
	return code === 45 ? next === 45 : next === 42 && start + 2 < sql.length;
}

function isDigit(code: number): boolean {
	return code >= 48 && code <= 57;
}

function isWordCharacter(code: number): boolean {
	return code > 127 || wordCharacters[code] === 1;
}

/** Returns the end of whitespace. As in SQLite, a vertical tab only counts after other whitespace, and a byte order mark is its own token. */
function endOfSpace(sql: string, from: number, first: number): number {
	let at = from;
	if (first === byteOrderMark) return at;
	for (let code = sql.charCodeAt(at); code === 32 || (code >= 9 && code <= 13); code = sql.charCodeAt(at)) at += 1;
	return at;
}

function endOfWord(sql: string, from: number): number {
	let at = from;
	while (at < sql.length && isWordCharacter(sql.charCodeAt(at))) at += 1;
	return at;
}

function endOfQuoted(sql: string, start: number, closing: string): number {
	const code = closing.charCodeAt(0);
	let at = sql.indexOf(closing, start + 1);
	while (at >= 0 && sql.charCodeAt(at + 1) === code) at = sql.indexOf(closing, at + 2);
	return at < 0 ? -1 : at + 1;
}

const numberPattern = /0[xX][\da-fA-F][\da-fA-F_]*|[\d_]*(?:\.[\d_]*)?(?:[eE](?:\d|[+-]\d)[\d_]*)?/y;
const strayUnderscore = /(?<![\da-fA-F])_|_(?![\da-fA-F])/;
const strayUnderscoreInDecimal = /(?<!\d)_|_(?!\d)/;

function endOfNumber(sql: string, start: number): number {
	let digits = start;
	while (isDigit(sql.charCodeAt(digits))) digits += 1;
	// Most numbers are only digits.
	if (digits > start && !isWordCharacter(sql.charCodeAt(digits)) && sql.charCodeAt(digits) !== 46) return digits;
	numberPattern.lastIndex = start;
	const text = numberPattern.exec(sql)?.[0] ?? '';
	const end = start + text.length;
	if (end < sql.length && isWordCharacter(sql.charCodeAt(end))) return -1;
	if (!text.includes('_')) return end;
	const isHex = text.charAt(1) === 'x' || text.charAt(1) === 'X';
	return (isHex ? strayUnderscore : strayUnderscoreInDecimal).test(text) ? -1 : end;
}

function endOfBlob(sql: string, start: number): number {
	const end = sql.indexOf("'", start + 2);
	return end >= 0 && (end - start) % 2 === 0 && !/[^\da-fA-F]/.test(sql.slice(start + 2, end)) ? end + 1 : -1;
}

/** Returns the end of a parameter: `?1`, `:name`, `@name`, `$name::suffix(index)` (https://www.sqlite.org/lang_expr.html#varparam). */
function endOfParameter(sql: string, start: number, code: number): number {
	let at = start + 1;
	if (code === 63) {
		while (isDigit(sql.charCodeAt(at))) at += 1;
		return at;
	}

	let hasName = false;
	for (let next = sql.charCodeAt(at); at < sql.length; next = sql.charCodeAt(at)) {
		if (isWordCharacter(next)) hasName = true;
		else if (next === 58 && sql.charCodeAt(at + 1) === 58) at += 1;
		else break;
		at += 1;
	}

	if (!hasName) return -1;
	if (sql.charCodeAt(at) !== 40) return at;
	const length = sql.slice(at).search(/[\s)]/);
	return length >= 0 && sql.charAt(at + length) === ')' ? at + length + 1 : -1;
}

function endOfComment(sql: string, start: number, code: number): number {
	const end = code === 45 ? sql.indexOf('\n', start) : sql.indexOf('*/', start + 2);
	return end < 0 ? sql.length : code === 45 ? end : end + 2;
}

function endOfOperator(sql: string, start: number, code: number): number {
	const next = sql.charCodeAt(start + 1);
	switch (code) {
		case 45: // -> and ->>
			return next === 62 ? start + (sql.charCodeAt(start + 2) === 62 ? 3 : 2) : start + 1;
		case 61: // = and ==
			return start + (next === 61 ? 2 : 1);
		case 60: // <= <> <<
			return start + (next === 61 || next === 62 || next === 60 ? 2 : 1);
		case 62: // >= >>
			return start + (next === 61 || next === 62 ? 2 : 1);
		case 33: // !=
			return next === 61 ? start + 2 : -1;
		case 124: // ||
			return start + (next === 124 ? 2 : 1);
		default: // a slash
			return start + 1;
	}
}

function unrecognized(sql: string, start: number, source: Source | undefined): MigrError {
	const first = sql.charAt(start);
	const location = locationOf(sql, start, source);
	if (first === "'" || first === '"' || first === '`' || first === '[') {
		const hint = `close it with ${first === '[' ? ']' : first}`;
		return new MigrError('syntax', `the quote ${first} that opens here is never closed`, {location, hint});
	}

	const piece = /^[^\s();,]{1,20}/.exec(sql.slice(start, start + 20))?.[0] ?? first;
	return new MigrError('syntax', `unrecognized token: ${JSON.stringify(piece)}`, {location});
}

/** Returns the name that a quoted or plain identifier means. */
export function nameOf(identifier: string): string {
	const [token] = tokenize(identifier);
	return token === undefined ? identifier : tokenName(token);
}
