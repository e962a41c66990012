import {readHead} from '../../ddl/create-head.ts';
import {cursorOver, isWord} from '../../ddl/cursor.ts';
import {nameOf} from '../../ddl/lexer.ts';

export interface CreatedTable {
	readonly name: string;
	/** IF NOT EXISTS: it may be one that was there before, with its rows. */
	readonly isConditional: boolean;
}

/** What a CREATE TABLE makes in the database, also from a SELECT; undefined for every other statement, and for a temporary table. */
export function createdTableIn(sql: string): CreatedTable | undefined {
	const cursor = cursorOver(sql);
	const {tokens} = cursor;
	if (!isWord(tokens[0], 'CREATE') || !tokens.slice(1, 3).some((token) => isWord(token, 'TABLE'))) return undefined;
	const {name, isConditional, isTemporary} = readHead(cursor);
	const token = tokens[name];
	return token === undefined || isTemporary ? undefined : {name: nameOf(token), isConditional};
}
