import {type Cursor, closingOf, cursorOver, isWord, qualifiedName} from '../cursor.ts';
import {tokenName} from '../lexer.ts';

/** A plain INSERT INTO … SELECT … FROM a table: how a table is copied in a rewrite written by hand, or spelled out in a `.sql` migration. */
export interface CopyStatement {
	readonly into: string;
	/** Undefined if the statement names no columns, which means all columns of the table. */
	readonly columns: readonly string[] | undefined;
	/** One per column, as SQL over a row of `from`. */
	readonly expressions: readonly string[];
	readonly from: string;
}

/** Reads a copy statement. Returns undefined for any other statement. @throws MigrError `syntax` if `sql` cannot be split into tokens. */
export function readCopy(sql: string): CopyStatement | undefined {
	const cursor = cursorOver(sql);
	const {tokens} = cursor;
	const word = (at: number, expected: string) => isWord(tokens[at], expected);
	const into = word(0, 'INSERT') ? (word(1, 'OR') ? 3 : 1) : -1;
	if (!word(into, 'INTO')) return undefined;
	const target = qualifiedName(tokens, into + 1);
	if (target === undefined) return undefined;
	const hasColumns = tokens[target.next]?.text === '(';
	const close = hasColumns ? closingOf(cursor, target.next) : target.next - 1;
	const columns = hasColumns ? tokens.slice(target.next + 1, close).filter(({text}) => text !== ',') : undefined;
	if (!word(close + 1, 'SELECT')) return undefined;
	const list = expressionsFrom(cursor, close + 2);
	const source = list === undefined ? undefined : qualifiedName(tokens, list.from + 1);
	if (list === undefined || source === undefined || tokens.slice(source.next).some(({text}) => text !== ';')) return undefined;
	if (columns !== undefined && columns.length !== list.expressions.length) return undefined;
	return {into: target.name, columns: columns?.map(tokenName), expressions: list.expressions, from: source.name};
}

/** Returns the expressions between SELECT and FROM, without their aliases. */
function expressionsFrom(cursor: Cursor, start: number): {readonly expressions: readonly string[]; readonly from: number} | undefined {
	const {tokens, sql} = cursor;
	const expressions: string[] = [];
	let begin = start;
	let end = -1;
	for (let at = start; at < tokens.length; at += 1) {
		const token = tokens[at];
		const isFrom = isWord(token, 'FROM');
		if (token?.text === ',' || isFrom) {
			const text = sql.slice(tokens[begin]?.start, tokens[(end < 0 ? at : end) - 1]?.end).trim();
			if (text === '' || text.endsWith('*')) return undefined;
			expressions.push(text);
			if (isFrom) return {expressions, from: at};
			begin = at + 1;
			end = -1;
		} else if (token?.text === '(') at = closingOf(cursor, at);
		else if (isWord(token, 'AS') && end < 0) end = at;
		else if (isWord(token, 'DISTINCT')) return undefined;
	}
	return undefined;
}
