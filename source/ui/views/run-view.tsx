import type {ReactNode} from 'react';
import type {ApplyEvent} from '../../core/migrations/event.ts';
import type {Line} from '../page/line.ts';
import {runPage} from '../run/run-page.ts';
import {noRun, type RunState, reduceRun, shareOf} from '../run/run-state.ts';
import {type Followed, FollowView} from './follow-view.tsx';

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
	readonly onDone: (outcome: Followed<RunState>) => void;
}

/** Draws a run in progress. */
export function RunView({title, database, isRemote, events, isStopping, isPauseRefused, onDone}: RunViewProps): ReactNode {
	return (
		<FollowView
			events={events}
			initial={noRun}
			reduce={reduceRun}
			reduceKey={(run, key) => (key.name === 'tab' ? {...run, showsReason: !run.showsReason} : run)}
			page={(run, now, look) => runPage({...run, isRemote, isStopping: isStopping(), isPauseRefused: isPauseRefused()}, title, now, look)}
			isFrequent={({type}) => type === 'progress'}
			name={database}
			share={shareOf}
			onDone={onDone}
		/>
	);
}
