import {describe, expect, test} from 'vitest';
import {bytes, count, duration, percent, plural, short} from '../../../source/core/text/numbers.ts';

describe('number formatting', () => {
	test.each([
		[0, '0'],
		[999, '999'],
		[1000, '1,000'],
		[12403, '12,403'],
		[1234567, '1,234,567'],
		[12345678901234567890n, '12,345,678,901,234,567,890'],
	])('counts %s', (value, text) => {
		expect(count(value)).toBe(text);
	});

	test('uses the singular for one and the plural for many', () => {
		expect([plural(1, 'row'), plural(0, 'row'), plural(12403, 'row'), plural(2, 'index', 'indexes')]).toEqual([
			'1 row',
			'0 rows',
			'12,403 rows',
			'2 indexes',
		]);
	});

	test.each([
		[7, '7'],
		[999, '999'],
		[1000, '1k'],
		[1500, '1.5k'],
		[9950, '10k'],
		[512_000, '512k'],
		[999_600, '1M'],
		[1_234_567, '1.2M'],
	])('shortens %s', (value, text) => {
		expect(short(value)).toBe(text);
	});

	test.each([
		[0, '0 bytes'],
		[1, '1 byte'],
		[999, '999 bytes'],
		[8192, '8.2 kB'],
		[12_400_000, '12.4 MB'],
		[80_000_000_000, '80 GB'],
		[999_990, '1 MB'],
		[5e15, '5000 TB'],
	])('formats %s bytes', (value, text) => {
		expect(bytes(value)).toBe(text);
	});

	test.each([
		[0, '0 ms'],
		[12.4, '12 ms'],
		[999.7, '1 s'],
		[2700, '2.7 s'],
		[42_300, '42 s'],
		[59_990, '1 min'],
		[200_000, '3 min 20 s'],
		[7_500_000, '2 h 5 min'],
	])('formats %s milliseconds', (value, text) => {
		expect(duration(value)).toBe(text);
	});

	test('formats a percentage', () => {
		expect(percent(0.714)).toBe('71%');
	});
});
