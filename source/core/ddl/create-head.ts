import {sameName} from '../schema/identifiers.ts';
import {type Cursor, cursorOver, expectWord, isWord, peek, readName, takeOperator, takeWord, unexpected} from './cursor.ts';
import {tokenName} from './lexer.ts';

/** Reads `CREATE [TEMP]`, the part before the kind of object. Returns true for TEMP. */
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

/** Returns the statement's text from its first to its last token, without the semicolon. The cursor must be after the last token. */
export function statementText(cursor: Cursor): string {
	return cursor.sql.slice(cursor.tokens[0]?.start ?? 0, cursor.tokens[cursor.at - 1]?.end ?? 0);
}

/** The beginning of a CREATE statement, up to the name of its object. */
export interface CreateHead {
	/** True for TEMP, or for a name in `temp`. */
	readonly isTemporary: boolean;
	/** True if the statement has IF NOT EXISTS. */
	readonly isConditional: boolean;
	/** The schema name before the dot. */
	readonly database: string | undefined;
	/** The index of the first token after TABLE, INDEX, VIEW or TRIGGER. */
	readonly start: number;
	/** The index of the object's name token. */
	readonly name: number;
}

function isNamed(database: string | undefined, name: string): boolean {
	return database !== undefined && sameName(database, name);
}

/** Reads a CREATE statement up to and including the object's name. Throws MigrError('syntax') for any other statement. */
export function readHead(cursor: Cursor): CreateHead {
	const isTemp = readCreate(cursor);
	takeWord(cursor, 'UNIQUE');
	takeWord(cursor, 'VIRTUAL');
	if (!['TABLE', 'INDEX', 'VIEW', 'TRIGGER'].some((word) => takeWord(cursor, word))) throw unexpected(cursor, 'TABLE, INDEX, VIEW or TRIGGER');
	const start = cursor.at;
	const isConditional = takeCondition(cursor);
	const first = cursor.tokens[cursor.at];
	const {token: name} = readObjectName(cursor, 'a name');
	const database = first === undefined || first === cursor.tokens[name] ? undefined : tokenName(first);
	return {isTemporary: isTemp || isNamed(database, 'temp'), isConditional, database, start, name};
}

/** True if a CREATE statement creates a temporary object. */
export function isTemporary(sql: string): boolean {
	// A quick test first, since most statements need no parsing. The same applies below.
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

/** A statement without IF NOT EXISTS and without a schema name, which is the usual case. */
const plainHead =
	/^CREATE\s+(?:UNIQUE\s+INDEX|TABLE|INDEX|VIEW|TRIGGER|VIRTUAL\s+TABLE)\s+(?!IF\b)(?:\w+(?!\w)|"[^"]*"(?!")|`[^`]*`(?!`)|\[[^\]]*\])\s*(?![\s./-])/i;

/** Returns a CREATE statement as SQLite stores it: without IF NOT EXISTS and `main.`. */
export function unconditional(sql: string): string {
	if (plainHead.test(sql)) return sql;
	const cursor = cursorOver(sql);
	const {start, name, database} = readHead(cursor);
	const from = database === undefined || isNamed(database, 'main') ? name : name - 2;
	return start === from ? sql : sql.slice(0, cursor.tokens[start]?.start) + sql.slice(cursor.tokens[from]?.start);
}

/**
 * Returns a CREATE statement with the beginning that SQLite stores: `CREATE TABLE name`. ADD COLUMN counts the bytes of the stored text from there, so it
 * damages a definition with another beginning.
 */
export function withStoredHead(sql: string): string {
	const cursor = cursorOver(sql);
	const {start, name} = readHead(cursor);
	const words = cursor.tokens.slice(0, start).filter((token) => !isWord(token, 'TEMP') && !isWord(token, 'TEMPORARY'));
	return `${words.map(({text}) => text.toUpperCase()).join(' ')} ${sql.slice(cursor.tokens[name]?.start)}`;
}

/** Returns a CREATE statement with IF NOT EXISTS added. */
export function conditional(sql: string): string {
	const cursor = cursorOver(sql);
	const {start, isConditional: isAlready} = readHead(cursor);
	const at = cursor.tokens[start]?.start;
	return isAlready ? sql : `${sql.slice(0, at)}IF NOT EXISTS ${sql.slice(at)}`;
}
