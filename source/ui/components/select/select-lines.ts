import {aligned} from '../../page/columns.ts';
import {keepLast} from '../../page/keep-last.ts';
import {type Line, prose, type Span, span, textOf} from '../../page/line.ts';
import type {Look} from '../../page/look.ts';
import {minSpaciousRows, narrow, type Page} from '../../page/page.ts';
import type {Choosable, SelectState} from './reduce-select.ts';

export interface SelectEntry extends Choosable {
	readonly label: readonly Span[];
	/** The effect of choosing it: next to the label, or below it on a narrow terminal. */
	readonly hint?: readonly Span[];
	/** A word after the hint: `likely`. */
	readonly badge?: readonly Span[] | undefined;
	/** Facts on separate lines below it. */
	readonly details?: readonly (readonly Span[])[];
}

export interface SelectLines {
	readonly body: readonly Line[];
	readonly focus?: NonNullable<Page['focus']>;
}

/** Returns the entries as lines, and the lines that must be in view. */
export function selectLines(entries: readonly SelectEntry[], state: SelectState, look: Look): SelectLines {
	const isLow = look.rows < minSpaciousRows;
	const shown = shownEntries(entries, look);
	const body: Line[] = [];
	let focus: SelectLines['focus'];
	entries.forEach((entry, index) => {
		const isSelected = index === state.index;
		const first = body.length;
		const {cells, resting, below} = shown[index]!;
		// A line that is too long for the terminal is shown in full while it is selected.
		body.push(isSelected ? {...heading(entry, cells, true), hang: [span('    ')]} : resting);
		// If there are few rows, only the selected entry shows more than its name.
		if (isSelected || !isLow) body.push(...below);
		if (isSelected) focus = {first, last: body.length - 1};
	});
	if (state.isUnchosen === true)
		body.push(prose(4, '  ', span('! ', 'notice'), 'nothing is selected: choose an entry with ↑ or ↓, then press enter'));
	return focus === undefined ? {body} : {body, focus};
}

interface ShownEntry {
	readonly cells: readonly Span[];
	/** Its line while it is not selected. */
	readonly resting: Line;
	readonly below: readonly Line[];
}

const shownEntries = keepLast((entries: readonly SelectEntry[], look: Look): readonly ShownEntry[] => {
	const isNarrow = look.columns < narrow;
	const rows = isNarrow
		? entries.map((entry) => entry.label)
		: aligned(
				entries.map((entry) => [entry.label, ...(entry.hint ? [entry.hint] : []), ...(entry.badge ? [entry.badge] : [])]),
				look,
			);
	return entries.map((entry, index) => {
		const cells = rows[index]!;
		const aside = isNarrow ? [...(entry.hint ?? []), ...(entry.badge === undefined ? [] : [span('  '), ...entry.badge])] : [];
		const below = [...(aside.length === 0 ? [] : [detail(aside)]), ...(entry.details ?? []).map(detail)];
		return {cells, resting: heading(entry, cells, false), below};
	});
});

function heading(entry: SelectEntry, cells: readonly Span[], isSelected: boolean): Line {
	const tone = entry.isDisabled === true ? 'quiet' : isSelected ? 'strong' : undefined;
	const toned = tone === undefined ? cells : cells.map((cell) => ({...cell, tone: cell.tone ?? tone}));
	const said = [entry.label, entry.hint ?? [], entry.badge ?? []].map(textOf).filter((text) => text !== '');
	return {
		spans: [isSelected ? span('❯ ', 'accent') : span('  '), ...toned],
		reading: {role: 'menuitem', label: said.join(', '), isSelected, isDisabled: entry.isDisabled === true},
	};
}

function detail(spans: readonly Span[]): Line {
	return prose(6, '      ', ...spans.map((part) => ({...part, tone: part.tone ?? ('quiet' as const)})));
}
