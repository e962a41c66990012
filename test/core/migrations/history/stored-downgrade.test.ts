import {describe, expect, test} from 'vitest';
import {readStoredDowngrade, storedDowngrade} from '../../../../source/core/migrations/history/stored-downgrade.ts';
import type {Operation} from '../../../../source/core/operations/operation.ts';
import {thrownBy} from '../../sqlite/temporary-folder.ts';

const all: readonly Operation[] = [
	{kind: 'createTable', sql: 'CREATE TABLE t (x)'},
	{kind: 'dropTable', table: 't'},
	{kind: 'dropTable', table: 't', ifExists: true},
	{kind: 'renameTable', table: 't', to: 'u'},
	{kind: 'addColumn', table: 't', definition: 'a TEXT'},
	{kind: 'addColumn', table: 't', definition: 'a TEXT', fill: "'x'"},
	{kind: 'dropColumn', table: 't', column: 'a'},
	{kind: 'renameColumn', table: 't', column: 'a', to: 'b'},
	{kind: 'changeTable', table: 't', sql: 'CREATE TABLE t (x)', fill: {x: '1'}, from: ['3f9c1a2b'], dropsIndexes: true},
	{kind: 'createIndex', sql: 'CREATE INDEX i ON t (x)'},
	{kind: 'dropIndex', index: 'i'},
	{kind: 'createView', sql: 'CREATE VIEW v AS SELECT 1'},
	{kind: 'dropView', view: 'v'},
	{kind: 'createTrigger', sql: 'CREATE TRIGGER g AFTER INSERT ON t BEGIN SELECT 1; END'},
	{kind: 'dropTrigger', trigger: 'g', ifExists: true},
	{
		kind: 'execute',
		sql: 'INSERT INTO t VALUES (?, ?, ?, ?, ?, ?, ?, ?)',
		parameters: [1, 1.5, 'x', null, 9007199254740993n, new Uint8Array([0, 255]), Number.NEGATIVE_INFINITY, -0],
	},
	{kind: 'execute', sql: 'DROP TABLE t', parameters: [], writtenFor: [{table: 't', from: ['3f9c1a2b']}]},
];

const stored = (downgrade: readonly Operation[] | undefined, transaction = true) =>
	storedDowngrade({transaction, ...(downgrade === undefined ? {} : {downgrade})});

describe('a downgrade stored as text', () => {
	test('is a list of operations, which are read back unchanged, except for their location in the file', () => {
		const text = stored(all.map((operation) => ({...operation, origin: {file: '/home/ann/migrations/1.ts', line: 3}})));
		expect(text).not.toContain('/home');
		expect(JSON.parse(text)).toHaveLength(all.length);
		expect(readStoredDowngrade('m', text)).toEqual({operations: all, transaction: true});
	});

	test('records that it runs outside a transaction', () => {
		expect(readStoredDowngrade('m', stored([], false))).toEqual({operations: [], transaction: false});
	});

	test.each([
		['the migration has no downgrade', undefined, 'it has no downgrade'],
		['it runs code', [{kind: 'run', run: () => {}}], 'it runs code (op.run), which cannot be stored'],
		['it attaches a file', [{kind: 'execute', sql: "ATTACH 'x.db' AS x", parameters: []}], 'it has ATTACH, which only runs from a file'],
		[
			'it unlocks the schema',
			[{kind: 'execute', sql: 'PRAGMA writable_schema = ON', parameters: []}],
			'it has PRAGMA writable_schema, which only runs from a file',
		],
		['it writes a file', [{kind: 'execute', sql: "VACUUM INTO 'x.db'", parameters: []}], 'it has VACUUM, which only runs from a file'],
	] as const)('is replaced by a reason if %s', (_what, downgrade, reason) => {
		expect(readStoredDowngrade('m', stored(downgrade as readonly Operation[] | undefined))).toEqual({reason});
	});

	test.each([
		'',
		'nonsense',
		'null',
		'7',
		'{}',
		'{"operations": []}',
		'{"transaction": true, "operations": []}',
		'{"transaction": false, "operations": [], "more": 1}',
		'{"reason": 7}',
		'[null]',
		'[[]]',
		'[{}]',
		'[{"kind": "run"}]',
		'[{"kind": "run", "run": "() => process.exit()"}]',
		'[{"kind": "toString"}]',
		'[{"kind": "__proto__"}]',
		'[{"kind": "dropTable"}]',
		'[{"kind": "dropTable", "table": ""}]',
		'[{"kind": "dropTable", "table": ["t"]}]',
		'[{"kind": "dropTable", "table": "t", "ifExists": false}]',
		'[{"kind": "dropTable", "table": "t", "origin": {"file": "x"}}]',
		'[{"kind": "changeTable", "table": "t", "sql": "CREATE TABLE t (x)"}]',
		'[{"kind": "changeTable", "table": "t", "sql": "CREATE TABLE t (x)", "fill": {"x": 1}}]',
		'[{"kind": "execute", "sql": "SELECT 1"}]',
		'[{"kind": "execute", "sql": "SELECT ?", "parameters": [true]}]',
		'[{"kind": "execute", "sql": "SELECT ?", "parameters": [{"integer": "1e3"}]}]',
		'[{"kind": "execute", "sql": "SELECT ?", "parameters": [{"blob": "xyz"}]}]',
		'[{"kind": "execute", "sql": "ATTACH \'/etc/passwd\' AS p", "parameters": []}]',
		'[{"kind": "execute", "sql": "/* hidden */ VACUUM INTO \'x\'", "parameters": []}]',
		'[{"kind": "execute", "sql": "COMMIT", "parameters": []}]',
		'[{"kind": "execute", "sql": "PRAGMA journal_mode = OFF", "parameters": []}]',
		'[{"kind": "execute", "sql": "SELECT \'", "parameters": []}]',
	])('is rejected if it has any other form: %s', async (text) => {
		expect(await thrownBy(() => readStoredDowngrade('m', text))).toMatchObject({
			code: 'history',
			message: 'the stored downgrade of m cannot be read',
			hint: expect.stringContaining('restore the migration file'),
		});
	});
});
