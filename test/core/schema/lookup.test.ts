import {expect, test} from 'vitest';
import {readStatement, schemaOf} from '../../../source/core/ddl/read.ts';
import {nameKey, sameName} from '../../../source/core/schema/identifiers.ts';
import {
	findColumn,
	findIndex,
	findTable,
	findTrigger,
	findView,
	findVirtualTable,
	indexesOf,
	triggersOf,
} from '../../../source/core/schema/lookup.ts';

const schema = schemaOf(
	[
		'CREATE TABLE User (Id INTEGER, "Ä" TEXT)',
		'CREATE INDEX b ON USER (id)',
		'CREATE INDEX A ON user ("Ä")',
		'CREATE VIEW Users AS SELECT 1',
		'CREATE TRIGGER Log INSTEAD OF INSERT ON users BEGIN SELECT 1; END',
		'CREATE VIRTUAL TABLE Text USING fts5(a)',
	].flatMap((sql) => readStatement(sql) ?? []),
);

test('objects are found case-insensitively and keep the spelling of their names', () => {
	expect(findTable(schema, 'uSER')?.name).toBe('User');
	expect(findIndex(schema, 'B')?.name).toBe('b');
	expect(findView(schema, 'USERS')?.name).toBe('Users');
	expect(findTrigger(schema, 'log')?.name).toBe('Log');
	expect(findVirtualTable(schema, 'text')?.name).toBe('Text');
	const table = findTable(schema, 'user');
	if (table === undefined) throw new Error('no table');
	expect(findColumn(table, 'ID')?.name).toBe('Id');
	expect([findTable(schema, 'users'), findView(schema, 'user'), findColumn(table, 'x')]).toEqual([undefined, undefined, undefined]);
});

test('only the case of ASCII letters is ignored', () => {
	const table = findTable(schema, 'user');
	if (table === undefined) throw new Error('no table');
	expect(findColumn(table, 'Ä')?.name).toBe('Ä');
	expect(findColumn(table, 'ä')).toBeUndefined();
	expect(nameKey('ÄBC İ \u212A')).toBe('Äbc İ \u212A');
	expect(nameKey('K')).toBe('k');
	expect(sameName('ÄB', 'Äb')).toBe(true);
	expect(sameName('ÄB', 'äb')).toBe(false);
});

test('indexes and triggers are found by their table or view, in order', () => {
	expect(indexesOf(schema, 'USER').map((index) => index.name)).toEqual(['b', 'A']);
	expect(indexesOf(schema, {name: 'user'})).toHaveLength(2);
	expect(triggersOf(schema, 'Users').map((trigger) => trigger.name)).toEqual(['Log']);
	expect([indexesOf(schema, 'x'), triggersOf(schema, 'user')]).toEqual([[], []]);
});
