import type {MigrError} from '../errors.ts';
import {nameKey, sameName} from '../schema/identifiers.ts';
import type {Column, KeyColumn, PrimaryKey, Source, Table} from '../schema/schema.ts';
import {readRenames} from './annotations.ts';
import {readCreate, readObjectName, statementText} from './create-head.ts';
import {
	type Cursor,
	cursorOver,
	expectEnd,
	expectOperator,
	expectWord,
	isName,
	isWord,
	peek,
	readGroup,
	readName,
	syntaxError,
	takeOperator,
	takeWord,
	takeWords,
	unexpected,
} from './cursor.ts';
import {sqlBetween} from './expression.ts';
import {tokenName} from './lexer.ts';
import {readColumnDefinition} from './read-column.ts';
import {
	type Constraints,
	noConstraints,
	readConflict,
	readDeferral,
	readKeyColumns,
	readNames,
	readReferences,
	setPrimaryKey,
} from './read-constraints.ts';

/** Returns the line of an offset, counting from an earlier known one. */
function lineAt(sql: string, offset: number, known: {offset: number; line: number}): number {
	for (let at = sql.indexOf('\n', known.offset); at >= 0 && at < offset; at = sql.indexOf('\n', at + 1)) known.line += 1;
	known.offset = offset;
	return known.line;
}

/** Reads a CREATE TABLE statement: https://www.sqlite.org/lang_createtable.html. Throws MigrError('syntax'). */
export function readTable(sql: string, source?: Source): Table {
	const cursor = cursorOver(sql, source);
	readCreate(cursor);
	expectWord(cursor, 'TABLE');
	const {name} = readObjectName(cursor, 'the name of a table');
	if (isWord(peek(cursor), 'AS')) {
		const hint = 'list its columns in parentheses instead';
		throw syntaxError(cursor, `table ${name} is created by CREATE TABLE … AS SELECT, which does not list its columns`, cursor.at, hint);
	}

	const opening = cursor.at;
	expectOperator(cursor, '(');
	const constraints = noConstraints();
	const columns: Column[] = [];
	const keys = new Set<string>();
	/** Offsets where the columns and then the first table constraint begin. */
	const starts: number[] = [];
	const known = {offset: 0, line: source?.line ?? 1};
	let columnsEnd = 0;
	do {
		const first = cursor.at;
		const start = peek(cursor)?.start ?? 0;
		starts.push(start);
		if (columns.length > 0 && isTableConstraint(cursor)) {
			readTableConstraints(cursor, constraints);
			break;
		}

		const column = readColumnDefinition(cursor, constraints);
		if (keys.size === keys.add(nameKey(column.name)).size) throw syntaxError(cursor, `table ${name} has two columns named ${column.name}`, first);
		if (source !== undefined) column.source = {file: source.file, line: lineAt(sql, start, known)};
		columns.push(column);
		columnsEnd = peek(cursor)?.start ?? 0;
	} while (takeOperator(cursor, ','));
	expectOperator(cursor, ')');
	const {strict, withoutRowid} = readOptions(cursor);
	const text = statementText(cursor);
	expectEnd(cursor);
	checkKeys(cursor, name, constraints, keys);
	const renames = cursor.comments.length === 0 ? undefined : readRenames(cursor, opening, starts);
	const table: Table = {
		kind: 'table',
		name,
		columns: renames === undefined ? columns : columns.map((column, index) => ({...column, renamedFrom: renames.get(index)})),
		primaryKey: primaryKeyOf(constraints, columns, withoutRowid),
		uniques: constraints.uniques,
		checks: constraints.checks,
		foreignKeys: constraints.foreignKeys,
		strict,
		withoutRowid,
		sql: text,
		renamedFrom: renames?.get(-1),
		source,
	};
	columnEnds.set(table, columnsEnd - (cursor.tokens[0]?.start ?? 0));
	return table;
}

/** The offset in the text of a table after its last column and the whitespace after it, so that ADD COLUMN need not read the text again. */
const columnEnds = new WeakMap<Table, number>();

/**
 * Returns a table with one more column after the others, as reading the new text would. Undefined if only reading it shows the result.
 *
 * @param definition the text of the column, exactly as read into `parts`
 */
export function withReadColumn(table: Table, definition: string, {column, ...brought}: ColumnParts): Table | undefined {
	const end = columnEnds.get(table);
	const {sql, source} = table;
	const isPlain = brought.primaryKey === undefined && brought.uniques.length + brought.checks.length === 0;
	// Comments may be about names, and keys are listed in the order of the text.
	if (end === undefined || !isPlain || [sql, definition].some((text) => text.includes('--') || text.includes('/*'))) return undefined;
	if (table.foreignKeys.length > 0 && brought.foreignKeys.length > 0) return undefined;
	const {kind, name, primaryKey, uniques, checks, strict, withoutRowid} = table;
	const added = `, ${definition}`;
	const result: Table = {
		kind,
		name,
		columns: [...table.columns, column],
		primaryKey,
		uniques,
		checks,
		foreignKeys: brought.foreignKeys.length > 0 ? brought.foreignKeys : table.foreignKeys,
		strict,
		withoutRowid,
		sql: sql.slice(0, end) + added + sql.slice(end),
		renamedFrom: undefined,
		source,
	};
	columnEnds.set(result, end + added.length);
	addedTexts.set(column, {text: added, foreignKeys: brought.foreignKeys});
	return result;
}

/** The text of a column that `withReadColumn` has added, and the foreign keys that it brought. */
const addedTexts = new WeakMap<Column, {readonly text: string; readonly foreignKeys: Table['foreignKeys']}>();

/**
 * Returns a table without its last column, as reading the text without it would. Undefined unless `withReadColumn` has added the column. A constraint of
 * the table must not name the column.
 */
export function withoutReadColumn(table: Table): Table | undefined {
	const column = table.columns.at(-1);
	const [end, added] = [columnEnds.get(table), column && addedTexts.get(column)];
	if (end === undefined || added === undefined || table.columns.length === 1) return undefined;
	const start = end - added.text.length;
	const {sql, foreignKeys} = table;
	// Whitespace before the comma is removed with the column.
	const isBehindColumn = sql.slice(start, end) === added.text && !/\s/.test(sql[start - 1] ?? ' ');
	if (!isBehindColumn || sql.includes('--') || sql.includes('/*')) return undefined;
	if (added.foreignKeys.length > 0 && foreignKeys !== added.foreignKeys) return undefined;
	const result: Table = {
		...table,
		columns: table.columns.slice(0, -1),
		foreignKeys: added.foreignKeys.length > 0 ? [] : foreignKeys,
		sql: sql.slice(0, start) + sql.slice(end),
		renamedFrom: undefined,
	};
	columnEnds.set(result, start);
	return result;
}

/** Checks that the columns of the table's keys exist. */
function checkKeys(cursor: Cursor, table: string, {primaryKey, uniques, foreignKeys}: Constraints, columns: ReadonlySet<string>): void {
	const check = (column: string): void => {
		if (!columns.has(nameKey(column))) throw unknownColumn(cursor, table, column);
	};
	for (const column of primaryKey?.columns ?? []) check(column.name);
	for (const unique of uniques) for (const column of unique.columns) check(column.name);
	for (const foreignKey of foreignKeys) for (const column of foreignKey.columns) check(column);
}

function unknownColumn(cursor: Cursor, table: string, column: string): MigrError {
	const index = cursor.tokens.findLastIndex((token) => isName(token) && tokenName(token) === column);
	return syntaxError(cursor, `table ${table} has no column named ${column}`, index);
}

/** A column definition: the column itself, and the constraints it adds to its table. */
export interface ColumnParts {
	readonly column: Column;
	readonly primaryKey: PrimaryKey | undefined;
	readonly uniques: Table['uniques'];
	readonly checks: Table['checks'];
	readonly foreignKeys: Table['foreignKeys'];
}

/** Reads a column definition, as after ADD COLUMN: `age INTEGER NOT NULL DEFAULT 0`. Throws MigrError('syntax'). */
export function readColumn(definition: string, source?: Source): ColumnParts {
	const cursor = cursorOver(definition, source);
	const constraints = noConstraints();
	const column = readColumnDefinition(cursor, constraints);
	expectEnd(cursor);
	const {uniques, checks, foreignKeys} = constraints;
	return {column, primaryKey: primaryKeyOf(constraints, [column], false), uniques, checks, foreignKeys};
}

const constraintWords = ['CONSTRAINT', 'PRIMARY', 'UNIQUE', 'CHECK', 'FOREIGN'];
const shortestWord = 5;

function isTableConstraint(cursor: Cursor): boolean {
	const token = peek(cursor);
	// Most names of columns are shorter.
	return token?.kind === 'word' && token.text.length >= shortestWord && constraintWords.some((word) => isWord(token, word));
}

/** Reads table constraints. SQLite does not require commas between them (https://www.sqlite.org/syntax/table-constraint.html). */
function readTableConstraints(cursor: Cursor, constraints: Constraints): void {
	let name: string | undefined;
	while (true) {
		if (takeWord(cursor, 'CONSTRAINT')) {
			name = readName(cursor, 'the name of a constraint');
		} else if (isTableConstraint(cursor)) {
			readTableConstraint(cursor, constraints, name);
			name = undefined;
		} else return;
		if (takeOperator(cursor, ',') && !isTableConstraint(cursor)) throw unexpected(cursor, 'a table constraint; columns come before all of them');
	}
}

function readTableConstraint(cursor: Cursor, constraints: Constraints, name: string | undefined): void {
	if (takeWords(cursor, 'PRIMARY', 'KEY')) {
		expectOperator(cursor, '(');
		const columns = readKeyColumns(cursor);
		const autoincrement = takeWord(cursor, 'AUTOINCREMENT');
		expectOperator(cursor, ')');
		setPrimaryKey(cursor, constraints, {name, columns, autoincrement, ...readConflict(cursor)}, false);
	} else if (takeWord(cursor, 'UNIQUE')) {
		expectOperator(cursor, '(');
		const columns = readKeyColumns(cursor);
		expectOperator(cursor, ')');
		constraints.uniques.push({name, columns, ...readConflict(cursor)});
	} else if (takeWord(cursor, 'CHECK')) {
		const {from, to} = readGroup(cursor, 'an expression in parentheses');
		constraints.checks.push({name, expression: sqlBetween(cursor, from, to)});
		readConflict(cursor);
	} else {
		expectWord(cursor, 'FOREIGN');
		expectWord(cursor, 'KEY');
		const columns = readNames(cursor);
		expectWord(cursor, 'REFERENCES');
		constraints.foreignKeys.push(readReferences(cursor, columns, name));
		readDeferral(cursor, constraints);
	}
}

function readOptions(cursor: Cursor): {readonly strict: boolean; readonly withoutRowid: boolean} {
	let strict = false;
	let withoutRowid = false;
	if (peek(cursor) === undefined || peek(cursor)?.text === ';') return {strict, withoutRowid};
	// SQLite also accepts a comma before the first option.
	takeOperator(cursor, ',');
	do {
		if (takeWord(cursor, 'WITHOUT')) {
			if (!sameName(readName(cursor, 'ROWID'), 'rowid')) {
				cursor.at -= 1;
				throw unexpected(cursor, 'ROWID');
			}

			withoutRowid = true;
		} else if (isWord(peek(cursor), 'STRICT')) {
			cursor.at += 1;
			strict = true;
		} else if (isWord(peek(cursor), 'CREATE')) throw syntaxError(cursor, 'a ; is missing before this CREATE', cursor.at);
		else throw unexpected(cursor, 'STRICT or WITHOUT ROWID');
	} while (takeOperator(cursor, ','));
	return {strict, withoutRowid};
}

function primaryKeyOf(constraints: Constraints, columns: readonly Column[], withoutRowid: boolean): PrimaryKey | undefined {
	const {primaryKey} = constraints;
	if (primaryKey === undefined) return undefined;
	const [only] = primaryKey.columns;
	const column = primaryKey.columns.length === 1 ? columns.find((candidate) => sameName(candidate.name, only?.name ?? '')) : undefined;
	const isInteger = column !== undefined && nameKey(column.type) === 'integer';
	const rowidAlias = isInteger && !withoutRowid && !(constraints.isInline && only?.descending === true);
	return {...primaryKey, columns: withoutRowid ? withoutRepeats(primaryKey.columns, columns) : primaryKey.columns, rowidAlias};
}

/** Removes repeated key columns. A WITHOUT ROWID table stores a column once, even if its primary key repeats it with the same collation. */
function withoutRepeats(keys: readonly KeyColumn[], columns: readonly Column[]): readonly KeyColumn[] {
	if (keys.length === 1) return keys;
	const seen = new Set<string>();
	return keys.filter((key) => {
		const collate = key.collate ?? columns.find((column) => sameName(column.name, key.name))?.collate ?? 'binary';
		const text = nameKey(`${key.name} ${collate}`);
		return seen.size < seen.add(text).size;
	});
}
