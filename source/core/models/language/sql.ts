import {nameInExpression} from '../../ddl/expression.ts';
import {literal} from '../../schema/identifiers.ts';
import {type CallSite, callSite, modelError} from './call-site.ts';

/** Marks what stands in SQL as a name: columns, tables, views. */
export const nameSymbol: unique symbol = Symbol.for('lite-migr.name');

export interface Named {
	readonly [nameSymbol]: string;
}

const sqlSymbol: unique symbol = Symbol.for('lite-migr.sql');

/** A piece of SQL, made by the `sql` tag. */
export interface SqlExpression {
	readonly [sqlSymbol]: {readonly parts: readonly string[]; readonly values: readonly SqlPart[]; readonly site: CallSite | undefined};
	/** Inside of an index or a key: this expression from greatest to least. */
	desc(): KeyPart;
	asc(): KeyPart;
	/** Inside of an index or a key: compared by this collating sequence. */
	collate(name: string): KeyPart;
}

/** What can stand in `${…}`. Names are quoted where they need it, everything else becomes a literal; a list becomes `(1, 2, 3)`. */
export type SqlPart = SqlExpression | Named | SqlLiteral | readonly SqlPart[];

export type SqlLiteral = string | number | bigint | boolean | Uint8Array | null;

/** One part of an index or a key with its order and collation. */
export interface KeyPart {
	readonly part: Named | SqlExpression;
	readonly descending: boolean;
	readonly collation?: string;
	desc(): KeyPart;
	asc(): KeyPart;
	collate(name: string): KeyPart;
}

/**
 * SQL as a tagged template. Columns and tables become their bare names, nested `sql` is taken as it is, other values become literals:
 *
 *     sql`${user.age} >= ${18} AND ${user.kind} IN ${['a', 'b']}`    →    age >= 18 AND kind IN ('a', 'b')
 *
 * A column is never prefixed with its table, since most places of DDL forbid that; where two tables meet, write the prefix: sql`${user}.${user.id}`.
 */
export function sql(parts: TemplateStringsArray, ...values: readonly SqlPart[]): SqlExpression {
	return expression(parts, values, callSite(sql));
}

/** SQL taken as it stands. */
sql.raw = (text: string): SqlExpression => expression([text], [], callSite(sql.raw));

/** A name, quoted where it needs it. */
sql.identifier = (name: string): SqlExpression => expression([nameInExpression(name)], [], callSite(sql.identifier));

/** Pieces with something between them, a comma if nothing is given. */
sql.join = (pieces: readonly SqlPart[], between: SqlExpression = sql.raw(', ')): SqlExpression => {
	const values = pieces.flatMap((piece, at) => (at === 0 ? [piece] : [between, piece]));
	return expression(
		Array.from({length: values.length + 1}, () => ''),
		values,
		callSite(sql.join),
	);
};

function expression(parts: readonly string[], values: readonly SqlPart[], site: CallSite | undefined): SqlExpression {
	const made: SqlExpression = {
		[sqlSymbol]: {parts, values, site},
		desc: () => keyPart(made).desc(),
		asc: () => keyPart(made),
		collate: (name) => keyPart(made).collate(name),
	};
	return made;
}

export function keyPart(part: Named | SqlExpression, descending = false, collation?: string): KeyPart {
	return {
		part,
		descending,
		...(collation === undefined ? {} : {collation}),
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

/** The text of an expression. Throws `MigrError('model')` with the line of the `sql` for a value that has no literal. */
export function sqlText(part: SqlPart, site?: CallSite): string {
	if (isSql(part)) {
		const {parts, values, site: own} = part[sqlSymbol];
		return values.reduce<string>((text, value, at) => `${text}${sqlText(value, own ?? site)}${parts[at + 1] ?? ''}`, parts[0] ?? '');
	}
	if (isNamed(part)) return nameInExpression(part[nameSymbol]);
	if (Array.isArray(part)) return `(${part.map((item) => sqlText(item, site)).join(', ')})`;
	return literalText(part as SqlLiteral, site);
}

/** A value as an SQL literal (https://www.sqlite.org/lang_expr.html#literal_values_constants_). */
export function literalText(value: SqlLiteral, site?: CallSite): string {
	switch (typeof value) {
		case 'string':
			if (value.includes('\0')) {
				throw modelError('a text with the character NUL has no form in SQL', site, "write it as bytes: sql`CAST(x'…' AS TEXT)`");
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
		`${String(value)} has no form in SQL`,
		site,
		value === undefined
			? 'the name is misspelt, or two modules import each other: write the name as text'
			: 'take a string, a number, null, a boolean or bytes',
	);
}
