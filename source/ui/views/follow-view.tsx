import {useAnimation} from 'ink';
import {type ReactNode, useContext, useEffect, useReducer, useRef} from 'react';
import {ClockContext} from '../keys/clock.ts';
import type {Key} from '../keys/key.ts';
import {useKeys} from '../keys/use-keys.ts';
import type {Look} from '../page/look.ts';
import {layout, type Page} from '../page/page.ts';
import {Frame} from '../page/rows.tsx';
import {useLook} from '../page/use-look.ts';
import {SignalsContext} from '../stage/signals.ts';

export type Followed<State> = {readonly state: State} | {readonly error: unknown};

export interface FollowViewProps<State, Event> {
	/** The events. They end when the view has nothing more to show. */
	readonly events: AsyncIterable<Event>;
	readonly initial: State;
	readonly reduce: (state: State, event: Event, now: number) => State;
	readonly reduceKey?: (state: State, key: Key) => State;
	readonly page: (state: State, now: number, look: Look) => Page;
	/** Frequent events. They are only collected, and drawn ten times a second. */
	readonly isFrequent: (event: Event) => boolean;
	/** The current activity, for the title of the terminal. */
	readonly name: string;
	/** The progress from 0 to 1 at a time of the screen clock. Undefined if it cannot be measured. */
	readonly share: (state: State, now: number) => number | undefined;
	readonly onDone: (outcome: Followed<State>) => void;
}

/** Milliseconds after which a run shows its progress in the title of the terminal. */
const msUntilTitle = 1000;

/** Milliseconds after which the end of a run rings the bell. */
const msUntilBell = 10_000;

/** Draws work in progress. Events are collected as they arrive and drawn ten times a second, regardless of their number. */
export function FollowView<State, Event>(props: FollowViewProps<State, Event>): ReactNode {
	const {events, initial, reduce, reduceKey, page, isFrequent, name, share, onDone} = props;
	const look = useLook();
	const clock = useContext(ClockContext);
	const signals = useContext(SignalsContext);
	const cell = useRef(initial);
	const started = useRef(clock());
	const isOver = useRef(false);
	const [, redraw] = useReducer((count: number) => count + 1, 0);
	useAnimation({interval: 100});
	useKeys((key) => {
		const next = reduceKey?.(cell.current, key) ?? cell.current;
		if (next === cell.current) return;
		cell.current = next;
		redraw();
	});
	// biome-ignore lint/correctness/useExhaustiveDependencies: events are consumed once
	useEffect(() => {
		const follow = async (): Promise<Followed<State>> => {
			for await (const event of events) {
				cell.current = reduce(cell.current, event, clock());
				if (!isFrequent(event)) redraw();
			}
			return {state: cell.current};
		};
		const finish = (outcome: Followed<State>): void => {
			isOver.current = true;
			signals.progressEnd(clock() - started.current > msUntilBell);
			onDone(outcome);
		};
		follow().then(finish, (error: unknown) => finish({error}));
	}, [events]);
	// On every frame, because some progress is estimated from the time.
	useEffect(() => {
		if (!isOver.current && clock() - started.current > msUntilTitle) signals.progress(name, share(cell.current, clock()));
	});
	return <Frame rows={layout(page(cell.current, clock(), look), look).rows} />;
}
