import type {SizeSource} from '../page/use-look.ts';

/** The widths of the rows on the screen. Set by the component that draws the frame. */
export interface DrawnFrame {
	widths: readonly number[];
}

type Listener = () => void;

/** The parts of a terminal that the guard needs. */
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
	/** Replaces Ink's resize listener, because Ink must handle a new size after React. `forget` makes Ink draw its next frame from scratch. */
	attach(forget: () => void): void;
	end(): void;
}

/** Milliseconds without another resize before redrawing: while a window is dragged, its size changes with every frame. */
const usualPatience = 50;

/**
 * Prevents artifacts when the terminal is resized. A narrower terminal wraps long rows. A lower terminal pushes rows into the scrollback, and restores
 * them when it grows. Ink erases only as many rows as it has drawn, and draws a frame of the old size before React knows the new one. So this first
 * erases all rows that the frame takes now, then lets React draw for the new size, and then notifies Ink.
 *
 * It waits until the size has settled: a frame drawn for an old size ends up in rows that cannot be found again.
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
			// Erase everything from the first row of the frame, and move to where Ink expects the end of its frame.
			const above = Math.min(taken + back, rows - 1);
			terminal.write(`\r${erasedUp(above)}${down(height)}`);
			forget();
		}
		size = {columns, rows};
		for (const listener of listeners) listener();
		// React, which was notified above, renders in an earlier microtask than this one.
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

/** Erases the row of the cursor and the rows above it one by one. If the screen is erased at once, tmux and others keep it in the scrollback. */
function erasedUp(count: number): string {
	return `\u001b[2K${'\u001b[1A\u001b[2K'.repeat(count)}`;
}

function down(count: number): string {
	return count > 0 ? `\u001b[${count}B` : '';
}
