import type {ReactNode} from 'react';
import type {FirstRows} from '../existing-database.ts';
import {ScreenView} from '../page/screen-view.tsx';
import {type ObjectProps, objectScreen} from '../screens/browser.ts';
import {useArrival} from './use-arrival.ts';

export interface ObjectViewProps extends Omit<ObjectProps, 'rows'> {
	readonly rows: Promise<FirstRows>;
	readonly onDone: (result: 'back') => void;
}

export function ObjectView({rows, onDone, ...props}: ObjectViewProps): ReactNode {
	return <ScreenView screen={objectScreen({...props, rows: useArrival(rows)})} onDone={onDone} />;
}
