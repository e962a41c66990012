import {describe, expect, test} from 'vitest';
import {createdTableIn} from '../../../../source/core/migrations/replay/created-in.ts';
import {renameIn} from '../../../../source/core/migrations/replay/rename-in.ts';

describe('what a plain statement renames', () => {
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

	test.each(['ALTER TABLE a ADD b', 'ALTER TABLE a RENAME TO', 'DROP TABLE a', ''])('nothing in: %s', (sql) => {
		expect(renameIn(sql)).toBeUndefined();
	});
});

test.each([
	['CREATE TABLE a (x)', {name: 'a', isConditional: false}],
	['CREATE TABLE /* new */ IF NOT EXISTS main."a b" AS SELECT 1', {name: 'a b', isConditional: true}],
	['CREATE VIRTUAL TABLE a USING fts5(x)', {name: 'a', isConditional: false}],
	['CREATE TEMP TABLE a (x)', undefined],
	['CREATE TABLE temp.a (x)', undefined],
	['CREATE INDEX a ON b (c)', undefined],
	['CREATE TRIGGER a AFTER INSERT ON b BEGIN SELECT 1; END', undefined],
	['DROP TABLE a', undefined],
])('the table that %s makes is %s', (sql, table) => {
	expect(createdTableIn(sql)).toEqual(table);
});
