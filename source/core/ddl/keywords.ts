import {keywords} from '../schema/identifiers.ts';

/**
 * Keywords that SQLite takes for names wherever the grammar has no other use for them
 * (`%fallback ID` in https://www.sqlite.org/src/file/src/parse.y, and the window words that its tokenizer turns into names).
 */
const fallback: ReadonlySet<string> = new Set(
	`ABORT ACTION AFTER ALWAYS ANALYZE ASC ATTACH BEFORE BEGIN BY CASCADE CAST COLUMN CONFLICT CURRENT CURRENT_DATE CURRENT_TIME CURRENT_TIMESTAMP
	DATABASE DEFERRED DESC DETACH DO EACH END EXCLUDE EXCLUSIVE EXPLAIN FAIL FILTER FIRST FOLLOWING FOR GENERATED GLOB GROUPS IF IGNORE IMMEDIATE
	INITIALLY INSTEAD KEY LAST LIKE MATCH MATERIALIZED NO NULLS OF OFFSET OTHERS OVER PARTITION PLAN PRAGMA PRECEDING QUERY RAISE RANGE RECURSIVE
	REGEXP REINDEX RELEASE RENAME REPLACE RESTRICT ROLLBACK ROW ROWS SAVEPOINT TEMP TEMPORARY TIES TRIGGER UNBOUNDED VACUUM VIEW VIRTUAL WINDOW
	WITH WITHOUT`.split(/\s+/),
);

/** Names as `nm`, but neither a type nor a collation may be one (`JOIN_KW` and INDEXED in the grammar). */
const joinWords: ReadonlySet<string> = new Set(['CROSS', 'FULL', 'INDEXED', 'INNER', 'LEFT', 'NATURAL', 'OUTER', 'RIGHT']);

/** A test for words in either case that looks at length and first letter first: most words of a schema are none of them. */
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

/** True for a word that can be a name only in quotes. */
export function isReserved(word: string): boolean {
	return testReserved(word);
}

/** True for a word that cannot be part of a declared type, so that it ends one. */
export function endsType(word: string): boolean {
	return testNotInTypes(word);
}

/** True for a word that is a value where an expression stands, unless it is quoted. */
export function isLiteralWord(word: string): boolean {
	return testLiteral(word);
}
