import {filled} from './fit.ts';
import {type Line, span} from './line.ts';
import type {Look} from './look.ts';

/** The least number of columns for two panes side by side. */
export const minColumnsForTwo = 110;

/** The least number of columns of the left pane: enough for a list whose entries take one row. */
const minLeft = 60;

export interface Panes {
	readonly left: Look;
	readonly right: Look;
}

/** Returns the sizes of two panes side by side. Undefined if the terminal has no room for them. */
export function panesOf(look: Look): Panes | undefined {
	if (look.columns < minColumnsForTwo) return undefined;
	const left = Math.max(minLeft, Math.floor((look.columns - gap.length) / 2));
	return {left: {...look, columns: left}, right: {...look, columns: look.columns - gap.length - left}};
}

const gap = ' │ ';

/** Returns the rows of both panes as one. A screen reader reads only the left ones. */
export function joined(left: readonly Line[], right: readonly Line[], panes: Panes): readonly Line[] {
	const count = Math.max(left.length, right.length);
	return Array.from({length: count}, (_, index): Line => {
		const row = left[index] ?? {spans: [], reading: {isHidden: true}};
		return {...row, spans: [...filled(row.spans, panes.left.columns), span(gap, 'quiet'), ...(right[index]?.spans ?? [])]};
	});
}
