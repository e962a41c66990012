import type {Source, View} from '../schema/schema.ts';
import {readCreate, readObjectName, statementText} from './create-head.ts';
import {cursorOver, expectEnd, expectWord, isOperator, peek, unexpected} from './cursor.ts';
import {namesBetween, sqlBetween} from './expression.ts';
import {readNames} from './read-constraints.ts';

/** Reads a CREATE VIEW statement: https://www.sqlite.org/lang_createview.html. Throws MigrError('syntax'). */
export function readView(sql: string, source?: Source): View {
	const cursor = cursorOver(sql, source);
	readCreate(cursor);
	expectWord(cursor, 'VIEW');
	const {name} = readObjectName(cursor, 'the name of a view');
	const columns = isOperator(peek(cursor), '(') ? readNames(cursor) : [];
	expectWord(cursor, 'AS');
	const from = cursor.at;
	while (peek(cursor) !== undefined && peek(cursor)?.text !== ';') cursor.at += 1;
	if (from === cursor.at) throw unexpected(cursor, 'a SELECT');
	const to = cursor.at;
	const text = statementText(cursor);
	expectEnd(cursor);
	return {
		kind: 'view',
		name,
		columns,
		select: sqlBetween(cursor, from, to),
		mentions: namesBetween(cursor.tokens, from, to),
		sql: text,
		source,
	};
}
