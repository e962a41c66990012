import {describe, expect, test} from 'vitest';
import {queryExactly, runToTheEnd} from '../../../source/core/engines/exact.ts';
import {openInMemory} from '../../../source/core/sqlite/open.ts';

/** Runs queries on a database in memory, as a server would. */
async function query(setup: string, sql: string): Promise<unknown> {
	const db = openInMemory();
	db.exec(setup);
	const run = async (statements: readonly string[]) =>
		statements.map((statement) => {
			const rows = db.tuples(statement);
			return {columns: Object.keys(db.get(statement) ?? {}), rows};
		});
	const [result] = await queryExactly(run, [{sql}]);
	db.close();
	return result?.rows;
}

describe('an exact query', () => {
	test.each(['q', 'q1', 'q2'])('reads a table with the name that the query has for its own use: %s', async (name) => {
		expect(await query(`CREATE TABLE ${name} (c0); INSERT INTO ${name} VALUES (1), ('1')`, `SELECT c0 FROM ${name}`)).toEqual([[1], ['1']]);
	});
});

describe('a statement of a batch', () => {
	test('returns all rows at once if it reads', () => {
		const db = openInMemory();
		db.exec('CREATE TABLE q1 (i); INSERT INTO q1 VALUES (1), (2)');
		expect(db.tuples(runToTheEnd('WITH w AS (SELECT i FROM q1) SELECT i FROM w'))).toEqual([[2]]);
		db.close();
	});
});

test.each(['SELECT a, b FROM t', 'WITH c AS (SELECT 1) SELECT 1 FROM c', 'VALUES (1, 2)'])('a server computes all rows of %s', (sql) => {
	expect(runToTheEnd(sql)).toMatch(/^WITH q1\(c0(,c1)?\) AS \(.*\n\) SELECT count\(c0\)/s);
});

test.each([
	'INSERT INTO t SELECT a FROM u',
	'WITH c AS (SELECT 1) INSERT INTO t SELECT * FROM c',
	'WITH c AS (SELECT 1 AS a) UPDATE t SET a = (SELECT a FROM c)',
	'WITH c AS (SELECT 1 AS a) DELETE FROM t WHERE a IN (SELECT a FROM c)',
])('a statement that writes is sent unchanged: %s', (sql) => {
	expect(runToTheEnd(sql)).toBe(sql);
});
