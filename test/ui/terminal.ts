import {PassThrough, Writable} from 'node:stream';
import {type RenderOptions, render} from 'ink';
import type {ReactNode} from 'react';
import {type Emulator, emulate} from './emulator.ts';

export {keys} from './emulator.ts';

/** Ink in a real terminal emulator, at any size, without a process. */
export interface TestTerminal extends Omit<Emulator, 'write' | 'pasteOf'> {
	/** Sends keys as a terminal does, all in one read. */
	press(...keys: readonly string[]): void;
	paste(text: string): void;
	/** Changes the size without notifying the program yet: it is only notified of an earlier size. */
	drag(columns: number, rows: number, heard: {readonly columns: number; readonly rows: number}): void;
	isRaw(): boolean;
	readonly stdin: NodeJS.ReadStream;
	readonly stdout: NodeJS.WriteStream;
}

/** Creates the streams of a terminal in the form that Ink expects. */
export function openTerminal(columns = 80, rows = 24): TestTerminal {
	const emulator = emulate(columns, rows);
	let isRaw = false;
	const sink = new Writable({
		decodeStrings: false,
		write(chunk: string, _encoding, callback) {
			emulator.write(chunk);
			callback();
		},
	});
	const stdout = Object.assign(sink, {isTTY: true, columns, rows});
	const hear = (size: {readonly columns: number; readonly rows: number}): void => {
		Object.assign(stdout, size);
		stdout.emit('resize');
	};
	const setRawMode = (raw: boolean): void => {
		isRaw = raw;
	};
	const stdin = Object.assign(new PassThrough(), {isTTY: true, setRawMode, ref: () => {}, unref: () => {}});
	return {
		...emulator,
		press: (...pressed) => void stdin.write(pressed.join('')),
		paste: (text) => void stdin.write(emulator.pasteOf(text)),
		resize(newColumns, newRows) {
			emulator.resize(newColumns, newRows);
			hear({columns: newColumns, rows: newRows});
		},
		drag(newColumns, newRows, heard) {
			emulator.resize(newColumns, newRows);
			hear(heard);
		},
		isRaw: () => isRaw,
		stdin: stdin as unknown as NodeJS.ReadStream,
		stdout: stdout as unknown as NodeJS.WriteStream,
	};
}

/** Mounts a component tree as the program does. */
export function mount(
	node: ReactNode,
	columns = 80,
	rows = 24,
	options: Pick<RenderOptions, 'isScreenReaderEnabled'> = {},
): TestTerminal & {unmount(): void} {
	const terminal = openTerminal(columns, rows);
	const {stdin, stdout} = terminal;
	const app = render(node, {
		stdin,
		stdout,
		stderr: stdout,
		exitOnCtrlC: false,
		patchConsole: false,
		incrementalRendering: true,
		interactive: true,
		...options,
	});
	return {...terminal, unmount: app.unmount};
}
