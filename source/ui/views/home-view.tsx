import type {ReactNode} from 'react';
import {ScreenView} from '../page/screen-view.tsx';
import {type HomeChoice, type HomeProps, homeScreen} from '../screens/home.ts';
import type {ModelsState} from '../services.ts';
import {useArrival} from './use-arrival.ts';

export interface HomeViewProps extends Omit<HomeProps, 'models'> {
	/** The menu does not wait for the models. */
	readonly models: Promise<ModelsState>;
	readonly onDone: (choice: HomeChoice) => void;
}

export function HomeView({models, onDone, ...props}: HomeViewProps): ReactNode {
	const arrived = useArrival(models);
	return <ScreenView screen={homeScreen({...props, models: arrived})} onDone={onDone} />;
}
