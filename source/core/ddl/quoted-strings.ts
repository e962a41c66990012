import {literal, nameKey} from '../schema/identifiers.ts';
import {rowidNames} from '../schema/key-columns.ts';
import type {Index, Table} from '../schema/schema.ts';
import {type Cursor, closingOf, cursorOver, isWord} from './cursor.ts';
import {columnTokens} from './expression.ts';
import {type Token, tokenName} from './lexer.ts';

/**
 * Returns the names in double quotes, in the expressions of a table or index, that are not column names. SQLite once read such names as string
 * literals (https://www.sqlite.org/quirks.html#dblquote). It still accepts them in old schemas, but no longer creates such objects. The result has no
 * quotes and no duplicates.
 */
export function doubleQuotedStrings(object: Table | Index, table: Pick<Table, 'columns'> = object as Table): string[] {
	if (!object.sql.includes('"')) return [];
	const cursor = cursorOver(object.sql);
	const columns = table.columns.map((column) => column.name);
	return [...new Set(strayTokens(cursor, columns).map((token) => tokenName(token)))];
}

/**
 * Rewrites exactly those tokens of a CREATE TABLE or CREATE INDEX statement as string literals. Everything else stays unchanged, byte for byte.
 * `columns` are the names of the table's columns.
 */
export function fixDoubleQuotedStrings(sql: string, columns: readonly string[]): string {
	const cursor = cursorOver(sql);
	let fixed = '';
	let at = 0;
	for (const token of strayTokens(cursor, columns)) {
		// SQLite would read a string literal that is a whole indexed column as a column name. A plus sign makes it an expression.
		fixed += sql.slice(at, token.start) + (isWholeIndexColumn(cursor, token) ? '+' : '') + literal(tokenName(token));
		at = token.end;
	}

	return fixed + sql.slice(at);
}

/**
 * Rewrites `"text"` as a string literal in a CREATE VIEW or CREATE TRIGGER statement. Names after AS, and names next to a dot or before a
 * parenthesis, stay unchanged.
 */
export function fixString(sql: string, text: string): string {
	const {tokens} = cursorOver(sql);
	let fixed = '';
	let at = 0;
	for (const [index, token] of tokens.entries()) {
		if (token.kind !== 'quotedName' || !token.text.startsWith('"') || tokenName(token) !== text) continue;
		const [before, after] = [tokens[index - 1], tokens[index + 1]];
		if (isWord(before, 'AS') || before?.text === '.' || after?.text === '.' || after?.text === '(') continue;
		fixed += sql.slice(at, token.start) + literal(text);
		at = token.end;
	}

	return fixed + sql.slice(at);
}

function strayTokens(cursor: Cursor, columns: readonly string[]): Token[] {
	const known = new Set([...columns.map(nameKey), ...rowidNames]);
	return expressionRanges(cursor)
		.flatMap(({from, to}) => columnTokens(cursor.tokens, from, to, ''))
		.map((index) => cursor.tokens[index])
		.filter((token) => token?.text.startsWith('"') && !known.has(nameKey(tokenName(token)))) as Token[];
}

/** Returns the ranges of a CREATE TABLE or CREATE INDEX that are row expressions: CHECK, generated columns, indexed expressions and WHERE. */
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
	const after = cursor.tokens[index + 1];
	const depth = cursor.tokens.slice(0, index).reduce((sum, {text}) => sum + (text === '(' ? 1 : text === ')' ? -1 : 0), 0);
	const ends = after?.text === ',' || after?.text === ')' || ['COLLATE', 'ASC', 'DESC'].some((word) => isWord(after, word));
	return depth === 1 && (before === '(' || before === ',') && ends;
}
