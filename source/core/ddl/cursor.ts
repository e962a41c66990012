import {MigrError} from '../errors.ts';
import type {Source} from '../schema/schema.ts';
import {isReserved} from './keywords.ts';
import {locationOf, significantTokens, type Token, tokenName} from './lexer.ts';

/** A position in the tokens of one statement. The reading functions advance `at`. */
export interface Cursor {
	readonly sql: string;
	/** The tokens without whitespace and comments. */
	readonly tokens: readonly Token[];
	readonly comments: readonly Token[];
	/** The position where the text begins, if it comes from a file. */
	readonly source: Source | undefined;
	at: number;
}

/** Returns a cursor at the first token. Throws MigrError('syntax') if the text cannot be tokenized. */
export function cursorOver(sql: string, source?: Source): Cursor {
	const {tokens, comments} = significantTokens(sql, source);
	return {sql, tokens, comments, source, at: 0};
}

export function peek(cursor: Cursor, ahead = 0): Token | undefined {
	return cursor.tokens[cursor.at + ahead];
}

/** True if the token is this keyword, which must be given in upper case. */
export function isWord(token: Token | undefined, word: string): boolean {
	return (
		token !== undefined && token.kind === 'word' && token.text.length === word.length && (token.text === word || token.text.toUpperCase() === word)
	);
}

export function isOperator(token: Token | undefined, operator: string): boolean {
	return token !== undefined && token.text === operator;
}

/** Steps over the keyword if it is next. Returns false if it is not. */
export function takeWord(cursor: Cursor, word: string): boolean {
	if (!isWord(cursor.tokens[cursor.at], word)) return false;
	cursor.at += 1;
	return true;
}

/** Steps over both keywords if they are next. Returns false if they are not. */
export function takeWords(cursor: Cursor, first: string, second: string): boolean {
	if (!isWord(cursor.tokens[cursor.at], first) || !isWord(cursor.tokens[cursor.at + 1], second)) return false;
	cursor.at += 2;
	return true;
}

export function takeOperator(cursor: Cursor, operator: string): boolean {
	if (!isOperator(cursor.tokens[cursor.at], operator)) return false;
	cursor.at += 1;
	return true;
}

export function expectWord(cursor: Cursor, word: string): void {
	if (!takeWord(cursor, word)) throw unexpected(cursor, word);
}

export function expectOperator(cursor: Cursor, operator: string): void {
	if (!takeOperator(cursor, operator)) throw unexpected(cursor, `"${operator}"`);
}

/** True for a token that SQLite's grammar accepts as `nm`: a word that is not reserved, a quoted name or a string literal. */
export function isName(token: Token | undefined): token is Token {
	if (token === undefined) return false;
	return token.kind === 'word' ? !isReserved(token.text) : token.kind === 'quotedName' || token.kind === 'string';
}

/** Reads a name. `what` describes the expected name for the error message. */
export function readName(cursor: Cursor, what: string): string {
	const token = cursor.tokens[cursor.at];
	if (!isName(token)) throw unexpected(cursor, what);
	cursor.at += 1;
	return tokenName(token);
}

/** Returns the name at a token, without a schema name such as `main.`, and the index of the next token. Undefined after the last token. */
export function qualifiedName(tokens: readonly Token[], at: number): {readonly name: string; readonly next: number} | undefined {
	const last = tokens[at + 1]?.text === '.' ? at + 2 : at;
	const token = tokens[last];
	return token === undefined ? undefined : {name: tokenName(token), next: last + 1};
}

/** Steps over a parenthesized group. Returns the indexes of the first token inside and of the closing parenthesis. */
export function readGroup(cursor: Cursor, what: string): {readonly from: number; readonly to: number} {
	const open = cursor.at;
	if (!takeOperator(cursor, '(')) throw unexpected(cursor, what);
	const to = closingOf(cursor, open);
	// Parentheses in parentheses are no expression either.
	if (cursor.tokens.slice(open, to).every(({text}) => text === '(' || text === ')')) throw unexpected(cursor, what);
	cursor.at = to + 1;
	return {from: open + 1, to};
}

/** Returns the index of the parenthesis that closes the one at `open`. */
export function closingOf(cursor: Cursor, open: number): number {
	let depth = 0;
	for (let index = open; index < cursor.tokens.length; index += 1) {
		const text = cursor.tokens[index]?.text;
		if (text === '(') depth += 1;
		else if (text === ')') {
			depth -= 1;
			if (depth === 0) return index;
		}
	}

	throw syntaxError(cursor, 'the parenthesis that opens here is never closed', open);
}

/** Steps over semicolons at the end. Anything after them is an error. */
export function expectEnd(cursor: Cursor): void {
	const semicolon = takeOperator(cursor, ';');
	while (takeOperator(cursor, ';'));
	if (peek(cursor) !== undefined) throw unexpected(cursor, semicolon ? 'one statement only' : 'the end of the statement');
}

/** Returns an error that names the token at the cursor and the expected one. */
export function unexpected(cursor: Cursor, expected: string): MigrError {
	const token = peek(cursor);
	const found = token === undefined ? 'the statement ends too early' : `syntax error near ${JSON.stringify(token.text.slice(0, 40))}`;
	return syntaxError(cursor, `${found}: expected ${expected}`, cursor.at);
}

/** Returns an error located at a token. */
export function syntaxError(cursor: Cursor, message: string, index: number, hint?: string): MigrError {
	const offset = cursor.tokens[index]?.start ?? cursor.sql.length;
	const location = locationOf(cursor.sql, offset, cursor.source);
	return new MigrError('syntax', message, hint === undefined ? {location} : {location, hint});
}
