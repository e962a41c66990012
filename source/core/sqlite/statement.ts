import {type Cursor, closingOf, cursorOver, isWord, qualifiedName} from '../ddl/cursor.ts';

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
	/** The table that the statement explicitly removes rows from: DELETE FROM, REPLACE INTO, OR REPLACE, DROP TABLE, ALTER TABLE … RENAME TO. */
	readonly removesFrom?: string;
	/** The name in SAVEPOINT, RELEASE and PRAGMA. */
	readonly name?: string;
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
	const removesFrom = tableThatShrinks(cursor, at, verb);
	const name = kind === 'transaction' || kind === 'pragma' ? nameBehind(cursor, at, verb) : undefined;
	return {verb, kind, ...(removesFrom === undefined ? {} : {removesFrom}), ...(name === undefined ? {} : {name})};
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

function tableThatShrinks(cursor: Cursor, at: number, verb: string): string | undefined {
	const word = (ahead: number, ...words: readonly string[]) => words.some((one) => isWord(cursor.tokens[at + ahead], one));
	switch (verb) {
		case 'DELETE':
			return word(1, 'FROM') ? nameAt(cursor, at + 2) : undefined;
		case 'REPLACE':
			return word(1, 'INTO') ? nameAt(cursor, at + 2) : undefined;
		case 'INSERT':
			return word(1, 'OR') && word(2, 'REPLACE') && word(3, 'INTO') ? nameAt(cursor, at + 4) : undefined;
		case 'UPDATE':
			return word(1, 'OR') && word(2, 'REPLACE') ? nameAt(cursor, at + 3) : undefined;
		case 'DROP':
			return word(1, 'TABLE') ? nameAt(cursor, at + (word(2, 'IF') ? 4 : 2)) : undefined;
		case 'ALTER':
			return cursor.tokens.some((token, index) => isWord(token, 'RENAME') && isWord(cursor.tokens[index + 1], 'TO'))
				? nameAt(cursor, at + 2)
				: undefined;
		default:
			return undefined;
	}
}

function nameAt({tokens}: Cursor, at: number): string | undefined {
	return qualifiedName(tokens, at)?.name;
}

function nameBehind(cursor: Cursor, at: number, verb: string): string | undefined {
	if (verb === 'PRAGMA') return nameAt(cursor, at + 1);
	if (verb === 'SAVEPOINT') return nameAt(cursor, at + 1);
	if (verb === 'RELEASE') return nameAt(cursor, at + (isWord(cursor.tokens[at + 1], 'SAVEPOINT') ? 2 : 1));
	// ROLLBACK [TRANSACTION] TO [SAVEPOINT] name
	const to = cursor.tokens.findIndex((token) => isWord(token, 'TO'));
	return verb === 'ROLLBACK' && to > at ? nameAt(cursor, to + (isWord(cursor.tokens[to + 1], 'SAVEPOINT') ? 2 : 1)) : undefined;
}
