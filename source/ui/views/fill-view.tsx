import {type ReactNode, useEffect, useRef, useState} from 'react';
import type {Evidence, FillTrial} from '../../core/migrations/draft/evidence.ts';
import {inputText} from '../components/text-input/reduce-text-input.ts';
import {ScreenView} from '../page/screen-view.tsx';
import {type FillAnswer, type FillProps, type FillState, fillScreen, isAccepted} from '../screens/fill.ts';
import {useArrival} from './use-arrival.ts';

export interface FillViewProps extends Omit<FillProps, 'evidence' | 'trial'> {
	readonly evidence: Promise<Evidence>;
	/** The reason why the expression was rejected. */
	readonly refusal: string | undefined;
	/** `isFinal`: an expression that fails on the rows is also tried in the whole migration. */
	readonly tryExpression: (expression: string, isFinal: boolean) => Promise<FillTrial>;
	readonly onDone: (answer: FillAnswer) => void;
}

/** An expression to try. */
interface Attempt {
	readonly expression: string;
	readonly isFinal: boolean;
}

/** Tries the typed expression on the rows. Runs one trial at a time, and always the newest expression next. */
export function FillView({evidence, refusal, tryExpression, onDone, ...props}: FillViewProps): ReactNode {
	const {expression: given} = props;
	const arrived = useArrival(evidence);
	const [trial, setTrial] = useState<FillProps['trial']>(
		refusal === undefined ? undefined : {expression: given, result: {isValid: false, message: refusal}, isFinal: true},
	);
	const waiting = useRef<{isBusy: boolean; next: Attempt | undefined}>({isBusy: false, next: undefined});
	const entered = useRef<string>(undefined);
	const start = async (expression: string, isFinal = false): Promise<void> => {
		const queue = waiting.current;
		queue.next = {expression, isFinal};
		if (queue.isBusy) return;
		queue.isBusy = true;
		while (queue.next !== undefined) {
			const tried: Attempt = queue.next;
			queue.next = undefined;
			const result = await outcomeOf(tryExpression(tried.expression, tried.isFinal));
			// Enter was pressed before the result was known.
			if (entered.current === tried.expression && isAccepted(result, props.isConversion, false)) {
				return onDone({kind: 'fill', expression: tried.expression});
			}
			setTrial({...tried, result});
		}
		queue.isBusy = false;
	};
	const change = (state: FillState): void => {
		const expression = inputText(state).trim();
		entered.current = state.entered;
		if (expression !== '') void start(expression, state.entered === expression);
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
