import {type Line, line, span} from '../../page/line.ts';
import type {Hint} from '../../page/page.ts';
import type {BrowseState} from './reduce-browse.ts';

/** Returns the line of the filter, if there is one. */
export function filterLines({filter, isTyping}: BrowseState): readonly Line[] {
	if (filter === '' && !isTyping) return [];
	const how = isTyping ? '▏' : '   n next, N previous, / changes it';
	return [line('  ', span('/', 'accent'), filter, span(how, 'quiet'))];
}

/** The keys while the filter is typed. All others are letters. */
export const typingHints: readonly Hint[] = [
	{keys: 'enter', label: 'keep the filter'},
	{keys: 'esc', label: 'show all'},
];

/** The keys while the text to search for is typed. */
export const searchHints: readonly Hint[] = [
	{keys: 'enter', label: 'search'},
	{keys: 'esc', label: 'clear'},
];

/** The key of a long text, which is in the help only. */
export const searchHint: Hint = {keys: '/', label: 'search', explanation: 'n and N go to the next and previous match', isMinor: true, isExtra: true};

/** Returns the keys of a long list, which are in the help only. */
export function browseHints(hasLosses: boolean): readonly Hint[] {
	return [
		{
			keys: '/',
			label: 'filter',
			explanation: 'shows only objects that contain a text; n and N go to the next and previous match',
			isMinor: true,
			isExtra: true,
		},
		{keys: '[ ]', label: 'table by table', isMinor: true, isExtra: true},
		...(hasLosses ? [{keys: '!', label: 'next ▲', explanation: 'goes to the next loss', isMinor: true, isExtra: true}] : []),
		{keys: '← →', label: 'fold, unfold', isMinor: true, isExtra: true},
	];
}
