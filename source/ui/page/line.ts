/** What a piece of text means; the theme gives it a colour, and a symbol in the text says the same without one. */
export type Tone = 'add' | 'change' | 'drop' | 'done' | 'danger' | 'notice' | 'failed' | 'accent' | 'quiet' | 'strong';

export interface Span {
	readonly text: string;
	readonly tone?: Tone;
}

/** What a line is, for a screen reader. */
export interface Reading {
	readonly role?: 'button' | 'list' | 'listitem' | 'menu' | 'menuitem' | 'option' | 'progressbar' | 'textbox' | 'timer';
	/** Read instead of the text. */
	readonly label?: string;
	readonly isSelected?: boolean;
	readonly isDisabled?: boolean;
	/** Decoration, not read at all. */
	readonly isHidden?: boolean;
}

/**
 * One logical line of a screen, as data. What it says is not yet safe for a terminal, nor of the right width:
 * `layout` cleans, cuts and wraps, so that no screen has to.
 */
export interface Line {
	readonly spans: readonly Span[];
	/** Wraps instead of being cut; what the further rows start with. */
	readonly hang?: readonly Span[];
	/** Stands at the right edge, where there is room. */
	readonly aside?: readonly Span[];
	/** Cut in the middle or at the start rather than the end: for a path, whose end says most. */
	readonly keepsEnd?: boolean;
	readonly reading?: Reading;
}

export type Part = string | Span | readonly Span[];

export function span(text: string, tone?: Tone | undefined): Span {
	return tone === undefined ? {text} : {text, tone};
}

export function spans(...parts: readonly Part[]): readonly Span[] {
	return parts.flatMap((part) => (typeof part === 'string' ? (part === '' ? [] : [{text: part}]) : part));
}

/** Text that is not broken at its spaces. */
export function together(text: string): string {
	return text.replaceAll(' ', '\u00a0');
}

/** A line that is cut where it is too long. */
export function line(...parts: readonly Part[]): Line {
	return {spans: spans(...parts)};
}

/** A line that wraps at words; further rows start below column `hang`. */
export function prose(hang: number, ...parts: readonly Part[]): Line {
	return {spans: spans(...parts), hang: [{text: ' '.repeat(hang)}]};
}

const rule: Span = {text: '│ ', tone: 'quiet'};

/** Text beside a left rule, however many rows it takes. */
export function ruled(...parts: readonly Part[]): Line {
	return {spans: spans(rule, ...parts), hang: [rule]};
}

/** The same line behind something that every row of it starts with. */
export function behind(lead: Span, each: Line): Line {
	return {...each, spans: [lead, ...each.spans], ...(each.hang === undefined ? {} : {hang: [lead, ...each.hang]})};
}

export const blank: Line = {spans: [], reading: {isHidden: true}};

/** The text alone, as it was given. */
export function textOf(of: Line | readonly Span[]): string {
	const all = 'spans' in of ? of.spans : of;
	return all.map((part) => part.text).join('');
}
