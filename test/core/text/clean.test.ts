import {describe, expect, test} from 'vitest';
import {clean, cleanLines} from '../../../source/core/text/clean.ts';

describe('clean', () => {
	test('leaves ordinary text in any script unchanged, including joined emoji', () => {
		for (const text of ['user.name', 'имя', '名前', 'naïve', '👩‍👩‍👧 family', '❤️', 'می‌خواهم']) expect(clean(text)).toBe(text);
	});

	test('shows characters that could affect a terminal as escapes', () => {
		expect(clean('a\u001b[31mb')).toBe('a\\x1b[31mb');
		expect(clean('a\nb\r\tc\u0007')).toBe('a\\nb\\r\\tc\\x07');
		expect(clean('a\u009b2Jb\u007f')).toBe('a\\x9b2Jb\\x7f');
	});

	test('shows characters that reverse or hide text as escapes', () => {
		expect(clean('x\u202etxt.exe')).toBe('x\\u202etxt.exe');
		expect(clean('a\u2066b\u2069\u200f')).toBe('a\\u2066b\\u2069\\u200f');
		expect(clean('pass\u200bword\ufeff')).toBe('pass\\u200bword\\ufeff');
		expect(clean('a\u{e0041}')).toBe('a\\u{e0041}');
	});

	test('shows a lone surrogate as an escape', () => {
		expect(clean('a\ud83d')).toBe('a\\ud83d');
	});

	test('leaves no control characters', () => {
		const all = String.fromCodePoint(...Array.from({length: 0xa0}, (_, code) => code));
		expect([...clean(all)].every((character) => character >= ' ' && character !== '\u007f' && !(character >= '\u0080' && character < '\u00a0'))).toBe(
			true,
		);
	});
});

test('cleanLines keeps the line breaks of a text', () => {
	expect(cleanLines('CREATE TABLE a (\r\n\tb\n)\u001b[2J')).toBe('CREATE TABLE a (\n\tb\n)\\x1b[2J');
});
