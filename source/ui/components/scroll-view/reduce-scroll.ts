import type {Key} from '../../keys/key.ts';

/** Rows above the view. */
export interface ScrollState {
	readonly offset: number;
}

/** The number of rows, and how many of them are in view. */
export interface ScrollExtent {
	readonly total: number;
	readonly visible: number;
}

export const scrollTop: ScrollState = {offset: 0};

/** Scrolls with arrows or j and k by a row, Page Up and Page Down or space by a page, and Home and End to the ends. Stops at the last row. */
export function reduceScroll(state: ScrollState, key: Key, {total, visible}: ScrollExtent): ScrollState {
	const last = Math.max(0, total - visible);
	const to = (offset: number): ScrollState => {
		const within = Math.min(Math.max(0, offset), last);
		return within === state.offset ? state : {offset: within};
	};
	// After a resize, the offset may be past the end.
	const offset = Math.min(state.offset, last);
	switch (key.name === 'character' && !key.isCtrl ? key.text : key.name) {
		case 'down':
		case 'j':
			return to(offset + 1);
		case 'up':
		case 'k':
			return to(offset - 1);
		case 'pageDown':
		case ' ':
			return to(offset + Math.max(1, visible - 1));
		case 'pageUp':
			return to(offset - Math.max(1, visible - 1));
		case 'home':
		case 'g':
			return to(0);
		case 'end':
		case 'G':
			return to(last);
		default:
			return state;
	}
}
