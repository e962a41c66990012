import {describe, expect, test} from 'vitest';
import {doubleQuotedStrings, fixDoubleQuotedStrings, readIndex, readTable} from '../../../source/core/ddl/read.ts';
import {databaseOf, isAccepted, readDatabase} from './referee.ts';

/** Returns a database with string literals in double quotes in its schema, which older versions of SQLite could create. */
function oldDatabase(table: string, ...indexes: readonly string[]): ReturnType<typeof databaseOf> {
	const db = databaseOf('CREATE TABLE t(status TEXT, n INT)', ...indexes.map((_sql, index) => `CREATE INDEX i${index} ON t(n)`));
	db.unsafeMode(true);
	db.pragma('writable_schema = ON');
	const update = db.prepare('UPDATE sqlite_schema SET sql = ? WHERE name = ?');
	update.run(table, 't');
	for (const [index, sql] of indexes.entries()) update.run(sql, `i${index}`);
	db.pragma('writable_schema = RESET');
	db.unsafeMode(false);
	return db;
}

const oldTable =
	`CREATE TABLE t(status TEXT CHECK (status IN ("open", "it's", 'done') AND "STATUS" <> "" AND length("status") > 0), n INT AS (status || "x"."n" || "y") DEFAULT "d")`
		.replace(' || "x"."n"', '')
		.replace(' DEFAULT "d"', '');

describe('strings in double quotes', () => {
	test('are found in checks and generated columns, but not columns, names or defaults', () => {
		expect(doubleQuotedStrings(readTable(oldTable))).toEqual(['open', "it's", '', 'y']);
		expect(
			doubleQuotedStrings(
				readTable(
					'CREATE TABLE "t"("a" "int" DEFAULT "x" COLLATE "nocase" REFERENCES "p"("q"), CONSTRAINT "c" CHECK ("a" > "rowid" AND "lower"("A")), UNIQUE ("a"))',
				),
			),
		).toEqual([]);
	});

	test('are found in indexed expressions and in WHERE', () => {
		const table = readTable('CREATE TABLE t(a, b)');
		const index = readIndex(`CREATE INDEX "i" ON "t"("a", "nope", coalesce(b, "z"), b || "z") WHERE "b" = "open" AND a <> 'x'`);
		expect(doubleQuotedStrings(index, table)).toEqual(['nope', 'z', 'open']);
	});

	test('are rewritten, and everything else stays unchanged byte for byte', () => {
		expect(fixDoubleQuotedStrings(oldTable, ['status', 'n'])).toBe(
			`CREATE TABLE t(status TEXT CHECK (status IN ('open', 'it''s', 'done') AND "STATUS" <> '' AND length("status") > 0), n INT AS (status || 'y'))`,
		);
		expect(fixDoubleQuotedStrings(`CREATE INDEX i ON t("a" DESC, "nope", "x" COLLATE nocase, lower("y")) WHERE "b" = "open"`, ['a', 'b'])).toBe(
			`CREATE INDEX i ON t("a" DESC, +'nope', +'x' COLLATE nocase, lower('y')) WHERE "b" = 'open'`,
		);
		expect(fixDoubleQuotedStrings('CREATE TABLE t(a)', ['a'])).toBe('CREATE TABLE t(a)');
	});

	test('of an old database keep their meaning when they are rewritten', () => {
		const oldIndex = 'CREATE INDEX i0 ON t("n", "nope") WHERE status = "open"';
		const old = oldDatabase(oldTable.replace(', n INT AS (status || "y")', ', n INT'), oldIndex);
		const schema = readDatabase(old);
		const [table] = schema.tables;
		const [index] = schema.indexes;
		if (table === undefined || index === undefined) throw new Error('the schema was not read');
		expect(isAccepted(table.sql)).toBe(false);
		const columns = table.columns.map((column) => column.name);
		const fixed = databaseOf(fixDoubleQuotedStrings(table.sql, columns), fixDoubleQuotedStrings(index.sql, columns));
		for (const db of [old, fixed]) {
			db.exec("INSERT INTO t(status) VALUES ('open'), ('it''s'), ('done')");
			expect(() => db.exec("INSERT INTO t(status) VALUES ('closed')")).toThrow('CHECK constraint failed');
			expect(db.pragma('integrity_check', {simple: true})).toBe('ok');
			const plan = db.prepare("EXPLAIN QUERY PLAN SELECT n FROM t WHERE status = 'open' AND n = 1").all() as {detail: string}[];
			expect(plan[0]?.detail).toContain('i0');
			db.close();
		}
	});
});
