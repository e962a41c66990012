import type {ReactNode} from 'react';
import {ScreenView} from '../page/screen-view.tsx';
import {type HistoryChoice, type HistoryProps, historyScreen} from '../screens/history.ts';
import type {Assessment} from '../services.ts';
import {useArrival} from './use-arrival.ts';

export interface HistoryViewProps extends Omit<HistoryProps, 'assessment'> {
	/** The list does not wait for it. */
	readonly assessment: Promise<Assessment>;
	readonly onDone: (choice: HistoryChoice | undefined) => void;
}

export function HistoryView({assessment, onDone, ...props}: HistoryViewProps): ReactNode {
	const arrived = useArrival(assessment);
	return <ScreenView screen={historyScreen({...props, assessment: arrived})} onDone={onDone} />;
}
