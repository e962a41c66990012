import {expect, test} from 'vitest';
import {readDeletion} from '../../../source/core/sqlite/deletion.ts';
import {openMemory} from '../../../source/core/sqlite/open.ts';

test.each([
	['DELETE FROM t', 5],
	['DELETE FROM t; ', 5],
	['delete from main."t" AS x where x.a > 3 -- y', 2],
	['DELETE FROM t INDEXED BY t_a WHERE a IN (SELECT n FROM u) RETURNING a, (SELECT 1 ORDER BY 1 LIMIT 1)', 2],
	['DELETE FROM t WHERE a > 1 -- x\nRETURNING * ORDER BY a LIMIT 2 OFFSET 1', 2],
	['DELETE FROM t ORDER BY a LIMIT 3', 3],
	['WITH v(n) AS (SELECT 1 UNION SELECT 4), w AS (SELECT 2) DELETE FROM t WHERE a IN v /* z */', 2],
	['DELETE FROM t WHERE a NOT IN (1, 2, 3, 4, 5)', 0],
])('asks for the rows that %s is about', (sql, rows) => {
	const db = openMemory();
	db.exec(
		'CREATE TABLE t (a); CREATE INDEX t_a ON t (a); INSERT INTO t VALUES (1), (2), (3), (4), (5); CREATE TABLE u (n); INSERT INTO u VALUES (2), (3)',
	);
	const read = readDeletion(sql);
	expect(read?.table).toBe('t');
	expect(db.value(`${read?.prefix}SELECT count(*) FROM (SELECT 1 ${read?.from}\n)`)).toBe(rows);
	expect(db.run(sql)).toBe(rows);
});

test.each(["INSERT INTO t VALUES ('DELETE FROM t')", 'WITH x AS (SELECT 1) UPDATE t SET a = 1', 'DROP TABLE t', 'EXPLAIN DELETE FROM t'])(
	'is not asked about %s',
	(sql) => expect(readDeletion(sql)).toBeUndefined(),
);
