import {sameName} from '../schema/identifiers.ts';
import {type Cursor, cursorOver, expectWord, isWord, peek, readName, takeOperator, takeWord, unexpected} from './cursor.ts';
import {nameOf} from './lexer.ts';

/** Reads `CREATE [TEMP] `: what comes before the kind of object. True for TEMP. */
export function readCreate(cursor: Cursor): boolean {
	expectWord(cursor, 'CREATE');
	return takeWord(cursor, 'TEMP') || takeWord(cursor, 'TEMPORARY');
}

/** Reads `[IF NOT EXISTS] [schema.]name`. Returns the name and the index of its token. */
export function readObjectName(cursor: Cursor, what: string): {readonly name: string; readonly token: number} {
	takeCondition(cursor);
	let name = readName(cursor, what);
	if (takeOperator(cursor, '.')) name = readName(cursor, what);
	return {name, token: cursor.at - 1};
}

function takeCondition(cursor: Cursor): boolean {
	if (!isWord(peek(cursor), 'IF') || !isWord(peek(cursor, 1), 'NOT') || !isWord(peek(cursor, 2), 'EXISTS')) return false;
	cursor.at += 3;
	return true;
}

/** The statement's text: from its first token to its last, without the semicolon. Call it behind the last token. */
export function statementText(cursor: Cursor): string {
	return cursor.sql.slice(cursor.tokens[0]?.start ?? 0, cursor.tokens[cursor.at - 1]?.end ?? 0);
}

/** What a CREATE statement says up to the name of its object. */
export interface CreateHead {
	/** TEMP, or a name in `temp`. */
	readonly isTemporary: boolean;
	/** IF NOT EXISTS. */
	readonly isConditional: boolean;
	/** What stands before the name and a dot. */
	readonly database: string | undefined;
	/** The index of the first token behind TABLE, INDEX, VIEW or TRIGGER. */
	readonly start: number;
	/** The index of the token that is the object's own name. */
	readonly name: number;
}

function isNamed(database: string | undefined, name: string): boolean {
	return database !== undefined && sameName(database, name);
}

/** Reads up to the object's own name, and steps over it. Throws MigrError('syntax') for any other statement. */
export function readHead(cursor: Cursor): CreateHead {
	const isTemp = readCreate(cursor);
	takeWord(cursor, 'UNIQUE');
	takeWord(cursor, 'VIRTUAL');
	if (!['TABLE', 'INDEX', 'VIEW', 'TRIGGER'].some((word) => takeWord(cursor, word))) throw unexpected(cursor, 'TABLE, INDEX, VIEW or TRIGGER');
	const start = cursor.at;
	const isConditional = takeCondition(cursor);
	const first = cursor.tokens[cursor.at];
	const {token: name} = readObjectName(cursor, 'a name');
	const database = first === undefined || first === cursor.tokens[name] ? undefined : nameOf(first);
	return {isTemporary: isTemp || isNamed(database, 'temp'), isConditional, database, start, name};
}

/** True where a CREATE statement makes an object that no database keeps. */
export function isTemporary(sql: string): boolean {
	// Most statements need no second reading; so it is below.
	return /temp/i.test(sql) && headOf(sql)?.isTemporary === true;
}

/** True for a CREATE statement with IF NOT EXISTS. */
export function isConditional(sql: string): boolean {
	return /exists/i.test(sql) && headOf(sql)?.isConditional === true;
}

function headOf(sql: string): CreateHead | undefined {
	const cursor = cursorOver(sql);
	return isWord(peek(cursor), 'CREATE') ? readHead(cursor) : undefined;
}

/** A CREATE statement as SQLite stores it: without IF NOT EXISTS and `main.`. */
export function unconditional(sql: string): string {
	const cursor = cursorOver(sql);
	const {start, name, database} = readHead(cursor);
	const from = database === undefined || isNamed(database, 'main') ? name : name - 2;
	return start === from ? sql : sql.slice(0, cursor.tokens[start]?.start) + sql.slice(cursor.tokens[from]?.start);
}

/** A CREATE statement with IF NOT EXISTS. */
export function conditional(sql: string): string {
	const cursor = cursorOver(sql);
	const {start, isConditional: isAlready} = readHead(cursor);
	const at = cursor.tokens[start]?.start;
	return isAlready ? sql : `${sql.slice(0, at)}IF NOT EXISTS ${sql.slice(at)}`;
}
