import {PassThrough} from 'node:stream';
import {expect, test} from 'vitest';
import {terminalMouse} from '../../../source/ui/stage/mouse.ts';

const on = '\u001b[?1000h\u001b[?1006h';
const off = '\u001b[?1006l\u001b[?1000l';
const up = '\u001b[<64;10;5M';
const down = '\u001b[<65;10;5M';

/** A mouse whose reports arrive on a stream, with what was written to the terminal, the steps of the wheel and the keys. */
function opened({isEnabled = true, isWanted = true} = {}) {
	const written: string[] = [];
	const steps: string[] = [];
	const mouse = terminalMouse((text) => written.push(text), isEnabled);
	mouse.onWheel((direction) => steps.push(direction));
	mouse.report(isWanted);
	const stream = Object.assign(new PassThrough(), {isTTY: true});
	stream.setEncoding('utf8');
	const stdin = mouse.filter(stream as unknown as NodeJS.ReadStream);
	const type = (...chunks: readonly string[]): string => {
		let keys = '';
		for (const chunk of chunks) {
			stream.write(chunk);
			for (let text = stdin.read(); text !== null; text = stdin.read()) keys += text;
		}
		return keys;
	};
	return {mouse, written, steps, type};
}

test('the terminal is asked for reports only while they are wanted, once', () => {
	const {mouse, written} = opened({isWanted: false});
	expect(written).toEqual([]);
	mouse.report(true);
	mouse.report(true);
	mouse.report(false);
	mouse.report(false);
	expect(written).toEqual([on, off]);
});

test('the terminal is never asked if the mouse is turned off', () => {
	const {mouse, written} = opened({isEnabled: false});
	mouse.resume();
	mouse.keyPressed();
	expect(written).toEqual([]);
});

test('steps of the wheel are removed from the keys, wherever they are', () => {
	const {steps, type} = opened();
	expect(type(`a${down}b${down}${up}c`)).toBe('abc');
	expect(type(down, up)).toBe('');
	expect(type('\u001b[<69;1;1M', '\u001b[<80;1;1M')).toBe('');
	expect(steps).toEqual(['down', 'down', 'up', 'down', 'up', 'down', 'up']);
});

test('a report that arrives in pieces is put together', () => {
	const {steps, type} = opened();
	expect(type('a\u001b[<6', '5;10', ';5Mb')).toBe('ab');
	expect(steps).toEqual(['down']);
});

test('Escape and other keys are passed on immediately', () => {
	const {type} = opened();
	expect(type('\u001b', '\u001b[', 'A', '\u001b[5~')).toBe('\u001b\u001b[A\u001b[5~');
});

test('a button releases the mouse until the next key, so text can be selected', () => {
	const {mouse, written, type} = opened();
	expect(type('\u001b[<0;3;4M', '\u001b[<0;3;4m')).toBe('');
	expect(written).toEqual([on, off]);
	mouse.report(true);
	expect(written).toEqual([on, off]);
	mouse.keyPressed();
	expect(written).toEqual([on, off, on]);
});

test('a pause releases the mouse, and the end of the pause takes it again only if it is still wanted', () => {
	const {mouse, written} = opened();
	mouse.pause();
	mouse.resume();
	expect(written).toEqual([on, off, on]);
	mouse.pause();
	mouse.report(false);
	mouse.resume();
	expect(written).toEqual([on, off, on, off]);
});
