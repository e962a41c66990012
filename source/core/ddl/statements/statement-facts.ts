import {type Cursor, closingOf, cursorOver, isWord, qualifiedName} from '../cursor.ts';

/** Facts about a statement, derived from its keywords alone. */
export interface StatementFacts {
	/** The keyword that says what it does, in upper case: `CREATE`, `DELETE`, `SELECT`. After WITH, the keyword of the main statement. */
	readonly verb: string;
	/**
	 * - `schema`: creates, changes or drops an object
	 * - `data`: reads or writes rows
	 * - `transaction`: begins or ends a transaction or savepoint
	 * - `file`: ATTACH, DETACH, VACUUM: cannot be rolled back with the rest
	 * - `pragma`
	 */
	readonly kind: 'schema' | 'data' | 'transaction' | 'file' | 'pragma';
	/** The name in SAVEPOINT, RELEASE and PRAGMA. */
	readonly name?: string | undefined;
}

const kinds: Readonly<Record<string, StatementFacts['kind']>> = {
	CREATE: 'schema',
	DROP: 'schema',
	ALTER: 'schema',
	REINDEX: 'schema',
	ANALYZE: 'schema',
	BEGIN: 'transaction',
	COMMIT: 'transaction',
	END: 'transaction',
	ROLLBACK: 'transaction',
	SAVEPOINT: 'transaction',
	RELEASE: 'transaction',
	ATTACH: 'file',
	DETACH: 'file',
	VACUUM: 'file',
	PRAGMA: 'pragma',
};

/** Reads these facts from one statement. @throws MigrError `syntax` if it cannot be split into tokens */
export function statementFacts(sql: string): StatementFacts {
	const cursor = cursorOver(sql);
	if (isWord(cursor.tokens[0], 'EXPLAIN')) return {verb: 'EXPLAIN', kind: 'data'};
	const at = isWord(cursor.tokens[0], 'WITH') ? mainVerb(cursor) : 0;
	const verb = cursor.tokens[at]?.text.toUpperCase() ?? '';
	const kind = kinds[verb] ?? 'data';
	const name = kind === 'transaction' || kind === 'pragma' ? nameIn(cursor, at, verb) : undefined;
	return {verb, kind, name};
}

/** Returns the position of the main verb after WITH: the first verb outside parentheses. */
function mainVerb(cursor: Cursor): number {
	for (let at = 1; at < cursor.tokens.length; at += 1) {
		const token = cursor.tokens[at];
		if (token?.text === '(') at = closingOf(cursor, at);
		else if (['SELECT', 'VALUES', 'INSERT', 'REPLACE', 'UPDATE', 'DELETE'].some((verb) => isWord(token, verb))) return at;
	}
	return 0;
}

function nameAt({tokens}: Cursor, at: number): string | undefined {
	return qualifiedName(tokens, at)?.name;
}

function nameIn(cursor: Cursor, at: number, verb: string): string | undefined {
	if (verb === 'PRAGMA') return nameAt(cursor, at + 1);
	if (verb === 'SAVEPOINT') return nameAt(cursor, at + 1);
	if (verb === 'RELEASE') return nameAt(cursor, at + (isWord(cursor.tokens[at + 1], 'SAVEPOINT') ? 2 : 1));
	// ROLLBACK [TRANSACTION] TO [SAVEPOINT] name
	const to = cursor.tokens.findIndex((token) => isWord(token, 'TO'));
	return verb === 'ROLLBACK' && to > at ? nameAt(cursor, to + (isWord(cursor.tokens[to + 1], 'SAVEPOINT') ? 2 : 1)) : undefined;
}
