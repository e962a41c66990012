import fc from 'fast-check';
import stringWidth from 'string-width';
import {expect, test} from 'vitest';
import {graphemesOf, isSimpleText} from '../../../source/ui/page/graphemes.ts';

const units = Array.from({length: 0x1_00_00}, (_, code) => String.fromCharCode(code));
const simple = units.filter(isSimpleText);

test('simple text is as wide as it is long, in any order of its characters', () => {
	expect(simple.length).toBeGreaterThan(500);
	for (const character of simple) expect([character, stringWidth(character)]).toEqual([character, 1]);
	fc.assert(
		fc.property(fc.array(fc.constantFrom(...simple)), (characters) => {
			expect(stringWidth(characters.join(''))).toBe(characters.length);
		}),
	);
});

test('the characters of a text are those of a segmenter', () => {
	const segmenter = new Intl.Segmenter(undefined, {granularity: 'grapheme'});
	const others = ['\n', '\r\n', '\u001b', '\u001b[31m', 'e\u0301', '✔\ufe0f', '👩‍👩‍👧', '한', '\u00ad', '🇩🇪', '\u200d'];
	const parts = fc.array(fc.oneof(fc.constantFrom(...simple), fc.constantFrom(...others)));
	const listOf = (graphemes: Iterable<{readonly segment: string; readonly index: number}>) =>
		Array.from(graphemes, ({segment, index}) => [segment, index]);
	fc.assert(
		fc.property(parts, (characters) => {
			const text = characters.join('');
			expect(listOf(graphemesOf(text))).toEqual(listOf(segmenter.segment(text)));
			for (const index of [undefined, 0, 1, 5, text.length - 1, text.length]) {
				const expected = segmenter.segment(text).containing(index);
				const found = graphemesOf(text).containing(index);
				expect([index, found?.segment, found?.index]).toEqual([index, expected?.segment, expected?.index]);
			}
		}),
		{numRuns: 500},
	);
});
