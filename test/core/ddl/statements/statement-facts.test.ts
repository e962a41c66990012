import {describe, expect, test} from 'vitest';
import {statementFacts} from '../../../../source/core/ddl/statements/statement-facts.ts';

describe('the facts about a statement', () => {
	test.each([
		['DELETE FROM a', 'data'],
		['/* x */ delete from main."a b"', 'data'],
		['WITH x AS (DELETE_ME) DELETE FROM [c] WHERE 1', 'data'],
		['WITH x(n) AS (SELECT 1), y AS (SELECT 2) INSERT OR REPLACE INTO d SELECT 1', 'data'],
		['REPLACE INTO e VALUES (1)', 'data'],
		['UPDATE OR REPLACE f SET a = 1', 'data'],
		['UPDATE f SET a = 1', 'data'],
		['INSERT INTO g VALUES (1)', 'data'],
		['DROP TABLE IF EXISTS h', 'schema'],
		['DROP TABLE temp.i', 'schema'],
		['DROP VIEW j', 'schema'],
		['ALTER TABLE k RENAME TO l', 'schema'],
		['ALTER TABLE k RENAME COLUMN a TO b', 'schema'],
		['CREATE TABLE m (a)', 'schema'],
		['-- x\nBEGIN', 'transaction'],
		['VACUUM', 'file'],
		['EXPLAIN DELETE FROM a', 'data'],
	])('%s', (sql, kind) => {
		expect(statementFacts(sql).kind).toBe(kind);
	});

	test('include the names of savepoints and pragmas', () => {
		expect(statementFacts('SAVEPOINT "a b"').name).toBe('a b');
		expect(statementFacts('release savepoint a').name).toBe('a');
		expect(statementFacts('ROLLBACK TRANSACTION TO SAVEPOINT a').name).toBe('a');
		expect(statementFacts('ROLLBACK').name).toBeUndefined();
		expect(statementFacts('PRAGMA main.user_version = 5').name).toBe('user_version');
	});
});
