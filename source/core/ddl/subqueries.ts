import {cursorOver, isName, isWord} from './cursor.ts';
import {columnTokens} from './expression.ts';
import {type Token, tokenName} from './lexer.ts';

/** A SELECT inside an expression, with the tables that its names can come from. */
export interface SelectScope {
	/** The surrounding SELECT. Undefined if the scope is directly in the expression. */
	readonly outer: SelectScope | undefined;
	readonly tables: TableUse[];
	/** True if names can also come from something else: a subquery or table function in FROM, a common table expression, USING, NATURAL. */
	isOpen: boolean;
	/** True for `SELECT *`. */
	readsAll: boolean;
}

/** A table, view or common table expression that a subquery names in FROM, JOIN or IN. */
export interface TableUse {
	/** The token of its name. */
	readonly token: Token;
	readonly name: string;
	readonly alias: string | undefined;
	/** True after IN, which reads all columns. */
	readonly isWhole: boolean;
}

/** A column that an expression names, and the SELECT that contains the name. */
export interface ColumnUse {
	readonly token: Token;
	readonly name: string;
	readonly qualifier: Token | undefined;
	/** Undefined outside all subqueries: a column of the expression's own row. */
	readonly scope: SelectScope | undefined;
}

/** The tables and columns that an expression reads, subqueries included. */
export interface Subqueries {
	readonly tables: readonly TableUse[];
	readonly columns: readonly ColumnUse[];
	readonly scopes: readonly SelectScope[];
}

/** A pair of parentheses, or the whole expression. */
interface Frame {
	/** The scope around the frame, and the scope in it. */
	readonly outer: SelectScope | undefined;
	scope: SelectScope | undefined;
	isInFrom: boolean;
	isInWith: boolean;
	tableIsDue: boolean;
}

const joinWords: ReadonlySet<string> = new Set(['CROSS', 'FULL', 'INNER', 'LEFT', 'NATURAL', 'OUTER', 'RIGHT', 'INDEXED', 'WINDOW']);
const afterFrom: ReadonlySet<string> = new Set(['WHERE', 'GROUP', 'HAVING', 'ORDER', 'LIMIT', 'WINDOW', 'UNION', 'EXCEPT', 'INTERSECT']);

/**
 * Reads the tables and columns that an expression names (https://www.sqlite.org/lang_select.html). It does not know the schema, so the caller must
 * find the table of an unqualified column, from the innermost scope outward.
 */
export function readSubqueries(expression: string): Subqueries {
	const {tokens} = cursorOver(expression);
	const reading: Reading = {tokens, tables: [], scopes: [], skipped: new Set(), scopeOf: [], frames: [newFrame(undefined)]};
	for (let index = 0; index < tokens.length; index += 1) index = readToken(reading, index);
	const columns = columnTokens(tokens, 0, tokens.length, undefined)
		.filter((index) => !reading.skipped.has(index))
		.map((index): ColumnUse => {
			const token = tokens[index] as Token;
			return {
				token,
				name: tokenName(token),
				qualifier: tokens[index - 1]?.text === '.' ? tokens[index - 2] : undefined,
				scope: reading.scopeOf[index],
			};
		});
	return {tables: reading.tables, columns, scopes: reading.scopes};
}

/** True if an expression reads more than its own row: it has a subquery, or checks whether a value is in a table. */
export function hasSubquery(expression: string): boolean {
	const {tokens} = cursorOver(expression);
	return tokens.some((token, index) => isWord(token, 'SELECT') || isTableAfterIn(tokens, index));
}

interface Reading {
	readonly tokens: readonly Token[];
	readonly tables: TableUse[];
	readonly scopes: SelectScope[];
	/** Tokens that name tables and aliases. */
	readonly skipped: Set<number>;
	readonly scopeOf: (SelectScope | undefined)[];
	readonly frames: Frame[];
}

function newFrame(outer: SelectScope | undefined, isInFrom = false): Frame {
	return {outer, scope: outer, isInFrom, isInWith: false, tableIsDue: isInFrom};
}

/** Reads the token at `index`. Returns the index of the last token that was read. */
function readToken(reading: Reading, index: number): number {
	const {tokens, frames, scopes} = reading;
	const token = tokens[index] as Token;
	const frame = frames.at(-1) as Frame;
	reading.scopeOf[index] = frame.scope;
	if (token.text === '(') frames.push(frameIn(frame, tokens[index + 1]));
	else if (token.text === ')') {
		if (frames.length > 1) frames.pop();
		return closed(reading, index);
	} else if (token.text === ',') frame.tableIsDue = frame.isInFrom;
	else if (token.text === '*') {
		const before = tokens[index - 1];
		const isProjection = before?.text === ',' || before?.text === '.' || ['SELECT', 'DISTINCT', 'ALL'].some((word) => isWord(before, word));
		if (isProjection && frame.scope !== undefined) frame.scope.readsAll = true;
	} else if (isWord(token, 'SELECT')) {
		frame.scope = {outer: frame.outer, tables: [], isOpen: frame.isInWith, readsAll: false};
		scopes.push(frame.scope);
		frame.isInFrom = false;
	} else if (isWord(token, 'WITH')) frame.isInWith = true;
	else if (isWord(token, 'FROM') && !isWord(tokens[index - 1], 'DISTINCT')) {
		frame.isInFrom = true;
		frame.tableIsDue = true;
	} else if (isWord(token, 'JOIN')) frame.tableIsDue = true;
	else if ((isWord(token, 'USING') || isWord(token, 'NATURAL')) && frame.scope !== undefined) frame.scope.isOpen = true;
	else if (isTableAfterIn(tokens, index - 1)) return readTable(reading, index, true);
	else if (frame.tableIsDue && isName(token) && !joinWords.has(token.text.toUpperCase())) return readTable(reading, index, false);
	else if (token.kind === 'word' && afterFrom.has(token.text.toUpperCase())) frame.isInFrom = false;
	return index;
}

/** Returns the frame of an opening parenthesis. A subquery in FROM cannot refer to the tables next to it. */
function frameIn(frame: Frame, next: Token | undefined): Frame {
	const isQuery = ['SELECT', 'WITH', 'VALUES'].some((word) => isWord(next, word));
	if (!frame.tableIsDue) return newFrame(frame.scope);
	frame.tableIsDue = false;
	if (frame.scope !== undefined && isQuery) frame.scope.isOpen = true;
	if (isQuery) return newFrame(frame.outer);
	const grouped = newFrame(frame.outer, true);
	grouped.scope = frame.scope;
	return grouped;
}

/** Reads the alias that may follow a subquery in FROM. */
function closed(reading: Reading, index: number): number {
	const frame = reading.frames.at(-1) as Frame;
	return frame.isInFrom ? readAlias(reading, index).last : index;
}

function readTable(reading: Reading, index: number, isWhole: boolean): number {
	const {tokens, frames, tables, skipped, scopeOf} = reading;
	const frame = frames.at(-1) as Frame;
	frame.tableIsDue = false;
	const at = tokens[index + 1]?.text === '.' ? index + 2 : index;
	for (let each = index; each <= at; each += 1) {
		skipped.add(each);
		scopeOf[each] = frame.scope;
	}
	const token = tokens[at];
	if (token === undefined) return at;
	if (tokens[at + 1]?.text === '(') {
		if (frame.scope !== undefined) frame.scope.isOpen = true;
		return at;
	}
	const {alias, last} = isWhole ? {alias: undefined, last: at} : readAlias(reading, at);
	const use = {token, name: tokenName(token), alias, isWhole};
	tables.push(use);
	if (!isWhole) frame.scope?.tables.push(use);
	return last;
}

/** Reads the alias after the token at `index`. */
function readAlias({tokens, skipped}: Reading, index: number): {readonly alias: string | undefined; readonly last: number} {
	const at = isWord(tokens[index + 1], 'AS') ? index + 2 : index + 1;
	const token = tokens[at];
	const isAlias = isName(token) && !(token.kind === 'word' && joinWords.has(token.text.toUpperCase()));
	if (!isAlias) return {alias: undefined, last: index};
	skipped.add(at);
	return {alias: tokenName(token), last: at};
}

/** True for IN followed by a name: `x IN other` reads a table, `x IN (…)` a list or a subquery. */
function isTableAfterIn(tokens: readonly Token[], index: number): boolean {
	const next = tokens[index + 1];
	return isWord(tokens[index], 'IN') && tokens[index - 1]?.text !== '.' && isName(next);
}
