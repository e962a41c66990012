import {padded, safe, widthOf} from './fit.ts';
import {blank, type Line, line, prose, span} from './line.ts';
import type {Look} from './look.ts';
import type {Hint, Page} from './page.ts';

/** Keys that work on every screen. */
const everywhere: readonly Hint[] = [
	{keys: '?', label: 'show these keys'},
	{keys: '@', label: 'commands', explanation: 'the same steps without screens, to copy'},
	...(process.platform === 'win32' ? [] : [{keys: 'ctrl-z', label: 'suspend', explanation: 'fg resumes it'}]),
	{keys: 'ctrl-c', label: 'leave', explanation: 'a run in progress is stopped and rolled back'},
];

/** Describes the keys of a page. */
export function helpPage(page: Page, look: Look): Page {
	const copy = page.copy === undefined ? [] : [{keys: 'y', label: 'copy', explanation: `${page.copy.what}, to the clipboard of the terminal`}];
	const hints = [...page.hints, ...copy, ...everywhere];
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
