import {Static, useApp} from 'ink';
import {Fragment, type ReactNode, useEffect, useSyncExternalStore} from 'react';
import {useKeys} from '../keys/use-keys.ts';
import {rowsOf} from '../page/fit.ts';
import {Rows} from '../page/rows.tsx';
import {useLook} from '../page/use-look.ts';
import type {Stage, StageRecord} from './stage.ts';

export interface StageViewProps {
	readonly stage: Stage;
	/** Takes away what is drawn of the frame. */
	readonly erase: () => void;
	/** Stops the process until the shell lets it go on; undefined where there is no such thing. */
	readonly stop?: (() => Promise<void>) | undefined;
}

/** Draws the stage: what is finished, below it the screen in front. The one place that ends the program. */
export function StageView({stage, erase, stop}: StageViewProps): ReactNode {
	const {screen, records, ending} = useSyncExternalStore(stage.subscribe, stage.view);
	const {exit, suspendTerminal, waitUntilRenderFlush} = useApp();
	// Always bound, so that keys are read and Ctrl-C is heard between two screens, too.
	useKeys((key) => {
		if (key.isCtrl && key.text === 'c') stage.interrupt();
		if (key.isCtrl && key.text === 'z' && stop !== undefined) void stage.pause(stop);
	});
	useEffect(() => stage.bindTerminal(suspendTerminal), [stage, suspendTerminal]);
	// From an effect, when the last frame is drawn.
	useEffect(() => {
		if (ending === undefined) return;
		void waitUntilRenderFlush().then(() => {
			// What is left of the frame is an empty row, which would stand between what was done and the prompt.
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
	return <Rows rows={record.lines(look).flatMap((line) => rowsOf(line, look))} />;
}
