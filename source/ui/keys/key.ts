import type {Key as InkKey} from 'ink';
import {characters} from '../page/fit.ts';

/** One key press or one paste, as passed to reducers. */
export interface Key {
	readonly name:
		| 'up'
		| 'down'
		| 'left'
		| 'right'
		| 'pageUp'
		| 'pageDown'
		| 'home'
		| 'end'
		| 'enter'
		| 'escape'
		| 'tab'
		| 'backspace'
		| 'delete'
		/** A character, or a letter with Ctrl. */
		| 'character'
		| 'paste'
		/** One step of the mouse wheel. */
		| 'wheelUp'
		| 'wheelDown';
	/** The typed or pasted text. Empty for keys that do not type text. */
	readonly text: string;
	readonly isCtrl: boolean;
	/** The time of the key press, in milliseconds of the clock that the screen uses. */
	readonly at: number;
}

const movements: ReadonlySet<string> = new Set(['up', 'down', 'pageUp', 'pageDown', 'home', 'end', 'j', 'k', 'g', 'G', ' ']);

/** True for a key that moves in a list or scrolls a page. */
export function isMovement({name, text, isCtrl}: Key): boolean {
	return movements.has(name === 'character' && !isCtrl ? text : name);
}

const named: readonly (readonly [keyof InkKey, Key['name']])[] = [
	['upArrow', 'up'],
	['downArrow', 'down'],
	['leftArrow', 'left'],
	['rightArrow', 'right'],
	['pageUp', 'pageUp'],
	['pageDown', 'pageDown'],
	['home', 'home'],
	['end', 'end'],
	['return', 'enter'],
	['escape', 'escape'],
	['tab', 'tab'],
	['backspace', 'backspace'],
	['delete', 'delete'],
];

/**
 * Returns the keys of one input event, in order. Ink passes characters that arrive in one read as one string ("jj\r"). This function splits them into
 * single keys. A paste is recognized by bracketed paste, not by its length.
 */
export function keysOf(input: string, key: InkKey, at: number): readonly Key[] {
	if (key.eventType === 'release') return [];
	const name = named.find(([flag]) => key[flag] === true)?.[1];
	// Two quick presses of Escape arrive as one, with the meta flag.
	if (name === 'escape' && key.meta) return [escapeAt(at), escapeAt(at)];
	if (name !== undefined) return [{name, text: '', isCtrl: key.ctrl, at}];
	if (key.meta || key.super || key.hyper) return [];
	if (key.ctrl) return input === '' ? [] : [{name: 'character', text: input, isCtrl: true, at}];
	return characters(input).flatMap((character) => keyOf(character, at));
}

/** Returns the Escape key. */
export function escapeAt(at: number): Key {
	return {name: 'escape', text: '', isCtrl: false, at};
}

function keyOf(character: string, at: number): readonly Key[] {
	const plain = {text: '', isCtrl: false, at};
	if (character === '\r' || character === '\n' || character === '\r\n') return [{...plain, name: 'enter'}];
	if (character === '\t') return [{...plain, name: 'tab'}];
	if (character === '\u007f' || character === '\b') return [{...plain, name: 'backspace'}];
	const code = character.codePointAt(0) ?? 0;
	if (code >= 1 && code <= 26) return [{name: 'character', text: String.fromCodePoint(code + 96), isCtrl: true, at}];
	if (code < 32) return [];
	return [{name: 'character', text: character, isCtrl: false, at}];
}

/** True if the key types the character without Ctrl. */
export function types(key: Key, character: string): boolean {
	return key.name === 'character' && !key.isCtrl && key.text === character;
}
