import {expect, test} from 'vitest';
import {readCopy} from '../../../../source/core/ddl/statements/copy-statement.ts';

test('a plain copy has a target, its columns, their expressions without aliases, and a source', () => {
	expect(readCopy(`INSERT OR ABORT INTO "n" (a, "b c") SELECT x AS a, lower(y) FROM main.o;`)).toEqual({
		into: 'n',
		columns: ['a', 'b c'],
		expressions: ['x', 'lower(y)'],
		from: 'o',
	});
});

test.each([
	'INSERT INTO a SELECT * FROM b',
	'INSERT INTO a (x) SELECT x FROM b WHERE x',
	'INSERT INTO a (x) SELECT DISTINCT x FROM b',
	'INSERT INTO a (x) SELECT x FROM b, c',
	'INSERT INTO a (x, y) SELECT x FROM b',
	'INSERT INTO a VALUES (1)',
	'INSERT INTO a DEFAULT VALUES',
	'UPDATE a SET x = 1',
])('%s is not a plain copy', (sql) => expect(readCopy(sql)).toBeUndefined());
