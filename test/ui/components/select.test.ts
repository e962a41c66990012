import {describe, expect, test} from 'vitest';
import {openSelect, reduceSelect} from '../../../source/ui/components/select/reduce-select.ts';
import {selectLines} from '../../../source/ui/components/select/select-lines.ts';
import {line, span, textOf} from '../../../source/ui/page/line.ts';
import {key, tiny, wide} from '../keys/typed.ts';
import {pageText} from '../page/text.ts';

const entries = [{isDisabled: true}, {}, {isDisabled: true}, {}, {}];
const pressed = (names: readonly string[], at?: number): {index: number; entered: number | undefined} => {
	let state = openSelect(entries, at);
	let entered: number | undefined;
	for (const name of names) {
		const step = reduceSelect(state, key(name), entries);
		state = step.state;
		entered ??= step.entered;
	}
	return {index: state.index, entered};
};

describe('choosing', () => {
	test('starts on the first enabled entry, and moves past disabled ones', () => {
		expect(pressed([]).index).toBe(1);
		expect(pressed(['down']).index).toBe(3);
		expect(pressed(['down', 'down', 'down', 'up']).index).toBe(3);
		expect(pressed(['k', 'j', 'end', 'home']).index).toBe(1);
	});

	test('chooses the entry that the keys before Enter selected', () => {
		expect(pressed(['down', 'enter'])).toEqual({index: 3, entered: 3});
	});

	test('Enter chooses nothing if nothing is preselected', () => {
		expect(pressed(['enter'], -1)).toEqual({index: -1, entered: undefined});
		expect(pressed(['down', 'enter'], -1).entered).toBe(1);
		expect(pressed(['up', 'enter'], -1).entered).toBe(4);
	});

	test('selects nothing if all entries are disabled', () => {
		const none = [{isDisabled: true}];
		expect(reduceSelect(openSelect(none), key('enter'), none)).toEqual({state: {index: -1, isUnchosen: true}});
	});
});

describe('lines', () => {
	const shown = [
		{label: [span('name → full_name')], hint: [span('renamed')], badge: [span('likely')], details: [[span('names 71% similar')]]},
		{label: [span('full_name')], hint: [span('a new column')]},
	];

	test('are aligned in columns, with details below', () => {
		const {body, focus} = selectLines(shown, {index: 0}, wide);
		expect(body.map(textOf)).toEqual(['❯ name → full_name   renamed   likely', '      names 71% similar', '  full_name          a new column']);
		expect(focus).toEqual({first: 0, last: 1});
	});

	test('are cut if they do not fit, except for the selected one', () => {
		const long = [0, 1].map((index) => ({
			label: [span(`entry ${index}`)],
			hint: [span('with a hint that is much longer than the row '.repeat(2).trim())],
		}));
		expect(
			pageText({title: line('x'), ...selectLines(long, {index: 1}, wide), hints: []}, wide)
				.split('\n')
				.slice(2, 5),
		).toEqual([
			'  entry 0   with a hint that is much longer than the row with a hint that is mu…',
			'❯ entry 1   with a hint that is much longer than the row with a hint that is',
			'    much longer than the row',
		]);
	});

	test('have hints below the labels on a narrow terminal', () => {
		const narrow = {...wide, columns: 40};
		expect(selectLines(shown, {index: 1}, narrow).body.map(textOf)).toEqual([
			'  name → full_name',
			'      renamed  likely',
			'      names 71% similar',
			'❯ full_name',
			'      a new column',
		]);
	});

	test('only the selected entry shows more than its name if there are few rows', () => {
		expect(selectLines(shown, {index: 1}, tiny).body.map(textOf)).toEqual(['  name → full_name', '❯ full_name', '      a new column']);
	});

	test('a long list scrolls with the selected entry', () => {
		const many = Array.from({length: 40}, (_, index) => ({label: [span(`entry ${index}`)]}));
		for (const index of [0, 1, 17, 38, 39]) {
			expect(pageText({title: line('x'), ...selectLines(many, {index}, tiny), hints: []}, tiny)).toMatch(new RegExp(`❯ entry ${index}$`, 'm'));
		}
	});
});
