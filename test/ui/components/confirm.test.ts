import {describe, expect, test} from 'vitest';
import {confirmLines} from '../../../source/ui/components/confirm/confirm-lines.ts';
import {openConfirm, reduceConfirm} from '../../../source/ui/components/confirm/reduce-confirm.ts';
import type {Key} from '../../../source/ui/keys/key.ts';
import {textOf} from '../../../source/ui/page/line.ts';
import {key, pasted, wide} from '../keys/typed.ts';

function confirmed(keys: readonly Key[], name = 'log', openedAt = 0) {
	let state = openConfirm(openedAt);
	for (const each of keys) {
		const step = reduceConfirm(state, each, name);
		state = step.state;
		if (step.done !== undefined) return step.done.result;
	}
	return state;
}

const letters = (text: string, at = 1000): Key[] => [...text].map((letter) => key(letter, {at}));

describe('a confirmation', () => {
	test('starts on Cancel, so that Enter alone cancels', () => {
		expect(confirmed([key('enter')])).toBe('cancel');
		expect(confirmed([key('escape')])).toBe('cancel');
	});

	test('accepts the typed name and then Enter', () => {
		expect(confirmed([...letters('log'), key('enter')])).toBe('consent');
		expect(confirmed([pasted('log'), key('enter')])).toBe('consent');
		expect(confirmed([key('down'), key('enter')])).toMatchObject({isMistyped: true});
	});

	test('rejects any other text, and says so', () => {
		expect(confirmed([...letters('lo'), key('enter')])).toMatchObject({isMistyped: true});
		expect(confirmed([...letters('LOG'), key('enter')])).toMatchObject({isMistyped: true});
		expect(confirmed([...letters('lo'), key('enter'), key('g'), key('enter')])).toBe('consent');
		const state = confirmed([key('x'), key('enter')]);
		expect(
			confirmLines(state as ReturnType<typeof openConfirm>, wide, {action: 'Upgrade', name: 'log'})
				.map(textOf)
				.join('\n'),
		).toContain('that is not log');
	});

	test('ignores keys in the first 50 ms', () => {
		expect(confirmed([key('enter', {at: 1049})], 'log', 1000)).toMatchObject({isOnCancel: true});
		expect(confirmed([...letters('log', 1049), key('enter', {at: 1050})], 'log', 1000)).toBe('cancel');
		expect(confirmed([...letters('log', 1050), key('enter', {at: 1050})], 'log', 1000)).toBe('consent');
	});

	test('returns to Cancel with up, regardless of the typed text', () => {
		expect(confirmed([...letters('log'), key('up'), key('enter')])).toBe('cancel');
	});

	test('accepts a name with control characters as it is shown', () => {
		expect(confirmed([...letters('a\\nb'), key('enter')], 'a\nb')).toBe('consent');
	});
});
