import {describe, expect, test} from 'vitest';
import {renameIn} from '../../../../source/core/ddl/statements/rename-in.ts';

describe('renameIn returns the table or column that a statement renames', () => {
	test.each([
		['ALTER TABLE a RENAME TO b', {table: 'a', to: 'b'}],
		['ALTER TABLE main."a b" RENAME TO [c d];', {table: 'a b', to: 'c d'}],
		['ALTER TABLE a RENAME TO b; -- with a reason', {table: 'a', to: 'b'}],
		['ALTER TABLE a RENAME b TO c', {table: 'a', column: 'b', to: 'c'}],
		['ALTER TABLE a RENAME COLUMN "b" TO c;;', {table: 'a', column: 'b', to: 'c'}],
		['ALTER TABLE a RENAME column TO c', {table: 'a', column: 'column', to: 'c'}],
		['ALTER TABLE a RENAME COLUMN column TO c', {table: 'a', column: 'column', to: 'c'}],
	])('%s', (sql, renamed) => {
		expect(renameIn(sql)).toEqual(renamed);
	});

	test.each(['ALTER TABLE a ADD b', 'ALTER TABLE a RENAME TO', 'DROP TABLE a', ''])('is undefined for: %s', (sql) => {
		expect(renameIn(sql)).toBeUndefined();
	});
});
