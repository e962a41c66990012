/** The meaning of a piece of text. The theme maps it to a color, and a symbol in the text conveys the same without color. */
export type Tone = 'add' | 'change' | 'drop' | 'done' | 'danger' | 'notice' | 'failed' | 'accent' | 'quiet' | 'strong';

export interface Span {
	readonly text: string;
	readonly tone?: Tone;
	/** What a click on the text opens. Set by `layout`. */
	readonly link?: string;
}

/** Describes a line to a screen reader. */
export interface Reading {
	readonly role?: 'button' | 'list' | 'listitem' | 'menu' | 'menuitem' | 'option' | 'progressbar' | 'textbox' | 'timer';
	/** Read instead of the text. */
	readonly label?: string;
	readonly isSelected?: boolean;
	readonly isDisabled?: boolean;
	/** True for decoration, which is not read. */
	readonly isHidden?: boolean;
}

/**
 * One logical line of a screen, as data. Its text is not yet safe for a terminal, and does not have the right width yet. `layout` cleans, cuts and
 * wraps it, so that screens do not have to.
 */
export interface Line {
	readonly spans: readonly Span[];
	/** If set, the line wraps instead of being cut, and further rows start with these spans. */
	readonly hang?: readonly Span[] | undefined;
	/** Text at the right edge, if there is room. */
	readonly aside?: readonly Span[];
	/** True to cut the start rather than the end: for a path, whose end is most useful. */
	readonly keepsEnd?: boolean;
	readonly reading?: Reading;
	/** What the line is, for keys that go to the next one of its kind. */
	readonly marks?: readonly ('object' | 'loss')[];
}

export type Part = string | Span | readonly Span[];

export function span(text: string, tone?: Tone | undefined): Span {
	return tone === undefined ? {text} : {text, tone};
}

export function spans(...parts: readonly Part[]): readonly Span[] {
	return parts.flatMap((part) => (typeof part === 'string' ? (part === '' ? [] : [{text: part}]) : part));
}

/** Replaces spaces so that the text is not wrapped at them. */
export function together(text: string): string {
	return text.replaceAll(' ', '\u00a0');
}

/** Returns a line that is cut if it is too long. */
export function line(...parts: readonly Part[]): Line {
	return {spans: spans(...parts)};
}

/** Returns a line that wraps at words. Further rows start at column `hang`. */
export function prose(hang: number, ...parts: readonly Part[]): Line {
	return {spans: spans(...parts), hang: [{text: ' '.repeat(hang)}]};
}

const rule: Span = {text: '│ ', tone: 'quiet'};

/** Returns text with a rule on the left of all its rows. */
export function ruled(...parts: readonly Part[]): Line {
	return {spans: spans(rule, ...parts), hang: [rule]};
}

/** Returns text with a rule on the left of all its rows. Further rows start `hang` columns after it. */
export function ruledHanging(hang: number, ...parts: readonly Part[]): Line {
	return {spans: spans(rule, ...parts), hang: [rule, span(' '.repeat(hang))]};
}

/** Returns indented text with a rule on the left of all its rows. */
export function ruledInset(...parts: readonly Part[]): Line {
	return ruledHanging(2, '  ', ...parts);
}

/** Returns the line with a prefix for each of its rows. */
export function prefixed(lead: Span, each: Line): Line {
	return {...each, spans: [lead, ...each.spans], hang: each.hang && [lead, ...each.hang]};
}

export const blank: Line = {spans: [], reading: {isHidden: true}};

/** Returns the text only, unchanged. */
export function textOf(of: Line | readonly Span[]): string {
	const all = 'spans' in of ? of.spans : of;
	return all.map((part) => part.text).join('');
}
