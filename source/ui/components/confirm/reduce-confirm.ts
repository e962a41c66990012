import {clean} from '../../../core/text/clean.ts';
import {type Key, types} from '../../keys/key.ts';
import {done, next, type ScreenStep} from '../../keys/screen-step.ts';
import {inputText, openTextInput, reduceTextInput, type TextInputState} from '../text-input/reduce-text-input.ts';

export interface ConfirmState {
	readonly openedAt: number;
	/** True if Cancel is selected, which is the first entry and the initial one. */
	readonly isOnCancel: boolean;
	readonly input: TextInputState;
	/** True if Enter was pressed on a text that is not the name. */
	readonly isMistyped: boolean;
}

export type Consent = 'cancel' | 'consent';

/** Milliseconds during which keys are ignored: they were meant for the previous screen. */
const deaf = 50;

export function openConfirm(now: number): ConfirmState {
	return {openedAt: now, isOnCancel: true, input: openTextInput(), isMistyped: false};
}

/**
 * Handles a key. Consent requires typing the name and then Enter. Enter alone or Escape cancels. If nothing of value is lost, there is no name to type:
 * selecting the action is enough.
 */
export function reduceConfirm(state: ConfirmState, key: Key, name: string | undefined): ScreenStep<ConfirmState, Consent> {
	if (key.at - state.openedAt < deaf) return next(state);
	switch (key.name) {
		case 'escape':
			return done(state, 'cancel');
		case 'up':
			return next({...state, isOnCancel: true, isMistyped: false});
		case 'down':
			return next({...state, isOnCancel: false, isMistyped: false});
		case 'tab':
			return next({...state, isOnCancel: !state.isOnCancel, isMistyped: false});
		case 'enter':
			if (state.isOnCancel) return done(state, 'cancel');
			return name === undefined || isTyped(state.input, name) ? done(state, 'consent') : next({...state, isMistyped: true});
		default: {
			// Without a name to type, letters are keys.
			if (name === undefined) return types(key, 'n') || types(key, 'q') ? done(state, 'cancel') : next(state);
			const input = reduceTextInput(state.input, key);
			return next(input === state.input ? state : {...state, input, isOnCancel: false, isMistyped: false});
		}
	}
}

/** True if the name is typed. A name with control characters is typed as it is shown. */
export function isTyped(input: TextInputState, name: string): boolean {
	const typed = inputText(input).trim();
	return typed !== '' && (typed === name.trim() || typed === clean(name).trim());
}
