import {type ReactNode, useState} from 'react';
import {panesOf} from '../page/panes.ts';
import {ScreenView} from '../page/screen-view.tsx';
import {useLook} from '../page/use-look.ts';
import {type HistoryChoice, type HistoryProps, historyScreen} from '../screens/history.ts';
import type {Assessment, MigrationDetails} from '../services.ts';
import {useArrival} from './use-arrival.ts';
import {useDetails} from './use-details.ts';

export interface HistoryViewProps extends Omit<HistoryProps, 'assessment' | 'details'> {
	/** The list does not wait for it. */
	readonly assessment: Promise<Assessment>;
	/** Reads a migration, to show it beside the list. */
	readonly read: (name: string) => Promise<MigrationDetails>;
	readonly onDone: (choice: HistoryChoice | undefined) => void;
}

export function HistoryView({assessment, read, onDone, ...props}: HistoryViewProps): ReactNode {
	const arrived = useArrival(assessment);
	const isWide = panesOf(useLook()) !== undefined;
	const [index, setIndex] = useState<number>();
	const start = props.entries.find(({name}) => name === props.at) ?? props.entries.at(-1);
	const selected = index === undefined ? start : props.entries[index];
	const details = useDetails(isWide ? selected?.name : undefined, read);
	const screen = historyScreen({...props, assessment: arrived, details: isWide ? details : undefined});
	return <ScreenView screen={screen} onChange={(state) => setIndex(state.index)} onDone={onDone} />;
}
