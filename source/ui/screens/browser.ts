import {count, plural} from '../../core/text/numbers.ts';
import {typingHints} from '../components/browse/browse-lines.ts';
import {matches} from '../components/browse/reduce-browse.ts';
import {reduceScroll, type ScrollState, scrollTop} from '../components/scroll-view/reduce-scroll.ts';
import {openSelect, reduceSelect, type SelectState} from '../components/select/reduce-select.ts';
import {type SelectEntry, selectLines} from '../components/select/select-lines.ts';
import type {BrowsedObject, FirstRows} from '../existing-database.ts';
import {types} from '../keys/key.ts';
import {done, next} from '../keys/screen-step.ts';
import {aligned} from '../page/columns.ts';
import {widthOf} from '../page/fit.ts';
import {keepLast} from '../page/keep-last.ts';
import {blank, type Line, line, prose, span, spans} from '../page/line.ts';
import type {Look} from '../page/look.ts';
import {layout, type Page} from '../page/page.ts';
import type {Screen} from '../page/screen.ts';
import {sqlLines} from './sql-lines.ts';

export interface BrowserProps {
	readonly database: string;
	readonly objects: readonly BrowsedObject[];
	/** The object to start on, if the user comes back from it. */
	readonly at: string | undefined;
}

export interface BrowserState extends SelectState {
	readonly filter: string;
	readonly isTyping: boolean;
}

/** Lists the tables and views of a database. Enter opens one. The result is undefined if the user goes back. */
export function browserScreen({database, objects, at}: BrowserProps): Screen<BrowserState, string | undefined> {
	const matching = keepLast((all: readonly BrowsedObject[], filter: string) => all.filter(({name}) => matches(name, filter)));
	const shownIn = ({filter}: Pick<BrowserState, 'filter'>) => matching(objects, filter);
	const entriesOf = keepLast((shown: readonly BrowsedObject[]): readonly SelectEntry[] =>
		shown.map(({name, kind, rows, columns, problem}) => ({
			label: spans(name),
			hint: spans(
				span([...kindAndRows(kind, rows), problem === undefined ? plural(columns.length, 'column') : 'cannot be read'].join(' · '), 'quiet'),
			),
		})),
	);
	return {
		initial: () => ({
			...openSelect(
				objects.map(() => ({})),
				Math.max(
					0,
					objects.findIndex(({name}) => name === at),
				),
			),
			filter: '',
			isTyping: false,
		}),
		reduce: (state, key) => {
			if (state.isTyping) return next(typed(state, key.name, key.isCtrl ? '' : key.text));
			if (key.name === 'escape' || types(key, 'b') || types(key, 'q')) return done(state, undefined);
			if (types(key, '/')) return next({...state, isTyping: true});
			const shown = shownIn(state);
			const step = reduceSelect(state, key, entriesOf(shown));
			const entered = step.entered === undefined ? undefined : shown[step.entered];
			return entered === undefined ? next(step.state === state ? state : {...state, ...step.state}) : done(state, entered.name);
		},
		view: (state, look) => {
			const shown = shownIn(state);
			const lines = shown.length === 0 ? {body: [prose(2, '  ', span('nothing matches', 'quiet'))]} : selectLines(entriesOf(shown), state, look);
			return {
				title: {
					...line(span(database, 'strong')),
					aside: [span(`${count(shown.length)} of ${plural(objects.length, 'table or view', 'tables and views')}`, 'quiet')],
				},
				...lines,
				bottom:
					state.isTyping || state.filter !== ''
						? [blank, line('  ', span('/', 'accent'), state.filter, state.isTyping ? span('▏', 'accent') : '')]
						: [],
				hints: state.isTyping
					? typingHints
					: [
							{keys: '↑↓', label: 'move', isExtra: true},
							{keys: 'enter', label: 'open', explanation: 'columns, keys, indexes and first rows'},
							{keys: '/', label: 'filter', isExtra: true},
							{keys: 'esc', label: 'back'},
						],
				isTyping: state.isTyping,
				...(shown[state.index] === undefined ? {} : {copy: {what: 'the name', text: shown[state.index]!.name}}),
			};
		},
	};
}

function kindAndRows(kind: string, rows: number | null): readonly string[] {
	return [...(kind === 'table' ? [] : [kind]), ...(rows === null ? [] : [plural(rows, 'row')])];
}

function typed(state: BrowserState, name: string, text: string): BrowserState {
	switch (name) {
		case 'enter':
			return {...state, isTyping: false, index: 0};
		case 'escape':
			return {...state, isTyping: false, filter: '', index: 0};
		case 'backspace':
			return {...state, filter: state.filter.slice(0, -1), index: 0};
		case 'character':
		case 'paste':
			return {...state, filter: state.filter + text, index: 0};
		default:
			return state;
	}
}

export interface ObjectProps {
	readonly object: BrowsedObject;
	/** Undefined while they are read. */
	readonly rows: FirstRows | undefined;
	readonly hidesSamples: boolean;
}

export interface ObjectState extends ScrollState {
	readonly shows: 'structure' | 'rows' | 'sql';
	readonly isMasked: boolean;
}

const after = {structure: 'rows', rows: 'sql', sql: 'structure'} as const;
const names = {structure: 'structure', rows: 'first rows', sql: 'SQL'} as const;

/** Shows one table or view: its structure, its first rows or its SQL. */
export function objectScreen(props: ObjectProps): Screen<ObjectState, 'back'> {
	const {object} = props;
	const view = (state: ObjectState, look: Look): Page => ({
		title: {
			...line(span(object.name, 'strong'), span(`   ${kindAndRows(object.kind, object.rows).join(' · ')}`, 'quiet')),
			aside: (['structure', 'rows', 'sql'] as const).flatMap((each, index) => [
				...(index > 0 ? [span(' · ', 'quiet')] : []),
				span(names[each], each === state.shows ? 'accent' : 'quiet'),
			]),
		},
		body: bodyOf(props, state, look),
		offset: state.offset,
		copy: {what: 'the SQL', text: `${object.sql};`},
		hints: [
			{keys: 'tab', label: names[after[state.shows]]},
			{keys: '↑↓', label: 'scroll', explanation: 'also page up, page down, home and end', isExtra: true},
			...(state.shows === 'rows' ? [{keys: 'm', label: state.isMasked ? 'unmask' : 'mask', isExtra: true}] : []),
			{keys: 'esc', label: 'back'},
		],
	});
	return {
		initial: () => ({...scrollTop, shows: 'structure', isMasked: props.hidesSamples}),
		reduce: (state, key, look) => {
			if (key.name === 'escape' || types(key, 'b') || types(key, 'q')) return done(state, 'back');
			if (key.name === 'tab') return next({...state, ...scrollTop, shows: after[state.shows]});
			if (types(key, 'm') && state.shows === 'rows') return next({...state, isMasked: !state.isMasked});
			const scrolled = reduceScroll(state, key, layout(view(state, look), look).body);
			return next(scrolled === state ? state : {...state, offset: scrolled.offset});
		},
		view,
	};
}

function bodyOf({object, rows}: ObjectProps, {shows, isMasked}: ObjectState, look: Look): readonly Line[] {
	if (shows === 'sql') return sqlLines(object.sql);
	if (shows === 'rows') return rows === undefined ? [line(span('  …', 'quiet'))] : rowLines(rows, isMasked, look);
	if (object.problem !== undefined) return [problemLine(object.problem)];
	const columns = aligned(
		object.columns.map(({name, text}) => [spans(`  ${name}`), spans(span(text, 'quiet'))]),
		look,
	).map((cells): Line => ({spans: cells, reading: {role: 'listitem'}}));
	return [
		...columns,
		...listOf('constraints', object.constraints),
		...listOf('indexes', object.indexes),
		...listOf('refers to', object.keysOut),
		...listOf('referred to by', object.keysIn),
		...listOf('triggers', object.triggers),
	];
}

function listOf(title: string, items: readonly string[]): readonly Line[] {
	return items.length === 0 ? [] : [blank, line('  ', span(title, 'quiet')), ...items.map((item) => prose(6, '    ', item))];
}

function problemLine(problem: string): Line {
	return prose(4, '  ', span('✗', 'failed'), ` cannot be read: ${problem}`);
}

/** Shows rows as a table if they fit, otherwise one value per line. */
function rowLines({columns, rows, problem}: FirstRows, isMasked: boolean, look: Look): readonly Line[] {
	if (problem !== undefined) return [problemLine(problem)];
	if (rows.length === 0) return [line(span('  no rows', 'quiet'))];
	const shown = rows.map((row) => row.map((value) => (isMasked && value !== 'NULL' ? '•••' : value)));
	const widths = columns.map((name, index) => Math.max(widthOf(name), ...shown.map((row) => widthOf(row[index] ?? ''))));
	if (widths.reduce((sum, width) => sum + width + 2, 2) <= look.columns) {
		const cells = [columns.map((name) => spans(span(name, 'quiet'))), ...shown.map((row) => row.map((value) => spans(value)))];
		return aligned(
			cells.map(([first = [], ...more]) => [[span('  '), ...first], ...more]),
			look,
			{gap: 2, most: look.columns},
		).map((each) => ({spans: each}));
	}
	return shown.flatMap((row, index) => [
		...(index > 0 ? [blank] : []),
		...aligned(
			row.map((value, at) => [spans(span(`  ${columns[at]}`, 'quiet')), spans(value)]),
			look,
		).map((each): Line => ({spans: each})),
	]);
}
