import type {SizeSource} from '../page/use-look.ts';

/** What of the frame is on the screen: the widths of its rows. Set by what draws the frame. */
export interface DrawnFrame {
	widths: readonly number[];
}

type Listener = () => void;

/** The little of a terminal that the guard needs. */
export interface ResizingTerminal {
	readonly columns: number;
	readonly rows: number;
	write(text: string): unknown;
	on(event: 'resize', listener: Listener): unknown;
	off(event: 'resize', listener: Listener): unknown;
	// biome-ignore lint/complexity/noBannedTypes: as Node declares it
	listeners(event: 'resize'): Function[];
}

export interface ResizeGuard extends SizeSource {
	/** Takes the place of Ink, which has to hear of a new size after React. `forget` makes Ink draw its next frame from scratch. */
	attach(forget: () => void): void;
	end(): void;
}

/** Milliseconds without another change of size: a window that is dragged changes with every frame of its screen. */
const usualPatience = 50;

/**
 * Leaves no ghosts behind when the terminal changes its size. A terminal that becomes narrower breaks long rows in two, and one that becomes lower
 * pushes rows into the scrollback and gives them back when it grows; Ink erases as many rows as it has drawn, and draws a frame of the old size
 * before React knows the new one. So first all rows that the frame takes now are erased, then React draws for the new size, then Ink is told.
 *
 * All this waits until the size has settled: what is drawn for one size while the terminal has the next already goes where nobody can find it again.
 */
export function guardResizes(terminal: ResizingTerminal, frame: DrawnFrame, patience = usualPatience): ResizeGuard {
	const listeners = new Set<Listener>();
	let size = {columns: terminal.columns, rows: terminal.rows};
	/** Rows of the frame that were pushed out of view. */
	let pushed = 0;
	let forget: Listener = () => {};
	let inks: readonly Listener[] = [];
	let timer: NodeJS.Timeout | undefined;
	const resized = (): void => {
		clearTimeout(timer);
		timer = setTimeout(redraw, patience);
	};
	const redraw = (): void => {
		const {columns, rows} = terminal;
		const height = frame.widths.length;
		const taken = frame.widths.reduce((sum, width) => sum + Math.max(1, Math.ceil(width / columns)), 0);
		const back = Math.min(pushed, Math.max(0, rows - size.rows));
		pushed += Math.max(0, taken + 1 - rows) - back;
		if (height > 0 && (columns < size.columns || rows < size.rows || back > 0)) {
			// To the frame's first row, away with everything from there, and to where Ink takes the end of its frame to be.
			const above = Math.min(taken + back, rows - 1);
			terminal.write(`\r${erasedUp(above)}${down(height)}`);
			forget();
		}
		size = {columns, rows};
		for (const listener of listeners) listener();
		// React, which was told just now, works in a microtask of its own before this one.
		queueMicrotask(() => {
			for (const ink of inks) ink();
		});
	};
	return {
		read: () => size,
		subscribe(listener) {
			listeners.add(listener);
			return () => listeners.delete(listener);
		},
		attach(clear) {
			forget = clear;
			inks = terminal.listeners('resize') as Listener[];
			for (const ink of inks) terminal.off('resize', ink);
			terminal.on('resize', resized);
		},
		end() {
			clearTimeout(timer);
			inks = [];
			terminal.off('resize', resized);
		},
	};
}

/** The row of the cursor and those above it, row by row: where all of the screen is erased at once, tmux and others keep it in the scrollback. */
function erasedUp(count: number): string {
	return `\u001b[2K${'\u001b[1A\u001b[2K'.repeat(count)}`;
}

function down(count: number): string {
	return count > 0 ? `\u001b[${count}B` : '';
}
