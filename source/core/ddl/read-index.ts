import type {Index, IndexColumn, Source} from '../schema/schema.ts';
import {readCreate, readObjectName, statementText} from './create-head.ts';
import {
	type Cursor,
	cursorOver,
	expectEnd,
	expectOperator,
	expectWord,
	isWord,
	peek,
	readName,
	takeOperator,
	takeWord,
	unexpected,
} from './cursor.ts';
import {columnTokens, outerParentheses, sqlBetween} from './expression.ts';
import {isLiteralWord, isReserved} from './keywords.ts';
import {type Token, tokenName} from './lexer.ts';

/** Reads a CREATE INDEX statement: https://www.sqlite.org/lang_createindex.html. Throws MigrError('syntax'). */
export function readIndex(sql: string, source?: Source): Index {
	const cursor = cursorOver(sql, source);
	readCreate(cursor);
	const unique = takeWord(cursor, 'UNIQUE');
	expectWord(cursor, 'INDEX');
	const {name} = readObjectName(cursor, 'the name of an index');
	expectWord(cursor, 'ON');
	const table = readName(cursor, 'the name of a table');
	const columns = readIndexColumns(cursor);
	let where: Index['where'];
	if (takeWord(cursor, 'WHERE')) {
		const from = cursor.at;
		while (peek(cursor) !== undefined && peek(cursor)?.text !== ';') cursor.at += 1;
		if (from === cursor.at) throw unexpected(cursor, 'an expression');
		where = sqlBetween(cursor, from, cursor.at);
	}

	const text = statementText(cursor);
	expectEnd(cursor);
	return {kind: 'index', name, table, unique, columns, where, sql: text, source};
}

function readIndexColumns(cursor: Cursor): IndexColumn[] {
	expectOperator(cursor, '(');
	const columns: IndexColumn[] = [];
	do {
		const from = cursor.at;
		let depth = 0;
		for (let token = peek(cursor); token !== undefined; token = peek(cursor)) {
			if (depth === 0 && (token.text === ',' || token.text === ')')) break;
			if (token.text === '(') depth += 1;
			else if (token.text === ')') depth -= 1;
			cursor.at += 1;
		}

		if (from === cursor.at) throw unexpected(cursor, 'a column or an expression');
		columns.push(indexColumn(cursor, from, cursor.at));
	} while (takeOperator(cursor, ','));
	expectOperator(cursor, ')');
	return columns;
}

function indexColumn(cursor: Cursor, from: number, end: number): IndexColumn {
	const {tokens} = cursor;
	let to = end;
	const descending = to - from > 1 && isWord(tokens[to - 1], 'DESC');
	if (descending || (to - from > 1 && isWord(tokens[to - 1], 'ASC'))) to -= 1;

	let start = from;
	const collations: string[] = [];
	// After 100 levels, the rest stays part of the expression: real schemas have few levels, and each one costs a pass.
	for (let level = 0; level < 100; level += 1) {
		const around = outerParentheses(tokens, start, to);
		start += around;
		to -= around;
		const collation = tokens[to - 1];
		if (collation === undefined || to - start < 3 || !isWord(tokens[to - 2], 'COLLATE') || !isOperand(tokens, start, to - 2)) break;
		collations.push(tokenName(collation));
		to -= 2;
	}

	const [collate] = collations;
	const {expression, column} = indexed(cursor, start, to, collations.length);
	return {expression, column, collate, descending};
}

/** Reads a column name or an expression. SQLite also reads a string literal as a column name, except under two collations. */
function indexed(cursor: Cursor, from: number, to: number, collations: number): Pick<IndexColumn, 'expression' | 'column'> {
	const only = cursor.tokens[from];
	const expression = sqlBetween(cursor, from, to);
	if (to - from !== 1 || only === undefined) return {expression};
	if (only.kind === 'string' && collations > 1) return {expression: {text: `+${expression.text}`, normal: `+${expression.normal}`}};
	const column = columnName(only);
	return column === undefined ? {expression} : {expression, column};
}

function columnName(token: Token): string | undefined {
	if (token.kind === 'quotedName' || token.kind === 'string') return tokenName(token);
	return token.kind === 'word' && !isReserved(token.text) && !isLiteralWord(token.text) ? token.text : undefined;
}

/**
 * True if the tokens are one operand, so a COLLATE after them applies to all of them. In `a || b COLLATE NOCASE` it applies to `b` only. COLLATE
 * binds more loosely than a sign, and more tightly than every operator between two operands.
 */
function isOperand(tokens: readonly Token[], from: number, to: number): boolean {
	let at = from;
	while (at < to && /^[-+~]$/.test(tokens[at]?.text ?? '')) at += 1;
	if (isWord(tokens[at], 'CASE')) at = endOfCase(tokens, at, to);
	else if (tokens[at]?.text !== '(') {
		if (tokens[at]?.kind === 'operator' || isWord(tokens[at], 'NOT')) return false;
		at += 1;
		while (at < to && tokens[at]?.text === '.') at += 2;
	}

	if (at < to && tokens[at]?.text === '(') at = endOfGroup(tokens, at, to);
	while (at < to && isWord(tokens[at], 'COLLATE')) at += 2;
	return at === to;
}

function endOfGroup(tokens: readonly Token[], from: number, to: number): number {
	let depth = 0;
	for (let at = from; at < to; at += 1) {
		const text = tokens[at]?.text;
		if (text === '(') depth += 1;
		else if (text === ')') depth -= 1;
		if (depth === 0) return at + 1;
	}

	return to;
}

function endOfCase(tokens: readonly Token[], from: number, to: number): number {
	const columns = new Set(columnTokens(tokens, from, to, ''));
	let depth = 0;
	for (let at = from; at < to; at += 1) {
		if (isWord(tokens[at], 'CASE')) depth += 1;
		else if (isWord(tokens[at], 'END') && !columns.has(at)) depth -= 1;
		if (depth === 0) return at + 1;
	}

	return to;
}
