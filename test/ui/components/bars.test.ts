import {describe, expect, test} from 'vitest';
import {progressBar, spinner} from '../../../source/ui/components/progress-bar/progress-bar.ts';
import {reduceScroll} from '../../../source/ui/components/scroll-view/reduce-scroll.ts';
import {textOf} from '../../../source/ui/page/line.ts';
import {key} from '../keys/typed.ts';

describe('a progress bar', () => {
	const bar = (done: number, total: number): string => textOf(progressBar(done, total, 10));

	test('is empty at the start, full only at the end, and always the same width', () => {
		expect(bar(0, 100)).toBe('░░░░░░░░░░');
		expect(bar(1, 100)).toBe('█░░░░░░░░░');
		expect(bar(64, 100)).toBe('██████░░░░');
		expect(bar(99, 100)).toBe('█████████░');
		expect(bar(100, 100)).toBe('██████████');
		expect(bar(5, 0)).toBe('░░░░░░░░░░');
		expect(bar(200, 100)).toBe('██████████');
	});

	test('turns with time', () => {
		expect([0, 100, 250].map((at) => spinner(at, false).text)).toEqual(['⠋', '⠙', '⠹']);
		expect([0, 100, 250].map((at) => spinner(at, true).text)).toEqual(['|', '/', '-']);
	});
});

describe('scrolling', () => {
	const pressed = (names: readonly string[], offset = 0): number =>
		names.reduce((state, name) => reduceScroll(state, key(name), {total: 30, visible: 10}), {offset}).offset;

	test('moves by rows and pages, and stops at the ends', () => {
		expect(pressed(['down', 'j', 'up'])).toBe(1);
		expect(pressed(['pageDown'])).toBe(9);
		expect(pressed(['end'])).toBe(20);
		expect(pressed(['end', 'down', 'pageDown', 'up'])).toBe(19);
		expect(pressed(['up', 'home'])).toBe(0);
	});

	test('returns from past the end after a resize', () => {
		expect(pressed(['up'], 28)).toBe(19);
	});

	test('does nothing if everything is in view', () => {
		expect(reduceScroll({offset: 0}, key('down'), {total: 5, visible: 10})).toEqual({offset: 0});
	});
});
