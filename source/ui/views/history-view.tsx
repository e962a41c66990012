import {type ReactNode, useMemo, useState} from 'react';
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
	/** Reads a migration, to show it next to the list. */
	readonly read: (name: string) => Promise<MigrationDetails>;
	readonly onDone: (choice: HistoryChoice | undefined) => void;
}

export function HistoryView({overview, entries, at, assessment, read, back, onDone}: HistoryViewProps): ReactNode {
	const arrived = useArrival(assessment);
	const isWide = panesOf(useLook()) !== undefined;
	const [index, setIndex] = useState<number>();
	const start = entries.find(({name}) => name === at) ?? entries.at(-1);
	const selected = index === undefined ? start : entries[index];
	const known = useDetails(isWide ? selected?.name : undefined, read);
	const details = isWide ? known : undefined;
	const screen = useMemo(
		() => historyScreen({overview, entries, assessment: arrived, at, details, back}),
		[overview, entries, arrived, at, details, back],
	);
	return <ScreenView screen={screen} onChange={(state) => setIndex(state.index)} onDone={onDone} />;
}
