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
	const texts = groups.map(({parts, isTransaction}) => {
		const blocks = parts.map(({comment: text, statements}) => [...(text === undefined ? [] : [comment(text)]), ...statements]);
		const [first, last] = isTransaction ? [begin, end] : [[], []];
		return [...first, ...blocks.flatMap((lines, index) => (index === 0 ? lines : ['', ...lines])), ...last];
	});
	const lines = texts.flatMap((one, index) => (index === 0 ? one : ['', ...one]));
	return engine === 'sqlite' ? asOneInput(lines) : lines.map((line) => `${isStatement(line) ? ended(line) : line}\n`).join('');
}

/**
 * Returns lines with a comment from the end of each statement to the start of the next one. The sqlite3 shell executes its input whenever a line ends with
 * a semicolon, and continues after an error unless it was started with `-bail`. It takes this text as one input, so it stops at the first error, before it
 * commits.
 */
function asOneInput(lines: readonly string[]): string {
	let isFirst = true;
	const text = lines.map((line) => {
		// The first statement has no comment to close.
		if (!isStatement(line)) return isFirst ? line : line.replaceAll('*/', '* /');
		const start = isFirst ? '' : '*/ ';
		isFirst = false;
		return `${start}${ended(line)} /*`;
	});
	return `${text.join('\n').replace(/ \/\*$/, '')}\n`;
}

/** False for an empty line and a comment. A statement of several lines may begin with a comment. */
function isStatement(line: string): boolean {
	return line !== '' && (!line.startsWith('-- ') || line.includes('\n'));
}

/** The statements around a transaction. D1 and rqlite run all statements of a request in one transaction, and accept no BEGIN. */
const bounds: Readonly<Record<EngineKind, readonly [begin: readonly string[], end: readonly string[]]>> = {
	sqlite: [['PRAGMA foreign_keys=OFF', 'BEGIN IMMEDIATE'], ['COMMIT']],
	libsql: [['PRAGMA foreign_keys=OFF', 'BEGIN IMMEDIATE'], ['COMMIT']],
	d1: [[], []],
	rqlite: [[], []],
};

/** Adds a semicolon, on a new line if the last line has a comment. */
export function ended(sql: string): string {
	return sql.slice(sql.lastIndexOf('\n') + 1).includes('--') ? `${sql}\n;` : `${sql};`;
}
