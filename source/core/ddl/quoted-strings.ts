import {literal, nameKey} from '../schema/identifiers.ts';
import {rowidNames} from '../schema/key-columns.ts';
import type {Index, Table} from '../schema/schema.ts';
import {type Cursor, closingOf, cursorOver, isWord} from './cursor.ts';
import {columnTokens} from './expression.ts';
import {nameOf, type Token} from './lexer.ts';

/**
 * Names in double quotes, in the expressions of a table or of one of its indexes, that no column has. SQLite once took such names for string
 * literals (https://www.sqlite.org/quirks.html#dblquote) and still reads them from old schemas, but such an object can no longer be created.
 * Each name once, without its quotes.
 */
export function doubleQuotedStrings(object: Table | Index, table: Pick<Table, 'columns'> = object as Table): string[] {
	const cursor = cursorOver(object.sql);
	const columns = table.columns.map((column) => column.name);
	return [...new Set(strayTokens(cursor, columns).map((token) => nameOf(token)))];
}

/**
 * The CREATE TABLE or CREATE INDEX statement with exactly those tokens written as string literals; everything else stays byte for byte.
 * `columns` are the names of the table's columns.
 */
export function mendDoubleQuotedStrings(sql: string, columns: readonly string[]): string {
	const cursor = cursorOver(sql);
	let mended = '';
	let at = 0;
	for (const token of strayTokens(cursor, columns)) {
		// A string literal that is all of an indexed column would be the column's name again; a sign before it makes it an expression.
		mended += sql.slice(at, token.start) + (isWholeIndexColumn(cursor, token) ? '+' : '') + literal(nameOf(token));
		at = token.end;
	}

	return mended + sql.slice(at);
}

/**
 * A CREATE VIEW or CREATE TRIGGER statement with `"text"` as a string literal wherever it can be one: not as a name behind AS, nor one that belongs to
 * another with a dot or a parenthesis.
 */
export function mendString(sql: string, text: string): string {
	const {tokens} = cursorOver(sql);
	let mended = '';
	let at = 0;
	for (const [index, token] of tokens.entries()) {
		if (token.kind !== 'quotedName' || !token.text.startsWith('"') || nameOf(token) !== text) continue;
		const [before, behind] = [tokens[index - 1], tokens[index + 1]];
		if (isWord(before, 'AS') || before?.text === '.' || behind?.text === '.' || behind?.text === '(') continue;
		mended += sql.slice(at, token.start) + literal(text);
		at = token.end;
	}

	return mended + sql.slice(at);
}

function strayTokens(cursor: Cursor, columns: readonly string[]): Token[] {
	const known = new Set([...columns.map(nameKey), ...rowidNames]);
	return expressionRanges(cursor)
		.flatMap(({from, to}) => columnTokens(cursor.tokens, from, to, ''))
		.map((index) => cursor.tokens[index])
		.filter((token) => token?.text.startsWith('"') && !known.has(nameKey(nameOf(token)))) as Token[];
}

/** Where a CREATE TABLE or CREATE INDEX has expressions over a row: CHECK and generated columns; what is indexed, and WHERE. */
function expressionRanges(cursor: Cursor): {readonly from: number; readonly to: number}[] {
	const opening = cursor.tokens.findIndex((token) => token.text === '(');
	if (opening < 0) return [];
	const closing = closingOf(cursor, opening);
	if (isIndex(cursor)) return [{from: opening + 1, to: cursor.tokens.length}];
	const ranges: {from: number; to: number}[] = [];
	for (let index = opening + 1; index < closing; index += 1) {
		if (cursor.tokens[index]?.text !== '(') continue;
		const to = closingOf(cursor, index);
		const before = cursor.tokens[index - 1];
		if (isWord(before, 'CHECK') || isWord(before, 'AS')) ranges.push({from: index + 1, to});
		index = to;
	}

	return ranges;
}

function isIndex(cursor: Cursor): boolean {
	return isWord(cursor.tokens[1], 'INDEX') || isWord(cursor.tokens[2], 'INDEX');
}

function isWholeIndexColumn(cursor: Cursor, token: Token): boolean {
	if (!isIndex(cursor)) return false;
	const index = cursor.tokens.indexOf(token);
	const before = cursor.tokens[index - 1]?.text;
	const behind = cursor.tokens[index + 1];
	const depth = cursor.tokens.slice(0, index).reduce((sum, {text}) => sum + (text === '(' ? 1 : text === ')' ? -1 : 0), 0);
	const ends = behind?.text === ',' || behind?.text === ')' || ['COLLATE', 'ASC', 'DESC'].some((word) => isWord(behind, word));
	return depth === 1 && (before === '(' || before === ',') && ends;
}
