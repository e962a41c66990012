import {firstRowsOf, rowsOf, safe, widthOf} from './fit.ts';
import {blank, type Line, line, type Span, span} from './line.ts';
import type {Look} from './look.ts';
import {joined, panesOf} from './panes.ts';

/** A key and its action, for the hint line and for help. */
export interface Hint {
	readonly keys: string;
	readonly label: string;
	/** Extra text for help, which has more room than the hint line. */
	readonly explanation?: string;
	/** True to show it in help only. */
	readonly isMinor?: boolean;
	/** True to remove it first if the hint line is too short. */
	readonly isExtra?: boolean;
}

/** The text that a key copies to the clipboard. */
export interface CopyTarget {
	/** Such as `the SQL`. */
	readonly what: string;
	readonly text: string;
}

/** A screen as data: the fixed parts, the scrolling body between them, and the keys. */
export interface Page {
	readonly title: Line;
	/** Stays in view above the body. */
	readonly top?: readonly Line[] | undefined;
	/** Scrolls if it does not fit. */
	readonly body: readonly Line[];
	/** Stays in view next to the body, if the terminal is wide enough. */
	readonly side?: ((look: Look) => readonly Line[]) | undefined;
	/** The lines of the body that must be in view: the selected entry of a list. */
	readonly focus?: {readonly first: number; readonly last: number};
	/** The scroll position: rows of the body above the view. Overrides `focus`. */
	readonly offset?: number | undefined;
	/** Stays in view below the body. */
	readonly bottom?: readonly Line[];
	readonly hints: readonly Hint[];
	/** True if the screen handles the wheel itself. Otherwise it acts like arrow keys, unless letters are input. */
	readonly handlesWheel?: boolean;
	/** True while letters are input, so that `?` is a letter too. */
	readonly isTyping?: boolean;
	/** The item under the cursor, for the key that copies it. */
	readonly copy?: CopyTarget;
}

export interface Layout {
	readonly rows: readonly Line[];
	/** Row counts of the body: in total, in view, and above the view. */
	readonly body: {
		readonly total: number;
		readonly visible: number;
		readonly offset: number;
		/** True if there was no room for the fixed bottom, so it scrolls with the body. */
		readonly holdsBottom: boolean;
	};
}

/** With fewer rows than this, empty lines and other optional parts are omitted. */
export const minSpaciousRows = 16;

/** With fewer columns than this, parts that are side by side go below each other. */
export const narrow = 60;

/**
 * Returns the rows of a frame: safe, of the right width, and fewer than the terminal has, because a frame that fills the screen flickers and leaves
 * artifacts. If there is little room, empty lines are removed first, and then the fixed parts scroll with the body.
 */
export function layout(page: Page, look: Look): Layout {
	const room = Math.max(4, look.rows - 1);
	const gap = look.rows >= minSpaciousRows ? [blank] : [];
	const title = firstRowsOf(page.title, 2, look);
	const hints = hintRows(page, look);
	const rows = (lines: readonly Line[] | undefined): readonly Line[] =>
		dense(
			(lines ?? []).flatMap((each) => rowsOf(each, look)),
			look,
		);
	let top = rows(page.top);
	let bottom = rows(page.bottom);
	const panes = page.side === undefined ? undefined : panesOf(look);
	const chunks = page.body.map((each) => rowsOf(each, panes?.left ?? look));
	let body = chunks.flat();
	let focus = focusRows(chunks, page.focus);
	const chrome = title.length + hints.length + gap.length * 2;
	const isCramped = (): boolean => room - chrome - top.length - bottom.length < Math.min(body.length, 3);
	if (isCramped()) {
		body = [...top, ...body];
		focus = focus && {first: focus.first + top.length, last: focus.last + top.length};
		top = [];
	}
	const holdsBottom = isCramped();
	if (holdsBottom) {
		// The input is below the body, and must be visible.
		const input = Math.max(
			0,
			bottom.findIndex(({reading}) => reading?.role === 'textbox'),
		);
		focus ??= page.isTyping === true ? {first: body.length + input, last: body.length + bottom.length - 1} : undefined;
		body = [...body, ...bottom];
		bottom = [];
	}
	if (gap.length === 0) ({body, focus} = denseBody(body, focus));
	const visible = Math.max(1, Math.min(body.length, room - chrome - top.length - bottom.length));
	const offset = startOf(body.length, visible, page.offset, focus);
	const marked = markMore(
		body.slice(offset, offset + visible),
		{above: offset, below: body.length - offset - visible, focus: focus && focus.first - offset},
		look,
	);
	const free = room - chrome - top.length - bottom.length;
	const shown = panes === undefined || free < minSideRows ? marked : joined(marked, sideRows(page, panes.right, free), panes);
	return {
		rows: [...title, ...gap, ...top, ...shown, ...bottom, ...gap, ...hints].slice(0, room),
		body: {total: body.length, visible, offset, holdsBottom},
	};
}

/** With fewer rows than this, nothing is shown next to the body. */
const minSideRows = 5;

function sideRows({side}: Page, look: Look, room: number): readonly Line[] {
	const rows = side?.(look).flatMap((each) => rowsOf(each, look)) ?? [];
	return markMore(rows.slice(0, room), {above: 0, below: rows.length - room, focus: undefined}, look);
}

const shortHelp: Hint = {keys: '?', label: ''};

/** Returns as many hints as fit on one row, or two if there is room. `?` shows the others. */
function hintRows({hints, isTyping, copy}: Page, look: Look): readonly Line[] {
	const most = look.rows >= minSpaciousRows ? 2 : 1;
	const help: Hint = {keys: '?', label: 'keys'};
	const copying: readonly Hint[] = copy === undefined || isTyping === true ? [] : [{keys: 'y', label: 'copy', isExtra: true}];
	const shownFirst = hints.filter((hint) => !hint.isMinor);
	// The way out stays the last key of the screen.
	let shown = [...shownFirst.slice(0, -1), ...copying, ...shownFirst.slice(-1), ...(isTyping === true || hints.length === 0 ? [] : [help])];
	while (rowsOfHints(shown, look).length > most) {
		// The way out matters more than the label of the help.
		const shorter = shown.map((hint) => (hint === help ? shortHelp : hint));
		if (!shown.some((hint) => hint.isExtra) && rowsOfHints(shorter, look).length <= most) return hintLines(shorter, look);
		const own = shown.filter((hint) => hint !== help);
		// The action and the way out stay as long as possible.
		const extra = shown.findLast((hint) => hint.isExtra) ?? own.slice(1, -1).at(-1) ?? shown.find((hint) => hint === help) ?? own.at(-1);
		if (extra === undefined) break;
		shown = shown.filter((hint) => hint !== extra);
	}
	return hintLines(shown, look).slice(0, most);
}

function hintLines(shown: readonly Hint[], look: Look): readonly Line[] {
	return rowsOfHints(shown, look).map((row) => line(row));
}

function rowsOfHints(hints: readonly Hint[], look: Look): readonly (readonly Span[])[] {
	const gap = look.columns < narrow ? '  ' : '   ';
	const rows: Span[][] = [];
	let width = 0;
	for (const hint of hints) {
		const keys = safe(hint.keys, look);
		const label = hint.label === '' ? '' : ` ${safe(hint.label, look)}`;
		const wide = widthOf(keys) + widthOf(label);
		const isNew = rows.length === 0 || width + gap.length + wide > look.columns;
		if (isNew) rows.push([]);
		else rows.at(-1)!.push(span(gap));
		rows.at(-1)!.push(span(keys, 'accent'), span(label, 'quiet'));
		width = isNew ? wide : width + gap.length + wide;
	}
	return rows;
}

function dense(lines: readonly Line[], look: Look): readonly Line[] {
	return look.rows >= minSpaciousRows ? lines : lines.filter((each) => each.spans.length > 0);
}

interface Focus {
	readonly first: number;
	readonly last: number;
}

function denseBody(body: readonly Line[], focus: Focus | undefined): {body: Line[]; focus: Focus | undefined} {
	const isKept = (each: Line): boolean => each.spans.length > 0;
	const before = (index: number): number => body.slice(0, index).filter(isKept).length;
	return {body: body.filter(isKept), focus: focus === undefined ? undefined : {first: before(focus.first), last: before(focus.last)}};
}

function focusRows(chunks: readonly (readonly Line[])[], focus: Page['focus']): Focus | undefined {
	if (focus === undefined) return undefined;
	const before = (index: number): number => chunks.slice(0, index).reduce((sum, chunk) => sum + chunk.length, 0);
	return {first: before(focus.first), last: before(focus.last + 1) - 1};
}

function startOf(total: number, visible: number, scrolled: number | undefined, focus: Focus | undefined): number {
	const last = Math.max(0, total - visible);
	if (scrolled !== undefined) return Math.min(Math.max(0, scrolled), last);
	if (focus === undefined || focus.last < visible - 1) return 0;
	// One row more than the focus, for the mark that shows how many rows are hidden.
	const lowest = Math.min(focus.last + 2 - visible, last);
	return Math.max(0, Math.min(lowest, Math.max(0, focus.first - 1)));
}

interface Hidden {
	readonly above: number;
	readonly below: number;
	/** The row in view that must not be covered. */
	readonly focus: number | undefined;
}

/** Replaces the first or last row in view with the number of hidden rows, unless that row belongs to the focus. */
function markMore(shown: readonly Line[], {above, below, focus}: Hidden, look: Look): readonly Line[] {
	if (shown.length < 3) return shown;
	const mark = (sign: string, hidden: number): Line => rowsOf(line(span(`  ${sign} ${hidden + 1} more`, 'quiet')), look)[0]!;
	const marked = [...shown];
	if (above > 0 && focus !== 0) marked[0] = mark('↑', above);
	if (below > 0) marked[marked.length - 1] = mark('↓', below);
	return marked;
}
