import {inputText, openTextInput, reduceTextInput, type TextInputState} from '../components/text-input/reduce-text-input.ts';
import {textInputLine} from '../components/text-input/text-input-line.ts';
import {done, next} from '../keys/screen-step.ts';
import {blank, line, prose, span} from '../page/line.ts';
import type {Screen} from '../page/screen.ts';

export interface NameProps {
	readonly title: string;
	readonly suggestion: string;
	/** Returns the problem with a name. Undefined if it is valid. */
	readonly complaint: (name: string) => string | undefined;
}

export interface NameState extends TextInputState {
	readonly complaint: string | undefined;
}

/** Asks for the name of a migration. The result is undefined if the user stops. */
export function nameScreen({title, suggestion, complaint}: NameProps): Screen<NameState, string | undefined> {
	return {
		initial: () => ({...openTextInput(suggestion), complaint: undefined}),
		reduce: (state, key) => {
			if (key.name === 'escape') return done(state, undefined);
			if (key.name === 'enter') {
				const name = inputText(state).trim();
				const wrong = complaint(name);
				return wrong === undefined ? done(state, name) : next({...state, complaint: wrong});
			}
			const edited = reduceTextInput(state, key);
			return next(edited === state ? state : {...edited, complaint: undefined});
		},
		view: (state, look) => ({
			title: line(span(title, 'strong')),
			body: [
				prose(0, 'Enter a short name for the migration. The time is added in front of it.'),
				blank,
				textInputLine(state, look, {prompt: [span('❯ ', 'accent')], placeholder: 'add_orders', label: 'name'}),
				...(state.complaint === undefined ? [] : [prose(4, '  ', span('✗ ', 'failed'), state.complaint)]),
			],
			hints: [
				{keys: 'enter', label: 'continue'},
				{keys: 'esc', label: 'stop', explanation: 'nothing is written'},
			],
			isTyping: true,
		}),
	};
}
