import {describe, expect, test} from 'vitest';
import {wranglerStatements} from '../../../source/core/engines/d1/wrangler-file.ts';

describe('a statement for wrangler', () => {
	test.each([
		['SELECT (case when 1 then 2 end)', 'SELECT ( CASE when 1 then 2 END )'],
		["SELECT coalesce(x, CASE WHEN 1 THEN 'end' END) FROM t", "SELECT coalesce(x, CASE WHEN 1 THEN 'end' END ) FROM t"],
		["INSERT INTO t VALUES (';', 'it''s', \"a;b\") -- ; no", "INSERT INTO t VALUES (';', 'it''s', \"a;b\") -- ; no"],
		["SELECT json_extract(x, '$.a') FROM t", "SELECT json_extract(x, '$.a') FROM t"],
		[
			'create trigger t after insert on a begin\n  update a set b = (case when 1 then 2 end);\nend',
			'CREATE TRIGGER t after insert on a BEGIN update a set b = ( CASE when 1 then 2 END ); END',
		],
	])('is read as one statement: %s', (sql, expected) => {
		expect(wranglerStatements([sql])).toEqual([expected]);
	});

	test.each(['SELECT begin FROM t', "SELECT 'BEGIN TRANSACTION;'", 'SELECT [a;b] FROM t', 'SELECT x AS case_ , begin , y FROM t'])(
		'is refused if wrangler would read something else: %s',
		(sql) => {
			expect(() => wranglerStatements([sql])).toThrow(expect.objectContaining({code: 'plan', message: expect.stringContaining('as one statement')}));
		},
	);
});
