import {type Key, types} from '../../keys/key.ts';
import {rowsOf} from '../../page/fit.ts';
import {type Line, textOf} from '../../page/line.ts';
import type {Look} from '../../page/look.ts';
import {reduceScroll, type ScrollExtent, type ScrollState} from '../scroll-view/reduce-scroll.ts';

/** The state of a long list of changes: the filter, the folding and the scroll position. */
export interface BrowseState extends ScrollState {
	/** Only objects that contain this text are shown. Empty shows all of them. */
	readonly filter: string;
	/** True while the filter is typed. */
	readonly isTyping: boolean;
	/** True if each object is one line. */
	readonly isFolded: boolean;
}

export const browseTop: BrowseState = {offset: 0, filter: '', isTyping: false, isFolded: false};

/**
 * Handles the keys of a long list: `/` filters, n and N go to the next and previous match, [ and ] to the previous and next object, ! to the next loss,
 * left and right fold and unfold. Other keys scroll. Returns the same state for a key that does nothing.
 */
export function reduceBrowse(state: BrowseState, key: Key, lines: readonly Line[], look: Look, extent: ScrollExtent): BrowseState {
	if (state.isTyping) return typed(state, key);
	// One row above it stays in view, where the number of hidden rows is shown.
	const to = (found: number | undefined): BrowseState => (found === undefined ? state : {...state, offset: Math.max(0, found - 1)});
	const current = state.offset === 0 ? 0 : state.offset + 1;
	const rowOf = (isWanted: (line: Line) => boolean, direction: 1 | -1) => rowOfLine(lines, look, current, isWanted, direction);
	if (types(key, '/')) return {...state, isTyping: true};
	if (types(key, ']')) return to(rowOf(({marks}) => marks?.includes('object') === true, 1));
	if (types(key, '[')) return to(rowOf(({marks}) => marks?.includes('object') === true, -1));
	if (types(key, '!')) return to(rowOf(({marks}) => marks?.includes('loss') === true, 1) ?? firstLoss(lines, look));
	if (types(key, 'n')) return to(state.filter === '' ? undefined : rowOf((line) => matches(textOf(line), state.filter), 1));
	if (types(key, 'N')) return to(state.filter === '' ? undefined : rowOf((line) => matches(textOf(line), state.filter), -1));
	if (key.name === 'left') return state.isFolded ? state : {...state, isFolded: true, offset: 0};
	if (key.name === 'right') return state.isFolded ? {...state, isFolded: false, offset: 0} : state;
	const scrolled = reduceScroll(state, key, extent);
	return scrolled === state ? state : {...state, offset: scrolled.offset};
}

/** True if a text contains the filter, regardless of case. */
export function matches(text: string, filter: string): boolean {
	return text.toLowerCase().includes(filter.toLowerCase());
}

function typed(state: BrowseState, key: Key): BrowseState {
	switch (key.name) {
		case 'enter':
			return {...state, isTyping: false};
		case 'escape':
			return {...state, isTyping: false, filter: '', offset: 0};
		case 'backspace':
			return {...state, filter: state.filter.slice(0, -1), offset: 0};
		case 'character':
		case 'paste':
			return key.isCtrl ? state : {...state, filter: state.filter + key.text, offset: 0};
		default:
			return state;
	}
}

/** Returns the row of the next line of a kind after a row, or before it. */
function rowOfLine(lines: readonly Line[], look: Look, current: number, isWanted: (line: Line) => boolean, direction: 1 | -1): number | undefined {
	let row = 0;
	let before: number | undefined;
	for (const line of lines) {
		if (isWanted(line)) {
			if (direction === 1 && row > current) return row;
			if (direction === -1 && row < current) before = row;
		}
		row += rowsOf(line, look).length;
	}
	return before;
}

/** After the last loss, the search starts again at the top. */
function firstLoss(lines: readonly Line[], look: Look): number | undefined {
	return rowOfLine(lines, look, -1, ({marks}) => marks?.includes('loss') === true, 1);
}
