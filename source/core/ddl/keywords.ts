import {keywords} from '../schema/identifiers.ts';

/**
 * Keywords that SQLite accepts as names if the grammar has no other use for them
 * (`%fallback ID` in https://www.sqlite.org/src/file/src/parse.y, and the window words that its tokenizer turns into names).
 */
const fallback: ReadonlySet<string> = new Set(
	`ABORT ACTION AFTER ALWAYS ANALYZE ASC ATTACH BEFORE BEGIN BY CASCADE CAST COLUMN CONFLICT CURRENT CURRENT_DATE CURRENT_TIME CURRENT_TIMESTAMP
	DATABASE DEFERRED DESC DETACH DO EACH END EXCLUDE EXCLUSIVE EXPLAIN FAIL FILTER FIRST FOLLOWING FOR GENERATED GLOB GROUPS IF IGNORE IMMEDIATE
	INITIALLY INSTEAD KEY LAST LIKE MATCH MATERIALIZED NO NULLS OF OFFSET OTHERS OVER PARTITION PLAN PRAGMA PRECEDING QUERY RAISE RANGE RECURSIVE
	REGEXP REINDEX RELEASE RENAME REPLACE RESTRICT ROLLBACK ROW ROWS SAVEPOINT TEMP TEMPORARY TIES TRIGGER UNBOUNDED VACUUM VIEW VIRTUAL WINDOW
	WITH WITHOUT`.split(/\s+/),
);

/** Keywords that are names as `nm`, but not as a type or a collation (`JOIN_KW` and INDEXED in the grammar). */
const joinWords: ReadonlySet<string> = new Set(['CROSS', 'FULL', 'INDEXED', 'INNER', 'LEFT', 'NATURAL', 'OUTER', 'RIGHT']);

/** Returns a case-insensitive test for words. It checks length and first letter first, since most words of a schema do not match. */
function wordTest(words: Iterable<string>): (word: string) => boolean {
	const all = new Set(words);
	const shapes = new Set([...all].map(shape));
	return (word) => shapes.has(shape(word)) && all.has(word.toUpperCase());
}

function shape(word: string): number {
	return word.length * 32 + (word.charCodeAt(0) & 31);
}

const testReserved = wordTest([...keywords].filter((word) => !fallback.has(word) && !joinWords.has(word)));
const testNotInTypes = wordTest([...keywords].filter((word) => !fallback.has(word)));
const testLiteral = wordTest(['TRUE', 'FALSE', 'CURRENT_DATE', 'CURRENT_TIME', 'CURRENT_TIMESTAMP']);

/** True for a word that is a name only in quotes. */
export function isReserved(word: string): boolean {
	return testReserved(word);
}

/** True for a word that cannot be part of a declared type and therefore ends it. */
export function endsType(word: string): boolean {
	return testNotInTypes(word);
}

/** True for a word that is a value in an expression, unless it is quoted. */
export function isLiteralWord(word: string): boolean {
	return testLiteral(word);
}
