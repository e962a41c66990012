import {literal, quoted, sameName} from '../schema/identifiers.ts';
import type {
	Check,
	Column,
	ConflictClause,
	ForeignKey,
	ForeignKeyAction,
	Generated,
	KeyColumn,
	NotNull,
	PrimaryKey,
	Sql,
	Unique,
} from '../schema/schema.ts';
import {
	type Cursor,
	closingOf,
	expectOperator,
	expectWord,
	isOperator,
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
import {endsType} from './keywords.ts';
import {nameOf, significantTokens, tokenize} from './lexer.ts';

/** What a table's definition has besides columns; both column and table constraints end up here. */
export interface Constraints {
	primaryKey: Omit<PrimaryKey, 'rowidAlias'> | undefined;
	/** True where the key is written behind a column, where DESC keeps it from being the rowid. */
	isInline: boolean;
	readonly uniques: Unique[];
	readonly checks: Check[];
	readonly foreignKeys: ForeignKey[];
}

export function noConstraints(): Constraints {
	return {primaryKey: undefined, isInline: false, uniques: [], checks: [], foreignKeys: []};
}

/** `name: undefined` is not wanted in a plain object: the property is there or it is not. */
export function named(name: string | undefined): {readonly name?: string} {
	return name === undefined ? {} : {name};
}

interface MutableColumn {
	name: string;
	type: string;
	notNull?: NotNull;
	default?: Sql;
	collate?: string;
	generated?: Generated;
}

/** Reads `column-def` (https://www.sqlite.org/syntax/column-def.html); its keys, checks and references go to `constraints`. */
export function readColumnDefinition(cursor: Cursor, constraints: Constraints): Column {
	const column: MutableColumn = {name: readName(cursor, 'the name of a column'), type: readType(cursor)};
	let name: string | undefined;
	while (true) {
		if (peek(cursor)?.kind !== 'word') return column;
		if (takeWord(cursor, 'CONSTRAINT')) {
			name = readName(cursor, 'the name of a constraint');
			continue;
		}

		if (!readValueConstraint(cursor, column, name) && !readKeyConstraint(cursor, column.name, constraints, name)) return column;
		name = undefined;
	}
}

/** A declared type: words, quoted names and strings, and up to two numbers in parentheses. */
function readType(cursor: Cursor): string {
	const start = cursor.at;
	let token = peek(cursor);
	while (token !== undefined && (token.kind === 'word' ? !endsType(token.text) : token.kind === 'quotedName' || token.kind === 'string')) {
		cursor.at += 1;
		token = peek(cursor);
	}

	if (cursor.at === start) return '';
	if (isOperator(token, '(')) cursor.at = closingOf(cursor, cursor.at) + 1;
	return typeText(cursor, start, cursor.at);
}

/** SQLite's white space; JavaScript's has characters in it that are letters to SQLite. */
const whiteSpace = /[\t-\r ]+/g;

function typeText(cursor: Cursor, from: number, to: number): string {
	const first = cursor.tokens[from];
	const last = cursor.tokens[to - 1];
	if (first === undefined || last === undefined) return '';
	const text = withoutGenerated(cursor.sql.slice(first.start, last.end));
	if (first.kind === 'word' && cursor.comments.length === 0) return foldedType(text);
	const {tokens} = significantTokens(text);
	const [only] = tokens;
	if (only !== undefined && tokens.length === 1 && only.kind !== 'word') return unquotedType(nameOf(only));
	const withoutComments = tokenize(text).map((token) => (token.kind === 'comment' ? ' ' : token.text));
	return foldedType(withoutComments.join(''));
}

function foldedType(type: string): string {
	return /[\t-\r ]/.test(type) ? type.replace(whiteSpace, ' ').replace(/^ | $/g, '') : type;
}

/** GENERATED ALWAYS can be names, so that to SQLite they are part of the type first; it takes them off the end of its text in this way. */
function withoutGenerated(type: string): string {
	if (type.length < 16 || !/always$/i.test(type)) return type;
	return type
		.slice(0, -6)
		.replace(/[\t-\r ]+$/, '')
		.replace(/(?:generated)?[\t-\r ]*$/i, '');
}

/** SQLite takes the quotes off a type that is quoted as a whole; so is it here, wherever the type can be written without them. */
function unquotedType(name: string): string {
	const isPlain = /^[a-z_]\w*(?: [a-z_]\w*)*(?: ?\([+-]?\d+(?:, ?[+-]?\d+)?\))?$/i.test(name);
	const isWords = !name.split(/[ (]/).some(endsType) && !/generated always$/i.test(name);
	return isPlain && isWords ? name : quoted(name);
}

/** NOT NULL, NULL, DEFAULT, COLLATE, and generation: what stays with the column. */
function readValueConstraint(cursor: Cursor, column: MutableColumn, name: string | undefined): boolean {
	if (takeWords(cursor, 'NOT', 'NULL')) column.notNull = readNotNull(cursor, name);
	else if (takeWord(cursor, 'NULL')) readConflict(cursor);
	else if (takeWord(cursor, 'DEFAULT')) column.default = readDefault(cursor);
	else if (takeWord(cursor, 'COLLATE')) {
		const collation = readName(cursor, 'the name of a collation');
		if (sameName(collation, 'BINARY')) delete column.collate;
		else column.collate = collation;
	} else if (takeWords(cursor, 'GENERATED', 'ALWAYS')) {
		expectWord(cursor, 'AS');
		column.generated = readGenerated(cursor);
	} else if (takeWord(cursor, 'AS')) column.generated = readGenerated(cursor);
	else return false;
	return true;
}

const plainNotNull: NotNull = {};

function readNotNull(cursor: Cursor, name: string | undefined): NotNull {
	return name === undefined && !isWord(peek(cursor), 'ON') ? plainNotNull : {...named(name), ...readConflict(cursor)};
}

function readGenerated(cursor: Cursor): Generated {
	const {from, to} = readGroup(cursor, 'an expression in parentheses');
	const stored = takeWord(cursor, 'STORED');
	if (!stored) takeWord(cursor, 'VIRTUAL');
	return {expression: sqlBetween(cursor, from, to), stored};
}

/**
 * A literal, a signed number, or an expression in parentheses. A bare word and a name in quotes are string literals here
 * (`DEFAULT id` in the grammar), but for TRUE and FALSE.
 */
function readDefault(cursor: Cursor): Sql {
	const token = peek(cursor);
	if (token === undefined) throw unexpected(cursor, 'a default value');
	if (token.text === '(') {
		const {from, to} = readGroup(cursor, 'an expression in parentheses');
		return sqlBetween(cursor, from, to);
	}

	const from = cursor.at;
	const isSigned = token.text === '-' || token.text === '+';
	if (isSigned) cursor.at += 1;
	const value = peek(cursor);
	const isBareWord = value?.kind === 'word' && !/^(?:true|false|null|current_(?:date|time|timestamp))$/i.test(value.text);
	const isString = isBareWord || value?.kind === 'quotedName';
	const isReservedHere = isBareWord && endsType(value.text) && !isWord(value, 'INDEXED');
	if (value === undefined || value.kind === 'operator' || value.kind === 'parameter' || isReservedHere || (isSigned && isString)) {
		throw unexpected(cursor, 'a default value');
	}

	cursor.at += 1;
	if (!isString) return sqlBetween(cursor, token.text === '+' ? from + 1 : from, cursor.at);
	const text = literal(nameOf(value));
	return {text, normal: text};
}

/** PRIMARY KEY, UNIQUE, CHECK, REFERENCES and DEFERRABLE behind a column. */
function readKeyConstraint(cursor: Cursor, column: string, constraints: Constraints, name: string | undefined): boolean {
	if (takeWords(cursor, 'PRIMARY', 'KEY')) {
		const descending = readOrder(cursor);
		const conflict = readConflict(cursor);
		const autoincrement = takeWord(cursor, 'AUTOINCREMENT');
		setPrimaryKey(cursor, constraints, {...named(name), columns: [{name: column, descending}], autoincrement, ...conflict}, true);
	} else if (takeWord(cursor, 'UNIQUE')) {
		constraints.uniques.push({...named(name), columns: [{name: column, descending: false}], ...readConflict(cursor)});
	} else if (takeWord(cursor, 'CHECK')) {
		const {from, to} = readGroup(cursor, 'an expression in parentheses');
		constraints.checks.push({...named(name), expression: sqlBetween(cursor, from, to), column});
	} else if (takeWord(cursor, 'REFERENCES')) constraints.foreignKeys.push(readReferences(cursor, [column], name));
	else return readDeferral(cursor, constraints);
	return true;
}

export function setPrimaryKey(cursor: Cursor, constraints: Constraints, primaryKey: Omit<PrimaryKey, 'rowidAlias'>, isInline: boolean): void {
	if (constraints.primaryKey !== undefined) throw syntaxError(cursor, 'a table cannot have two primary keys', cursor.at - 1);
	constraints.primaryKey = primaryKey;
	constraints.isInline = isInline;
}

/** Steps over ASC or DESC; true for DESC. */
export function readOrder(cursor: Cursor): boolean {
	if (takeWord(cursor, 'DESC')) return true;
	takeWord(cursor, 'ASC');
	return false;
}

const conflictClauses: readonly ConflictClause[] = ['ROLLBACK', 'FAIL', 'IGNORE', 'REPLACE'];

/** `ON CONFLICT …`, where it is not the default. */
export function readConflict(cursor: Cursor): {readonly onConflict?: ConflictClause} {
	if (!takeWords(cursor, 'ON', 'CONFLICT')) return {};
	if (takeWord(cursor, 'ABORT')) return {};
	const onConflict = conflictClauses.find((clause) => takeWord(cursor, clause));
	if (onConflict === undefined) throw unexpected(cursor, 'ROLLBACK, ABORT, FAIL, IGNORE or REPLACE');
	return {onConflict};
}

/** The rest of a foreign key, behind REFERENCES (https://www.sqlite.org/syntax/foreign-key-clause.html). */
export function readReferences(cursor: Cursor, columns: readonly string[], name: string | undefined): ForeignKey {
	const parent = readName(cursor, 'the name of a table');
	const parentColumns = isOperator(peek(cursor), '(') ? readNames(cursor) : [];
	let onDelete: ForeignKeyAction | undefined;
	let onUpdate: ForeignKeyAction | undefined;
	let match: string | undefined;
	while (true) {
		if (takeWord(cursor, 'MATCH')) match = readName(cursor, 'SIMPLE, PARTIAL or FULL');
		else if (takeWords(cursor, 'ON', 'DELETE')) onDelete = readAction(cursor);
		else if (takeWords(cursor, 'ON', 'UPDATE')) onUpdate = readAction(cursor);
		else if (takeWords(cursor, 'ON', 'INSERT')) readAction(cursor);
		else break;
	}

	return {
		...named(name),
		columns,
		parent,
		parentColumns,
		...(onDelete === undefined ? {} : {onDelete}),
		...(onUpdate === undefined ? {} : {onUpdate}),
		...(match === undefined ? {} : {match}),
		deferred: false,
	};
}

function readAction(cursor: Cursor): ForeignKeyAction | undefined {
	if (takeWords(cursor, 'SET', 'NULL')) return 'SET NULL';
	if (takeWords(cursor, 'SET', 'DEFAULT')) return 'SET DEFAULT';
	if (takeWord(cursor, 'CASCADE')) return 'CASCADE';
	if (takeWord(cursor, 'RESTRICT')) return 'RESTRICT';
	if (takeWords(cursor, 'NO', 'ACTION')) return undefined;
	throw unexpected(cursor, 'SET NULL, SET DEFAULT, CASCADE, RESTRICT or NO ACTION');
}

/** `[NOT] DEFERRABLE …`: as in SQLite it is about the table's last foreign key so far, wherever that one stands. */
export function readDeferral(cursor: Cursor, constraints: Constraints): boolean {
	const not = takeWords(cursor, 'NOT', 'DEFERRABLE');
	if (!not && !takeWord(cursor, 'DEFERRABLE')) return false;
	let deferred = false;
	if (takeWord(cursor, 'INITIALLY')) {
		deferred = takeWord(cursor, 'DEFERRED');
		if (!deferred) expectWord(cursor, 'IMMEDIATE');
	}

	const last = constraints.foreignKeys.pop();
	if (last !== undefined) constraints.foreignKeys.push({...last, deferred: deferred && !not});
	return true;
}

/** `(a, b)`. Old schemas may have COLLATE and ASC or DESC behind the names; SQLite overlooks both, and so is it here. */
export function readNames(cursor: Cursor): string[] {
	expectOperator(cursor, '(');
	const names: string[] = [];
	do {
		names.push(readName(cursor, 'the name of a column'));
		if (takeWord(cursor, 'COLLATE')) readName(cursor, 'the name of a collation');
		readOrder(cursor);
	} while (takeOperator(cursor, ','));
	expectOperator(cursor, ')');
	return names;
}

/** The columns of PRIMARY KEY or UNIQUE, behind the opening parenthesis and up to what follows the last. */
export function readKeyColumns(cursor: Cursor): KeyColumn[] {
	const columns: KeyColumn[] = [];
	do {
		let depth = 0;
		while (takeOperator(cursor, '(')) depth += 1;
		const name = readName(cursor, 'the name of a column');
		let collate: string | undefined;
		while (true) {
			if (takeWord(cursor, 'COLLATE')) collate = readName(cursor, 'the name of a collation');
			else if (depth > 0 && takeOperator(cursor, ')')) depth -= 1;
			else break;
		}

		if (depth > 0) throw unexpected(cursor, '")"');
		columns.push({name, ...(collate === undefined ? {} : {collate}), descending: readOrder(cursor)});
	} while (takeOperator(cursor, ','));
	return columns;
}
