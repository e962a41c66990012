import {expect, test} from 'vitest';
import {sendable} from '../../../source/core/engines/d1/sendable.ts';

test('writes a trigger on one line with its keywords in upper case', () => {
	const trigger = "create trigger t after insert on a /*x*/begin\r\n\tupdate a set b = 'begin;  end'; -- why\n  delete from c;\nend";
	expect(sendable(trigger)).toBe("CREATE TRIGGER t after insert on a BEGIN update a set b = 'begin;  end'; delete from c; END");
});

test('leaves other statements unchanged', () => {
	const table = 'create table a (\n\tb -- the b\n)';
	expect(sendable(table)).toBe(table);
	expect(sendable('CREATE TABLE trigger_log (x)')).toBe('CREATE TABLE trigger_log (x)');
});

test('refuses what D1 would cut or not accept', () => {
	const refused = (message: string) =>
		expect.objectContaining({code: 'plan', message: expect.stringContaining(message), details: expect.arrayContaining(['nothing was sent'])});
	expect(() => sendable('CREATE TRIGGER t AFTER INSERT ON a BEGIN SELECT CASE WHEN 1 THEN 2 END; END')).toThrow(refused('END of its CASE'));
	expect(() => sendable("CREATE TRIGGER t AFTER INSERT ON a BEGIN SELECT 'a\nb'; END")).toThrow(refused('text of several lines'));
	expect(() => sendable(`SELECT '${'ä'.repeat(50_000)}'`)).toThrow(refused('it has 100009 bytes, and D1 accepts at most 100000'));
});
