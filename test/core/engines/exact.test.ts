import {expect, test} from 'vitest';
import {runToTheEnd} from '../../../source/core/engines/exact.ts';

test.each(['SELECT a, b FROM t', 'WITH c AS (SELECT 1) SELECT 1 FROM c', 'VALUES (1, 2)'])('a server is made to compute all rows of %s', (sql) => {
	expect(runToTheEnd(sql)).toMatch(/^WITH q\(c0(,c1)?\) AS \(.*\n\) SELECT count\(c0\)/s);
});

test.each([
	'INSERT INTO t SELECT a FROM u',
	'WITH c AS (SELECT 1) INSERT INTO t SELECT * FROM c',
	'WITH c AS (SELECT 1 AS a) UPDATE t SET a = (SELECT a FROM c)',
	'WITH c AS (SELECT 1 AS a) DELETE FROM t WHERE a IN (SELECT a FROM c)',
])('a statement that writes is sent unchanged: %s', (sql) => {
	expect(runToTheEnd(sql)).toBe(sql);
});
