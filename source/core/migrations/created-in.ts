import {cursorOver, isWord} from '../ddl/cursor.ts';
import {nameOf} from '../ddl/lexer.ts';

/** The name of the table that a plain CREATE TABLE makes; undefined for every other statement. */
export function createdTableIn(sql: string): string | undefined {
	const {tokens} = cursorOver(sql);
	if (!isWord(tokens[0], 'CREATE')) return undefined;
	const table = isWord(tokens[1], 'TEMP') || isWord(tokens[1], 'TEMPORARY') ? 2 : 1;
	if (!isWord(tokens[table], 'TABLE')) return undefined;
	let name = isWord(tokens[table + 1], 'IF') ? table + 4 : table + 1;
	if (tokens[name + 1]?.text === '.') name += 2;
	const token = tokens[name];
	return token === undefined ? undefined : nameOf(token);
}
