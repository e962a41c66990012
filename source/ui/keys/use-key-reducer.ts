import {useContext, useEffect, useReducer, useRef} from 'react';
import {ClockContext} from './clock.ts';
import {escapeAt, type Key} from './key.ts';
import {LateEscapeContext} from './late-escape.ts';
import type {ScreenStep} from './screen-step.ts';
import {useKeys} from './use-keys.ts';

export interface KeyReducerOptions<State, Result> {
	readonly initial: (now: number) => State;
	readonly reduce: (state: State, key: Key) => ScreenStep<State, Result>;
	readonly onChange?: (state: State) => void;
	readonly onDone: (result: Result) => void;
}

/**
 * Binds keys to a pure reducer. The state is kept in a ref, so each key acts on the result of the key before it. Several keys of one read ("down,
 * enter") are handled before React renders again: with `useState` alone, enter would choose the entry that was selected *before* down. After the
 * result, keys are ignored, except Escape, which the next screen handles.
 */
export function useKeyReducer<State, Result>({initial, reduce, onChange, onDone}: KeyReducerOptions<State, Result>): State {
	const clock = useContext(ClockContext);
	const cell = useRef<{state: State; isDone: boolean}>(undefined);
	cell.current ??= {state: initial(clock()), isDone: false};
	const current = cell.current;
	const [, redraw] = useReducer((count: number) => count + 1, 0);
	const late = useContext(LateEscapeContext);
	const press = (key: Key): void => {
		if (current.isDone) {
			late.isPressed ||= key.name === 'escape';
			return;
		}
		const step = reduce(current.state, key);
		const isChanged = step.state !== current.state;
		current.state = step.state;
		if (step.done !== undefined) {
			current.isDone = true;
			onDone(step.done.result);
		} else if (isChanged) {
			onChange?.(step.state);
		}
		redraw();
	};
	useKeys(press);
	// biome-ignore lint/correctness/useExhaustiveDependencies: an earlier key is handled once, on the first screen after it
	useEffect(() => {
		if (!late.isPressed) return;
		late.isPressed = false;
		press(escapeAt(clock()));
	}, []);
	return current.state;
}
