import {describe, expect, test} from 'vitest';
import {statementFacts} from '../../../source/core/sqlite/statement.ts';

describe('the facts about a statement', () => {
	test.each([
		['DELETE FROM a', 'data', 'a'],
		['/* x */ delete from main."a b"', 'data', 'a b'],
		['WITH x AS (DELETE_ME) DELETE FROM [c] WHERE 1', 'data', 'c'],
		['WITH x(n) AS (SELECT 1), y AS (SELECT 2) INSERT OR REPLACE INTO d SELECT 1', 'data', 'd'],
		['REPLACE INTO e VALUES (1)', 'data', 'e'],
		['UPDATE OR REPLACE f SET a = 1', 'data', 'f'],
		['UPDATE f SET a = 1', 'data', undefined],
		['INSERT INTO g VALUES (1)', 'data', undefined],
		['DROP TABLE IF EXISTS h', 'schema', 'h'],
		['DROP TABLE temp.i', 'schema', 'i'],
		['DROP VIEW j', 'schema', undefined],
		['ALTER TABLE k RENAME TO l', 'schema', 'k'],
		['ALTER TABLE k RENAME COLUMN a TO b', 'schema', undefined],
		['CREATE TABLE m (a)', 'schema', undefined],
		['-- x\nBEGIN', 'transaction', undefined],
		['VACUUM', 'file', undefined],
		['EXPLAIN DELETE FROM a', 'data', undefined],
	])('%s', (sql, kind, removesFrom) => {
		const facts = statementFacts(sql);
		expect(facts.kind).toBe(kind);
		expect(facts.removesFrom).toBe(removesFrom);
	});

	test('include the names of savepoints and pragmas', () => {
		expect(statementFacts('SAVEPOINT "a b"').name).toBe('a b');
		expect(statementFacts('release savepoint a').name).toBe('a');
		expect(statementFacts('ROLLBACK TRANSACTION TO SAVEPOINT a').name).toBe('a');
		expect(statementFacts('ROLLBACK').name).toBeUndefined();
		expect(statementFacts('PRAGMA main.user_version = 5').name).toBe('user_version');
	});
});
