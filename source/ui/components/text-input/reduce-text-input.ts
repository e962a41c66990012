import type {Key} from '../../keys/key.ts';
import {characters} from '../../page/fit.ts';

export interface TextInputState {
	/** The characters that a reader sees. */
	readonly characters: readonly string[];
	/** The number of characters before the cursor. */
	readonly cursor: number;
}

export function openTextInput(text = ''): TextInputState {
	const all = characters(text);
	return {characters: all, cursor: all.length};
}

export function inputText(state: TextInputState): string {
	return state.characters.join('');
}

/** Edits a line of text. Returns the same state for a key that does nothing. */
export function reduceTextInput(state: TextInputState, key: Key): TextInputState {
	if (key.name === 'paste') return inserted(state, key.text.replace(/\s*[\r\n]+\s*/g, ' ').trim());
	if (key.name === 'character') return key.isCtrl ? commanded(state, key.text) : inserted(state, key.text);
	const {cursor} = state;
	switch (key.name) {
		case 'left':
			return moved(state, key.isCtrl ? wordStart(state) : cursor - 1);
		case 'right':
			return moved(state, key.isCtrl ? wordEnd(state) : cursor + 1);
		case 'home':
			return moved(state, 0);
		case 'end':
			return moved(state, state.characters.length);
		case 'backspace':
			return without(state, cursor - 1, cursor);
		case 'delete':
			return without(state, cursor, cursor + 1);
		default:
			return state;
	}
}

/** Handles the editing keys that shells have in common. */
function commanded(state: TextInputState, letter: string): TextInputState {
	switch (letter) {
		case 'a':
			return moved(state, 0);
		case 'e':
			return moved(state, state.characters.length);
		case 'b':
			return moved(state, state.cursor - 1);
		case 'f':
			return moved(state, state.cursor + 1);
		case 'u':
			return without(state, 0, state.cursor);
		case 'k':
			return without(state, state.cursor, state.characters.length);
		case 'w':
			return without(state, wordStart(state), state.cursor);
		case 'd':
			return without(state, state.cursor, state.cursor + 1);
		default:
			return state;
	}
}

function inserted(state: TextInputState, text: string): TextInputState {
	if (text === '') return state;
	const before = state.characters.slice(0, state.cursor).join('') + text;
	const after = state.characters.slice(state.cursor).join('');
	// Split again: typed text may combine with the character before it, like an accent or the second half of an emoji.
	return {characters: characters(before + after), cursor: characters(before).length};
}

function moved(state: TextInputState, cursor: number): TextInputState {
	const to = Math.min(Math.max(0, cursor), state.characters.length);
	return to === state.cursor ? state : {...state, cursor: to};
}

function without(state: TextInputState, first: number, last: number): TextInputState {
	if (first < 0 || last > state.characters.length || first >= last) return state;
	return {characters: [...state.characters.slice(0, first), ...state.characters.slice(last)], cursor: first};
}

function wordStart({characters: all, cursor}: TextInputState): number {
	let at = cursor;
	while (at > 0 && all[at - 1] === ' ') at--;
	while (at > 0 && all[at - 1] !== ' ') at--;
	return at;
}

function wordEnd({characters: all, cursor}: TextInputState): number {
	let at = cursor;
	while (at < all.length && all[at] === ' ') at++;
	while (at < all.length && all[at] !== ' ') at++;
	return at;
}
