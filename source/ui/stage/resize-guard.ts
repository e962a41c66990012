import type {SizeSource} from '../page/use-look.ts';

/** The widths of the rows on the screen. Set by the component that draws the frame. */
export interface DrawnFrame {
	widths: readonly number[];
	/** Set when lines that stay are written above the frame. Rows of earlier frames in the scrollback are then out of reach. */
	hasNewLinesAbove?: boolean;
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
	/** The widths of rows of earlier frames that were pushed out of view, last one next to the current frame. */
	let pushed: readonly number[] = [];
	let forget: Listener = () => {};
	let inks: readonly Listener[] = [];
	let timer: NodeJS.Timeout | undefined;
	const resized = (): void => {
		clearTimeout(timer);
		timer = setTimeout(redraw, patience);
	};
	const redraw = (): void => {
		const {columns, rows} = terminal;
		if (frame.hasNewLinesAbove === true) pushed = [];
		frame.hasNewLinesAbove = false;
		const height = frame.widths.length;
		const taken = wrappedRows(frame.widths, columns);
		// A larger terminal shows rows again that were pushed out of view, wrapped for its own width.
		const isLarger = columns > size.columns || rows > size.rows;
		const back = isLarger ? Math.min(wrappedRows(pushed, columns), Math.max(0, rows - 1 - taken)) : 0;
		pushed = [...firstRows(pushed, wrappedRows(pushed, columns) - back, columns), ...firstRows(frame.widths, taken + 1 - rows, columns)];
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

/** Returns the number of rows that a terminal needs for rows of these widths. */
function wrappedRows(widths: readonly number[], columns: number): number {
	return widths.reduce((sum, width) => sum + rowsOfWidth(width, columns), 0);
}

function rowsOfWidth(width: number, columns: number): number {
	return Math.max(1, Math.ceil(width / columns));
}

/** Returns the widths of what fills the first `count` rows of a terminal. The last one may be only the start of a wrapped row. */
function firstRows(widths: readonly number[], count: number, columns: number): readonly number[] {
	const first: number[] = [];
	let left = count;
	for (const width of widths) {
		if (left <= 0) break;
		const needed = rowsOfWidth(width, columns);
		first.push(needed <= left ? width : left * columns);
		left -= needed;
	}
	return first;
}

/** Erases the row of the cursor and the rows above it one by one. If the screen is erased at once, tmux and others keep it in the scrollback. */
function erasedUp(count: number): string {
	return `\u001b[2K${'\u001b[1A\u001b[2K'.repeat(count)}`;
}

function down(count: number): string {
	return count > 0 ? `\u001b[${count}B` : '';
}
