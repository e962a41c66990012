import type {Key as InkKey} from 'ink';
import {expect, test} from 'vitest';
import {keysOf} from '../../../source/ui/keys/key.ts';

const plain = {ctrl: false, meta: false, super: false, hyper: false} as InkKey;
const namesOf = (input: string, key: Partial<InkKey> = {}): string[] =>
	keysOf(input, {...plain, ...key}, 0).map((each) => (each.name === 'character' ? `${each.isCtrl ? 'ctrl-' : ''}${each.text}` : each.name));

test('characters that arrive in one read are single keys, in order', () => {
	expect(namesOf('jj\r')).toEqual(['j', 'j', 'enter']);
	expect(namesOf('a\tb\u007f')).toEqual(['a', 'tab', 'b', 'backspace']);
	expect(namesOf('\u0001x')).toEqual(['ctrl-a', 'x']);
});

test('a character of several code points is one key', () => {
	expect(namesOf('👩‍👩‍👧e\u0301')).toEqual(['👩‍👩‍👧', 'e\u0301']);
});

test('named keys type nothing, keys with Alt and releases do nothing', () => {
	expect(namesOf('', {downArrow: true})).toEqual(['down']);
	expect(namesOf('', {escape: true, meta: true})).toEqual(['escape', 'escape']);
	expect(namesOf('x', {meta: true})).toEqual([]);
	expect(namesOf('x', {eventType: 'release'})).toEqual([]);
});
