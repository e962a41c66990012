import {padded, safe, widthOf} from './fit.ts';
import {blank, type Line, line, prose, span} from './line.ts';
import type {Look} from './look.ts';
import type {Hint, Page} from './page.ts';
import {hasWheel} from './wheel.ts';

/** Keys that work on every screen. */
const everywhere: readonly Hint[] = [
	{keys: '?', label: 'show these keys'},
	{keys: '@', label: 'commands', explanation: 'the same steps without screens, to copy'},
	...(process.platform === 'win32' ? [] : [{keys: 'ctrl-z', label: 'suspend', explanation: 'fg resumes it'}]),
	{keys: 'ctrl-c', label: 'leave', explanation: 'a run in progress is stopped and rolled back'},
];

const wheelHint: Hint = {
	keys: 'wheel',
	label: 'scroll',
	explanation: 'to select text, hold Shift (Option in iTerm2, Fn in Terminal) or drag twice; LITE_MIGR_MOUSE=off leaves the mouse to the terminal',
};

/** Describes the keys of a page. */
export function helpPage(page: Page, look: Look): Page {
	const copy = page.copy === undefined ? [] : [{keys: 'y', label: 'copy', explanation: `${page.copy.what}, to the clipboard of the terminal`}];
	const wheel = hasWheel(page, look) ? [wheelHint] : [];
	const hints = [...page.hints, ...copy, ...wheel, ...everywhere];
	const width = Math.max(...hints.map((hint) => widthOf(safe(hint.keys, look)))) + 3;
	return {
		title: line(span('Keys', 'strong')),
		body: [...hints.map((hint) => entry(hint, width, look)), blank, line(span('  any key goes back', 'quiet'))],
		hints: [],
	};
}

function entry(hint: Hint, width: number, look: Look): Line {
	return prose(
		width + 2,
		'  ',
		span(padded(safe(hint.keys, look), width), 'accent'),
		hint.label,
		hint.explanation === undefined ? '' : `: ${hint.explanation}`,
	);
}
