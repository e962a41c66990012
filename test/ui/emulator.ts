import xterm from '@xterm/headless';

/** A terminal emulator, with the text that a user would see in it. */
export interface Emulator {
	write(text: string): void;
	/** Returns the rows in view, without trailing spaces and trailing empty rows. */
	frame(): string;
	/** Returns everything since the start, including scrolled rows. */
	everything(): string;
	/** Returns everything that was written. */
	written(): string;
	/** Resolves when all output so far is processed. */
	parsed(): Promise<void>;
	/** Resolves to the frame as soon as it contains the expected text. Rejects with the last frame if it never does. */
	waitFor(expected: string | RegExp | ((frame: string) => boolean)): Promise<string>;
	/** Resolves when nothing has been written for a moment: a resize while a frame is being written leaves artifacts in any terminal. */
	still(): Promise<void>;
	resize(columns: number, rows: number): void;
	/** Sends a paste as a terminal with bracketed paste does, if the program has enabled that. */
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

/** Milliseconds without output after which a program is waiting for keys. */
const moment = 200;

/** Milliseconds after which a frame that is being written is complete. */
const rest = 20;

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
		waitFor: (expected) =>
			new Promise((resolve, reject) => {
				const holds =
					typeof expected === 'function'
						? expected
						: (shown: string) => (typeof expected === 'string' ? shown.includes(expected) : expected.test(shown));
				const deadline = setTimeout(() => {
					watchers.delete(check);
					reject(new Error(`waited for ${String(expected)}, and saw:\n${frame()}`));
				}, patience);
				const check = (): void => {
					const shown = frame();
					if (!holds(shown)) return;
					watchers.delete(check);
					clearTimeout(deadline);
					// The rest of the frame may follow in another part.
					setTimeout(() => {
						const whole = frame();
						resolve(holds(whole) ? whole : shown);
					}, rest);
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
