import {nameInExpression} from '../../ddl/expression.ts';
import {literal} from '../../schema/identifiers.ts';
import {type CallSite, callSite, modelError} from './call-site.ts';

/** Marks objects that are written as a name in SQL: columns, tables, views. */
export const nameSymbol: unique symbol = Symbol.for('lite-migr.name');

/** An object that is written as a name in SQL: a column, a table, a view. */
export interface Named {
	readonly [nameSymbol]: string;
}

const sqlSymbol: unique symbol = Symbol.for('lite-migr.sql');

/** A piece of SQL, created by the `sql` tag. */
export interface SqlExpression {
	readonly [sqlSymbol]: {readonly parts: readonly string[]; readonly values: readonly SqlPart[]; readonly site: CallSite | undefined};
	/** Sorts this expression in descending order in an index or a key. */
	desc(): KeyPart;
	asc(): KeyPart;
	/** Sets the collating sequence of this expression in an index or a key. */
	collate(name: string): KeyPart;
}

/** A value in `${…}`. Names are quoted if they need it, and everything else becomes a literal. A list becomes `(1, 2, 3)`. */
export type SqlPart = SqlExpression | Named | SqlLiteral | readonly SqlPart[];

export type SqlLiteral = string | number | bigint | boolean | Uint8Array | null;

/** One part of an index or a key with its order and collation. */
export interface KeyPart {
	readonly part: Named | SqlExpression;
	readonly descending: boolean;
	readonly collation?: string | undefined;
	desc(): KeyPart;
	asc(): KeyPart;
	collate(name: string): KeyPart;
}

/**
 * Creates an SQL expression from a tagged template. Columns and tables become their names, nested `sql` is inserted unchanged, and other values
 * become literals:
 *
 *     sql`${user.age} >= ${18} AND ${user.kind} IN ${['a', 'b']}`    →    age >= 18 AND kind IN ('a', 'b')
 *
 * A column is never prefixed with its table, since most parts of DDL forbid that. If an expression has two tables, write the prefix:
 * `` sql`${user}.${user.id}` ``.
 */
export function sql(parts: TemplateStringsArray, ...values: readonly SqlPart[]): SqlExpression {
	return expression(parts, values, callSite(sql));
}

/** Creates an SQL expression from text, unchanged. */
sql.raw = (text: string): SqlExpression => expression([text], [], callSite(sql.raw));

/** Creates a name, quoted if it needs quotes. */
sql.identifier = (name: string): SqlExpression => expression([nameInExpression(name)], [], callSite(sql.identifier));

/** Joins pieces with a separator, by default a comma. */
sql.join = (pieces: readonly SqlPart[], between: SqlExpression = sql.raw(', ')): SqlExpression => {
	const values = pieces.flatMap((piece, at) => (at === 0 ? [piece] : [between, piece]));
	return expression(
		Array.from({length: values.length + 1}, () => ''),
		values,
		callSite(sql.join),
	);
};

function expression(parts: readonly string[], values: readonly SqlPart[], site: CallSite | undefined): SqlExpression {
	const result: SqlExpression = {
		[sqlSymbol]: {parts, values, site},
		desc: () => keyPart(result).desc(),
		asc: () => keyPart(result),
		collate: (name) => keyPart(result).collate(name),
	};
	return result;
}

export function keyPart(part: Named | SqlExpression, descending = false, collation?: string): KeyPart {
	return {
		part,
		descending,
		collation,
		desc: () => keyPart(part, true, collation),
		asc: () => keyPart(part, false, collation),
		collate: (name) => keyPart(part, descending, name),
	};
}

export function isSql(value: unknown): value is SqlExpression {
	return typeof value === 'object' && value !== null && sqlSymbol in value;
}

export function isNamed(value: unknown): value is Named {
	return (typeof value === 'object' || typeof value === 'function') && value !== null && nameSymbol in value;
}

/** Returns the text of an expression. Throws `MigrError('model')` with the line of the `sql` if a value cannot be written as a literal. */
export function sqlText(part: SqlPart, site?: CallSite): string {
	if (isSql(part)) {
		const {parts, values, site: own} = part[sqlSymbol];
		return values.reduce<string>((text, value, at) => `${text}${sqlText(value, own ?? site)}${parts[at + 1] ?? ''}`, parts[0] ?? '');
	}
	if (isNamed(part)) return nameInExpression(part[nameSymbol]);
	if (Array.isArray(part)) return `(${part.map((item) => sqlText(item, site)).join(', ')})`;
	return literalText(part as SqlLiteral, site);
}

/** Returns a value as an SQL literal (https://www.sqlite.org/lang_expr.html#literal_values_constants_). */
export function literalText(value: SqlLiteral, site?: CallSite): string {
	switch (typeof value) {
		case 'string':
			if (value.includes('\0')) {
				throw modelError('a string with a NUL character cannot be written as an SQL literal', site, "write it as bytes: sql`CAST(x'…' AS TEXT)`");
			}
			return literal(value);
		case 'bigint':
			return String(value);
		case 'boolean':
			return value ? '1' : '0';
		case 'number':
			if (Number.isFinite(value)) return String(value);
			break;
		case 'object':
			if (value === null) return 'NULL';
			if (value instanceof Uint8Array) return `x'${[...value].map((byte) => byte.toString(16).padStart(2, '0')).join('')}'`;
	}
	throw modelError(
		`${String(value)} cannot be written as an SQL literal`,
		site,
		value === undefined
			? 'check the spelling; if two modules import each other, write the name as text'
			: 'use a string, a number, null, a boolean or bytes',
	);
}
