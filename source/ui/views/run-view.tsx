import {useAnimation} from 'ink';
import {type ReactNode, useContext, useEffect, useReducer, useRef} from 'react';
import type {ApplyEvent} from '../../core/migrations/event.ts';
import {ClockContext} from '../keys/clock.ts';
import {useKeys} from '../keys/use-keys.ts';
import type {Line} from '../page/line.ts';
import {layout} from '../page/page.ts';
import {Frame} from '../page/rows.tsx';
import {useLook} from '../page/use-look.ts';
import {runPage} from '../run/run-page.ts';
import {noRun, type RunState, reduceRun, shareOf} from '../run/run-state.ts';

import {SignalsContext} from '../stage/signals.ts';

export type RunOutcome = {readonly state: RunState} | {readonly error: unknown};

export interface RunViewProps {
	readonly title: Line;
	/** The name of the database, for the title of the terminal. */
	readonly database: string;
	/** True for a run on a database on a server. */
	readonly isRemote: boolean;
	readonly events: AsyncIterable<ApplyEvent>;
	/** True after Ctrl-C. */
	readonly isStopping: () => boolean;
	/** True after Ctrl-Z, which a run ignores. */
	readonly isPauseRefused: () => boolean;
	readonly onDone: (outcome: RunOutcome) => void;
}

/** Milliseconds after which a run shows its progress in the title of the terminal. */
const msUntilTitle = 1000;

/** Milliseconds after which the end of a run rings the bell. */
const msUntilBell = 10_000;

/** Draws a run in progress. Events are collected as they arrive and drawn ten times a second, regardless of their number. */
export function RunView({title, database, isRemote, events, isStopping, isPauseRefused, onDone}: RunViewProps): ReactNode {
	const look = useLook();
	const clock = useContext(ClockContext);
	const signals = useContext(SignalsContext);
	const run = useRef(noRun);
	const started = useRef(performance.now());
	const [, redraw] = useReducer((count: number) => count + 1, 0);
	useAnimation({interval: 100});
	useKeys((key) => {
		if (key.name !== 'tab') return;
		run.current = {...run.current, showsReason: !run.current.showsReason};
		redraw();
	});
	// biome-ignore lint/correctness/useExhaustiveDependencies: a run is consumed once
	useEffect(() => {
		const follow = async (): Promise<RunOutcome> => {
			for await (const event of events) {
				run.current = reduceRun(run.current, event, clock());
				if (event.type !== 'progress') redraw();
			}
			return {state: run.current};
		};
		const finish = (outcome: RunOutcome): void => {
			signals.progressEnd(performance.now() - started.current > msUntilBell);
			onDone(outcome);
		};
		follow().then(finish, (error: unknown) => finish({error}));
	}, [events]);
	// On every frame, because the progress of an index is estimated from the time.
	useEffect(() => {
		const isRunning = run.current.end === undefined && performance.now() - started.current > msUntilTitle;
		if (isRunning) signals.progress(database, shareOf(run.current, clock()));
	});
	return (
		<Frame
			rows={layout(runPage({...run.current, isRemote, isStopping: isStopping(), isPauseRefused: isPauseRefused()}, title, clock(), look), look).rows}
		/>
	);
}
