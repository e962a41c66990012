import xterm from '@xterm/headless';

/** A terminal emulator, and what a person would see in it. */
export interface Emulator {
	write(text: string): void;
	/** The rows in view, without trailing spaces and trailing empty rows. */
	frame(): string;
	/** Everything since the start, with what has scrolled away. */
	everything(): string;
	/** All bytes that were written. */
	written(): string;
	/** Resolves when all that was written so far is taken in. */
	parsed(): Promise<void>;
	/** Resolves with the frame as soon as it holds what is wanted; rejects with the last frame when it never does. */
	waitFor(wanted: string | RegExp | ((frame: string) => boolean)): Promise<string>;
	/** Resolves when nothing has been written for a moment: a size that changes while a frame is on its way leaves pieces in any terminal. */
	still(): Promise<void>;
	resize(columns: number, rows: number): void;
	/** As a terminal with bracketed paste sends it, when the program has asked for that. */
	pasteOf(text: string): string;
	readonly terminal: InstanceType<typeof xterm.Terminal>;
}

/** Keys as a terminal sends them. */
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
	ctrlZ: '\u001a',
};

/** Milliseconds without output after which a program that waits for keys has said all. */
const moment = 200;

export function emulate(columns: number, rows: number, patience = 10_000): Emulator {
	const terminal = new xterm.Terminal({cols: columns, rows, allowProposedApi: true, scrollback: 5000, convertEol: true});
	const watchers = new Set<() => void>();
	let written = '';
	const text = (first: number, last: number): string =>
		Array.from({length: last - first}, (_, index) => terminal.buffer.active.getLine(first + index)?.translateToString(true) ?? '')
			.join('\n')
			.trimEnd();
	const frame = (): string => text(terminal.buffer.active.viewportY, terminal.buffer.active.viewportY + terminal.rows);
	return {
		terminal,
		write(chunk) {
			written += chunk;
			terminal.write(chunk, () => {
				for (const watch of watchers) watch();
			});
		},
		frame,
		everything: () => text(0, terminal.buffer.active.length),
		written: () => written,
		parsed: () => new Promise((resolve) => terminal.write('', resolve)),
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
		still: () =>
			new Promise((resolve) => {
				let timer: NodeJS.Timeout;
				const again = (): void => {
					clearTimeout(timer);
					timer = setTimeout(end, moment);
				};
				const end = (): void => {
					watchers.delete(again);
					resolve();
				};
				watchers.add(again);
				again();
			}),
		resize: (newColumns, newRows) => terminal.resize(newColumns, newRows),
		pasteOf: (pasted) => (terminal.modes.bracketedPasteMode ? `\u001b[200~${pasted}\u001b[201~` : pasted),
	};
}
