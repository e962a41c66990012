import {padded, safe, widthOf} from './fit.ts';
import {blank, type Line, line, prose, span} from './line.ts';
import type {Look} from './look.ts';
import type {Hint, Page} from './page.ts';

/** Keys that every screen has. */
const everywhere: readonly Hint[] = [
	{keys: '?', label: 'these keys'},
	...(process.platform === 'win32' ? [] : [{keys: 'ctrl-z', label: 'put it aside', explanation: 'fg brings it back'}]),
	{keys: 'ctrl-c', label: 'leave', explanation: 'a run that is going on is stopped and rolled back'},
];

/** The keys of a page, told in words. */
export function helpPage(page: Page, look: Look): Page {
	const told = [...page.hints, ...everywhere];
	const width = Math.max(...told.map((hint) => widthOf(safe(hint.keys, look)))) + 3;
	return {
		title: line(span('Keys', 'strong')),
		body: [...told.map((hint) => entry(hint, width, look)), blank, line(span('  any key goes back', 'quiet'))],
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
