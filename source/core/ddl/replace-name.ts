import {identifier} from '../schema/identifiers.ts';
import {readHead} from './create-head.ts';
import {type Cursor, cursorOver, expectWord, isWord, peek, readName, syntaxError, takeOperator} from './cursor.ts';
import {replaceSpans} from './expression.ts';

/** Replaces the object's name in a CREATE statement. Everything else stays unchanged, byte for byte, including references to itself. */
export function withName(sql: string, newName: string): string {
	const cursor = cursorOver(sql);
	return replaceToken(cursor, readHead(cursor).name, newName);
}

/** Replaces the table (or view) in a CREATE INDEX or CREATE TRIGGER statement. */
export function withTable(sql: string, newTable: string): string {
	const cursor = cursorOver(sql);
	const kind = peek(cursor, 1);
	readHead(cursor);
	while (peek(cursor) !== undefined && !isWord(peek(cursor), 'ON')) cursor.at += 1;
	expectWord(cursor, 'ON');
	readName(cursor, 'the name of a table');
	if (takeOperator(cursor, '.')) readName(cursor, 'the name of a table');
	if (isWord(kind, 'TABLE') || isWord(kind, 'VIEW') || isWord(kind, 'VIRTUAL')) throw syntaxError(cursor, 'this statement has no ON table', 0);
	return replaceToken(cursor, cursor.at - 1, newTable);
}

function replaceToken(cursor: Cursor, index: number, name: string): string {
	const token = cursor.tokens[index];
	return token === undefined ? cursor.sql : replaceSpans(cursor.sql, [token], identifier(name));
}
