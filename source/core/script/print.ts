import type {ScriptPart} from './compile.ts';
import type {EngineKind} from './engine-features.ts';

/** A group of parts that run in one transaction, or statement by statement. */
export interface PrintedGroup {
	readonly parts: readonly ScriptPart[];
	readonly isTransaction: boolean;
}

/** Returns a script as text that ends with a newline. `comment` turns a text into a comment line. */
export function printScript(groups: readonly PrintedGroup[], engine: EngineKind, comment: (text: string) => string): string {
	const [begin, end] = bounds[engine];
	return groups
		.map(({parts, isTransaction}) => {
			const texts = parts.map(
				({comment: text, statements}) => `${text === undefined ? '' : `${comment(text)}\n`}${statements.map((sql) => `${ended(sql)}\n`).join('')}`,
			);
			return [
				...(isTransaction ? begin.map((sql) => `${sql};\n`) : []),
				texts.join('\n'),
				...(isTransaction ? end.map((sql) => `${sql};\n`) : []),
			].join('');
		})
		.join('\n');
}

/** What surrounds a transaction. D1 and rqlite run all statements of a request in one transaction, and accept no BEGIN. */
const bounds: Readonly<Record<EngineKind, readonly [begin: readonly string[], end: readonly string[]]>> = {
	sqlite: [['PRAGMA foreign_keys=OFF', 'BEGIN IMMEDIATE'], ['COMMIT']],
	libsql: [['PRAGMA foreign_keys=OFF', 'BEGIN IMMEDIATE'], ['COMMIT']],
	d1: [[], []],
	rqlite: [[], []],
};

/** Adds a semicolon, on a new line if the last line has a comment. A comment is unchanged. */
function ended(sql: string): string {
	if (sql.startsWith('-- ')) return sql;
	return sql.slice(sql.lastIndexOf('\n') + 1).includes('--') ? `${sql}\n;` : `${sql};`;
}
