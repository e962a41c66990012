import {closingOf, cursorOver, isName, isWord} from '../ddl/cursor.ts';
import {nameOf} from '../ddl/lexer.ts';
import {nameKey} from '../schema/identifiers.ts';
import {statementFacts} from './statement.ts';

/** A DELETE statement, read so that the rows it is about can be asked for (https://www.sqlite.org/lang_delete.html). */
export interface Deletion {
	readonly table: string;
	/** WITH … and a space, where the statement begins so; otherwise empty. */
	readonly prefix: string;
	/** FROM and all that says which rows, also ORDER BY and LIMIT; without RETURNING. */
	readonly from: string;
	/** True where each row says itself whether it is meant: no other row and no other table is asked. */
	readonly isRowwise: boolean;
	/** Every name in it, in lower case: of tables, columns and functions. */
	readonly names: ReadonlySet<string>;
}

/** Undefined for any other statement. Throws MigrError `syntax` for what cannot be cut into tokens. */
export function readDeletion(sql: string): Deletion | undefined {
	const {verb, removesFrom} = statementFacts(sql);
	if (verb !== 'DELETE' || removesFrom === undefined) return undefined;
	const cursor = cursorOver(sql);
	const {tokens} = cursor;
	const top = topLevel(sql);
	const verbAt = top.find((index) => isWord(tokens[index], 'DELETE')) ?? 0;
	const at = (word: string) => top.find((index) => index > verbAt && isWord(tokens[index], word));
	const [begin, from, returning] = [tokens[verbAt]?.start ?? 0, tokens[verbAt + 1]?.start ?? 0, at('RETURNING')];
	const end = tokens.findLast(({text}) => text !== ';')?.end ?? sql.length;
	const tail =
		returning === undefined ? undefined : top.find((index) => index > returning && ['ORDER', 'LIMIT'].some((word) => isWord(tokens[index], word)));
	const rows =
		returning === undefined
			? sql.slice(from, end)
			: `${sql.slice(from, tokens[returning]?.start).trimEnd()}${tail === undefined ? '' : `\n${sql.slice(tokens[tail]?.start, end)}`}`;
	return {
		table: removesFrom,
		prefix: sql.slice(tokens[0]?.start ?? 0, begin),
		from: rows,
		isRowwise: !tokens.some(
			(token, index) => ['SELECT', 'LIMIT', 'WITH'].some((word) => isWord(token, word)) || (isWord(token, 'IN') && tokens[index + 1]?.text !== '('),
		),
		names: new Set(tokens.filter(isName).map((token) => nameKey(nameOf(token)))),
	};
}

/** The indexes of the tokens that stand in no parentheses. */
function topLevel(sql: string): readonly number[] {
	const cursor = cursorOver(sql);
	const found: number[] = [];
	for (let index = 0; index < cursor.tokens.length; index += 1) {
		if (cursor.tokens[index]?.text === '(') index = closingOf(cursor, index);
		else found.push(index);
	}
	return found;
}
