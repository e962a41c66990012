import {cursorOver, isWord, qualifiedName} from '../cursor.ts';
import {nameOf} from '../lexer.ts';

/** What an ALTER TABLE statement renames: a table, or a column of it. */
export interface Renamed {
	readonly table: string;
	readonly column?: string;
	readonly to: string;
}

/** Returns what ALTER TABLE … RENAME TO or RENAME COLUMN renames; undefined for every other statement. */
export function renameIn(sql: string): Renamed | undefined {
	const {tokens} = cursorOver(sql);
	if (!isWord(tokens[0], 'ALTER') || !isWord(tokens[1], 'TABLE')) return undefined;
	const table = qualifiedName(tokens, 2);
	if (table === undefined || !isWord(tokens[table.next], 'RENAME')) return undefined;
	const next = table.next + 1;
	// A column may be called COLUMN, and none TO.
	const at = isWord(tokens[next], 'COLUMN') && !isWord(tokens[next + 1], 'TO') ? next + 1 : next;
	const column = isWord(tokens[at], 'TO') ? undefined : tokens[at];
	const to = tokens[column === undefined ? at + 1 : at + 2];
	if (to === undefined) return undefined;
	return {table: table.name, ...(column === undefined ? {} : {column: nameOf(column)}), to: nameOf(to)};
}
