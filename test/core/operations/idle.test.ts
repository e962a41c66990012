import {describe, expect, test} from 'vitest';
import {readStatement, schemaOf} from '../../../source/core/ddl/read.ts';
import {advance, advanceAll} from '../../../source/core/operations/advance.ts';
import type {Operation} from '../../../source/core/operations/operation.ts';
import {reverseAll} from '../../../source/core/operations/reverse.ts';
import {plan} from '../../../source/core/plan/plan.ts';
import {preview} from '../../../source/core/plan/preview.ts';
import {sameSchema} from '../../../source/core/schema/equality.ts';

const schema = schemaOf(
	[
		'CREATE TABLE user (id INTEGER PRIMARY KEY, name TEXT)',
		'CREATE INDEX user_name ON user (name)',
		'CREATE VIEW names AS SELECT name FROM user',
	].flatMap((sql) => readStatement(sql) ?? []),
);

describe('IF EXISTS and IF NOT EXISTS', () => {
	test.each<Operation>([
		{kind: 'createTable', sql: 'CREATE TABLE IF NOT EXISTS USER (other)'},
		{kind: 'createIndex', sql: 'create unique index if not exists user_name ON user (id)'},
		{kind: 'createView', sql: 'CREATE VIEW IF NOT EXISTS names AS SELECT 1'},
		{kind: 'createTable', sql: '-- as before\nCREATE TABLE /* kept */ IF NOT EXISTS main.user (other)'},
		{kind: 'dropTable', table: 'gone', ifExists: true},
		{kind: 'dropIndex', index: 'gone', ifExists: true},
	])('leave the schema unchanged: %j', (operation) => {
		expect(advance(schema, operation)).toBe(schema);
		expect(reverseAll(schema, [operation])).toEqual([]);
		const planned = plan(schema, [operation]);
		expect(planned).toMatchObject({steps: [], hazards: [], planned: 1});
		expect(preview(schema, [operation], planned)).toEqual([]);
	});

	test.each<Operation>([
		{kind: 'createTable', sql: 'CREATE TABLE IF NOT EXISTS post (id INTEGER)'},
		{kind: 'createIndex', sql: 'CREATE INDEX IF NOT EXISTS user_id ON user (id)'},
		{kind: 'dropTable', table: 'user', ifExists: true},
		{kind: 'dropIndex', index: 'user_name', ifExists: true},
	])('do not prevent a change that is needed, which can be undone: %j', (operation) => {
		const after = advance(schema, operation);
		expect(sameSchema(after, schema)).toBe(false);
		expect(plan(schema, [operation]).steps).toHaveLength(1);
		expect(sameSchema(advanceAll(after, reverseAll(schema, [operation])), schema)).toBe(true);
	});

	test('an object of another kind with the name is still an error', () => {
		expect(() => advance(schema, {kind: 'createTable', sql: 'CREATE TABLE IF NOT EXISTS names (id)'})).toThrow('already exists');
	});

	test('a created object is stored without IF NOT EXISTS', () => {
		const {tables} = advance(schema, {kind: 'createTable', sql: 'CREATE TABLE IF NOT EXISTS post (id INTEGER)'});
		expect(tables.at(-1)?.sql).toBe('CREATE TABLE post (id INTEGER)');
	});

	test.each(['CREATE TEMP TABLE x (a)', '/* c */ CREATE /* c */ TEMPORARY TABLE x (a)', 'CREATE TABLE temp.x (a)'])(
		'a temporary object is refused: %s',
		(sql) => {
			expect(() => advance(schema, {kind: 'createTable', sql})).toThrow('temporary');
		},
	);
});

describe("a change that drops the table's indexes", () => {
	const change: Operation = {
		kind: 'changeTable',
		table: 'user',
		sql: 'CREATE TABLE user (id INTEGER PRIMARY KEY, email TEXT)',
		fill: {},
		dropsIndexes: true,
	};

	test('drops them even if their columns are dropped', () => {
		expect(advance(schema, change).indexes).toEqual([]);
	});

	test('keeps indexes that a later operation recreates', () => {
		const same: Operation = {...change, sql: 'CREATE TABLE user (id INTEGER PRIMARY KEY, name TEXT)'};
		const operations: Operation[] = [same, {kind: 'createIndex', sql: 'CREATE INDEX IF NOT EXISTS user_name ON user (name)'}];
		expect(plan(schema, operations).steps).toEqual([]);
		expect(plan(schema, [same]).steps).toMatchObject([{statements: ['DROP INDEX user_name']}]);
	});

	test('can be undone', () => {
		expect(sameSchema(advanceAll(advance(schema, change), reverseAll(schema, [change])), schema)).toBe(true);
	});
});
