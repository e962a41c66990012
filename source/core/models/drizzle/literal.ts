import {MigrError} from '../../errors.ts';
import {literal} from '../../schema/identifiers.ts';

/**
 * Returns SQL that stores a value that drizzle-orm would pass to the driver.
 *
 * @throws MigrError `model` if SQLite cannot store the value: an object, a Date, NaN
 */
export function valueLiteral(value: unknown): string {
	switch (typeof value) {
		case 'string':
			return textLiteral(value);
		case 'number':
			return numberLiteral(value);
		case 'bigint':
		case 'boolean':
			return String(value);
		default:
			if (value === null || value === undefined) return 'NULL';
			if (value instanceof Uint8Array) return blobLiteral(value);
			if (value instanceof ArrayBuffer) return blobLiteral(new Uint8Array(value));
			throw notStorable(value instanceof Date ? 'a Date' : `a value of type ${typeof value}`);
	}
}

/** Returns a text literal. A text with a NUL character is written as a blob, since SQLite would end a string there. */
function textLiteral(text: string): string {
	return text.includes('\0') ? `CAST(${blobLiteral(new TextEncoder().encode(text))} AS TEXT)` : literal(text);
}

function numberLiteral(value: number): string {
	if (Number.isNaN(value)) throw notStorable('NaN');
	if (Number.isFinite(value)) return String(value);
	return value > 0 ? '9e999' : '-9e999';
}

function blobLiteral(bytes: Uint8Array): string {
	return `X'${Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('hex').toUpperCase()}'`;
}

function notStorable(what: string): MigrError {
	return new MigrError('model', `SQLite cannot store ${what}`, {
		hint: 'use a column mode that converts it, toDriver of a custom type, or an sql`…` expression',
	});
}
