import {describe, expect, test} from 'vitest';
import {readSchema} from '../../../../source/core/ddl/read.ts';
import {resolveName} from '../../../../source/core/migrations/history/select.ts';
import {touchedTables, tracePresent} from '../../../../source/core/migrations/preflight/trace.ts';
import type {Operation} from '../../../../source/core/operations/operation.ts';
import {thrownBy} from '../project.ts';

describe('a migration on the command line', () => {
	const names = ['20240101_000000_users', '20240102_000000_orders', '20240103_000000_more_orders', '0007_add'];

	test.each([
		['20240101_000000_users', '20240101_000000_users'],
		['20240101_000000_users.ts', '20240101_000000_users'],
		['users', '20240101_000000_users'],
		['20240102_000000', '20240102_000000_orders'],
		['more_orders', '20240103_000000_more_orders'],
		['0007', '0007_add'],
	])('%s is %s', (wanted, name) => {
		expect(resolveName(wanted, names)).toBe(name);
	});

	test('that is not clear or not there is told, with what may be meant', async () => {
		expect(await thrownBy(() => resolveName('orders', names))).toMatchObject({
			code: 'usage',
			details: ['20240102_000000_orders', '20240103_000000_more_orders'],
		});
		expect((await thrownBy(() => resolveName('20240101_000000_user', names))).hint).toContain('20240101_000000_users');
	});
});

describe('what a thing of a later migration is in the database now', () => {
	const present = readSchema([
		{type: 'table', name: 'a', sql: 'CREATE TABLE a (x, y)'},
		{type: 'table', name: 'b', sql: 'CREATE TABLE b (x)'},
	]);
	const plain = (sql: string): Operation => ({kind: 'execute', sql, parameters: []});

	test('follows renames back, by operations and by plain SQL', () => {
		const operations: Operation[] = [
			{kind: 'renameTable', table: 'a', to: 'A2'},
			{kind: 'renameColumn', table: 'a2', column: 'x', to: 'z'},
			plain('ALTER TABLE b RENAME TO c'),
			plain('ALTER TABLE "c" RENAME COLUMN x TO w'),
		];
		expect(tracePresent(present, operations, 'a2')).toEqual({table: 'a'});
		expect(tracePresent(present, operations, 'a2', 'z')).toEqual({table: 'a', column: 'x'});
		expect(tracePresent(present, operations, 'c', 'w')).toEqual({table: 'b', column: 'x'});
	});

	test('is nothing for what the run has made itself', () => {
		const operations: Operation[] = [
			{kind: 'dropTable', table: 'a'},
			{kind: 'createTable', sql: 'CREATE TABLE a (x)'},
			plain('CREATE TABLE IF NOT EXISTS d AS SELECT 1'),
			{kind: 'addColumn', table: 'b', definition: 'n TEXT'},
		];
		expect(tracePresent(present, operations, 'a')).toBeUndefined();
		expect(tracePresent(present, operations, 'd')).toBeUndefined();
		expect(tracePresent(present, operations, 'b', 'n')).toBeUndefined();
		expect(tracePresent(present, operations, 'b', 'x')).toEqual({table: 'b', column: 'x'});
	});

	test('and which tables operations touch', () => {
		expect(touchedTables([{kind: 'createIndex', sql: 'CREATE INDEX i ON a (x)'}])).toEqual(new Set());
		expect(touchedTables([{kind: 'dropColumn', table: 'A', column: 'x'}])).toEqual(new Set(['a']));
		expect(touchedTables([{kind: 'run', run: () => {}}])).toBe('all');
	});
});
