import {cursorOver, isWord, qualifiedName} from '../../ddl/cursor.ts';
import {nameOf} from '../../ddl/lexer.ts';
import type {RenameDecision} from '../../diff/question.ts';

/** What a plain ALTER TABLE … RENAME TO or RENAME COLUMN renames; undefined for every other statement. */
export function renameIn(sql: string): RenameDecision | undefined {
	const {tokens} = cursorOver(sql);
	if (!isWord(tokens[0], 'ALTER') || !isWord(tokens[1], 'TABLE')) return undefined;
	const table = qualifiedName(tokens, 2);
	if (table === undefined || !isWord(tokens[table.next], 'RENAME')) return undefined;
	const behind = table.next + 1;
	// A column may be called COLUMN, and none TO.
	const at = isWord(tokens[behind], 'COLUMN') && !isWord(tokens[behind + 1], 'TO') ? behind + 1 : behind;
	const column = isWord(tokens[at], 'TO') ? undefined : tokens[at];
	const to = tokens[column === undefined ? at + 1 : at + 2];
	if (to === undefined) return undefined;
	return {table: table.name, ...(column === undefined ? {} : {column: nameOf(column)}), to: nameOf(to)};
}
