import {expect, test} from 'vitest';
import {type BindingDriver, boundValue, withValues} from '../../../../../source/core/migrations/adopt/import/recorded/bound-value.ts';
import {nativeOf} from '../../../../../source/core/sqlite/connection.ts';
import {openInMemory} from '../../../../../source/core/sqlite/open.ts';

const values: readonly unknown[] = [
	null,
	undefined,
	'',
	"O'Neil",
	'a\0b',
	'日本\r\n--',
	'a \nb\t\nc ',
	'\ufeffa',
	0,
	-0,
	1,
	-1,
	1.5,
	2 ** 31,
	2 ** 53,
	-(2 ** 60),
	1e21,
	1e300,
	5e-324,
	-0.1,
	Number.NaN,
	Number.POSITIVE_INFINITY,
	Number.NEGATIVE_INFINITY,
	1n,
	2n ** 63n - 1n,
	-(2n ** 63n),
	new Uint8Array(),
	Buffer.from([0, 255]),
];

test('a literal stores the value and the type that better-sqlite3 binds', () => {
	const db = openInMemory();
	for (const value of values) {
		const given = value === undefined ? null : value;
		const bound = nativeOf(db).prepare('SELECT typeof(?) AS type, quote(?) AS text, hex(?) AS hex').get(given, given, given);
		const {exact} = boundValue(value, 'better-sqlite3');
		expect(db.get(`SELECT typeof(${exact}) AS type, quote(${exact}) AS text, hex(${exact}) AS hex`), exact).toEqual(bound);
	}
	db.close();
});

test.each<[unknown, BindingDriver, string, string]>([
	[true, 'better-sqlite3', '1.0', '1'],
	[true, 'sqlite3', '1', '1'],
	[7, 'sqlite3', '7', '7'],
	[-(2 ** 31), 'sqlite3', '-2147483648', '-2147483648'],
	[2 ** 31, 'sqlite3', '2147483648.0', '2147483648'],
	[7, 'unknown', '7.0', '7'],
	[new Date(5), 'sqlite3', '5.0', '5'],
	[{a: 1}, 'sqlite3', "'[object Object]'", "'[object Object]'"],
])('%s of %s is %s, or %s for a reader', (value, driver, exact, plain) => {
	expect(boundValue(value, driver)).toEqual({exact, plain});
});

test('a text keeps its whitespace if git or an editor changes line ends of the file', () => {
	for (const text of ['a\r\nb', 'a\rb', 'a \nb', 'a\t\nb', '\ufeffa']) {
		const {exact} = boundValue(text, 'better-sqlite3');
		const changed = exact.replaceAll('\ufeff', '').replace(/[^\S\n]*(?:\r\n|\r|\n)/g, '\n');
		expect(changed, JSON.stringify(text)).toBe(exact);
	}
	expect(boundValue('a\nb c ', 'better-sqlite3').exact).toBe("'a\nb c '");
});

test('values that better-sqlite3 does not bind are refused', () => {
	expect(() => boundValue({a: 1}, 'better-sqlite3')).toThrow('SQLite3 can only bind numbers, strings, bigints, buffers, and null');
	expect(() => boundValue(2n ** 63n, 'better-sqlite3')).toThrow('too big');
});

test('values replace placeholders, but not question marks in texts and comments, and never form a comment', () => {
	expect(withValues("SELECT ?, '?' /* ? */, 1 -?", ["'a?'", '-2'])).toBe("SELECT 'a?', '?' /* ? */, 1 - -2");
	expect(() => withValues('SELECT ?', [])).toThrow('Too few parameter values');
	expect(() => withValues('SELECT 1', ['1'])).toThrow('Too many parameter values');
});
