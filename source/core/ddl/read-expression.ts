import {nameKey} from '../schema/identifiers.ts';
import {type Cursor, closingOf, cursorOver, isWord} from './cursor.ts';
import {type Branch, type Expression, isRemoved} from './expression-tree.ts';
import {isLiteralWord, isReserved} from './keywords.ts';
import {type Token, tokenName} from './lexer.ts';

/**
 * Reads an expression with the precedence of SQLite (https://www.sqlite.org/lang_expr.html). Returns undefined for one with a subquery or a window, and
 * for anything else that SQLite does not allow in an expression over one row.
 */
export function readExpression(text: string): Expression | undefined {
	const cursor = cursorOver(text);
	try {
		const expression = operand(cursor, levels.or);
		return cursor.at === cursor.tokens.length ? expression : undefined;
	} catch (error) {
		if (error instanceof Unsupported) return undefined;
		throw error;
	}
}

class Unsupported extends Error {}

/** From the loosest to the tightest. */
const levels = {or: 1, and: 2, not: 3, equality: 4, order: 5, bits: 7, sum: 8, product: 9, concat: 10, collate: 11, sign: 12};

const binary: ReadonlyMap<string, number> = new Map([
	['OR', levels.or],
	['AND', levels.and],
	...['=', '==', '<>', '!='].map((operator) => [operator, levels.equality] as const),
	...['<', '<=', '>', '>='].map((operator) => [operator, levels.order] as const),
	...['&', '|', '<<', '>>'].map((operator) => [operator, levels.bits] as const),
	...['+', '-'].map((operator) => [operator, levels.sum] as const),
	...['*', '/', '%'].map((operator) => [operator, levels.product] as const),
	...['||', '->', '->>'].map((operator) => [operator, levels.concat] as const),
]);

const matches: ReadonlySet<string> = new Set(['LIKE', 'GLOB', 'REGEXP', 'MATCH']);

function wordAt({tokens, at}: Cursor, ahead = 0): string {
	const token = tokens[at + ahead];
	return token === undefined || token.kind === 'quotedName' || token.kind === 'string' ? '' : token.text.toUpperCase();
}

/** Reads an operand, and the operators after it that bind at least as tightly as `level`. */
function operand(cursor: Cursor, level: number): Expression {
	let left = prefixed(cursor);
	for (;;) {
		const next = extended(cursor, left, level);
		if (next === undefined) return left;
		left = next;
	}
}

/** Reads one operator after an operand, with its right side. Returns undefined if the next operator binds more loosely than `level`. */
function extended(cursor: Cursor, left: Expression, level: number): Expression | undefined {
	const word = wordAt(cursor);
	if (word === 'COLLATE') {
		cursor.at += 1;
		const collation = tokenName(taken(cursor));
		return {kind: 'collate', of: left, collation, ...span(cursor, left)};
	}
	const own = binary.get(word);
	if (own !== undefined) {
		if (own < level) return undefined;
		cursor.at += 1;
		const right = operand(cursor, own + 1);
		const place = {start: left.start, end: right.end};
		return own === levels.equality || own === levels.order
			? {kind: 'comparison', operator: word, left, right, ...place}
			: {kind: 'operator', parts: [left, right], ...place};
	}
	return level > levels.equality ? undefined : equality(cursor, left);
}

/** Reads IS, IN, BETWEEN, LIKE and the like after an operand. */
function equality(cursor: Cursor, left: Expression): Expression | undefined {
	if (wordAt(cursor) === 'IS') return identity(cursor, left);
	const isNot = wordAt(cursor) === 'NOT';
	const word = wordAt(cursor, isNot ? 1 : 0);
	if (word === 'ISNULL' || word === 'NOTNULL' || (isNot && word === 'NULL')) {
		cursor.at += isNot ? 2 : 1;
		return {kind: 'operator', parts: [left], ...span(cursor, left)};
	}
	const isKnown = word === 'IN' || word === 'BETWEEN' || matches.has(word);
	if (!isKnown) return undefined;
	cursor.at += isNot ? 2 : 1;
	if (word === 'IN') {
		if (wordAt(cursor) !== '(') throw new Unsupported();
		const list = listed(cursor);
		return {kind: 'in', isNot, value: left, list, ...span(cursor, left)};
	}
	if (word === 'BETWEEN') {
		const low = operand(cursor, levels.not);
		take(cursor, 'AND');
		const high = operand(cursor, levels.order);
		return {kind: 'between', isNot, value: left, low, high, start: left.start, end: high.end};
	}
	const parts = [left, operand(cursor, levels.order)];
	if (wordAt(cursor) === 'ESCAPE') {
		cursor.at += 1;
		parts.push(operand(cursor, levels.bits));
	}
	return {kind: 'operator', parts, start: left.start, end: (parts.at(-1) as Expression).end};
}

/** Reads IS. `x IS NULL` and `x IS TRUE` compare with no value. */
function identity(cursor: Cursor, left: Expression): Expression {
	const from = cursor.at;
	cursor.at += 1;
	if (wordAt(cursor) === 'NOT') cursor.at += 1;
	if (wordAt(cursor) === 'DISTINCT' && wordAt(cursor, 1) === 'FROM') cursor.at += 2;
	const operator = cursor.tokens
		.slice(from, cursor.at)
		.map(({text}) => text.toUpperCase())
		.join(' ');
	const right = operand(cursor, levels.order);
	const place = {start: left.start, end: right.end};
	return isState(right) ? {kind: 'operator', parts: [left, right], ...place} : {kind: 'comparison', operator, left, right, ...place};
}

/** True for NULL, TRUE and FALSE after IS, also in parentheses, in `likely` and with a collation, which SQLite ignores there. */
function isState(expression: Expression): boolean {
	switch (expression.kind) {
		case 'value':
			return /^(null|true|false)$/i.test(expression.token.text);
		case 'group':
		case 'collate':
			return isState(expression.of);
		case 'call': {
			const [first] = expression.parts;
			return isRemoved(expression.name) && first !== undefined && isState(first);
		}
		default:
			return false;
	}
}

function prefixed(cursor: Cursor): Expression {
	const token = cursor.tokens[cursor.at];
	if (token === undefined) throw new Unsupported();
	if (token.kind === 'operator') {
		if (token.text === '(') return grouped(cursor);
		if (!/^[-+~]$/.test(token.text)) throw new Unsupported();
		cursor.at += 1;
		const of = operand(cursor, levels.sign);
		const place = {start: token.start, end: of.end};
		return token.text === '+' ? {kind: 'plus', of, ...place} : {kind: 'operator', parts: [of], ...place};
	}
	if (isWord(token, 'NOT')) {
		cursor.at += 1;
		const of = operand(cursor, levels.not);
		return {kind: 'operator', parts: [of], start: token.start, end: of.end};
	}
	if (isWord(token, 'CASE')) return chosen(cursor);
	if (isWord(token, 'CAST') && wordAt(cursor, 1) === '(') return cast(cursor);
	return named(cursor);
}

function grouped(cursor: Cursor): Expression {
	const start = (cursor.tokens[cursor.at] as Token).start;
	const parts = listed(cursor);
	const end = lastEnd(cursor);
	const [only, another] = parts;
	if (only === undefined) throw new Unsupported();
	return another === undefined ? {kind: 'group', of: only, start, end} : {kind: 'vector', parts, start, end};
}

/** Reads expressions in parentheses, separated by commas. There may be none. */
function listed(cursor: Cursor): readonly Expression[] {
	take(cursor, '(');
	const parts: Expression[] = [];
	while (wordAt(cursor) !== ')') {
		if (parts.length > 0) take(cursor, ',');
		parts.push(operand(cursor, levels.or));
	}
	take(cursor, ')');
	return parts;
}

function chosen(cursor: Cursor): Expression {
	const start = taken(cursor).start;
	const base = wordAt(cursor) === 'WHEN' ? undefined : operand(cursor, levels.or);
	const branches: Branch[] = [];
	while (wordAt(cursor) === 'WHEN') {
		cursor.at += 1;
		const when = operand(cursor, levels.or);
		take(cursor, 'THEN');
		branches.push({when, result: operand(cursor, levels.or)});
	}
	const hasElse = wordAt(cursor) === 'ELSE';
	if (hasElse) cursor.at += 1;
	const otherwise = hasElse ? operand(cursor, levels.or) : undefined;
	take(cursor, 'END');
	return {kind: 'case', base, branches, otherwise, start, end: lastEnd(cursor)};
}

function cast(cursor: Cursor): Expression {
	const start = taken(cursor).start;
	const to = closingOf(cursor, cursor.at);
	cursor.at += 1;
	const of = operand(cursor, levels.or);
	take(cursor, 'AS');
	const type = cursor.sql.slice(cursor.tokens[cursor.at]?.start, cursor.tokens[to]?.start);
	cursor.at = to + 1;
	return {kind: 'cast', of, type, start, end: lastEnd(cursor)};
}

/** Reads a literal, a column or a function. */
function named(cursor: Cursor): Expression {
	const token = taken(cursor);
	const place = {start: token.start, end: token.end};
	if (token.kind === 'word' && isReserved(token.text) && !isWord(token, 'NULL')) throw new Unsupported();
	if (token.kind !== 'word' && token.kind !== 'quotedName') return {kind: 'value', token, ...place};
	if (wordAt(cursor) === '(') {
		if (/^(raise|exists)$/i.test(token.text)) throw new Unsupported();
		if (wordAt(cursor, 1) === '*') throw new Unsupported();
		const parts = listed(cursor);
		if (/^(FILTER|OVER)$/.test(wordAt(cursor))) throw new Unsupported();
		return {kind: 'call', name: nameKey(tokenName(token)), parts, start: token.start, end: lastEnd(cursor)};
	}
	if (token.kind === 'word' && (isWord(token, 'NULL') || isLiteralWord(token.text))) return {kind: 'value', token, ...place};
	let last = token;
	while (wordAt(cursor) === '.') {
		cursor.at += 1;
		last = taken(cursor);
	}
	return {kind: 'column', name: nameKey(tokenName(last)), isQuoted: last.kind === 'quotedName', start: token.start, end: last.end};
}

function taken(cursor: Cursor): Token {
	const token = cursor.tokens[cursor.at];
	if (token === undefined) throw new Unsupported();
	cursor.at += 1;
	return token;
}

function take(cursor: Cursor, word: string): void {
	if (wordAt(cursor) !== word) throw new Unsupported();
	cursor.at += 1;
}

function span(cursor: Cursor, {start}: Expression): {readonly start: number; readonly end: number} {
	return {start, end: lastEnd(cursor)};
}

function lastEnd({tokens, at}: Cursor): number {
	return tokens[at - 1]?.end ?? 0;
}
