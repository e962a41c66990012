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

const both = (words: readonly string[]): ReadonlySet<string> => new Set([...words, ...words.map((word) => word.toLowerCase())]);

const reserved = both([...keywords].filter((word) => !fallback.has(word) && !joinWords.has(word)));
const notInTypes = both([...keywords].filter((word) => !fallback.has(word)));
const literals = both(['TRUE', 'FALSE', 'CURRENT_DATE', 'CURRENT_TIME', 'CURRENT_TIMESTAMP']);

/** True for a word that can be a name only in quotes. */
export function isReserved(word: string): boolean {
	return reserved.has(word) || reserved.has(word.toUpperCase());
}

/** True for a word that cannot be part of a declared type, so that it ends one. */
export function endsType(word: string): boolean {
	return notInTypes.has(word) || notInTypes.has(word.toUpperCase());
}

/** True for a word that is a value where an expression stands, unless it is quoted. */
export function isLiteralWord(word: string): boolean {
	return literals.has(word) || literals.has(word.toUpperCase());
}
