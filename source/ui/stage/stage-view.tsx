import {Static, useApp} from 'ink';
import {Fragment, type ReactNode, useEffect, useSyncExternalStore} from 'react';
import {useKeys} from '../keys/use-keys.ts';
import {rowsOf} from '../page/fit.ts';
import {Rows} from '../page/rows.tsx';
import {useLook} from '../page/use-look.ts';
import type {Stage, StageRecord} from './stage.ts';

/** Draws the stage: what is finished, below it the screen in front. The one place that ends the program. */
export function StageView({stage}: {readonly stage: Stage}): ReactNode {
	const {screen, records, ending} = useSyncExternalStore(stage.subscribe, stage.view);
	const {exit, suspendTerminal} = useApp();
	// Always bound, so that keys are read and Ctrl-C is heard between two screens, too.
	useKeys((key) => {
		if (key.isCtrl && key.text === 'c') stage.interrupt();
	});
	useEffect(() => stage.bindTerminal(suspendTerminal), [stage, suspendTerminal]);
	// From an effect, when the last frame is drawn.
	useEffect(() => {
		if (ending !== undefined) exit(ending);
	}, [ending, exit]);
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
