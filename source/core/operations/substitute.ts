import {cursorOver} from '../ddl/cursor.ts';
import {columnTokens, replaceSpans} from '../ddl/expression.ts';
import {tokenName} from '../ddl/lexer.ts';
import {nameKey, sameName} from '../schema/identifiers.ts';

/** The SQL that replaces each column, by column name in lower case. Other columns are unchanged. */
export type Substitution = ReadonlyMap<string, string>;

/** Replaces columns, including their qualifiers, in an expression over one table's row (CHECK, index, generated column, fill). */
export function substituteColumns(expression: string, table: string, substitution: Substitution): string {
	const {tokens} = cursorOver(expression);
	let result = '';
	let at = 0;
	for (const index of columnTokens(tokens, 0, tokens.length, table)) {
		const token = tokens[index];
		const replacement = token === undefined ? undefined : substitution.get(nameKey(tokenName(token)));
		if (token === undefined || replacement === undefined) continue;
		const qualifier = tokens[index - 1]?.text === '.' ? tokens[index - 2] : undefined;
		result += expression.slice(at, qualifier?.start ?? token.start) + replacement;
		at = token.end;
	}
	return result + expression.slice(at);
}

/** Renames or removes the qualifier `table.` before columns. */
export function renameQualifier(text: string, table: string, to: string | undefined): string {
	const {tokens} = cursorOver(text);
	const spans = tokens.flatMap((token, index) => {
		const dot = tokens[index + 1];
		const isQualifier = dot?.text === '.' && (token.kind === 'word' || token.kind === 'quotedName') && sameName(tokenName(token), table);
		return isQualifier ? [{start: token.start, end: to === undefined ? dot.end : token.end}] : [];
	});
	return replaceSpans(text, spans, to ?? '');
}
