import {tokenize} from '../../../../ddl/lexer.ts';
import {literal} from '../../../../schema/identifiers.ts';
import {hasStrayWhitespace} from '../../../files/list.ts';

/**
 * The package through which a tool binds values. It decides how a number is stored: better-sqlite3 binds every number as REAL, sqlite3 binds those that
 * fit into 32 bits as INTEGER. `unknown` if nothing in the project says which one the tool uses.
 */
export type BindingDriver = 'better-sqlite3' | 'sqlite3' | 'unknown';

/** A bound value as a literal. */
export interface BoundValue {
	/** Has the type that the driver binds: `1.0`. */
	readonly exact: string;
	/** Has the type that a reader expects: `1`. A column stores both in the same way, unless it has no type or contains text. */
	readonly plain: string;
}

/**
 * Returns the literals of a value that a migration binds.
 *
 * @throws TypeError for a value that the driver does not bind, as the driver does
 */
export function boundValue(value: unknown, driver: BindingDriver): BoundValue {
	switch (typeof value) {
		case 'string':
			return same(textLiteral(value));
		case 'number':
			return numberValue(value, driver);
		case 'bigint':
			if (BigInt.asIntN(64, value) !== value) throw new RangeError('The bound string, buffer, or bigint is too big');
			// The literal of the smallest integer would be read as a REAL with a sign.
			return same(value === -(2n ** 63n) ? '(-9223372036854775807 - 1)' : String(value));
		// Knex and other callers of better-sqlite3 turn it into a number, because the driver itself refuses it.
		case 'boolean':
			return numberValue(Number(value), driver);
		default:
			if (value === null || value === undefined) return same('NULL');
			// sqlite3 binds a REAL even if the number of milliseconds is small.
			if (value instanceof Date) return numberValue(value.valueOf(), driver === 'sqlite3' ? 'better-sqlite3' : driver);
			if (ArrayBuffer.isView(value)) return same(blobLiteral(new Uint8Array(value.buffer, value.byteOffset, value.byteLength)));
			if (driver === 'sqlite3') return same(textLiteral(String(value)));
			throw new TypeError('SQLite3 can only bind numbers, strings, bigints, buffers, and null');
	}
}

function same(text: string): BoundValue {
	return {exact: text, plain: text};
}

function numberValue(value: number, driver: BindingDriver): BoundValue {
	// SQLite stores NaN as NULL.
	if (Number.isNaN(value)) return same('NULL');
	if (!Number.isFinite(value)) return same(value > 0 ? '9e999' : '-9e999');
	if (driver === 'sqlite3' && (value | 0) === value) return same(String(value | 0));
	if (Object.is(value, -0)) return same('-0.0');
	const text = String(value);
	if (!Number.isInteger(value)) return same(text);
	const exact = /[.e]/.test(text) ? text : `${text}.0`;
	return Number.isSafeInteger(value) ? {exact, plain: text} : same(exact);
}

/**
 * Returns a text as a literal, or as its bytes: SQLite would end it at a NUL character, and git or an editor may change whitespace at the end of a line,
 * which the checksum of a file ignores.
 */
function textLiteral(text: string): string {
	return text.includes('\0') || hasStrayWhitespace(text) ? `CAST(${blobLiteral(new TextEncoder().encode(text))} AS TEXT)` : literal(text);
}

function blobLiteral(bytes: Uint8Array): string {
	return `X'${Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('hex').toUpperCase()}'`;
}

/**
 * Returns a statement with its parameters as literals.
 *
 * @throws RangeError if the number of values differs, as the driver does
 */
export function withValues(sql: string, values: readonly string[]): string {
	let next = 0;
	let text = '';
	for (const token of tokenize(sql)) {
		if (token.kind !== 'parameter') {
			text += token.text;
			continue;
		}
		const value = values[next++];
		if (value === undefined) throw new RangeError('Too few parameter values were provided');
		// Two minus signs would start a comment.
		text += value.startsWith('-') && text.endsWith('-') ? ` ${value}` : value;
	}
	if (next < values.length) throw new RangeError('Too many parameter values were provided');
	return text;
}
