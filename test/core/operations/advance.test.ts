import {expect, test} from 'vitest';
import {advance} from '../../../source/core/operations/advance.ts';
import {emptySchema} from '../../../source/core/schema/schema.ts';

test('a schema does not accept temporary objects', () => {
	for (const sql of ['CREATE TEMP TABLE t (x)', 'create temporary table if not exists t (x)']) {
		expect(() => advance(emptySchema, {kind: 'createTable', sql})).toThrow('createTable: the table is temporary');
	}
	expect(() => advance(emptySchema, {kind: 'createView', sql: 'CREATE TEMP VIEW v AS SELECT 1'})).toThrow('createView: the view is temporary');
});
