import {cursorOver} from '../../ddl/cursor.ts';
import {readColumn, readIndex} from '../../ddl/read.ts';
import {MigrError} from '../../errors.ts';
import type {Column} from '../../schema/schema.ts';
import {prismaError} from './prisma-error.ts';
import type {Place} from './syntax.ts';

// SQL that Prisma copies from a schema to its migrations. Each function reads it in an otherwise empty definition, so it cannot add anything else.

/** Returns the type in `Unsupported("…")`. @throws MigrError `model` if it is not a type */
export function requireTypeText(text: string, place: Place): string {
	const column = onlyColumn(text);
	if (column !== undefined && column.type !== '' && column.default === undefined) return column.type;
	throw prismaError(place, `${JSON.stringify(text)} is not an SQLite type`, 'write the type as in CREATE TABLE, without constraints');
}

/**
 * Returns the expression in `dbgenerated("…")`, in the parentheses that SQLite needs: Prisma omits them when it reads a database.
 *
 * @throws MigrError `model` if it is not an expression
 */
export function requireDefaultText(text: string, place: Place): string {
	// A line break ends a comment.
	for (const sql of unlessSyntaxError(() => isList(text)) === false ? [`${text}\n`, `(${text}\n)`] : []) {
		const column = onlyColumn(`DEFAULT ${sql}`);
		if (column !== undefined && column.type === '' && column.default !== undefined) return sql;
	}
	throw prismaError(
		place,
		`${JSON.stringify(text)} is not a valid SQLite default`,
		'write an expression in parentheses, such as dbgenerated("(unixepoch())")',
	);
}

/** Returns the condition in `raw("…")` of a partial index. @throws MigrError `model` if it is not an expression */
export function requireConditionText(text: string, place: Place): string {
	if (unlessSyntaxError(() => readIndex(`CREATE INDEX i ON t (c) WHERE ${text}`))?.where !== undefined) return text;
	throw prismaError(place, `${JSON.stringify(text)} is not a valid SQLite condition`, 'write the condition as after WHERE in CREATE INDEX');
}

/** True for several expressions or statements. */
function isList(text: string): boolean {
	let depth = 0;
	return cursorOver(text).tokens.some((token) => {
		if (token.text === '(') depth++;
		if (token.text === ')') depth--;
		return depth < 0 || token.text === ';' || (depth === 0 && token.text === ',');
	});
}

/** Returns a column that has only a type and a default. */
function onlyColumn(definition: string): Column | undefined {
	const parts = unlessSyntaxError(() => readColumn(`c ${definition}`));
	if (parts === undefined || parts.primaryKey !== undefined || parts.uniques.length + parts.checks.length + parts.foreignKeys.length > 0)
		return undefined;
	const {column} = parts;
	return column.notNull === undefined && column.collate === undefined && column.generated === undefined ? column : undefined;
}

function unlessSyntaxError<Result>(read: () => Result): Result | undefined {
	try {
		return read();
	} catch (error) {
		if (error instanceof MigrError) return undefined;
		throw error;
	}
}
