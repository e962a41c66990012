import {nameKey} from '../../schema/identifiers.ts';
import {cursorOver} from '../cursor.ts';
import {tokenName} from '../lexer.ts';

/**
 * Returns everything in a statement that SQLite could read as a name, in lower case. Unlike `namesIn`, it includes reserved words and all string
 * literals: a missing name would be a mistake, and an extra one is harmless.
 */
export function mentionedNames(sql: string): ReadonlySet<string> {
	return new Set(cursorOver(sql).tokens.map((token) => nameKey(tokenName(token))));
}
