import {cursorOver, isWord} from '../ddl/cursor.ts';
import {nameOf} from '../ddl/lexer.ts';
import type {RenameDecision} from '../diff/question.ts';

/** What a plain ALTER TABLE … RENAME TO or RENAME COLUMN renames; undefined for every other statement. */
export function renameIn(sql: string): RenameDecision | undefined {
	const {tokens} = cursorOver(sql);
	if (!isWord(tokens[0], 'ALTER') || !isWord(tokens[1], 'TABLE')) return undefined;
	const name = tokens[3]?.text === '.' ? 4 : 2;
	const rename = name + 1;
	const [table, to] = [tokens[name], tokens.at(-1)];
	if (table === undefined || to === undefined || !isWord(tokens[rename], 'RENAME')) return undefined;
	if (isWord(tokens[rename + 1], 'TO')) return {table: nameOf(table), to: nameOf(to)};
	const column = tokens[isWord(tokens[rename + 1], 'COLUMN') ? rename + 2 : rename + 1];
	return column === undefined ? undefined : {table: nameOf(table), column: nameOf(column), to: nameOf(to)};
}
