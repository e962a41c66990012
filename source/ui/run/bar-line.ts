import {progressBar} from '../components/progress-bar/progress-bar.ts';
import {type Line, line, type Span} from '../page/line.ts';
import type {Look} from '../page/look.ts';

/** A text after a progress bar. */
export interface Figure {
	readonly text: readonly Span[];
	/** The cells it needs at most, so that the width of the bar stays constant. */
	readonly room: number;
}

/** The least width of a progress bar. */
const leastBar = 8;

/** Returns a bar with figures after it. If they do not fit, the last ones are omitted first. */
export function barLine(share: number, figures: readonly Figure[], label: string, look: Look): Line {
	const room = look.columns - 4 - leastBar;
	const shown = figures.filter((_, index) => roomOf(figures.slice(0, index + 1)) <= room);
	const width = Math.min(40, look.columns - 4 - roomOf(shown));
	return {...line('    ', progressBar(share, 1, width), ...shown.map(({text}) => text)), reading: {role: 'progressbar', label}};
}

function roomOf(figures: readonly Figure[]): number {
	return figures.reduce((sum, {room}) => sum + room, 0);
}
