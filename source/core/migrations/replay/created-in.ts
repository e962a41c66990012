import {cursorOver, isWord, qualifiedName} from '../../ddl/cursor.ts';

/** The name in CREATE TABLE, also of a table that is made from a SELECT; undefined for every other statement. */
export function createdTableIn(sql: string): string | undefined {
	const {tokens} = cursorOver(sql);
	const table = tokens.slice(0, 3).findIndex((token) => isWord(token, 'TABLE'));
	if (table < 1 || !isWord(tokens[0], 'CREATE')) return undefined;
	return qualifiedName(tokens, isWord(tokens[table + 1], 'IF') ? table + 4 : table + 1)?.name;
}
