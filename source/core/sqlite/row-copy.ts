import {type Cursor, closingOf, cursorOver, isWord, qualifiedName} from '../ddl/cursor.ts';
import type {Token} from '../ddl/lexer.ts';

/** A statement that puts every row of one table into another, whatever it makes of them. */
export interface RowCopy {
	readonly into: string;
	readonly from: string;
}

/**
 * Reads `INSERT INTO a … SELECT … FROM b` and `CREATE TABLE a AS SELECT … FROM b` with nothing that could leave a row out. Undefined for every
 * other statement. Throws MigrError `syntax` for what cannot be cut into tokens.
 */
export function readRowCopy(sql: string): RowCopy | undefined {
	const cursor = cursorOver(sql);
	const {tokens} = cursor;
	const top = topLevel(cursor);
	const at = (word: string) => top.findIndex((index) => isWord(tokens[index], word));
	const [select, source] = [at('SELECT'), at('FROM')];
	const into = targetOf(tokens);
	if (into === undefined || select < 0 || source < select) return undefined;
	const list = top.slice(select + 1, source);
	if (list.some((index) => isWord(tokens[index], 'DISTINCT') || isAggregate(tokens, index))) return undefined;
	const from = qualifiedName(tokens, (top[source] ?? 0) + 1);
	if (from === undefined || !isWhole(tokens.slice(from.next).filter(({text}) => text !== ';'))) return undefined;
	return {into, from: from.name};
}

/** The table that rows are put into: undefined where some may be left out. */
function targetOf(tokens: readonly Token[]): string | undefined {
	const word = (at: number, wanted: string) => isWord(tokens[at], wanted);
	if (word(0, 'CREATE')) {
		const table = tokens.slice(0, 3).findIndex((token) => isWord(token, 'TABLE'));
		const hasCondition = word(table + 1, 'IF');
		return table < 1 ? undefined : qualifiedName(tokens, table + (hasCondition ? 4 : 1))?.name;
	}
	if (!word(0, 'INSERT') && !word(0, 'REPLACE')) return undefined;
	const into = word(1, 'OR') ? 3 : 1;
	return word(into, 'INTO') && !word(2, 'IGNORE') ? qualifiedName(tokens, into + 1)?.name : undefined;
}

/** The indexes of the tokens that stand in no parentheses. */
function topLevel(cursor: Cursor): readonly number[] {
	const found: number[] = [];
	for (let index = 0; index < cursor.tokens.length; index += 1) {
		if (cursor.tokens[index]?.text === '(') index = closingOf(cursor, index);
		else found.push(index);
	}
	return found;
}

/** What makes one row of many. */
const aggregates: readonly string[] = ['COUNT', 'SUM', 'TOTAL', 'AVG', 'GROUP_CONCAT', 'STRING_AGG', 'JSON_GROUP_ARRAY', 'JSON_GROUP_OBJECT'];

function isAggregate(tokens: readonly Token[], index: number): boolean {
	return tokens[index + 1]?.text === '(' && aggregates.some((name) => isWord(tokens[index], name));
}

/** Behind the table's name there may be another name for it, and an order. */
function isWhole(rest: readonly Token[]): boolean {
	const order = rest.findIndex((token, index) => isWord(token, 'ORDER') && isWord(rest[index + 1], 'BY'));
	const [alias, tail] = order < 0 ? [rest, []] : [rest.slice(0, order), rest.slice(order)];
	const isAlias = alias.length === 0 || alias.length === (isWord(alias[0], 'AS') ? 2 : 1);
	return isAlias && !tail.some((token) => isWord(token, 'LIMIT'));
}
