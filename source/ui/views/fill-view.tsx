import {type ReactNode, useEffect, useRef, useState} from 'react';
import type {Evidence, FillTrial} from '../../core/migrations/draft/evidence.ts';
import {inputText} from '../components/text-input/reduce-text-input.ts';
import {ScreenView} from '../page/screen-view.tsx';
import {type FillAnswer, type FillProps, type FillState, fillScreen} from '../screens/fill.ts';
import {useArrival} from './use-arrival.ts';

export interface FillViewProps extends Omit<FillProps, 'evidence' | 'trial'> {
	readonly evidence: Promise<Evidence>;
	/** The reason why the expression was rejected. */
	readonly refusal: string | undefined;
	readonly tryExpression: (expression: string) => Promise<FillTrial>;
	readonly onDone: (answer: FillAnswer) => void;
}

/** Tries the typed expression on the rows. Runs one trial at a time, and always the newest expression next. */
export function FillView({evidence, refusal, tryExpression, onDone, ...props}: FillViewProps): ReactNode {
	const {expression: given} = props;
	const arrived = useArrival(evidence);
	const [trial, setTrial] = useState<FillProps['trial']>(
		refusal === undefined ? undefined : {expression: given, result: {isValid: false, message: refusal}},
	);
	const waiting = useRef<{isBusy: boolean; next: string | undefined}>({isBusy: false, next: undefined});
	const start = async (expression: string): Promise<void> => {
		const queue = waiting.current;
		queue.next = expression;
		if (queue.isBusy) return;
		queue.isBusy = true;
		while (queue.next !== undefined) {
			const tried: string = queue.next;
			queue.next = undefined;
			setTrial({expression: tried, result: await outcomeOf(tryExpression(tried))});
		}
		queue.isBusy = false;
	};
	const change = (state: FillState): void => {
		const expression = inputText(state).trim();
		if (expression !== '') void start(expression);
	};
	// biome-ignore lint/correctness/useExhaustiveDependencies: the initial expression is tried once
	useEffect(() => {
		if (given !== '' && refusal === undefined) void start(given);
	}, []);
	return <ScreenView screen={fillScreen({...props, evidence: arrived, trial})} onChange={change} onDone={onDone} />;
}

async function outcomeOf(trial: Promise<FillTrial>): Promise<FillTrial> {
	try {
		return await trial;
	} catch (error) {
		return {isValid: false, message: error instanceof Error ? error.message : String(error)};
	}
}
