import {outerParentheses} from '../../ddl/expression.ts';
import {isInsignificant, type Token, tokenize} from '../../ddl/lexer.ts';
import {MigrError} from '../../errors.ts';
import {valueLiteral} from './literal.ts';
import type {Orm, OrmSql} from './orm.ts';
import {isKind} from './recognize.ts';

/**
 * Returns a drizzle-orm expression as SQL text. Parameters become literals, since a definition cannot have parameters. Pass `own` for an expression on
 * one table's row, which names columns without their table.
 *
 * @throws MigrError `model` if the expression has a placeholder, or a value that SQLite cannot store
 */
export function expressionText(orm: Orm, expression: OrmSql, own: boolean): string {
	const {sql, params} = orm.render(expression, own);
	if (params.length === 0) return sql.trim();
	const values = params.values();
	return tokenize(sql)
		.map((token) => (token.kind === 'parameter' ? parameterLiteral(values.next().value) : token.text))
		.join('')
		.trim();
}

function parameterLiteral(value: unknown): string {
	if (!isKind(value, 'Placeholder') && !isKind(value, 'Param')) return valueLiteral(value);
	throw new MigrError('model', 'a definition cannot contain a placeholder', {hint: 'write the value instead of sql.placeholder(…)'});
}

/** Adds parentheses to an expression for DEFAULT, unless it is a literal or has them (https://www.sqlite.org/syntax/column-constraint.html). */
export function asDefault(text: string): string {
	const tokens = tokenize(text).filter((token) => !isInsignificant(token));
	const [first, second, third] = tokens;
	const isSigned = isSign(first) && second?.kind === 'number' && third === undefined;
	const isLiteral = second === undefined && first !== undefined && isLiteralToken(first);
	return isSigned || isLiteral || outerParentheses(tokens, 0, tokens.length) > 0 ? text : `(${text})`;
}

function isSign(token: Token | undefined): boolean {
	return token?.text === '-' || token?.text === '+';
}

function isLiteralToken(token: Token): boolean {
	if (token.kind === 'word') return /^(null|true|false|current_(date|time|timestamp))$/i.test(token.text);
	return token.kind === 'string' || token.kind === 'number' || token.kind === 'blob' || token.kind === 'quotedName';
}
