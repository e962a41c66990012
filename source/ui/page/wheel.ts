import type {Key} from '../keys/key.ts';
import type {Look} from './look.ts';
import {layout, type Page} from './page.ts';

/** Rows that one step of the wheel scrolls. In a list, it moves to the next entry. */
const rowsPerStep = 3;

/** Returns the arrow keys that correspond to a step of the wheel. Empty for any other key. */
export function arrowsOf(key: Key, page: Pick<Page, 'focus'>): readonly Key[] {
	if (key.name !== 'wheelUp' && key.name !== 'wheelDown') return [];
	const arrow = {...key, name: key.name === 'wheelUp' ? 'up' : 'down'} as const;
	return Array.from({length: page.focus === undefined ? rowsPerStep : 1}, () => arrow);
}

/** True if the wheel may act on a page. While letters are input, arrow keys are not for scrolling. */
export function usesWheel({isTyping, handlesWheel}: Page): boolean {
	return handlesWheel === true || isTyping !== true;
}

/** True if a page scrolls, so the wheel is for it. Otherwise, the wheel scrolls the terminal itself. */
export function hasWheel(page: Page, look: Look, {total, visible} = layout(page, look).body): boolean {
	return look.hasMouse === true && total > visible && usesWheel(page);
}
