import type {Source, Trigger} from '../schema/schema.ts';
import {readCreate, readObjectName, statementText} from './create-head.ts';
import {
	type Cursor,
	cursorOver,
	expectEnd,
	expectWord,
	isWord,
	peek,
	readName,
	syntaxError,
	takeOperator,
	takeWord,
	takeWords,
	unexpected,
} from './cursor.ts';
import {namesBetween, sqlBetween} from './expression.ts';

/** Reads a CREATE TRIGGER statement: https://www.sqlite.org/lang_createtrigger.html. The default timing is BEFORE. Throws MigrError('syntax'). */
export function readTrigger(sql: string, source?: Source): Trigger {
	const cursor = cursorOver(sql, source);
	readCreate(cursor);
	expectWord(cursor, 'TRIGGER');
	const {name} = readObjectName(cursor, 'the name of a trigger');
	const timing = readTiming(cursor);
	const {event, updateOf} = readEvent(cursor);
	expectWord(cursor, 'ON');
	let table = readName(cursor, 'the name of a table or view');
	if (takeOperator(cursor, '.')) table = readName(cursor, 'the name of a table or view');
	if (takeWord(cursor, 'FOR')) {
		expectWord(cursor, 'EACH');
		expectWord(cursor, 'ROW');
	}

	const conditionStart = cursor.at;
	let when: Trigger['when'];
	if (takeWord(cursor, 'WHEN')) {
		const begin = beginOfBody(cursor);
		if (begin === cursor.at) throw unexpected(cursor, 'an expression');
		when = sqlBetween(cursor, cursor.at, begin);
		cursor.at = begin;
	}

	const conditionEnd = cursor.at;
	expectWord(cursor, 'BEGIN');
	const from = cursor.at;
	const to = endOfBody(cursor);
	cursor.at = to + 1;
	const text = statementText(cursor);
	expectEnd(cursor);
	return {
		kind: 'trigger',
		name,
		table,
		timing,
		event,
		updateOf,
		when,
		body: sqlBetween(cursor, from, to),
		mentions: [...new Set([...namesBetween(cursor.tokens, conditionStart, conditionEnd), ...namesBetween(cursor.tokens, from, to)])],
		sql: text,
		source,
	};
}

function readTiming(cursor: Cursor): Trigger['timing'] {
	if (takeWord(cursor, 'AFTER')) return 'AFTER';
	if (takeWords(cursor, 'INSTEAD', 'OF')) return 'INSTEAD OF';
	takeWord(cursor, 'BEFORE');
	return 'BEFORE';
}

function readEvent(cursor: Cursor): {readonly event: Trigger['event']; readonly updateOf: readonly string[]} {
	if (takeWord(cursor, 'INSERT')) return {event: 'INSERT', updateOf: []};
	if (takeWord(cursor, 'DELETE')) return {event: 'DELETE', updateOf: []};
	expectWord(cursor, 'UPDATE');
	const updateOf: string[] = [];
	if (takeWord(cursor, 'OF')) {
		do updateOf.push(readName(cursor, 'the name of a column'));
		while (takeOperator(cursor, ','));
	}

	return {event: 'UPDATE', updateOf};
}

const bodyWords = ['SELECT', 'INSERT', 'UPDATE', 'DELETE', 'REPLACE', 'WITH', 'VALUES'];

/** Returns the index of the BEGIN after a WHEN. A column may also be named `begin`, but no statement can follow it. */
function beginOfBody(cursor: Cursor): number {
	for (let index = cursor.at; index < cursor.tokens.length; index += 1) {
		if (isWord(cursor.tokens[index], 'BEGIN') && bodyWords.some((word) => isWord(cursor.tokens[index + 1], word))) return index;
	}

	throw syntaxError(cursor, 'the statement ends too early: expected BEGIN', cursor.tokens.length);
}

/** Returns the index of the END after a semicolon. */
function endOfBody(cursor: Cursor): number {
	if (!bodyWords.some((word) => isWord(peek(cursor), word))) throw unexpected(cursor, 'SELECT, INSERT, UPDATE or DELETE');
	for (let index = cursor.at + 1; index < cursor.tokens.length; index += 1) {
		if (cursor.tokens[index - 1]?.text === ';' && isWord(cursor.tokens[index], 'END')) return index;
	}

	throw syntaxError(cursor, 'the statement ends too early: expected END after a semicolon', cursor.tokens.length);
}
