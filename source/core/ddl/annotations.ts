import type {Cursor} from './cursor.ts';

const annotation =
	/@renamed?\s{1,9}from\s{0,9}=\s{0,9}(?:"((?:[^"]|""){1,999})"|`((?:[^`]|``){1,999})`|\[([^\]]{1,999})\]|'((?:[^']|''){1,999})'|([^\s,;*"'`[\]()]{1,999}))/i;

/**
 * Reads the renames that a table's comments declare: `-- @renamed from=name`, or the same in a block comment.
 *
 * A comment at the beginning of a line is about the definition below it. Any other comment is about the definition before it. Before or directly
 * after the table's opening parenthesis, a comment is about the table. `starts` are the offsets where the columns and then the constraints begin.
 * Returns the old name of each column by its index in `starts`, and the old name of the table under -1.
 */
export function readRenames(cursor: Cursor, opening: number, starts: readonly number[]): ReadonlyMap<number, string> {
	const renames = new Map<number, string>();
	const openingEnd = cursor.tokens[opening]?.end ?? 0;
	for (const comment of cursor.comments) {
		const name = oldNameIn(comment.text);
		if (name === undefined) continue;
		const lineStart = cursor.sql.lastIndexOf('\n', comment.start - 1) + 1;
		const before = starts.filter((start) => start < comment.start).length - 1;
		const beginsLine = comment.start > openingEnd && cursor.sql.slice(lineStart, comment.start).trim() === '';
		renames.set(beginsLine && before + 1 < starts.length ? before + 1 : before, name);
	}

	return renames;
}

/** Returns the old name that a comment declares, if it declares one. */
export function oldNameIn(comment: string): string | undefined {
	const found = annotation.exec(comment);
	if (found === null) return undefined;
	const [, quote, backtick, bracket, apostrophe, bare] = found;
	return quote?.replaceAll('""', '"') ?? backtick?.replaceAll('``', '`') ?? bracket ?? apostrophe?.replaceAll("''", "'") ?? bare;
}
