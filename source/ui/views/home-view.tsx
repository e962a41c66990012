import type {ReactNode} from 'react';
import {ScreenView} from '../page/screen-view.tsx';
import {type HomeChoice, type HomeProps, homeScreen} from '../screens/home.ts';
import type {Assessment} from '../services.ts';
import {useArrival} from './use-arrival.ts';

export interface HomeViewProps extends Omit<HomeProps, 'assessment'> {
	/** The menu does not wait for it. */
	readonly assessment: Promise<Assessment>;
	readonly onDone: (choice: HomeChoice) => void;
}

export function HomeView({assessment, onDone, ...props}: HomeViewProps): ReactNode {
	const arrived = useArrival(assessment);
	return <ScreenView screen={homeScreen({...props, assessment: arrived})} onDone={onDone} />;
}
