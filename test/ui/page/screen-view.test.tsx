import {afterEach, describe, expect, test} from 'vitest';
import {openSelect, reduceSelect, type SelectState} from '../../../source/ui/components/select/reduce-select.ts';
import {type SelectEntry, selectLines} from '../../../source/ui/components/select/select-lines.ts';
import {done, next} from '../../../source/ui/keys/screen-step.ts';
import {openCommands, reduceCommands} from '../../../source/ui/page/commands.ts';
import {line, span} from '../../../source/ui/page/line.ts';
import type {Screen} from '../../../source/ui/page/screen.ts';
import {ScreenView} from '../../../source/ui/page/screen-view.tsx';
import {key} from '../keys/typed.ts';
import {keys, mount} from '../terminal.ts';

const entries: SelectEntry[] = ['Cancel', 'Drop', 'Keep', '\u001b[2J\u202eevil'].map((text) => ({label: [span(text)]}));

const menu: Screen<SelectState, number> = {
	initial: () => openSelect(entries),
	reduce: (state, key) => {
		const step = reduceSelect(state, key, entries);
		return step.entered === undefined ? next(step.state) : done(step.state, step.entered);
	},
	view: (state, look) => ({
		title: {...line(span('A menu', 'strong')), aside: [span('aside')]},
		...selectLines(entries, state, look),
		hints: [
			{keys: '↑↓', label: 'move'},
			{keys: 'enter', label: 'choose'},
			{keys: '?', label: 'keys'},
		],
	}),
};

let terminal: ReturnType<typeof mount>;
afterEach(() => terminal.unmount());

function show(columns?: number, rows?: number): number[] {
	const results: number[] = [];
	terminal = mount(<ScreenView screen={menu} onDone={(result) => results.push(result)} />, columns, rows);
	return results;
}

describe('keys of one read', () => {
	test('act in order: down, enter chooses the second entry', async () => {
		const results = show();
		await terminal.waitFor('❯ Cancel');
		terminal.press(keys.down, keys.enter);
		await terminal.waitFor('❯ Drop');
		expect(results).toEqual([1]);
	});

	test('act in order if they are letters', async () => {
		const results = show();
		await terminal.waitFor('❯ Cancel');
		terminal.press('jj\r');
		await terminal.waitFor('❯ Keep');
		expect(results).toEqual([2]);
	});

	test('do nothing after the result', async () => {
		const results = show();
		await terminal.waitFor('❯ Cancel');
		terminal.press(keys.down, keys.enter, keys.down, keys.enter, keys.enter);
		await terminal.waitFor('❯ Drop');
		expect(results).toEqual([1]);
	});
});

test('? shows the keys of a screen, and any key returns to it', async () => {
	show();
	await terminal.waitFor('❯ Cancel');
	terminal.press(keys.down, '?');
	expect(await terminal.waitFor('any key goes back')).toContain('ctrl-c');
	terminal.press('x');
	await terminal.waitFor('❯ Drop');
});

test('an arrow key at the end of a long list of keys, or of commands, does not close it', async () => {
	show(40, 9);
	await terminal.waitFor('❯ Cancel');
	terminal.press('?');
	await terminal.waitFor(/↓ \d+ more/);
	terminal.press('G', keys.down, keys.down, keys.pageDown);
	await terminal.waitFor('any key goes back');
	terminal.press('x');
	await terminal.waitFor('❯ Cancel');
	const commands = ['lite-migr create a', 'lite-migr upgrade'];
	const select = openCommands(commands);
	expect(reduceCommands(select, key('down'), commands)).toEqual(select);
	expect(reduceCommands(select, key('up'), commands)?.index).toBe(0);
	expect(reduceCommands(select, key('x'), commands)).toBeUndefined();
	expect(reduceCommands(openCommands([]), key('down'), [])).toBeUndefined();
});

test('control characters in data never reach the terminal', async () => {
	show();
	await terminal.waitFor('\\x1b[2J\\u202eevil');
	expect(terminal.written()).not.toMatch(/\u001b\[2J|\u202e/);
});

test('a screen reader gets the role and state of an entry, in safe text', async () => {
	terminal = mount(<ScreenView screen={menu} onDone={() => {}} />, 80, 24, {isScreenReaderEnabled: true});
	expect(await terminal.waitFor('menuitem: (selected) Cancel')).toContain('menuitem: \\x1b[2J\\u202eevil');
	terminal.press(keys.down);
	await terminal.waitFor('menuitem: (selected) Drop');
	expect(terminal.written()).not.toMatch(/\u001b\[2J|\u202e/);
});

test('the frame follows the size of the terminal', async () => {
	show(80, 24);
	expect((await terminal.waitFor('aside')).split('\n')[0]).toBe(`A menu${' '.repeat(69)}aside`);
	terminal.resize(120, 30);
	await terminal.waitFor((frame) => frame.split('\n')[0]!.length === 120);
});
