import {MigrError} from '../errors.ts';
import type {Source} from '../schema/schema.ts';
import {isReserved} from './keywords.ts';
import {locationOf, nameOf, significantTokens, type Token} from './lexer.ts';

/** A place in the tokens of one statement; the readers move `at` on. */
export interface Cursor {
	readonly sql: string;
	/** Without white space and comments. */
	readonly tokens: readonly Token[];
	readonly comments: readonly Token[];
	/** Where the text begins, for what comes from a file. */
	readonly source: Source | undefined;
	at: number;
}

/** A cursor at the first token. Throws MigrError('syntax') for a text that has no tokens in it. */
export function cursorOver(sql: string, source?: Source): Cursor {
	const {tokens, comments} = significantTokens(sql, source);
	return {sql, tokens, comments, source, at: 0};
}

export function peek(cursor: Cursor, ahead = 0): Token | undefined {
	return cursor.tokens[cursor.at + ahead];
}

/** True where the token is this keyword, given in upper case. */
export function isWord(token: Token | undefined, word: string): boolean {
	return (
		token !== undefined && token.kind === 'word' && token.text.length === word.length && (token.text === word || token.text.toUpperCase() === word)
	);
}

export function isOperator(token: Token | undefined, operator: string): boolean {
	return token !== undefined && token.text === operator;
}

/** Steps over the keyword if it stands here. */
export function takeWord(cursor: Cursor, word: string): boolean {
	if (!isWord(cursor.tokens[cursor.at], word)) return false;
	cursor.at += 1;
	return true;
}

/** Steps over both keywords if they stand here. */
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

/** True for a token that can stand where the grammar of SQLite has `nm`: a word that is not reserved, a quoted name, a string literal. */
export function isName(token: Token | undefined): token is Token {
	if (token === undefined) return false;
	return token.kind === 'word' ? !isReserved(token.text) : token.kind === 'quotedName' || token.kind === 'string';
}

/** Reads a name; `what` says in words what is wanted. */
export function readName(cursor: Cursor, what: string): string {
	const token = cursor.tokens[cursor.at];
	if (!isName(token)) throw unexpected(cursor, what);
	cursor.at += 1;
	return nameOf(token);
}

/** The name that stands at a token, behind `main.` or the like where that is written, and the index of what follows; undefined behind the last token. */
export function qualifiedName(tokens: readonly Token[], at: number): {readonly name: string; readonly next: number} | undefined {
	const last = tokens[at + 1]?.text === '.' ? at + 2 : at;
	const token = tokens[last];
	return token === undefined ? undefined : {name: nameOf(token), next: last + 1};
}

/** Steps over a parenthesised group; returns the indexes of the first token inside and of the closing parenthesis. */
export function readGroup(cursor: Cursor, what: string): {readonly from: number; readonly to: number} {
	const open = cursor.at;
	if (!takeOperator(cursor, '(')) throw unexpected(cursor, what);
	const to = closingOf(cursor, open);
	if (to === open + 1) throw unexpected(cursor, what);
	cursor.at = to + 1;
	return {from: open + 1, to};
}

/** The index of the parenthesis that closes the one at `open`. */
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

/** Steps over at most one semicolon at the end; anything behind it is an error. */
export function expectEnd(cursor: Cursor): void {
	const semicolon = takeOperator(cursor, ';');
	while (takeOperator(cursor, ';'));
	if (peek(cursor) !== undefined) throw unexpected(cursor, semicolon ? 'one statement only' : 'the end of the statement');
}

/** An error that says what stands at the cursor and what should. */
export function unexpected(cursor: Cursor, wanted: string): MigrError {
	const token = peek(cursor);
	const found = token === undefined ? 'the statement ends too early' : `syntax error near ${JSON.stringify(token.text.slice(0, 40))}`;
	return syntaxError(cursor, `${found}: expected ${wanted}`, cursor.at);
}

/** An error at a token. */
export function syntaxError(cursor: Cursor, message: string, index: number, hint?: string): MigrError {
	const offset = cursor.tokens[index]?.start ?? cursor.sql.length;
	const location = locationOf(cursor.sql, offset, cursor.source);
	return new MigrError('syntax', message, hint === undefined ? {location} : {location, hint});
}
