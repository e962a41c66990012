import {cursorOver, qualifiedName} from '../../../../ddl/cursor.ts';
import {tokenName} from '../../../../ddl/lexer.ts';
import {nameKey} from '../../../../schema/identifiers.ts';
import type {Database} from '../../../../sqlite/database.ts';

/** True if an INSERT sets the number of its rows itself: it names the INTEGER PRIMARY KEY of its table, and no value is NULL. */
export function insertsOwnKey(db: Database, sql: string): boolean {
	const {tokens} = cursorOver(sql);
	const into = tokens.findIndex(({text}) => text.toUpperCase() === 'INTO');
	const target = qualifiedName(tokens, into + 1);
	if (into < 0 || target === undefined || tokens.some(({kind, text}) => kind === 'word' && text.toUpperCase() === 'NULL')) return false;
	const keys = db.tuples('SELECT name, type FROM pragma_table_info(?) WHERE pk > 0', target.name);
	const [key, type] = keys.length === 1 ? (keys[0] ?? []) : [];
	if (key === undefined || !/^integer$/i.test(String(type))) return false;
	const start = tokens.findIndex(({text}, at) => at > into && text === '(');
	const values = tokens.findIndex(({kind, text}, at) => at > into && kind === 'word' && /^(?:VALUES|SELECT|DEFAULT)$/i.test(text));
	if (start < 0 || start > values) return values >= 0 && !/^DEFAULT$/i.test(tokens[values]?.text ?? '');
	const listed = tokens.slice(start + 1, values).map((token) => nameKey(tokenName(token)));
	return listed.includes(nameKey(String(key)));
}
