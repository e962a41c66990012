import type {ReactNode} from 'react';
import type {Evidence} from '../../core/migrations/draft/evidence.ts';
import {ScreenView} from '../page/screen-view.tsx';
import {type GivenAnswer, type QuestionProps, questionScreen} from '../screens/question.ts';
import {useArrival} from './use-arrival.ts';

export interface QuestionViewProps extends Omit<QuestionProps, 'evidence'> {
	/** Shown when it arrives. The question can be answered before that. */
	readonly evidence: Promise<Evidence>;
	readonly onDone: (given: GivenAnswer) => void;
}

export function QuestionView({evidence, onDone, ...props}: QuestionViewProps): ReactNode {
	const arrived = useArrival(evidence);
	return <ScreenView screen={questionScreen({...props, evidence: arrived})} onDone={onDone} />;
}
