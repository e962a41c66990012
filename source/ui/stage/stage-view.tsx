import {Static, useApp} from 'ink';
import {Fragment, type ReactNode, useContext, useEffect, useInsertionEffect, useSyncExternalStore} from 'react';
import {useKeys} from '../keys/use-keys.ts';
import {rowsOf} from '../page/fit.ts';
import {FrameContext, Rows} from '../page/rows.tsx';
import {useLook} from '../page/use-look.ts';
import type {Mouse} from './mouse.ts';
import type {Stage, StageRecord} from './stage.ts';

export interface StageViewProps {
	readonly stage: Stage;
	/** Erases the frame. */
	readonly erase: () => void;
	/** Suspends the process until the shell resumes it. Undefined if the platform cannot do that. */
	readonly stop?: (() => Promise<void>) | undefined;
	/** The mouse, which is released while another program has the terminal. */
	readonly mouse?: Pick<Mouse, 'pause' | 'resume'>;
}

/** Draws the stage: the records, and below them the current screen. This is the only place that ends the program. */
export function StageView({stage, erase, stop, mouse}: StageViewProps): ReactNode {
	const {screen, records, ending} = useSyncExternalStore(stage.subscribe, stage.view);
	const {exit, suspendTerminal, waitUntilRenderFlush} = useApp();
	const frame = useContext(FrameContext);
	// Always bound, so that keys and Ctrl-C also work between two screens.
	useKeys((key) => {
		if (key.isCtrl && key.text === 'c') stage.interrupt();
		if (key.isCtrl && key.text === 'z' && stop !== undefined) void stage.pause(stop);
	});
	useEffect(
		() =>
			stage.bindTerminal(async (action) => {
				mouse?.pause();
				// The shell or the editor writes below the frame.
				if (frame !== undefined) frame.hasNewLinesAbove = true;
				try {
					await suspendTerminal(action);
				} finally {
					mouse?.resume();
				}
			}),
		[stage, suspendTerminal, mouse, frame],
	);
	// In an effect, after the last frame is drawn.
	useEffect(() => {
		if (ending === undefined) return;
		void waitUntilRenderFlush().then(() => {
			// The frame still has an empty row, which would separate the records from the prompt.
			erase();
			exit(ending);
		});
	}, [ending, exit, erase, waitUntilRenderFlush]);
	return (
		<>
			<Static items={[...records]}>{(record) => <Record key={record.id} record={record} />}</Static>
			{screen === undefined ? null : <Fragment key={screen.id}>{screen.node}</Fragment>}
		</>
	);
}

function Record({record}: {readonly record: StageRecord}): ReactNode {
	const look = useLook();
	const frame = useContext(FrameContext);
	useInsertionEffect(() => {
		if (frame !== undefined) frame.hasNewLinesAbove = true;
	}, [frame]);
	return <Rows rows={record.lines(look).flatMap((line) => rowsOf(line, look))} />;
}
