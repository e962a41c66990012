import {literal, quoted, sameName} from '../schema/identifiers.ts';
import type {Column, Generated, NotNull, Source, Sql} from '../schema/schema.ts';
import {type Cursor, closingOf, expectWord, isOperator, isWord, peek, readGroup, readName, takeWord, takeWords, unexpected} from './cursor.ts';
import {sqlBetween} from './expression.ts';
import {endsType} from './keywords.ts';
import {isInsignificant, significantTokens, tokenize, tokenName} from './lexer.ts';
import {type Constraints, readConflict, readKeyConstraint} from './read-constraints.ts';

interface MutableColumn {
	name: string;
	type: string;
	notNull: NotNull | undefined;
	default: Sql | undefined;
	collate: string | undefined;
	generated: Generated | undefined;
	source: Source | undefined;
}

/**
 * Reads `column-def` (https://www.sqlite.org/syntax/column-def.html) and adds its keys, checks and references to `constraints`. The caller may still set its
 * place in a file.
 */
export function readColumnDefinition(cursor: Cursor, constraints: Constraints): Column & {source: Source | undefined} {
	// V8 compares thousands of columns faster if all have the same properties in the same order.
	const column: MutableColumn = {
		name: readName(cursor, 'the name of a column'),
		type: readType(cursor),
		notNull: undefined,
		default: undefined,
		collate: undefined,
		generated: undefined,
		source: undefined,
	};
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

/** Reads a declared type: words, quoted names and strings, and up to two numbers in parentheses. */
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

/** SQLite's whitespace. JavaScript's whitespace includes characters that are letters in SQLite. */
const whiteSpace = /[\t-\r ]+/g;

function typeText(cursor: Cursor, from: number, to: number): string {
	const first = cursor.tokens[from];
	const last = cursor.tokens[to - 1];
	if (first === undefined || last === undefined) return '';
	if (to - from === 1 && first.kind === 'word' && !losesAlways(first.text)) return first.text;
	const text = withoutGenerated(cursor.sql.slice(first.start, last.end));
	if (first.kind === 'word' && cursor.comments.length === 0 && !text.includes('\ufeff')) return foldedType(text);
	const {tokens} = significantTokens(text);
	const [only] = tokens;
	if (only !== undefined && tokens.length === 1 && only.kind !== 'word') return unquotedType(tokenName(only));
	return foldedType(
		tokenize(text)
			.map((token) => (isInsignificant(token) ? ' ' : token.text))
			.join(''),
	);
}

function foldedType(type: string): string {
	return /[\t-\r ]/.test(type) ? type.replace(whiteSpace, ' ').replace(/^ | $/g, '') : type;
}

/** Removes GENERATED ALWAYS from the end of a type, as SQLite does. Both words can be names, so SQLite first reads them as part of the type. */
function withoutGenerated(type: string): string {
	if (!losesAlways(type)) return type;
	return type
		.slice(0, -6)
		.replace(/[\t-\r ]+$/, '')
		.replace(/(?:generated)?[\t-\r ]*$/i, '');
}

/** True if SQLite removes ALWAYS from the end of a type. It does if the type has 16 bytes. */
export function losesAlways(type: string): boolean {
	// Most types are too short, with any letters.
	return type.length > 7 && /always$/i.test(type) && Buffer.byteLength(type) >= 16;
}

/** Removes the quotes from a type that is quoted as a whole, as SQLite does, if the type can be written without them. */
function unquotedType(name: string): string {
	const isPlain = /^[a-z_]\w*(?: [a-z_]\w*)*(?: ?\([+-]?\d+(?:, ?[+-]?\d+)?\))?$/i.test(name);
	const isWords = !name.split(/[ (]/).some(endsType) && !/generated always$/i.test(name);
	return isPlain && isWords ? name : quoted(name);
}

/** Reads the constraints that belong to the column itself: NOT NULL, NULL, DEFAULT, COLLATE and GENERATED. */
function readValueConstraint(cursor: Cursor, column: MutableColumn, name: string | undefined): boolean {
	if (takeWords(cursor, 'NOT', 'NULL')) column.notNull = readNotNull(cursor, name);
	else if (takeWord(cursor, 'NULL')) readConflict(cursor);
	else if (takeWord(cursor, 'DEFAULT')) column.default = readDefault(cursor);
	else if (takeWord(cursor, 'COLLATE')) {
		const collation = readName(cursor, 'the name of a collation');
		column.collate = sameName(collation, 'BINARY') ? undefined : collation;
	} else if (takeWords(cursor, 'GENERATED', 'ALWAYS')) {
		expectWord(cursor, 'AS');
		column.generated = readGenerated(cursor);
	} else if (takeWord(cursor, 'AS')) column.generated = readGenerated(cursor);
	else return false;
	return true;
}

const plainNotNull: NotNull = {};

function readNotNull(cursor: Cursor, name: string | undefined): NotNull {
	return name === undefined && !isWord(peek(cursor), 'ON') ? plainNotNull : {name, ...readConflict(cursor)};
}

function readGenerated(cursor: Cursor): Generated {
	const {from, to} = readGroup(cursor, 'an expression in parentheses');
	const stored = takeWord(cursor, 'STORED');
	if (!stored) takeWord(cursor, 'VIRTUAL');
	return {expression: sqlBetween(cursor, from, to), stored};
}

/**
 * Reads a literal, a signed number, or an expression in parentheses. Bare words (except TRUE and FALSE) and quoted names are string literals here
 * (`DEFAULT id` in the grammar).
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
	const text = literal(tokenName(value));
	return {text, normal: text};
}
