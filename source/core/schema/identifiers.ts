/**
 * Names of schema objects. SQLite ignores case when it compares them, but only for ASCII letters
 * (https://www.sqlite.org/lang_keywords.html, https://www.sqlite.org/datatype3.html#collating_sequences: NOCASE).
 */

/** Returns the form of a name used for lookups and comparisons. */
export function nameKey(name: string): string {
	let at = 0;
	while (at < name.length && !isUpperCase(name.charCodeAt(at))) at++;
	if (at === name.length) return name;
	return /[^\x00-\x7f]/.test(name) ? name.replace(/[A-Z]+/g, (letters) => letters.toLowerCase()) : name.toLowerCase();
}

function isUpperCase(code: number): boolean {
	return code >= 65 && code <= 90;
}

export function sameName(a: string, b: string): boolean {
	return a === b || nameKey(a) === nameKey(b);
}

/** Returns a name in double quotes, for statements that only a machine reads. */
export function quoted(name: string): string {
	return `"${name.replaceAll('"', '""')}"`;
}

/** Returns a name as a user would write it: in double quotes only if SQLite needs them. */
export function identifier(name: string): string {
	return /^[A-Za-z_][A-Za-z0-9_]*$/.test(name) && !keywords.has(name.toUpperCase()) ? name : quoted(name);
}

/** Returns a string literal. */
export function literal(text: string): string {
	return `'${text.replaceAll("'", "''")}'`;
}

/** https://www.sqlite.org/lang_keywords.html */
export const keywords: ReadonlySet<string> = new Set(
	`ABORT ACTION ADD AFTER ALL ALTER ALWAYS ANALYZE AND AS ASC ATTACH AUTOINCREMENT BEFORE BEGIN BETWEEN BY CASCADE CASE CAST CHECK COLLATE
	COLUMN COMMIT CONFLICT CONSTRAINT CREATE CROSS CURRENT CURRENT_DATE CURRENT_TIME CURRENT_TIMESTAMP DATABASE DEFAULT DEFERRABLE DEFERRED
	DELETE DESC DETACH DISTINCT DO DROP EACH ELSE END ESCAPE EXCEPT EXCLUDE EXCLUSIVE EXISTS EXPLAIN FAIL FILTER FIRST FOLLOWING FOR FOREIGN
	FROM FULL GENERATED GLOB GROUP GROUPS HAVING IF IGNORE IMMEDIATE IN INDEX INDEXED INITIALLY INNER INSERT INSTEAD INTERSECT INTO IS ISNULL
	JOIN KEY LAST LEFT LIKE LIMIT MATCH MATERIALIZED NATURAL NO NOT NOTHING NOTNULL NULL NULLS OF OFFSET ON OR ORDER OTHERS OUTER OVER
	PARTITION PLAN PRAGMA PRECEDING PRIMARY QUERY RAISE RANGE RECURSIVE REFERENCES REGEXP REINDEX RELEASE RENAME REPLACE RESTRICT RETURNING
	RIGHT ROLLBACK ROW ROWS SAVEPOINT SELECT SET TABLE TEMP TEMPORARY THEN TIES TO TRANSACTION TRIGGER UNBOUNDED UNION UNIQUE UPDATE USING
	VACUUM VALUES VIEW VIRTUAL WHEN WHERE WINDOW WITH WITHOUT`.split(/\s+/),
);
