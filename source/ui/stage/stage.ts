import type {ReactNode} from 'react';
import {blank, type Line} from '../page/line.ts';
import type {Look} from '../page/look.ts';

/** Returns lines for the terminal size at the time they are drawn. */
export type LinesFor = (look: Look) => readonly Line[];

export interface StageRecord {
	readonly id: number;
	readonly lines: LinesFor;
}

/** The current content of the stage. */
export interface StageContents {
	/** The current screen, with a number that changes with each screen. */
	readonly screen: {readonly id: number; readonly node: ReactNode} | undefined;
	/** Finished output, which stays in the scrollback. */
	readonly records: readonly StageRecord[];
	/** Set when the program should end. */
	readonly ending: {readonly code: number} | {readonly error: unknown} | undefined;
}

/**
 * Shows the screens of flows one after the other: `await stage.show(…)` returns the user's answer. The stage is a store that React draws. It does not
 * depend on a terminal, so tests can run flows.
 */
export interface Stage {
	/** Shows a screen until it calls `done`. */
	show<Result>(draw: (done: (result: Result) => void) => ReactNode): Promise<Result>;
	/** Waits for work. If it takes longer than a moment, a line says what is happening. A function is called each time the line is drawn. */
	busy<Result>(what: string | (() => string), work: Promise<Result>): Promise<Result>;
	/** Leaves lines on the terminal permanently. Removes the current screen, which would push them out of view. */
	record(lines: LinesFor): void;
	/** Hands the terminal over to another program. */
	suspend(action: () => Promise<void>): Promise<void>;
	/** Releases the terminal while the process is suspended, and redraws when it resumes. Ignored while already paused. */
	pause(stop: () => Promise<void>): Promise<void>;
	/** Replaces the action of Ctrl-C, which by default ends the program with 130. The returned function restores it. */
	onInterrupt(handler: () => void): () => void;
	/** Sets the lines that Ctrl-C leaves on the terminal, if its action was not replaced. The returned function restores the ones before. */
	onLeave(lines: LinesFor): () => void;
	/** Replaces the action of Ctrl-Z, which by default suspends the process. The returned function restores it. */
	onPause(handler: () => void): () => void;
	end(ending: NonNullable<StageContents['ending']>): void;

	/** Handles Ctrl-C or a signal. */
	interrupt(): void;
	/** For React's useSyncExternalStore. */
	readonly view: () => StageContents;
	readonly subscribe: (listener: () => void) => () => void;
	/** Sets the function that hands the terminal over. */
	bindTerminal(suspend: (action: () => Promise<void>) => Promise<void>): void;
}

export const cancelledExitCode = 130;

/** Milliseconds before a wait is shown. */
const moment = 150;

export interface StageOptions {
	readonly drawBusy: (what: () => string) => ReactNode;
}

export function createStage({drawBusy}: StageOptions): Stage {
	const listeners = new Set<() => void>();
	let view: StageContents = {screen: undefined, records: [], ending: undefined};
	let screens = 0;
	let interrupt: (() => void) | undefined;
	let parting: LinesFor | undefined;
	let refusePause: (() => void) | undefined;
	let isHandedOver = false;
	let isPaused = false;
	let handOver = async (action: () => Promise<void>): Promise<void> => await action();
	const change = (part: Partial<StageContents>): void => {
		view = {...view, ...part};
		for (const listener of listeners) listener();
	};
	let isSpaced = true;
	const put = (node: ReactNode): void => {
		// An empty line between the records and the screen.
		const gap = isSpaced ? [] : [{id: view.records.length, lines: () => [blank]}];
		isSpaced = true;
		change({screen: {id: ++screens, node}, records: [...view.records, ...gap]});
	};
	const stage: Stage = {
		show: (draw) => new Promise((resolve) => put(draw(resolve))),
		async busy(what, work) {
			const timer = setTimeout(() => put(drawBusy(typeof what === 'string' ? () => what : what)), moment);
			try {
				return await work;
			} finally {
				clearTimeout(timer);
			}
		},
		record(lines) {
			isSpaced = false;
			change({screen: undefined, records: [...view.records, {id: view.records.length, lines}]});
		},
		async suspend(action) {
			isHandedOver = true;
			try {
				await handOver(action);
			} finally {
				isHandedOver = false;
			}
		},
		async pause(stop) {
			if (isPaused) return;
			if (refusePause !== undefined) return refusePause();
			isPaused = true;
			try {
				// While an editor has the terminal, there is nothing to release.
				await (isHandedOver ? stop() : stage.suspend(stop));
			} finally {
				isPaused = false;
			}
		},
		onInterrupt(handler) {
			const before = interrupt;
			interrupt = handler;
			return () => {
				interrupt = before;
			};
		},
		onLeave(lines) {
			const before = parting;
			parting = lines;
			return () => {
				parting = before;
			};
		},
		onPause(handler) {
			const before = refusePause;
			refusePause = handler;
			return () => {
				refusePause = before;
			};
		},
		end(ending) {
			if (view.ending === undefined) change({ending, screen: undefined});
		},
		interrupt() {
			if (interrupt !== undefined) return interrupt();
			if (parting !== undefined) stage.record(parting);
			stage.end({code: cancelledExitCode});
		},
		view: () => view,
		subscribe(listener) {
			listeners.add(listener);
			return () => listeners.delete(listener);
		},
		bindTerminal(suspend) {
			handOver = suspend;
		},
	};
	return stage;
}
