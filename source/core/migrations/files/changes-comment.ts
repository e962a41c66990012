import {cursorOver} from '../../ddl/cursor.ts';
import {tokenName} from '../../ddl/lexer.ts';
import type {WrittenFor} from '../../operations/operation.ts';
import {isTableHash} from '../../operations/table-hash.ts';
import {identifier} from '../../schema/identifiers.ts';

/**
 * Returns the comment line of a `.sql` migration with the table definitions that the statements below it were written for:
 * `-- changes user 3f9c1a2b`. Empty if there is no definition, or if the name does not fit into a comment.
 */
export function changesComment(table: string, from: readonly string[]): string {
	return from.length === 0 || /[\r\n]/.test(table) ? '' : `-- changes ${identifier(table)} ${from.join(' ')}\n`;
}

/** Reads such a comment. Undefined for any other comment. */
export function readChangesComment(comment: string): WrittenFor | undefined {
	const [, name = '', list = ''] = /^-- changes (.+?)((?: [0-9a-f]{8})+)\s*$/.exec(comment) ?? [];
	const from = list.split(' ').filter(isTableHash);
	if (from.length === 0) return undefined;
	const table = nameIn(name);
	return table === undefined ? undefined : {table, from};
}

function nameIn(text: string): string | undefined {
	try {
		const {tokens} = cursorOver(text);
		const [token] = tokens;
		return token === undefined || tokens.length > 1 ? undefined : tokenName(token);
	} catch {
		return undefined;
	}
}
