import {ellipsisOf, safe, widthOf} from '../../page/fit.ts';
import {type Line, type Span, span, spans} from '../../page/line.ts';
import type {Look} from '../../page/look.ts';
import {inputText, type TextInputState} from './reduce-text-input.ts';

export interface TextInputLineProps {
	/** The prompt before the text: `❯ `. */
	readonly prompt: readonly Span[];
	/** Shown while nothing is typed. */
	readonly placeholder?: string;
	readonly isFocused?: boolean;
	/** Read by a screen reader before the text. */
	readonly label: string;
}

/** Returns the line of a text input with its cursor. If the text is too long, shows the part around the cursor. */
export function textInputLine(state: TextInputState, look: Look, {prompt, placeholder, isFocused = true, label}: TextInputLineProps): Line {
	const reading = {role: 'textbox', label: `${label}: ${inputText(state)}`} as const;
	const cursor = isFocused ? [span('▏', 'accent')] : [];
	if (state.characters.length === 0) return {spans: spans(prompt, cursor, placeholder === undefined ? [] : span(placeholder, 'quiet')), reading};
	const room = Math.max(4, look.columns - widthOf(safe(prompt.map((part) => part.text).join(''), look)) - 2);
	const shown = state.characters.map((character) => safe(character, look));
	const {first, last} = visiblePart(shown.map(widthOf), state.cursor, room);
	const text = (from: number, to: number): string => shown.slice(from, to).join('');
	return {
		spans: spans(
			prompt,
			first > 0 ? span(ellipsisOf(look), 'quiet') : [],
			text(first, Math.min(state.cursor, last)),
			cursor,
			text(Math.min(state.cursor, last), last),
			last < shown.length ? span(ellipsisOf(look), 'quiet') : [],
		),
		reading,
	};
}

/** Returns the longest part that fits and contains the cursor, with as much as possible before the cursor. */
function visiblePart(widths: readonly number[], cursor: number, room: number): {first: number; last: number} {
	const total = widths.reduce((sum, width) => sum + width, 0);
	if (total <= room) return {first: 0, last: widths.length};
	// Room for an ellipsis on both sides, and for some text after the cursor.
	const usable = room - 2;
	let last = cursor;
	let used = 0;
	while (last < widths.length && used + widths[last]! <= Math.min(usable / 4, 12)) used += widths[last++]!;
	let first = cursor;
	while (first > 0 && used + widths[first - 1]! <= usable) used += widths[--first]!;
	while (last < widths.length && used + widths[last]! <= usable) used += widths[last++]!;
	return {first, last};
}
