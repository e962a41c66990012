import type {ReactNode} from 'react';
import {blank, type Line} from '../page/line.ts';
import type {Look} from '../page/look.ts';

/** Lines for as wide a terminal as there is when they are drawn. */
export type LinesFor = (look: Look) => readonly Line[];

export interface StageRecord {
	readonly id: number;
	readonly lines: LinesFor;
}

/** What is on the stage at the moment. */
export interface StageView {
	/** The screen in front, with a number that changes with each. */
	readonly screen: {readonly id: number; readonly node: ReactNode} | undefined;
	/** What is finished and stays in the scrollback. */
	readonly records: readonly StageRecord[];
	/** Set when the program is to end. */
	readonly ending: {readonly code: number} | {readonly error: unknown} | undefined;
}

/**
 * Where the flows show their screens, one after the other: `await stage.show(…)` is a person's answer. The stage is a store that React draws;
 * it knows no terminal, so a flow can be played in a test.
 */
export interface Stage {
	/** Shows a screen until it calls `done`. */
	show<Result>(draw: (done: (result: Result) => void) => ReactNode): Promise<Result>;
	/** Waits for work; where it takes longer than a moment, a line says what is going on. */
	busy<Result>(what: string, work: Promise<Result>): Promise<Result>;
	/** Leaves lines on the terminal for good, in place of the screen in front: below them it would push them out of view. */
	record(lines: LinesFor): void;
	/** Hands the terminal over to another program. */
	suspend(action: () => Promise<void>): Promise<void>;
	/** Gives the terminal back while the process is stopped, and draws anew when it goes on; once at a time. */
	pause(stop: () => Promise<void>): Promise<void>;
	/** Replaces what Ctrl-C does, which otherwise ends the program with 130; the returned function puts it back. */
	onInterrupt(handler: () => void): () => void;
	end(ending: NonNullable<StageView['ending']>): void;

	/** Ctrl-C or a signal. */
	interrupt(): void;
	/** For React's useSyncExternalStore. */
	readonly view: () => StageView;
	readonly subscribe: (listener: () => void) => () => void;
	/** Tells the stage how its terminal is handed over. */
	bindTerminal(suspend: (action: () => Promise<void>) => Promise<void>): void;
}

export const cancelled = 130;

/** Milliseconds after which waiting is worth a word. */
const moment = 150;

export interface StageOptions {
	readonly drawBusy: (what: string) => ReactNode;
	/** An empty line below each record: where screens go on after it. */
	readonly spacesRecords: boolean;
}

export function createStage({drawBusy, spacesRecords}: StageOptions): Stage {
	const listeners = new Set<() => void>();
	let view: StageView = {screen: undefined, records: [], ending: undefined};
	let screens = 0;
	let interrupt: (() => void) | undefined;
	let isHandedOver = false;
	let isPaused = false;
	let handOver = async (action: () => Promise<void>): Promise<void> => await action();
	const change = (part: Partial<StageView>): void => {
		view = {...view, ...part};
		for (const listener of listeners) listener();
	};
	const put = (node: ReactNode): void => change({screen: {id: ++screens, node}});
	const stage: Stage = {
		show: (draw) => new Promise((resolve) => put(draw(resolve))),
		async busy(what, work) {
			const timer = setTimeout(() => put(drawBusy(what)), moment);
			try {
				return await work;
			} finally {
				clearTimeout(timer);
			}
		},
		record: (lines) =>
			change({
				screen: undefined,
				records: [...view.records, {id: view.records.length, lines: spacesRecords ? (look) => [...lines(look), blank] : lines}],
			}),
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
			isPaused = true;
			try {
				// While an editor has the terminal there is nothing to give back.
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
		end(ending) {
			if (view.ending === undefined) change({ending, screen: undefined});
		},
		interrupt() {
			if (interrupt === undefined) stage.end({code: cancelled});
			else interrupt();
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
