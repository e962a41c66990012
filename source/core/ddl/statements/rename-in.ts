import {cursorOver, isWord, qualifiedName} from '../cursor.ts';
import {tokenName} from '../lexer.ts';

/** The table or column that an ALTER TABLE statement renames. */
export interface Renamed {
	readonly table: string;
	readonly column?: string | undefined;
	readonly to: string;
}

/** Returns the table or column that ALTER TABLE … RENAME TO or RENAME COLUMN renames. Undefined for every other statement. */
export function renameIn(sql: string): Renamed | undefined {
	const {tokens} = cursorOver(sql);
	if (!isWord(tokens[0], 'ALTER') || !isWord(tokens[1], 'TABLE')) return undefined;
	const table = qualifiedName(tokens, 2);
	if (table === undefined || !isWord(tokens[table.next], 'RENAME')) return undefined;
	const next = table.next + 1;
	// A column may be named COLUMN, but not TO.
	const at = isWord(tokens[next], 'COLUMN') && !isWord(tokens[next + 1], 'TO') ? next + 1 : next;
	const column = isWord(tokens[at], 'TO') ? undefined : tokens[at];
	const to = tokens[column === undefined ? at + 1 : at + 2];
	if (to === undefined) return undefined;
	return {table: table.name, column: column && tokenName(column), to: tokenName(to)};
}
