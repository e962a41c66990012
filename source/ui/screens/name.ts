import {inputText, openTextInput, reduceTextInput, type TextInputState} from '../components/text-input/reduce-text-input.ts';
import {textInputLine} from '../components/text-input/text-input-line.ts';
import type {Key} from '../keys/key.ts';
import {done, next} from '../keys/screen-step.ts';
import {blank, line, prose, span} from '../page/line.ts';
import type {Screen} from '../page/screen.ts';

export interface NameProps {
	readonly title: string;
	/** Used if nothing is typed. Empty if there is none. */
	readonly suggestion: string;
	/** Returns the problem with a name. Undefined if it is valid. */
	readonly complaint: (name: string) => string | undefined;
}

export interface NameState extends TextInputState {
	readonly complaint: string | undefined;
}

/** Asks for the name of a migration. The result is undefined if the user goes back. */
export function nameScreen({title, suggestion, complaint}: NameProps): Screen<NameState, string | undefined> {
	return {
		initial: () => ({...openTextInput(), complaint: undefined}),
		reduce: (state, key) => {
			if (key.name === 'escape') return done(state, undefined);
			const isEmpty = state.characters.length === 0;
			if (key.name === 'enter') {
				const name = isEmpty ? suggestion : inputText(state);
				const wrong = complaint(name);
				return wrong === undefined ? done(state, name) : next({...state, complaint: wrong});
			}
			if (isEmpty && suggestion !== '' && (key.name === 'tab' || key.name === 'right'))
				return next({...openTextInput(suggestion), complaint: undefined});
			const edited = reduceTextInput(state, withoutSpaces(key));
			return next(edited === state ? state : {...edited, complaint: undefined});
		},
		view: (state, look) => {
			const isSuggested = state.characters.length === 0 && suggestion !== '';
			return {
				title: line(span(title, 'strong')),
				body: [
					prose(0, 'Enter a short name for the migration. The time is added in front of it.'),
					blank,
					textInputLine(state, look, {prompt: [span('❯ ', 'accent')], placeholder: suggestion === '' ? 'add_orders' : suggestion, label: 'name'}),
					...(state.complaint === undefined ? [] : [prose(4, '  ', span('✗ ', 'failed'), state.complaint)]),
				],
				hints: [
					{keys: 'enter', label: isSuggested ? `use ${suggestion}` : 'continue'},
					...(isSuggested ? [{keys: 'tab', label: 'edit it', isExtra: true}] : []),
					{keys: 'esc', label: 'back', explanation: 'nothing is written'},
				],
				isTyping: true,
			};
		},
	};
}

/** Returns the key with underscores instead of spaces, which a file name of a migration cannot contain. */
function withoutSpaces(key: Key): Key {
	return key.isCtrl || key.text === '' ? key : {...key, text: key.text.trim() === '' ? '_' : key.text.trim().replace(/\s+/g, '_')};
}
