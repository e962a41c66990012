import {duration, plural} from '../../core/text/numbers.ts';
import {reduceScroll, type ScrollState, scrollTop} from '../components/scroll-view/reduce-scroll.ts';
import {openSelect, reduceSelect, type SelectState} from '../components/select/reduce-select.ts';
import {type SelectEntry, selectLines} from '../components/select/select-lines.ts';
import {types} from '../keys/key.ts';
import {done, next} from '../keys/step.ts';
import {blank, type Line, line, prose, type Span, span, spans} from '../page/line.ts';
import type {Look} from '../page/look.ts';
import {layout, type Page} from '../page/page.ts';
import type {Screen} from '../page/screen.ts';
import type {Assessment, HistoryEntry, MigrationDetails, Overview, ProblemData} from '../services.ts';
import {ago, momentOf} from '../text/ago.ts';
import {changeLines} from './changes.ts';
import {sqlLines} from './sql-lines.ts';

export interface HistoryProps {
	readonly overview: Overview;
	readonly entries: readonly HistoryEntry[];
	/** Undefined while models and migrations are being looked at. */
	readonly assessment: Assessment | undefined;
	/** The migration to start on, when coming back from it. */
	readonly at?: string;
}

const states: Readonly<Record<HistoryEntry['state'], readonly Span[]>> = {
	applied: [span('●', 'done')],
	pending: [span('○', 'notice')],
	edited: [span('!', 'notice')],
	missing: [span('✗', 'failed')],
};

/** Every migration, newest last; Enter opens one. Undefined goes back. */
export function historyScreen({overview, entries, assessment, at}: HistoryProps): Screen<SelectState, string | undefined> {
	const unfit = unfitOf(assessment);
	const shown = entries.map((entry) => historyEntry(entry, badgeOf(entry, assessment, unfit), overview.now));
	const start = entries.findIndex(({name}) => name === at);
	return {
		initial: () => openSelect(shown, start === -1 ? shown.length - 1 : start),
		reduce: (state, key) => {
			if (key.name === 'escape' || types(key, 'b') || types(key, 'q')) return done(state, undefined);
			const step = reduceSelect(state, key, shown);
			return step.entered === undefined ? next(step.state) : done(step.state, entries[step.entered]?.name);
		},
		view: (state, look) => ({
			title: line(span('Status and history', 'strong'), '   ', span(overview.database, 'accent')),
			top: [
				...driftLines(overview, assessment?.drift ?? []),
				...(unfit === undefined ? [] : [prose(4, '  ', span('✗ ', 'failed'), `a pending migration does not fit: ${unfit.message}`), blank]),
			],
			...(shown.length === 0
				? {body: [prose(2, '  ', span('no migrations yet; lite-migr create <name> writes the first', 'quiet'))]}
				: selectLines(shown, state, look)),
			bottom: [blank, line('  ', span(countsOf(entries), 'quiet'))],
			hints: [
				{keys: '↑↓', label: 'move', isExtra: true},
				...(shown.length === 0 ? [] : [{keys: 'enter', label: 'open', explanation: 'what it does, and its file'}]),
				{keys: 'esc', label: 'back'},
			],
		}),
	};
}

/** More differences than these would push the history out of view. */
const mostDrift = 5;

/** In the words of plain output. */
function driftTitle({applied}: Overview): string {
	return applied.length === 0
		? 'the database holds what no migration made; lite-migr baseline <name> adopts it as it is:'
		: 'the database differs from what its migrations made:';
}

function driftLines(overview: Overview, drift: readonly string[]): readonly Line[] {
	if (drift.length === 0) return [];
	const shown = drift.slice(0, drift.length > mostDrift ? mostDrift - 1 : mostDrift);
	const rest = drift.length - shown.length;
	return [
		prose(4, '  ', span('! ', 'notice'), driftTitle(overview)),
		...shown.map((each) => prose(8, '      ', each)),
		...(rest === 0 ? [] : [line(span(`      … and ${rest} more; lite-migr check tells them all`, 'quiet'))]),
		blank,
	];
}

function countsOf(entries: readonly HistoryEntry[]): string {
	const number = (wanted: HistoryEntry['state']): number => entries.filter(({state}) => state === wanted).length;
	const applied = entries.length - number('pending');
	const odd = [
		number('edited') > 0 ? `${number('edited')} edited since` : '',
		number('missing') > 0 ? plural(number('missing'), 'file missing', 'files missing') : '',
	];
	return [`${applied} applied`, `${number('pending')} pending`, ...odd.filter((text) => text !== '')].join(' · ');
}

/** What is wrong with the pending migrations, where they cannot be applied. */
function unfitOf(assessment: Assessment | undefined): ProblemData | undefined {
	return assessment?.models.kind === 'failed' && assessment.models.isPending === true ? assessment.models.problem : undefined;
}

function badgeOf({name}: HistoryEntry, assessment: Assessment | undefined, unfit: ProblemData | undefined): readonly Span[] | undefined {
	if (unfit?.location?.file?.split(/[/\\]/).at(-1)?.startsWith(`${name}.`) === true) return spans(span('✗ cannot be applied', 'failed'));
	return assessment?.destructive.includes(name) === true ? spans(span('▲ destructive', 'danger')) : undefined;
}

/** What stays when the history was looked at. */
export function historyRecord({database}: Overview, entries: readonly HistoryEntry[]): readonly Line[] {
	return [prose(2, span(database, 'accent'), '   ', span(countsOf(entries), 'quiet'))];
}

function historyEntry(entry: HistoryEntry, badge: readonly Span[] | undefined, now: number): SelectEntry {
	const facts = [
		entry.appliedAt === null ? 'pending' : ago(momentOf(entry.appliedAt), now),
		...(entry.durationMs === null ? [] : [duration(entry.durationMs)]),
		...(entry.renamedFrom === undefined ? [] : [`renamed: it was applied as ${entry.renamedFrom}`]),
		...(entry.state === 'edited' ? ['edited since'] : entry.state === 'missing' ? ['its file is missing'] : []),
	];
	return {
		label: spans(states[entry.state], ` ${entry.name}`),
		hint: spans(span(facts.join(' · '), entry.state === 'edited' || entry.state === 'missing' ? 'notice' : 'quiet')),
		...(badge === undefined ? {} : {badge}),
	};
}

export interface DetailsState extends ScrollState {
	readonly shows: 'changes' | 'file';
}

/** One migration: what it does, or its file. */
export function migrationScreen(entry: HistoryEntry, details: MigrationDetails, now: number): Screen<DetailsState, 'back' | 'edit'> {
	const view = (state: DetailsState, look: Look): Page => ({
		title: {
			...line(states[entry.state], ' ', span(entry.name, 'strong')),
			aside: [
				span('changes', state.shows === 'changes' ? 'accent' : 'quiet'),
				span(' · ', 'quiet'),
				span('file', state.shows === 'file' ? 'accent' : 'quiet'),
			],
		},
		top: [prose(0, span(factsOf(entry, details, now).join(' · '), 'quiet')), blank],
		body:
			state.shows === 'file'
				? sqlLines(details.file)
				: details.changes.length > 0
					? changeLines(details.changes, look)
					: [line('  ', span('its file says what it does', 'quiet'))],
		offset: state.offset,
		hints: [
			{keys: 'tab', label: state.shows === 'changes' ? 'file' : 'changes'},
			{keys: '↑↓', label: 'scroll', explanation: 'page up and down, home and end, too', isExtra: true},
			...(details.path === null ? [] : [{keys: 'e', label: 'edit', explanation: 'opens the file in your editor and comes back'}]),
			{keys: 'esc', label: 'back'},
		],
	});
	return {
		initial: () => ({...scrollTop, shows: 'changes'}),
		reduce: (state, key, look) => {
			if (key.name === 'escape' || types(key, 'b') || types(key, 'q')) return done(state, 'back');
			if (types(key, 'e') && details.path !== null) return done(state, 'edit');
			if (key.name === 'tab') return next({...scrollTop, shows: state.shows === 'changes' ? 'file' : 'changes'});
			const scrolled = reduceScroll(state, key, layout(view(state, look), look).body);
			return next(scrolled === state ? state : {...scrolled, shows: state.shows});
		},
		view,
	};
}

function factsOf(entry: HistoryEntry, details: MigrationDetails, now: number): readonly string[] {
	return [
		entry.appliedAt === null ? 'pending' : `applied ${entry.appliedAt} UTC, ${ago(momentOf(entry.appliedAt), now)}`,
		...(entry.durationMs === null ? [] : [`took ${duration(entry.durationMs)}`]),
		...(entry.toolVersion === null ? [] : [`by lite-migr ${entry.toolVersion}`]),
		...(entry.state === 'edited' ? ['its file was edited since'] : []),
		details.path ?? 'its file is missing',
		details.hasDowngrade ? 'can be undone' : 'has no way down',
	];
}
