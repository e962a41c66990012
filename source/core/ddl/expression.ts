import {identifier, nameKey, quoted, sameName} from '../schema/identifiers.ts';
import type {Sql} from '../schema/schema.ts';
import {type Cursor, cursorOver, isWord} from './cursor.ts';
import {isLiteralWord, isReserved} from './keywords.ts';
import {type Token, tokenName} from './lexer.ts';

/**
 * Reads a piece of SQL, as text and in normal form. Throws MigrError('syntax') if the text cannot be tokenized.
 */
export function readSql(text: string): Sql {
	const cursor = cursorOver(text);
	return sqlBetween(cursor, 0, cursor.tokens.length);
}

/** Returns the tokens from `from` up to but not including `to` as a piece of SQL, without parentheses around the whole. */
export function sqlBetween(cursor: Cursor, from: number, to: number): Sql {
	const only = cursor.tokens[from];
	if (to === from + 1 && only !== undefined) return {text: only.text, normal: normalToken(only)};
	const around = outerParentheses(cursor.tokens, from, to);
	const first = cursor.tokens[from + around];
	const last = cursor.tokens[to - around - 1];
	if (first === undefined || last === undefined || from + around >= to - around) return {text: '', normal: ''};
	return {text: cursor.sql.slice(first.start, last.end), normal: normalBetween(cursor.tokens, from + around, to - around)};
}

/** Counts the pairs of parentheses around all the tokens between `from` and `to`. Needs one pass, regardless of the depth. */
export function outerParentheses(tokens: readonly Token[], from: number, to: number): number {
	let leading = 0;
	while (from + leading < to && tokens[from + leading]?.text === '(') leading += 1;
	if (leading === 0) return 0;
	let trailing = 0;
	while (to - trailing > from + leading && tokens[to - trailing - 1]?.text === ')') trailing += 1;
	let depth = leading;
	let lowest = Math.min(leading, trailing);
	for (let index = from + leading; index < to - trailing; index += 1) {
		const text = tokens[index]?.text;
		if (text === '(') depth += 1;
		else if (text === ')') depth -= 1;
		if (depth < lowest) lowest = depth;
	}

	return depth === trailing ? Math.max(lowest, 0) : 0;
}

function normalBetween(tokens: readonly Token[], from: number, to: number): string {
	let normal = '';
	let before: Token | undefined;
	for (let index = from; index < to; index += 1) {
		const token = tokens[index];
		if (token === undefined) break;
		const text = normalToken(token);
		normal += before !== undefined && wouldMerge(before, token) ? ` ${text}` : text;
		before = token;
	}

	return normal;
}

/** True for two tokens that would have a different meaning without whitespace between them. */
function wouldMerge(before: Token, token: Token): boolean {
	if (before.kind === 'operator' && token.kind === 'operator') return !isPunctuation(before.text) && !isPunctuation(token.text);
	if (before.kind !== 'operator' && token.kind !== 'operator') return true;
	return (before.kind === 'number' && token.text === '.') || (before.text === '.' && token.kind === 'number');
}

function isPunctuation(text: string): boolean {
	return text === '(' || text === ')' || text === ',' || text === '.' || text === ';';
}

/** Returns a token in the form used for comparison: see `Sql.normal`. */
function normalToken(token: Token): string {
	switch (token.kind) {
		case 'word':
		case 'blob':
			return nameKey(token.text);
		case 'number':
			return nameKey(token.text).replaceAll('_', '');
		case 'quotedName':
			return normalName(tokenName(token));
		case 'operator':
			return token.text === '==' ? '=' : token.text === '<>' ? '!=' : token.text;
		default:
			return token.text;
	}
}

/** Returns a name in normal form: in lower case, and quoted only if it would have a different meaning without quotes. */
function normalName(name: string): string {
	const key = nameKey(name);
	return /^[a-z_][a-z0-9_]*$/.test(key) && !isReserved(key) && !isLiteralWord(key) ? key : quoted(key);
}

/** Returns a name for use in an expression: quoted if needed, including names that would be read as a value. */
export function nameInExpression(name: string): string {
	return isLiteralWord(name) ? quoted(name) : identifier(name);
}

/** Returns an expression that COLLATE can follow: in parentheses, unless it is a simple call. */
export function asOperand(expression: string): string {
	return /^[a-z_]\w*\([^()]*\)$/i.test(expression) ? expression : `(${expression})`;
}

/** Returns the names of tables, columns and functions in a piece of SQL, in lower case and without duplicates. */
export function namesIn(text: string): string[] {
	const cursor = cursorOver(text);
	return namesBetween(cursor.tokens, 0, cursor.tokens.length);
}

const beforeStringName: ReadonlySet<string> = new Set([
	'FROM',
	'JOIN',
	'INTO',
	'UPDATE',
	'IN',
	'ABORT',
	'FAIL',
	'IGNORE',
	'REPLACE',
	'ROLLBACK',
	',',
	'.',
	'(',
]);

/** Returns the names in a range of tokens, like `namesIn`. Includes string literals that SQLite could read as a table name. */
export function namesBetween(tokens: readonly Token[], from: number, to: number): string[] {
	const names = new Set<string>();
	for (let index = from; index < to; index += 1) {
		const token = tokens[index];
		if (token === undefined) break;
		if (token.kind === 'word') {
			if (!isReserved(token.text)) names.add(nameKey(token.text));
		} else if (token.kind === 'quotedName') names.add(nameKey(tokenName(token)));
		else if (token.kind === 'string' && beforeStringName.has(tokens[index - 1]?.text.toUpperCase() ?? '')) names.add(nameKey(tokenName(token)));
	}

	return [...names];
}

/** Keywords that an operand follows. NOT is not among them: it does not change what may come next. */
const operandFollows: ReadonlySet<string> = new Set(
	'ALL AND BETWEEN BY CASE DISTINCT ELSE ESCAPE FROM GLOB HAVING IN IS LIKE LIMIT MATCH OFFSET ON OR REGEXP SELECT THEN WHEN WHERE'.split(' '),
);

/**
 * Returns the indexes of the tokens that name a column of the expression's own row. Functions, collations, CAST types and columns of other tables
 * are excluded. `table` is the only qualifier that refers to the own row. If it is undefined, columns of any table are included. A word such as
 * `end` or `like` is a column only where an operand is expected.
 */
export function columnTokens(tokens: readonly Token[], from: number, to: number, table: string | undefined): number[] {
	const found: number[] = [];
	const groups: ('plain' | 'cast' | 'type')[] = [];
	let operandIsDue = true;
	for (let index = from; index < to; index += 1) {
		const token = tokens[index];
		if (token === undefined) break;
		if (token.kind === 'operator') {
			if (token.text === '(') groups.push(isWord(tokens[index - 1], 'CAST') ? 'cast' : 'plain');
			else if (token.text === ')') groups.pop();
			operandIsDue = token.text !== ')';
		} else if (token.kind === 'word' && (isReserved(token.text) || !operandIsDue)) {
			if (groups.at(-1) === 'cast' && isWord(token, 'AS')) groups[groups.length - 1] = 'type';
			if (!isWord(token, 'NOT')) operandIsDue = operandFollows.has(token.text.toUpperCase());
		} else {
			if (groups.at(-1) !== 'type' && isOwnColumn(tokens, index, table)) found.push(index);
			operandIsDue = false;
		}
	}

	return found;
}

function isOwnColumn(tokens: readonly Token[], index: number, table: string | undefined): boolean {
	const token = tokens[index];
	if (token === undefined || (token.kind !== 'word' && token.kind !== 'quotedName')) return false;
	const next = tokens[index + 1]?.text;
	if (next === '(' || next === '.') return false;
	const before = tokens[index - 1];
	if (before?.text === '.') {
		const qualifier = tokens[index - 2];
		if (table === undefined) return true;
		return qualifier !== undefined && sameName(tokenName(qualifier), table);
	}

	return !isWord(before, 'COLLATE') && !(token.kind === 'word' && isLiteralWord(token.text));
}

/** Returns the columns of its own row that an expression on `table` names, in lower case. The table's name as a qualifier is not included. */
export function columnsIn(text: string, table: string): string[] {
	const {tokens} = cursorOver(text);
	return [...new Set(columnTokens(tokens, 0, tokens.length, table).map((index) => nameKey(tokenName(tokens[index] as Token))))];
}

/**
 * Renames a column in an expression on one row of `table`: a CHECK, a generated column or an index expression. These cannot contain a subquery.
 * Everything else stays unchanged, byte for byte.
 */
export function renameColumnIn(text: string, table: string, from: string, to: string): string {
	const {tokens} = cursorOver(text);
	const spans = columnTokens(tokens, 0, tokens.length, table)
		.map((index) => tokens[index])
		.filter((token) => token !== undefined && sameName(tokenName(token), from));
	return replaceSpans(text, spans as readonly Token[], nameInExpression(to));
}

/** Replaces each of the spans in a text. The spans must be in order. */
export function replaceSpans(text: string, spans: readonly {readonly start: number; readonly end: number}[], replacement: string): string {
	let result = '';
	let at = 0;
	for (const span of spans) {
		result += text.slice(at, span.start) + replacement;
		at = span.end;
	}

	return result + text.slice(at);
}
