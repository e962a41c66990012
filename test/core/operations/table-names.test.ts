import {describe, expect, test} from 'vitest';
import {readSchema} from '../../../source/core/ddl/read.ts';
import type {Operation} from '../../../source/core/operations/operation.ts';
import {TableNames} from '../../../source/core/operations/table-names.ts';

function namesAfter(...operations: readonly Operation[]): TableNames {
	const names = new TableNames(
		readSchema([
			{type: 'table', name: 'a', sql: 'CREATE TABLE a (x, y)'},
			{type: 'table', name: 'b', sql: 'CREATE TABLE b (x)'},
		]),
	);
	for (const operation of operations) names.advance(operation);
	return names;
}

describe('the names of tables', () => {
	test('follow renames of tables and columns', () => {
		const names = namesAfter({kind: 'renameTable', table: 'A', to: 'A2'}, {kind: 'renameColumn', table: 'a2', column: 'x', to: 'z'});
		expect(names.find('a')).toBeUndefined();
		expect(names.find('a2')).toMatchObject({origin: 'a', now: 'A2', replaces: null});
		expect(names.find('a2')?.columns.get('z')).toMatchObject({origin: 'x', now: 'z'});
	});

	test('follow two tables that swap their names', () => {
		const names = namesAfter(
			{kind: 'renameTable', table: 'a', to: 'aside'},
			{kind: 'renameTable', table: 'b', to: 'a'},
			{kind: 'renameTable', table: 'aside', to: 'b'},
		);
		expect([names.find('a')?.origin, names.find('b')?.origin]).toEqual(['b', 'a']);
	});

	test('distinguish a dropped table or column from a new one with the same name', () => {
		const names = namesAfter(
			{kind: 'dropTable', table: 'a'},
			{kind: 'createTable', sql: 'CREATE TABLE a (x)'},
			{kind: 'dropColumn', table: 'b', column: 'x'},
			{kind: 'addColumn', table: 'b', definition: 'x TEXT'},
		);
		expect(names.find('a')).toMatchObject({origin: null, replaces: 'a'});
		expect(names.find('b')?.columns.get('x')).toBeUndefined();
	});

	test.each<[string, readonly Operation[]]>([
		[
			'after the old one was dropped',
			[
				{kind: 'dropTable', table: 'a'},
				{kind: 'renameTable', table: 'new', to: 'a'},
			],
		],
		[
			'before the old one is dropped under another name',
			[
				{kind: 'renameTable', table: 'a', to: 'old'},
				{kind: 'renameTable', table: 'new', to: 'a'},
				{kind: 'dropTable', table: 'old'},
			],
		],
	])('recognize a rewrite by hand that reuses the name %s', (_, operations) => {
		const names = namesAfter({kind: 'createTable', sql: 'CREATE TABLE new (x)'}, ...operations);
		expect(names.replacementOf('a')).toMatchObject({origin: null, now: 'a'});
	});

	test('mark columns whose values a fill computes', () => {
		const names = namesAfter({kind: 'changeTable', table: 'a', sql: 'CREATE TABLE a (x INTEGER)', fill: {X: '1'}});
		expect([...(names.find('a')?.columns.values() ?? [])]).toEqual([{origin: 'x', now: 'x', isComputed: true}]);
	});
});
