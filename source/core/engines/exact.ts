import {type Cursor, closingOf, cursorOver, isOperator, isWord} from '../ddl/cursor.ts';
import {tokenize} from '../ddl/lexer.ts';
import {mentionedNames} from '../ddl/statements/mentioned-names.ts';
import {statementFacts} from '../ddl/statements/statement-facts.ts';
import type {SqlValue} from '../operations/operation.ts';
import {literal} from '../schema/identifiers.ts';
import type {Query, Result} from './engine.ts';

/** Runs statements and returns the values as the server sends them. */
export type RawQuery = (statements: readonly string[]) => Promise<readonly Result[]>;

/**
 * Runs queries so that JSON changes no value: JSON rounds integers beyond 2^53, has no infinity, and shows a blob as a text or a list of numbers.
 * Each value is sent as a text with its type in front. Pragmas and EXPLAIN, which have no such values, are sent unchanged.
 *
 * @throws TypeError if a statement could write
 */
export async function queryExactly(run: RawQuery, queries: readonly Query[]): Promise<readonly Result[]> {
	if (queries.length === 0) return [];
	const statements = queries.map((query) => readOnly(withParameters(query)));
	const counts = await columnCounts(run, statements);
	const results = await run(
		statements.flatMap((sql, index) => {
			const count = counts[index];
			// A subquery also names its columns if it has no rows, and no two the same.
			return count === undefined ? [sql] : [`SELECT * FROM (${sql}\n) LIMIT 0`, encoded(sql, count)];
		}),
	);
	let at = 0;
	const next = (): Result => {
		const result = results[at];
		if (result === undefined) throw new TypeError(`${results.length} results for ${statements.length} queries`);
		at += 1;
		return result;
	};
	return counts.map((count) => (count === undefined ? next() : {columns: next().columns, rows: next().rows.map((row) => row.map(decoded))}));
}

/** Returns the number of result columns of each statement. Undefined if it is sent unchanged. */
async function columnCounts(run: RawQuery, statements: readonly string[]): Promise<readonly (number | undefined)[]> {
	const counts = statements.map(writtenColumns);
	const unclear = statements.filter((_, index) => counts[index] === 'unclear');
	const answers = unclear.length === 0 ? [] : [...(await run(unclear.map((sql) => `SELECT * FROM (${sql}\n) LIMIT 0`)))];
	return counts.map((count) => (count === 'unclear' ? answers.shift()?.columns.length : count));
}

/** Counts the result columns in the text of a statement. `unclear` if it contains a star. */
function writtenColumns(sql: string): number | 'unclear' | undefined {
	const cursor = cursorOver(sql);
	const {tokens} = cursor;
	let at = 0;
	if (isWord(tokens[0], 'WITH')) at = tokens.findIndex((_, index) => depthZeroWord(cursor, index, ['SELECT', 'VALUES']));
	if (isWord(tokens[at], 'VALUES')) return commasUntil(cursor, at + 2, closingOf(cursor, at + 1)) + 1;
	if (!isWord(tokens[at], 'SELECT')) return undefined;
	const end = endOfColumns(cursor, at + 1);
	const hasStar = tokens.some((token, index) => {
		const before = tokens[index - 1];
		return (
			index > at &&
			index < end &&
			isOperator(token, '*') &&
			(before?.text === ',' || before?.text === '.' || ['SELECT', 'DISTINCT', 'ALL'].some((word) => isWord(before, word)))
		);
	});
	return hasStar ? 'unclear' : commasUntil(cursor, at + 1, end) + 1;
}

/**
 * Returns a query that computes all its rows before it returns one, for a server that stops after the first. A guard of a script is such a query. Returns
 * other statements unchanged.
 */
export function runToTheEnd(sql: string): string {
	const {verb} = statementFacts(sql);
	const count = verb === 'SELECT' || verb === 'VALUES' ? writtenColumns(sql) : undefined;
	if (typeof count !== 'number') return sql;
	const names = Array.from({length: count}, (_, index) => `c${index}`);
	const query = freeName(sql);
	return `WITH ${query}(${names.join(',')}) AS (${withoutSemicolon(sql)}\n) SELECT ${names.map((name) => `count(${name})`).join(',')} FROM ${query}`;
}

/** Returns a name for the statement that it does not use itself, because it would then mean itself and not a table. */
function freeName(sql: string): string {
	const used = mentionedNames(sql);
	for (let number = 1; ; number += 1) if (!used.has(`q${number}`)) return `q${number}`;
}

function depthZeroWord({tokens}: Cursor, at: number, words: readonly string[]): boolean {
	if (!words.some((word) => isWord(tokens[at], word))) return false;
	const depth = tokens.slice(0, at).reduce((sum, {text}) => sum + (text === '(' ? 1 : text === ')' ? -1 : 0), 0);
	return depth === 0;
}

const afterColumns = ['FROM', 'WHERE', 'GROUP', 'HAVING', 'WINDOW', 'ORDER', 'LIMIT', 'UNION', 'INTERSECT', 'EXCEPT'];

function endOfColumns(cursor: Cursor, from: number): number {
	const {tokens} = cursor;
	for (let at = from; at < tokens.length; at += 1) {
		if (tokens[at]?.text === '(') at = closingOf(cursor, at);
		// IS DISTINCT FROM is an operator.
		else if (afterColumns.some((word) => isWord(tokens[at], word)) && !isWord(tokens[at - 1], 'DISTINCT')) return at;
	}
	return tokens.length;
}

function commasUntil(cursor: Cursor, from: number, end: number): number {
	let commas = 0;
	for (let at = from; at < end; at += 1) {
		if (cursor.tokens[at]?.text === '(') at = closingOf(cursor, at);
		else if (cursor.tokens[at]?.text === ',') commas += 1;
	}
	return commas;
}

function encoded(sql: string, count: number): string {
	const names = Array.from({length: count}, (_, index) => `c${index}`);
	const values = names.map(
		(name) =>
			`CASE typeof(${name}) WHEN 'integer' THEN 'i'||${name} WHEN 'real' THEN 'r'||quote(${name}) WHEN 'text' THEN 't'||${name} WHEN 'blob' THEN 'b'||hex(${name}) END`,
	);
	const query = freeName(sql);
	return `WITH ${query}(${names.join(',')}) AS (${sql}\n) SELECT ${values.join(',')} FROM ${query}`;
}

function decoded(value: SqlValue): SqlValue {
	if (value === null) return null;
	const text = String(value);
	const rest = text.slice(1);
	switch (text[0]) {
		case 'i':
			return integer(rest);
		case 'r':
			return /inf/i.test(rest) ? (rest.startsWith('-') ? -Infinity : Infinity) : Number(rest);
		case 'b':
			return new Uint8Array(Buffer.from(rest, 'hex'));
		default:
			return rest;
	}
}

/** Returns a safe integer as a number, any other as a bigint. */
export function integer(text: string): number | bigint {
	const value = Number(text);
	return Number.isSafeInteger(value) ? value : BigInt(text);
}

/** Pragmas with an argument that they only read (https://www.sqlite.org/pragma.html). */
const readingPragmas = /^(?:table_x?info|table_list|index_x?info|index_list|foreign_key_list|foreign_key_check|integrity_check|quick_check)$/i;

/** Returns the statement without its semicolon. @throws TypeError if it could write */
export function readOnly(sql: string): string {
	const {verb, kind, name = ''} = statementFacts(sql);
	const hasArgument = cursorOver(sql).tokens.some(({text}) => text === '=' || text === '(');
	if (!['SELECT', 'VALUES', 'PRAGMA', 'EXPLAIN'].includes(verb) || (kind === 'pragma' && hasArgument && !readingPragmas.test(name))) {
		throw new TypeError(`not a query: ${sql}`);
	}
	return withoutSemicolon(sql);
}

function withoutSemicolon(sql: string): string {
	const last = cursorOver(sql).tokens.at(-1);
	return last?.text === ';' ? sql.slice(0, last.start) : sql;
}

/** Replaces each `?` by a literal, because JSON parameters are not exact either. */
export function withParameters({sql, parameters = []}: Query): string {
	if (parameters.length === 0) return sql;
	let at = 0;
	return tokenize(sql)
		.map(({kind, text}) => {
			if (kind !== 'parameter') return text;
			if (text !== '?' || at >= parameters.length) throw new TypeError(`no value for ${text} in ${sql}`);
			at += 1;
			return valueLiteral(parameters[at - 1] as SqlValue);
		})
		.join('');
}

/** Returns the literal of a value (https://www.sqlite.org/lang_expr.html#literal_values_constants_). */
export function valueLiteral(value: SqlValue): string {
	if (value === null) return 'NULL';
	if (value instanceof Uint8Array) return `x'${Buffer.from(value).toString('hex')}'`;
	if (typeof value === 'string') return value.includes('\0') ? `CAST(x'${Buffer.from(value).toString('hex')}' AS TEXT)` : literal(value);
	if (typeof value === 'bigint' || (Number.isSafeInteger(value) && !Object.is(value, -0))) return String(value);
	if (!Number.isFinite(value)) return Number.isNaN(value) ? 'NULL' : value > 0 ? '9e999' : '-9e999';
	const text = String(value);
	return /[.e]/.test(text) ? text : `${Object.is(value, -0) ? '-0' : text}.0`;
}
