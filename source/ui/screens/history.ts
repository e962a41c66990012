import {duration, plural} from '../../core/text/numbers.ts';
import {reduceScroll, type ScrollState, scrollTop} from '../components/scroll-view/reduce-scroll.ts';
import {openSelect, reduceSelect, type SelectState} from '../components/select/reduce-select.ts';
import {type SelectEntry, selectLines} from '../components/select/select-lines.ts';
import {types} from '../keys/key.ts';
import {done, next} from '../keys/screen-step.ts';
import {blank, type Line, line, prose, type Span, span, spans} from '../page/line.ts';
import type {Look} from '../page/look.ts';
import {type Hint, layout, type Page} from '../page/page.ts';
import {panesOf} from '../page/panes.ts';
import type {Screen} from '../page/screen.ts';
import type {Assessment, ListedMigration, MigrationDetails, Overview, ProblemData} from '../services.ts';
import {ago, momentOf} from '../text/ago.ts';
import {changeLines} from './changes.ts';
import {sqlLines} from './sql-lines.ts';

export interface HistoryProps {
	readonly overview: Overview;
	readonly entries: readonly ListedMigration[];
	/** Undefined while models and migrations are being read. */
	readonly assessment: Assessment | undefined;
	/** The migration to start on, if the user comes back from it. */
	readonly at?: string | undefined;
	/** The details that have been read so far, by name. Shown next to the list on a wide terminal. */
	readonly details?: ReadonlyMap<string, MigrationDetails> | undefined;
	/** What leaving the list does. Default: `back`. */
	readonly back?: string | undefined;
}

const states: Readonly<Record<ListedMigration['state'], readonly Span[]>> = {
	applied: [span('●', 'done')],
	pending: [span('○', 'notice')],
	edited: [span('!', 'notice')],
	missing: [span('✗', 'failed')],
};

/** What to do with a migration: open it, or upgrade or downgrade to it. */
export interface HistoryChoice {
	readonly name: string;
	readonly action: 'open' | 'upgradeTo' | 'downgradeTo';
}

/** Lists every migration, newest last. Enter opens one. The result is undefined if the user goes back. */
export function historyScreen({
	overview,
	entries,
	assessment,
	at,
	details,
	back = 'back',
}: HistoryProps): Screen<SelectState, HistoryChoice | undefined> {
	const newest = entries.findLast(({state}) => state !== 'pending');
	const unfit = unfitOf(assessment);
	const shown = entries.map((entry) => historyEntry(entry, badgeOf(entry, assessment, unfit), overview.now));
	const start = entries.findIndex(({name}) => name === at);
	return {
		initial: () => openSelect(shown, start === -1 ? shown.length - 1 : start),
		reduce: (state, key) => {
			if (key.name === 'escape' || types(key, 'b') || types(key, 'q')) return done(state, undefined);
			const selected = entries[state.index];
			const target = selected === undefined ? undefined : targetOf(selected, newest);
			if (types(key, 't') && target !== undefined) return done(state, target);
			const step = reduceSelect(state, key, shown);
			const opened = step.entered === undefined ? undefined : entries[step.entered];
			return opened === undefined ? next(step.state) : done(step.state, {name: opened.name, action: 'open'});
		},
		view: (state, look) => ({
			title: line(span('Status and history', 'strong'), '   ', span(overview.database, 'accent')),
			top: [
				...driftLines(overview, assessment?.drift ?? []),
				...(unfit === undefined ? [] : [prose(4, '  ', span('✗ ', 'failed'), `a pending migration does not fit: ${unfit.message}`), blank]),
			],
			...(shown.length === 0
				? {body: [prose(2, '  ', span('no migrations yet; to write the first one, run lite-migr create <name>', 'quiet'))]}
				: {
						...selectLines(shown, state, details === undefined ? look : (panesOf(look)?.left ?? look)),
						...besideOf(entries[state.index], details, overview.now),
					}),
			bottom: [blank, line('  ', span(countsOf(entries), 'quiet')), ...remedyLines(entries)],
			...nameToCopy(entries[state.index]),
			hints: [
				{keys: '↑↓', label: 'move', isExtra: true},
				...(shown.length === 0 ? [] : [{keys: 'enter', label: 'open', explanation: 'shows its changes and its file'}]),
				...targetHint(entries[state.index], newest),
				{keys: 'esc', label: back},
			],
		}),
	};
}

function besideOf(selected: ListedMigration | undefined, all: HistoryProps['details'], now: number): Pick<Page, 'side'> {
	if (selected === undefined || all === undefined) return {};
	const details = all.get(selected.name);
	const title = line(states[selected.state], ' ', span(selected.name, 'strong'));
	if (details === undefined) return {side: () => [title]};
	return {side: (look) => [title, prose(0, span(factsOf(selected, details, now).join(' · '), 'quiet')), blank, ...changesOf(details, look)]};
}

/** Returns the effect of going to a migration. Undefined for the newest one, which is where the database is. */
function targetOf({name, state}: ListedMigration, newest: ListedMigration | undefined): HistoryChoice | undefined {
	if (state === 'pending') return {name, action: 'upgradeTo'};
	return name === newest?.name ? undefined : {name, action: 'downgradeTo'};
}

function nameToCopy(selected: ListedMigration | undefined): Pick<Page, 'copy'> {
	return selected === undefined ? {} : {copy: {what: 'the name of the migration', text: selected.name}};
}

function targetHint(selected: ListedMigration | undefined, newest: ListedMigration | undefined): readonly Hint[] {
	const target = selected === undefined ? undefined : targetOf(selected, newest);
	if (target === undefined) return [];
	const isUpgrade = target.action === 'upgradeTo';
	return [
		{
			keys: 't',
			label: isUpgrade ? 'upgrade to here' : 'downgrade to here',
			explanation: isUpgrade ? 'applies pending migrations up to this one' : 'undoes the migrations after this one',
			isExtra: true,
		},
	];
}

/** The maximum number of differences to show. More would push the history out of view. */
const mostDrift = 5;

/** Returns the same text as the plain output. */
function driftTitle({applied}: Overview): string {
	return applied.length === 0
		? 'the database has objects that are not in any migration. To adopt it unchanged, run lite-migr baseline <name>:'
		: 'the database has drifted from its migrations:';
}

function driftLines(overview: Overview, drift: readonly string[]): readonly Line[] {
	if (drift.length === 0) return [];
	const shown = drift.slice(0, drift.length > mostDrift ? mostDrift - 1 : mostDrift);
	const rest = drift.length - shown.length;
	return [
		prose(4, '  ', span('! ', 'notice'), driftTitle(overview)),
		...shown.map((each) => prose(8, '      ', each)),
		...(rest === 0 ? [] : [line(span(`      … and ${rest} more; to list them all, run lite-migr check`, 'quiet'))]),
		blank,
	];
}

function countsOf(entries: readonly ListedMigration[]): string {
	const number = (counted: ListedMigration['state']): number => entries.filter(({state}) => state === counted).length;
	const applied = entries.length - number('pending');
	const odd = [
		number('edited') > 0 ? `${number('edited')} edited` : '',
		number('missing') > 0 ? plural(number('missing'), 'file missing', 'files missing') : '',
	];
	return [`${applied} applied`, `${number('pending')} pending`, ...odd.filter((text) => text !== '')].join(' · ');
}

/** Returns what to do about files that differ from the applied ones. */
function remedyLines(entries: readonly ListedMigration[]): readonly Line[] {
	const has = (looked: ListedMigration['state']): boolean => entries.some(({state}) => state === looked);
	const texts = [
		...(has('edited') ? ['an applied file was edited: restore it, and write the change as a new migration'] : []),
		...(has('missing') ? ['an applied file is missing: restore it, for example from git, or update the program if the database is newer'] : []),
	];
	return texts.map((text) => prose(4, '  ', span('! ', 'notice'), text));
}

/** Returns why pending migrations cannot be applied. Undefined if they can. */
function unfitOf(assessment: Assessment | undefined): ProblemData | undefined {
	return assessment?.models.kind === 'failed' && assessment.models.isPending === true ? assessment.models.problem : undefined;
}

function badgeOf({name}: ListedMigration, assessment: Assessment | undefined, unfit: ProblemData | undefined): readonly Span[] | undefined {
	if (unfit?.location?.file?.split(/[/\\]/).at(-1)?.startsWith(`${name}.`) === true) return spans(span('✗ cannot be applied', 'failed'));
	return assessment?.destructive.includes(name) === true ? spans(span('▲ destructive', 'danger')) : undefined;
}

/** Returns the lines that stay on the terminal after the history. */
export function historyRecord({database}: Overview, entries: readonly ListedMigration[]): readonly Line[] {
	return [prose(2, span(database, 'accent'), '   ', span(countsOf(entries), 'quiet'))];
}

function historyEntry(entry: ListedMigration, badge: readonly Span[] | undefined, now: number): SelectEntry {
	const facts = [
		entry.appliedAt === null ? 'pending' : ago(momentOf(entry.appliedAt), now),
		...(entry.durationMs === null ? [] : [duration(entry.durationMs)]),
		...(entry.renamedFrom === undefined ? [] : [`renamed: it was applied as ${entry.renamedFrom}`]),
		...(entry.state === 'edited' ? ['edited'] : entry.state === 'missing' ? ['its file is missing'] : []),
	];
	return {
		label: spans(states[entry.state], ` ${entry.name}`),
		hint: spans(span(facts.join(' · '), entry.state === 'edited' || entry.state === 'missing' ? 'notice' : 'quiet')),
		badge,
	};
}

export interface DetailsState extends ScrollState {
	readonly shows: 'changes' | 'file';
}

/** Shows the changes of one migration, or its file. */
export function migrationScreen(entry: ListedMigration, details: MigrationDetails, now: number): Screen<DetailsState, 'back' | 'edit'> {
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
		body: state.shows === 'file' ? sqlLines(details.file) : changesOf(details, look),
		offset: state.offset,
		...(details.path === null ? {} : {copy: {what: 'the path', text: details.path}}),
		hints: [
			{keys: 'tab', label: state.shows === 'changes' ? 'file' : 'changes'},
			{keys: '↑↓', label: 'scroll', explanation: 'also page up, page down, home and end', isExtra: true},
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

function changesOf({changes}: MigrationDetails, look: Look): readonly Line[] {
	return changes.length > 0 ? changeLines(changes, look) : [line('  ', span('see the file for its changes', 'quiet'))];
}

function factsOf(entry: ListedMigration, details: MigrationDetails, now: number): readonly string[] {
	return [
		entry.appliedAt === null ? 'pending' : `applied ${entry.appliedAt} UTC, ${ago(momentOf(entry.appliedAt), now)}`,
		...(entry.durationMs === null ? [] : [`took ${duration(entry.durationMs)}`]),
		...(entry.toolVersion === null ? [] : [`by lite-migr ${entry.toolVersion}`]),
		...(entry.state === 'edited' ? ['its file was edited after it was applied'] : []),
		details.path ?? 'its file is missing',
		details.hasDowngrade ? 'can be undone' : 'has no downgrade',
	];
}
