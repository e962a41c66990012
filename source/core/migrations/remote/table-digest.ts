import {quoted} from '../../schema/identifiers.ts';
import type {Table} from '../../schema/schema.ts';

/** The most rows of a table whose values are compared. The script computes the digest in its transaction, about 30 µs for each row. */
export const mostDigestedRows = 20_000;

/** The most characters of each value that count, besides its length. */
const characters = 400;

/** Characters per step of the recursive query. */
const step = 8;

const modulus = 2_147_483_647;

/**
 * Returns a query for one text that differs, almost certainly, after any row of the table has changed: the number of rows, and the sum of the squares of a
 * polynomial hash of each row. SQLite has no hash function that every engine offers. Both times the same server computes it, because versions of SQLite
 * write a REAL differently.
 */
export function digestQuery({name, columns}: Table): string {
	const values = columns
		.filter(({generated}) => generated === undefined)
		.map(({name: column}) => `length(quote(${quoted(column)})) || ' ' || substr(quote(${quoted(column)}), 1, ${characters}) || ','`);
	const next = Array.from({length: step}, (_, index) => `unicode(substr(row, at + ${index}, 1)) * ${31 ** index}`).join(' + ');
	// The padding keeps `unicode` from an empty text.
	const padded = `(${joined(values)}) || '${' '.repeat(step)}'`;
	const hash = `WITH RECURSIVE part (at, hash) AS (SELECT 1, 7 UNION ALL SELECT at + ${step}, (hash * 1000003 + ${next}) % ${modulus} FROM part WHERE at + ${step} <= length(row) + 1) SELECT hash FROM part ORDER BY at DESC LIMIT 1`;
	return `SELECT count(*) || ' ' || coalesce(sum(hash * hash % ${modulus}), 0) FROM (SELECT (${hash}) AS hash FROM (SELECT ${padded} AS row FROM ${quoted(name)} LIMIT -1))`;
}

/** Joins texts in SQL, in groups, because D1 allows no more than 100 levels of an expression. */
export function joined(texts: readonly string[]): string {
	const groups = Map.groupBy(texts.entries(), ([index]) => Math.floor(index / 20)).values();
	return [...groups].map((group) => `(${group.map(([, text]) => text).join(' || ')})`).join(' || ');
}
