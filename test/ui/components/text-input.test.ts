import {describe, expect, test} from 'vitest';
import {inputText, openTextInput, reduceTextInput} from '../../../source/ui/components/text-input/reduce-text-input.ts';
import {textInputLine} from '../../../source/ui/components/text-input/text-input-line.ts';
import type {Key} from '../../../source/ui/keys/key.ts';
import {spansWidth} from '../../../source/ui/page/fit.ts';
import {span, textOf} from '../../../source/ui/page/line.ts';
import {key, pasted, wide} from '../keys/typed.ts';

const typed = (keys: readonly Key[], text = '') => keys.reduce(reduceTextInput, openTextInput(text));
const shown = (keys: readonly Key[], text = '', columns = 80): string =>
	textOf(textInputLine(typed(keys, text), {...wide, columns}, {prompt: [span('> ')], label: 'value', placeholder: 'an expression'}));

describe('editing', () => {
	test('types, moves and deletes at the cursor', () => {
		expect(shown([key('a'), key('c'), key('left'), key('b')])).toBe('> ab▏c');
		expect(shown([key('home'), key('delete')], 'xab')).toBe('> ▏ab');
		expect(shown([key('left'), key('backspace')], 'axb')).toBe('> a▏b');
		expect(shown([key('backspace')], '')).toBe('> ▏an expression');
	});

	test('supports the editing keys of a shell', () => {
		expect(shown([key('a', {isCtrl: true})], 'ab')).toBe('> ▏ab');
		expect(shown([key('u', {isCtrl: true})], 'ab')).toBe('> ▏an expression');
		expect(shown([key('w', {isCtrl: true})], 'lower( name')).toBe('> lower( ▏');
		expect(shown([key('home'), key('k', {isCtrl: true}), key('x')], 'ab')).toBe('> x▏');
	});

	test('inserts a paste as one line', () => {
		expect(inputText(typed([pasted('lower(name)\r\n  || "x"\n')]))).toBe('lower(name) || "x"');
	});

	test('moves and deletes by visible characters', () => {
		expect(shown([key('left'), key('backspace')], 'a👩‍👩‍👧b')).toBe('> a▏b');
		expect(typed([key('e'), key('\u0301')]).characters).toEqual(['e\u0301']);
		expect(typed([key('e'), key('\u0301'), key('backspace')]).characters).toEqual([]);
	});
});

describe('the line', () => {
	test('shows the part around the cursor if the text is too long, within the width', () => {
		const text = 'abcdefghijklmnopqrstuvwxyz'.repeat(3);
		expect(shown([], text, 20)).toMatch(/^> ….*xyz▏$/);
		expect(shown([key('home')], text, 20)).toMatch(/^> ▏abc.*…$/);
		for (let left = 0; left < text.length; left++) {
			const row = textInputLine(typed(Array(left).fill(key('left')), text), {...wide, columns: 20}, {prompt: [span('> ')], label: 'value'});
			expect(spansWidth(row.spans)).toBeLessThanOrEqual(20);
		}
	});

	test('shows control characters in a paste as escapes', () => {
		expect(shown([pasted('a\u001b[2Jb')])).toBe('> a\\x1b[2Jb▏');
	});
});
