import type {ReactNode} from 'react';
import type {SelectState} from '../components/select/reduce-select.ts';
import {ScreenView} from '../page/screen-view.tsx';
import {choiceAt, type HomeChoice, type HomeProps, homeScreen} from '../screens/home.ts';
import type {Assessment} from '../services.ts';
import {useArrival} from './use-arrival.ts';

export interface HomeViewProps extends Omit<HomeProps, 'assessment'> {
	/** The menu does not wait for it. */
	readonly assessment: Promise<Assessment>;
	/** Called when the selection moves. */
	readonly onSelect: (choice: HomeChoice) => void;
	readonly onDone: (choice: HomeChoice) => void;
}

export function HomeView({assessment, onSelect, onDone, ...props}: HomeViewProps): ReactNode {
	const arrived = useArrival(assessment);
	const shown = {...props, assessment: arrived};
	const select = ({index}: SelectState): void => {
		const choice = choiceAt(shown, index);
		if (choice !== undefined) onSelect(choice);
	};
	return <ScreenView screen={homeScreen(shown)} onChange={select} onDone={onDone} />;
}
