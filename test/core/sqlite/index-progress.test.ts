import {afterAll, beforeAll, expect, test} from 'vitest';
import type {Database} from '../../../source/core/sqlite/database.ts';
import {indexProgress, statementProgress} from '../../../source/core/sqlite/index-progress.ts';
import {openInMemory} from '../../../source/core/sqlite/open.ts';

const rows = 500_000;
let db: Database;

beforeAll(() => {
	db = openInMemory();
	db.exec(`
		CREATE TABLE "an event" (id INTEGER PRIMARY KEY, kind TEXT, n REAL, "or der" TEXT);
		WITH RECURSIVE i(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM i WHERE i < ${rows}) INSERT INTO "an event" SELECT i, hex(i * 7919), i / 3.0, '{' FROM i;
		CREATE TABLE small (id INTEGER PRIMARY KEY, n);
		CREATE TABLE keyed (kind TEXT PRIMARY KEY, n) WITHOUT ROWID;
		INSERT INTO keyed SELECT kind || id, n FROM "an event";
	`);
});

afterAll(() => db.close());

test.each([
	'CREATE INDEX i ON "an event" (kind)',
	'CREATE UNIQUE INDEX i ON "an event" (kind, n)',
	'CREATE INDEX i ON "an event" ("or der" COLLATE NOCASE DESC, n)',
	'CREATE INDEX i ON "an event" (lower(kind) || n, n * 2 DESC)',
	'CREATE INDEX i ON "an event" (kind) WHERE n > 17 AND kind IS NOT NULL',
	'CREATE INDEX IF NOT EXISTS i ON keyed (n, kind)',
])('the time of %s is estimated', (sql) => {
	const progress = statementProgress(db, sql);
	expect(progress).toMatchObject({phase: 'index', done: 0, total: rows, object: 'i'});
	expect(progress?.expectedMs).toBeGreaterThan(10);
	expect(progress?.expectedMs).toBeLessThan(120_000);
});

test('the estimate of an index on few rows does not read the whole table', () => {
	// The lowest of several, because another process may take the processor at any time.
	const estimated = (sql: string) => Math.min(...Array.from({length: 5}, () => statementProgress(db, sql)?.expectedMs ?? Number.NaN));
	const all = estimated('CREATE INDEX i ON "an event" (kind)');
	expect(estimated('CREATE INDEX i ON "an event" (kind) WHERE "an event".n < 0')).toBeLessThan(2 * all);
});

test('an index of a small table has no estimate', () => {
	expect(statementProgress(db, 'CREATE INDEX i ON small (n)')).toBeUndefined();
	expect(indexProgress(db, 'CREATE INDEX i ON small (n)', 'small', 3)).toEqual({phase: 'index', done: 0, total: 3, object: 'i'});
});

test('an index that cannot be built has no estimate, and its statement reports why', () => {
	const failing = `CREATE INDEX i ON "an event" (json_extract("or der", '$.a'))`;
	expect(statementProgress(db, failing)).toEqual({phase: 'index', done: 0, total: rows, object: 'i'});
	expect(() => db.exec(failing)).toThrow('malformed JSON');
	expect(statementProgress(db, 'CREATE INDEX i ON missing (n)')).toBeUndefined();
});

test('only statements that create an index are announced', () => {
	for (const sql of ['DROP INDEX i', 'CREATE TABLE t (a)', 'UPDATE keyed SET n = 1', 'create', ''])
		expect(statementProgress(db, sql)).toBeUndefined();
});
