import {nameKey} from '../schema/identifiers.ts';
import type {Source, Sql, VirtualTable} from '../schema/schema.ts';
import {readCreate, readObjectName, statementText} from './create-head.ts';
import {type Cursor, closingOf, cursorOver, expectEnd, expectWord, peek, readName} from './cursor.ts';

/**
 * Reads a CREATE VIRTUAL TABLE statement: https://www.sqlite.org/lang_createvtab.html. Only the module knows the meaning of the arguments, so their
 * normal form only ignores whitespace, comments and the case of bare words. Throws MigrError('syntax').
 */
export function readVirtualTable(sql: string, source?: Source): VirtualTable {
	const cursor = cursorOver(sql, source);
	readCreate(cursor);
	expectWord(cursor, 'VIRTUAL');
	expectWord(cursor, 'TABLE');
	const {name} = readObjectName(cursor, 'the name of a virtual table');
	expectWord(cursor, 'USING');
	const module = readName(cursor, 'the name of a module');
	const parts = peek(cursor)?.text === '(' ? readArguments(cursor) : [];
	const text = statementText(cursor);
	expectEnd(cursor);
	return {kind: 'virtualTable', name, module, arguments: parts, sql: text, source};
}

function readArguments(cursor: Cursor): Sql[] {
	const closing = closingOf(cursor, cursor.at);
	const parts: Sql[] = [];
	let depth = 0;
	let start = cursor.at + 1;
	for (let index = start; index <= closing; index += 1) {
		const text = cursor.tokens[index]?.text;
		if (depth === 0 && (text === ',' || index === closing)) {
			if (index > start || parts.length > 0 || text === ',') parts.push(argument(cursor, start, index));
			start = index + 1;
		} else if (text === '(') depth += 1;
		else if (text === ')') depth -= 1;
	}

	cursor.at = closing + 1;
	return parts;
}

function argument(cursor: Cursor, from: number, to: number): Sql {
	const tokens = cursor.tokens.slice(from, to);
	const [first] = tokens;
	const last = tokens.at(-1);
	if (first === undefined || last === undefined) return {text: '', normal: ''};
	const normal = tokens.map((token) => (token.kind === 'word' ? nameKey(token.text) : token.text)).join(' ');
	return {text: cursor.sql.slice(first.start, last.end), normal};
}
