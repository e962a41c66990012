import {fillFlag} from '../../core/diff/flags.ts';
import type {DraftFinding} from '../../core/migrations/finding.ts';
import {changeCount} from '../../core/plan/preview-text.ts';
import {bytes, plural} from '../../core/text/numbers.ts';
import {browseHints, filterLines, searchHint, searchHints, typingHints} from '../components/browse/browse-lines.ts';
import {type BrowseState, browseTop, reduceBrowse} from '../components/browse/reduce-browse.ts';
import {types} from '../keys/key.ts';
import {done, next} from '../keys/screen-step.ts';
import {keepLast} from '../page/keep-last.ts';
import {blank, type Line, line, prose, span, together} from '../page/line.ts';
import type {Look} from '../page/look.ts';
import {layout, narrow, type Page} from '../page/page.ts';
import {minColumnsForTwo} from '../page/panes.ts';
import type {Screen} from '../page/screen.ts';
import type {DraftPreview} from '../services.ts';
import {changeLines} from './changes.ts';
import {findingLines, queriesOf} from './findings.ts';
import {sideBySideLines} from './side-by-side.ts';
import {sqlLines} from './sql-lines.ts';

export type PreviewAnswer = 'write' | 'writeAndEdit' | 'back' | 'stop' | {readonly fill: FillableFinding};

/** A finding that an expression for its column fixes. */
export type FillableFinding = DraftFinding & {readonly column: string};

export interface PreviewProps {
	/** The name of the file without its time: `names`. A title if the name is not known yet. */
	readonly name: string;
	readonly draft: DraftPreview;
	readonly canGoBack: boolean;
}

export interface PreviewState extends BrowseState {
	readonly shows: 'tree' | 'sql' | 'sideBySide';
}

/** Shows the changes of a migration before it is written, as a tree or as SQL. */
export function previewScreen(props: PreviewProps): Screen<PreviewState, PreviewAnswer> {
	const {canGoBack} = props;
	return {
		initial: () => ({...browseTop, shows: 'tree'}),
		reduce: (state, key, look) => {
			const browse = () => {
				const page = viewOf(props, state, look);
				const browsed = reduceBrowse(state, key, page.body, look, layout(page, look).body);
				return next(browsed === state ? state : {...browsed, shows: state.shows});
			};
			if (state.isTyping) return browse();
			if (key.name === 'enter') return done(state, 'write');
			if (key.name === 'escape' || types(key, 'q')) return done(state, 'stop');
			if (types(key, 'e')) return done(state, 'writeAndEdit');
			if (types(key, 'b')) return canGoBack ? done(state, 'back') : next(state);
			const [fillable] = fillableIn(props.draft);
			if (types(key, 'f') && fillable !== undefined) return done(state, {fill: fillable});
			if (key.name === 'tab') return next({...browseTop, shows: viewAfter(state.shows, look)});
			return browse();
		},
		view: (state, look) => viewOf(props, state, look),
	};
}

const viewNames = {tree: 'tree', sql: 'SQL', sideBySide: 'side by side'} as const;

/** Returns the view after this one. Two definitions side by side need a wide terminal. */
function viewAfter(shows: PreviewState['shows'], look: Look): PreviewState['shows'] {
	if (shows === 'tree') return 'sql';
	return shows === 'sql' && look.columns >= minColumnsForTwo ? 'sideBySide' : 'tree';
}

const bodyOf = keepLast(
	(draft: DraftPreview, {shows, ...browsed}: Pick<PreviewState, 'shows' | 'filter' | 'isFolded'>, look: Look): readonly Line[] => {
		switch (shows) {
			case 'sql':
				return sqlLines(draft.sql);
			case 'sideBySide':
				return sideBySideLines(draft.changes, look);
			case 'tree':
				return [...changeLines(draft.changes, look, browsed), ...(browsed.filter === '' ? rowLines(draft) : [])];
		}
	},
);

function viewOf({name, draft, canGoBack}: PreviewProps, {shows: chosen, ...rest}: PreviewState, look: Look): Page {
	// The terminal may have become narrower since.
	const state = {...rest, shows: chosen === 'sideBySide' && look.columns < minColumnsForTwo ? ('tree' as const) : chosen};
	const isTree = state.shows === 'tree';
	const views = (['tree', 'sql', 'sideBySide'] as const).filter((view) => view !== 'sideBySide' || look.columns >= minColumnsForTwo);
	return {
		title: {
			...line(span(name, 'strong')),
			aside: views.flatMap((view, index) => [
				...(index > 0 ? [span(' · ', 'quiet')] : []),
				span(viewNames[view], view === state.shows ? 'accent' : 'quiet'),
			]),
		},
		body: bodyOf(draft, {shows: state.shows, filter: state.filter, isFolded: state.isFolded}, look),
		offset: state.offset,
		isTyping: state.isTyping,
		...copyOf(draft, isTree),
		bottom: [
			blank,
			...filterLines(state),
			...draft.notices.map((notice) => prose(4, '  ', span('! ', 'notice'), notice)),
			countsLine(draft),
			costLine(draft, look),
		],
		hints: state.isTyping
			? isTree
				? typingHints
				: searchHints
			: [
					{keys: 'enter', label: 'write the file'},
					{keys: 'tab', label: viewNames[viewAfter(state.shows, look)], explanation: 'switches the view', isExtra: true},
					{keys: '↑↓', label: 'scroll', explanation: 'also page up, page down, home and end', isExtra: true},
					...(isTree ? browseHints(draft.findings.some(({destructive}) => destructive)) : [searchHint]),
					...(fillableIn(draft).length === 0
						? []
						: [{keys: 'f', label: 'set a value', explanation: 'an SQL expression for the first column that needs one'}]),
					{keys: 'e', label: 'edit', explanation: 'writes the file and opens it in your editor', isExtra: true},
					...(canGoBack ? [{keys: 'b', label: 'back', explanation: 'to the previous question', isExtra: true}] : []),
					{keys: 'esc', label: 'stop', explanation: 'nothing is written'},
				],
	};
}

/** Returns what the copy key copies: the SQL of the migration, or the queries that find the rows of the findings. */
function copyOf({sql, findings}: DraftPreview, isTree: boolean): Pick<Page, 'copy'> {
	if (!isTree) return {copy: {what: 'the SQL', text: sql}};
	return queriesOf(findings);
}

/** Returns the findings in existing rows. The tree already shows drops. */
function rowLines({findings}: DraftPreview): readonly Line[] {
	const shown = findings.filter(({kind}) => kind !== 'dropTable' && kind !== 'dropColumn');
	const [first] = fillableIn({findings});
	return shown.length === 0
		? []
		: [
				blank,
				...shown.flatMap((finding) =>
					findingLines(finding, {
						fixOf: (fix) => fixByKey(finding, fix, finding.table === first?.table && finding.column === first.column),
						canCopy: true,
					}),
				),
			];
}

function fillableIn({findings}: Pick<DraftPreview, 'findings'>): readonly FillableFinding[] {
	return findings.filter((finding): finding is FillableFinding => finding.fixes.some((fix) => namesFill(finding, fix)));
}

function namesFill({table, column}: DraftFinding, fix: string): boolean {
	return column !== null && fix.includes(fillFlag(table, column));
}

/** Names the key instead of the flag of the command line. The key asks about the first finding, and then about the next one. */
function fixByKey(finding: DraftFinding, fix: string, isFirst: boolean): string {
	if (!namesFill(finding, fix)) return fix;
	return fix.replace(` with ${fillFlag(finding.table, finding.column ?? '')}`, isFirst ? ': press f' : ': press f after the one above');
}

/** Counts the changes above, and the serious findings, which may be scrolled out of view. */
function countsLine({changes, findings}: DraftPreview): Line {
	const fails = findings.filter((finding) => finding.blocking).length;
	// Dropping an empty table or column loses nothing.
	const serious = findings.filter(({destructive, rows}) => destructive && rows > 0);
	const losses = serious.filter(({kind}) => kind !== 'incompatible').length;
	// Values that do not fit need consent, but are kept unchanged.
	const unfit = serious.filter(({kind}) => kind === 'incompatible').reduce((sum, {rows}) => sum + rows, 0);
	return prose(
		2,
		'  ',
		span(plural(changeCount(changes), 'change'), 'quiet'),
		...(losses > 0 ? [span(' · ', 'quiet'), span(`▲ ${losses} ${losses === 1 ? 'loses' : 'lose'} data`, 'danger')] : []),
		...(unfit > 0 ? [span(' · ', 'quiet'), span(`▲ ${plural(unfit, 'value')} ${unfit === 1 ? 'does' : 'do'} not fit`, 'danger')] : []),
		...(fails > 0 ? [span(' · ', 'quiet'), span(`✗ ${fails} would fail on existing rows`, 'failed')] : []),
	);
}

function costLine({cost}: DraftPreview, {columns}: Look): Line {
	const parts = [
		cost.rows === 0 ? 'no row is read or written' : `${plural(cost.rows, 'row')} read or written`,
		...(cost.bytes > 0 ? [`${bytes(cost.bytes)} extra disk space`] : []),
		...(cost.backupBytes === null ? [] : [`backup ${bytes(cost.backupBytes)} first`]),
	];
	return prose(2, '  ', span(parts.map((part) => (columns < narrow ? part : together(part))).join(' · '), 'quiet'));
}
