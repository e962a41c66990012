import {changeCount} from '../../core/plan/preview-text.ts';
import {bytes, plural} from '../../core/text/numbers.ts';
import {reduceScroll, type ScrollState, scrollTop} from '../components/scroll-view/reduce-scroll.ts';
import {types} from '../keys/key.ts';
import {done, next} from '../keys/step.ts';
import {blank, type Line, line, prose, span} from '../page/line.ts';
import type {Look} from '../page/look.ts';
import {layout, type Page} from '../page/page.ts';
import type {Screen} from '../page/screen.ts';
import type {Draft} from '../services.ts';
import {changeLines} from './changes.ts';
import {findingLines} from './findings.ts';
import {sqlLines} from './sql-lines.ts';

export type PreviewAnswer = 'write' | 'writeAndEdit' | 'back' | 'stop';

export interface PreviewProps {
	/** What the file will be called, without its time: `names`; the title where it is not known yet. */
	readonly name: string;
	readonly draft: Draft;
	readonly canGoBack: boolean;
}

export interface PreviewState extends ScrollState {
	readonly shows: 'tree' | 'sql';
}

/** What the migration would do, as a tree or as SQL, before it is written. */
export function previewScreen(props: PreviewProps): Screen<PreviewState, PreviewAnswer> {
	const {canGoBack} = props;
	return {
		initial: () => ({...scrollTop, shows: 'tree'}),
		reduce: (state, key, look) => {
			if (key.name === 'enter') return done(state, 'write');
			if (key.name === 'escape') return done(state, 'stop');
			if (types(key, 'e')) return done(state, 'writeAndEdit');
			if (types(key, 'b')) return canGoBack ? done(state, 'back') : next(state);
			if (key.name === 'tab') return next({...scrollTop, shows: state.shows === 'tree' ? 'sql' : 'tree'});
			const scrolled = reduceScroll(state, key, layout(viewOf(props, state, look), look).body);
			return next(scrolled === state ? state : {...scrolled, shows: state.shows});
		},
		view: (state, look) => viewOf(props, state, look),
	};
}

function viewOf({name, draft, canGoBack}: PreviewProps, state: PreviewState, look: Look): Page {
	const isTree = state.shows === 'tree';
	return {
		title: {
			...line(span(name, 'strong')),
			aside: [span('tree', isTree ? 'accent' : 'quiet'), span(' · ', 'quiet'), span('SQL', isTree ? 'quiet' : 'accent')],
		},
		body: isTree ? [...changeLines(draft.changes, look), ...rowLines(draft)] : sqlLines(draft.sql),
		offset: state.offset,
		bottom: [blank, ...draft.notices.map((notice) => prose(4, '  ', span('! ', 'notice'), notice)), countsLine(draft), costLine(draft)],
		hints: [
			{keys: 'enter', label: 'write the file'},
			{keys: 'tab', label: isTree ? 'SQL' : 'tree', explanation: 'the other view of the same', isExtra: true},
			{keys: '↑↓', label: 'scroll', explanation: 'page up and down, home and end, too', isExtra: true},
			{keys: 'e', label: 'edit', explanation: 'writes the file and opens it in your editor', isExtra: true},
			...(canGoBack ? [{keys: 'b', label: 'back', explanation: 'to the last question', isExtra: true}] : []),
			{keys: 'esc', label: 'stop', explanation: 'nothing is written'},
		],
	};
}

/** What the rows say to it; drops are told by the tree already. */
function rowLines({findings}: Draft): readonly Line[] {
	const told = findings.filter(({kind}) => kind !== 'dropTable' && kind !== 'dropColumn');
	return told.length === 0 ? [] : [blank, ...told.flatMap(findingLines)];
}

/** What is to be seen above, and what of it is grave, however far it is scrolled away. */
function countsLine({changes, findings}: Draft): Line {
	const fails = findings.filter((finding) => finding.fails).length;
	const losses = findings.filter(({destructive}) => destructive).length;
	return prose(
		2,
		'  ',
		span(plural(changeCount(changes), 'change'), 'quiet'),
		...(losses > 0 ? [span(' · ', 'quiet'), span(`▲ ${losses} ${losses === 1 ? 'loses' : 'lose'} data`, 'danger')] : []),
		...(fails > 0 ? [span(' · ', 'quiet'), span(`✗ ${fails} would fail on the rows that are there`, 'failed')] : []),
	);
}

function costLine({cost}: Draft): Line {
	const parts = [
		cost.rows === 0 ? 'no row is read or written' : `${plural(cost.rows, 'row')} read or written`,
		...(cost.bytes > 0 ? [`${bytes(cost.bytes)} of disk meanwhile`] : []),
		...(cost.backupBytes === null ? [] : [`backup ${bytes(cost.backupBytes)} first`]),
	];
	return prose(2, '  ', span(parts.join(' · '), 'quiet'));
}
