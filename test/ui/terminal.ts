import {PassThrough, Writable} from 'node:stream';
import xterm from '@xterm/headless';
import {render} from 'ink';
import type {ReactNode} from 'react';

/** Ink in a real terminal emulator: what a person would see, at any size, without a process. */
export interface TestTerminal {
	/** The rows in view, without trailing spaces and trailing empty rows. */
	frame(): string;
	/** Everything since the start, with what has scrolled away. */
	everything(): string;
	/** All bytes that were written. */
	written(): string;
	/** One read with all of it: keys as a terminal sends them. */
	press(...keys: readonly string[]): void;
	/** As a terminal with bracketed paste does, when the program has asked for it. */
	paste(text: string): void;
	resize(columns: number, rows: number): void;
	/** Resolves when the emulator has taken in all that was written so far. */
	parsed(): Promise<void>;
	/** Resolves with the frame as soon as the predicate holds; rejects with the last frame when it never does. */
	waitFor(wanted: string | RegExp | ((frame: string) => boolean)): Promise<string>;
	readonly isRaw: () => boolean;
	unmount(): void;
	readonly exited: Promise<unknown>;
}

export const keys = {
	up: '\u001b[A',
	down: '\u001b[B',
	right: '\u001b[C',
	left: '\u001b[D',
	pageUp: '\u001b[5~',
	pageDown: '\u001b[6~',
	home: '\u001b[H',
	end: '\u001b[F',
	enter: '\r',
	escape: '\u001b',
	tab: '\t',
	backspace: '\u007f',
	delete: '\u001b[3~',
	ctrlC: '\u0003',
};

const patience = 5000;

/** The streams of a terminal emulator, as Ink wants them. */
export function openTerminal(
	columns = 80,
	rows = 24,
): Omit<TestTerminal, 'unmount' | 'exited'> & {stdin: NodeJS.ReadStream; stdout: NodeJS.WriteStream} {
	const emulator = new xterm.Terminal({cols: columns, rows, allowProposedApi: true, scrollback: 5000, convertEol: true});
	const watchers = new Set<() => void>();
	let written = '';
	let isRaw = false;
	const stdout = Object.assign(
		new Writable({
			decodeStrings: false,
			write: (chunk: string, _encoding, callback) => {
				written += chunk;
				emulator.write(chunk, () => {
					for (const watch of watchers) watch();
				});
				callback();
			},
		}),
		{isTTY: true, columns, rows},
	);
	const stdin = Object.assign(new PassThrough(), {isTTY: true, setRawMode: (raw: boolean) => (isRaw = raw), ref: () => {}, unref: () => {}});
	const text = (first: number, last: number): string =>
		Array.from({length: last - first}, (_, index) => emulator.buffer.active.getLine(first + index)?.translateToString(true) ?? '')
			.join('\n')
			.trimEnd();
	const frame = (): string => text(emulator.buffer.active.viewportY, emulator.buffer.active.viewportY + emulator.rows);
	return {
		frame,
		everything: () => text(0, emulator.buffer.active.length),
		written: () => written,
		press: (...pressed) => void stdin.write(pressed.join('')),
		paste: (pasted) => void stdin.write(emulator.modes.bracketedPasteMode ? `\u001b[200~${pasted}\u001b[201~` : pasted),
		resize: (newColumns, newRows) => {
			emulator.resize(newColumns, newRows);
			Object.assign(stdout, {columns: newColumns, rows: newRows});
			stdout.emit('resize');
		},
		parsed: () => new Promise((resolve) => emulator.write('', resolve)),
		waitFor: (wanted) =>
			new Promise((resolve, reject) => {
				const holds =
					typeof wanted === 'function' ? wanted : (shown: string) => (typeof wanted === 'string' ? shown.includes(wanted) : wanted.test(shown));
				const deadline = setTimeout(() => {
					watchers.delete(check);
					reject(new Error(`waited for ${String(wanted)}, and saw:\n${frame()}`));
				}, patience);
				const check = (): void => {
					if (!holds(frame())) return;
					watchers.delete(check);
					clearTimeout(deadline);
					resolve(frame());
				};
				watchers.add(check);
				check();
			}),
		isRaw: () => isRaw,
		stdin: stdin as unknown as NodeJS.ReadStream,
		stdout: stdout as unknown as NodeJS.WriteStream,
	};
}

/** Mounts a tree as the program does. */
export function mount(node: ReactNode, columns = 80, rows = 24): TestTerminal {
	const terminal = openTerminal(columns, rows);
	const app = render(node, {
		stdin: terminal.stdin,
		stdout: terminal.stdout,
		stderr: terminal.stdout,
		exitOnCtrlC: false,
		patchConsole: false,
		incrementalRendering: true,
		interactive: true,
	});
	return {...terminal, unmount: app.unmount, exited: app.waitUntilExit()};
}
