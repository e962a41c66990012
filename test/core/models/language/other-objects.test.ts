import {describe, expect, test} from 'vitest';
import {modelOf} from '../../../../source/core/models/language/model.ts';
import {sqlText} from '../../../../source/core/models/language/sql.ts';
import {check, index, integer, sql, table, text, trigger, unique, view, virtualTable} from '../../../../source/index.ts';
import {rendered} from './rendered.ts';

const user = table('user', {id: integer().primaryKey(), name: text('full name'), seen: integer()});

describe('sql', () => {
	test('writes columns and tables as names, nested sql unchanged, and values as literals', () => {
		expect(sqlText(sql`${user.name} = ${"it's"} AND ${user} IN ${[1, 2n, null, true]} OR ${sql`x${1}`}`)).toBe(
			`"full name" = 'it''s' AND user IN (1, 2, NULL, 1) OR x1`,
		);
	});

	test('reads escapes like any JavaScript template', () => {
		expect(sqlText(sql`name LIKE 'a\\%' ESCAPE '\\'`)).toBe(String.raw`name LIKE 'a\%' ESCAPE '\'`);
	});

	test('supports raw text, names and lists', () => {
		expect(sqlText(sql`${sql.raw('a + b')} ${sql.identifier('order')} ${sql.join([user.id, user.name])} ${sql.join([1, 2], sql` OR `)}`)).toBe(
			'a + b "order" id, "full name" 1 OR 2',
		);
		expect(sqlText(sql.join([]))).toBe('');
	});

	test('rejects values that cannot be written as an SQL literal', () => {
		expect(() => sqlText(sql`${Number.POSITIVE_INFINITY}`)).toThrow('Infinity cannot be written as an SQL literal');
		expect(() => sqlText(sql`${'a\0b'}`)).toThrow('a NUL character');
		expect(() => sqlText(sql`${new Date(0) as never}`)).toThrow('cannot be written as an SQL literal');
	});
});

describe('a view', () => {
	test('renders with and without names for its columns', () => {
		expect(rendered(view('v').as(sql`SELECT ${user.id} FROM ${user};\n`))).toEqual(['CREATE VIEW v AS SELECT id FROM user']);
		expect(rendered(view('my view', ['a', 'b c']).as(sql`SELECT 1, 2`))).toEqual(['CREATE VIEW "my view" (a, "b c") AS SELECT 1, 2']);
	});

	test('can be used in the SELECT of another view', () => {
		const first = view('first_view').as(sql`SELECT 1 AS n`);
		expect(rendered(view('second').as(sql`SELECT n FROM ${first}`))).toEqual(['CREATE VIEW second AS SELECT n FROM first_view']);
	});

	test('needs a SELECT', () => {
		expect(() => view('v').as('SELECT 1' as never)).toThrow('view v has no SELECT');
		expect(() => modelOf(view('v'))?.statements()).toThrow('view v has no SELECT');
	});
});

describe('a trigger', () => {
	test('renders every part', () => {
		const touch = trigger('touch', {
			after: 'update',
			on: user,
			of: [user.name, 'seen'],
			when: sql`new.${user.id} > 1`,
			do: [sql`UPDATE ${user} SET ${user.seen} = 1 WHERE ${user.id} = new.id`, sql`SELECT CASE WHEN 1 THEN 2 END;`],
		});
		expect(rendered(touch)).toEqual([
			[
				'CREATE TRIGGER touch AFTER UPDATE OF "full name", seen ON user',
				'WHEN new.id > 1',
				'BEGIN',
				'    UPDATE user SET seen = 1 WHERE id = new.id;',
				'    SELECT CASE WHEN 1 THEN 2 END;',
				'END',
			].join('\n'),
		]);
	});

	test('runs before, after or instead of an event, even on a table that is defined elsewhere', () => {
		expect(rendered(trigger('a', {before: 'delete', on: 'log', do: sql`SELECT 1`}))[0]).toContain('CREATE TRIGGER a BEFORE DELETE ON log');
		expect(rendered(trigger('b', {insteadOf: 'insert', on: 'v', do: sql`SELECT 1`}))[0]).toContain('CREATE TRIGGER b INSTEAD OF INSERT ON v');
	});

	test.each([
		['two events', {after: 'insert', before: 'update', on: 'user', do: sql`SELECT 1`}, 'trigger t has two events'],
		['an unknown option', {after: 'insert', forEach: 'row', on: 'user', do: sql`SELECT 1`}, 'trigger t has no option forEach'],
		['no event', {on: 'user', do: sql`SELECT 1`}, 'trigger t has no event'],
		['no table', {after: 'insert', do: sql`SELECT 1`}, 'trigger t has no table'],
		['no statement', {after: 'insert', on: 'user', do: []}, 'when and do take expressions'],
		['plain text', {after: 'insert', on: 'user', do: 'SELECT 1'}, 'when and do take expressions'],
	])('with %s is an error', (_, config, message) => {
		expect(() => rendered(trigger('t', config as never))).toThrow(message);
	});
});

test('a virtual table passes its arguments to the module unchanged', () => {
	expect(rendered(virtualTable('search', 'fts5', ['title', "content='post'", sql`content_rowid=${user.id}`]))).toEqual([
		"CREATE VIRTUAL TABLE search USING fts5(title, content='post', content_rowid=id)",
	]);
	expect(rendered(virtualTable('stat', 'dbstat'))).toEqual(['CREATE VIRTUAL TABLE stat USING dbstat']);
});

test('an index or a constraint that is exported on its own is an error', () => {
	expect(() => modelOf(index('i').on(user.id))?.statements()).toThrow('the index i is not part of a table');
	expect(() => modelOf(unique().on(user.id))?.statements()).toThrow('a unique is not part of a table');
	expect(() => modelOf(check(sql`1`))?.statements()).toThrow('a check is not part of a table');
});
