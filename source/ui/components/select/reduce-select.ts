import type {Key} from '../../keys/key.ts';

/** The part of an entry that matters for keys. */
export interface Choosable {
	readonly isDisabled?: boolean;
}

export interface SelectState {
	/** The selected entry, or -1 if none is preselected. */
	readonly index: number;
	/** True after Enter while no entry was selected. */
	readonly isUnchosen?: boolean;
}

export interface SelectStep {
	readonly state: SelectState;
	/** The entry that Enter was pressed on. */
	readonly entered?: number;
}

/** Starts on an entry, or on the next enabled one. Starts on none if `at` is -1. */
export function openSelect(entries: readonly Choosable[], at = 0): SelectState {
	return {index: at < 0 ? -1 : (enabledFrom(entries, at, 1) ?? enabledFrom(entries, at, -1) ?? -1)};
}

/** Handles a key: arrows or j and k move past disabled entries, g and G, Home and End go to the ends, and Enter chooses the selected entry. */
export function reduceSelect(state: SelectState, key: Key, entries: readonly Choosable[]): SelectStep {
	const moveTo = (index: number | undefined): SelectStep => ({state: index === undefined || index === state.index ? state : {index}});
	switch (key.name === 'character' && !key.isCtrl ? key.text : key.name) {
		case 'down':
		case 'j':
			return moveTo(enabledFrom(entries, state.index + 1, 1));
		case 'up':
		case 'k':
			return moveTo(enabledFrom(entries, state.index === -1 ? entries.length - 1 : state.index - 1, -1));
		case 'home':
		case 'g':
		case 'pageUp':
			return moveTo(enabledFrom(entries, 0, 1));
		case 'end':
		case 'G':
		case 'pageDown':
			return moveTo(enabledFrom(entries, entries.length - 1, -1));
		case 'enter':
			if (state.index === -1) return {state: {...state, isUnchosen: true}};
			return entries[state.index] === undefined || entries[state.index]!.isDisabled === true ? {state} : {state, entered: state.index};
		default:
			return {state};
	}
}

function enabledFrom(entries: readonly Choosable[], from: number, direction: 1 | -1): number | undefined {
	for (let index = from; index >= 0 && index < entries.length; index += direction) {
		if (entries[index]!.isDisabled !== true) return index;
	}
	return undefined;
}
