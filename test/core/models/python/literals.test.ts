import {describe, expect, test} from 'vitest';
import {floatText, readNumber, readString} from '../../../../source/core/models/python/literals.ts';

describe('strings, as Python reads them', () => {
	test.each([
		[`'a'`, 'a'],
		[`""`, ''],
		[`'''a'b''c'''`, "a'b''c"],
		[`"""a\n"b" """`, 'a\n"b" '],
		[`u'a'`, 'a'],
		[`'\\n\\t\\\\\\'\\"\\a\\0'`, '\n\t\\\'"\x07\0'],
		[`'\\x41\\101\\u0042\\U0001F600\\7'`, 'AAB😀\x07'],
		[`'\\400\\777'`, 'Āǿ'],
		[`'\\q\\8'`, '\\q\\8'],
		[`'a\\\nb'`, 'ab'],
		[`r'a\\n\\'b'`, "a\\n\\'b"],
		[`R"\\\\"`, '\\\\'],
	])('%s', (literal, string) => {
		expect(readString(literal)).toEqual({string});
	});

	test.each([
		[`b'a\\x00\\xff'`, [97, 0, 255]],
		[`rb'\\x00'`, [92, 120, 48, 48]],
		[`B'\\777\\u0041'`, [255, 92, 117, 48, 48, 52, 49]],
	])('%s', (literal, bytes) => {
		expect(readString(literal)).toEqual({bytes: Uint8Array.from(bytes)});
	});

	test.each([`'a`, `'a\nb'`, `'''a'`, `'\\'`, `'\\x4'`, `'\\u004'`, `'\\U00110000'`, `'\\N{DASH}'`, `'\\ud800'`, `b'é'`, `b'\\x4'`, `ur'a'`, `f'a'`])(
		'%j is rejected',
		(literal) => {
			expect(readString(literal)).toEqual({problem: expect.any(String)});
		},
	);
});

describe('numbers, as Python reads them', () => {
	test.each([
		['0', 0n],
		['00_0', 0n],
		['1_000', 1000n],
		['0xFF_ff', 65535n],
		['0b1_0', 2n],
		['0O17', 15n],
		['9223372036854775808', 9223372036854775808n],
	])('%s', (literal, integer) => {
		expect(readNumber(literal)).toEqual({integer});
	});

	test.each([
		['1.', 1],
		['.5', 0.5],
		['1_0.0_1', 10.01],
		['1e5', 100000],
		['1E-2', 0.01],
		['09.5', 9.5],
	])('%s', (literal, float) => {
		expect(readNumber(literal)).toEqual({float});
	});

	test.each(['1j', '0777', '1__0', '1_', '0x', '0x_', '1e', '.', '1._5', '0b2'])('%s is rejected', (literal) => {
		expect(readNumber(literal)).toEqual({problem: expect.any(String)});
	});
});

test.each([
	[1, '1.0'],
	[-0, '-0.0'],
	[0.1, '0.1'],
	[1e15, '1000000000000000.0'],
	[1e16, '1e+16'],
	[1.5e22, '1.5e+22'],
	[0.0001, '0.0001'],
	[0.00001, '1e-05'],
	[-123.456, '-123.456'],
	[1.7976931348623157e308, '1.7976931348623157e+308'],
	[Number.POSITIVE_INFINITY, 'inf'],
])('%d is printed as %s', (value, text) => {
	expect(floatText(value)).toBe(text);
});
