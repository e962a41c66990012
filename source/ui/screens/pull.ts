import type {PullFormat} from '../../core/pull/pull.ts';
import {formatNames} from '../../core/pull/pull-text.ts';
import {count, plural} from '../../core/text/numbers.ts';
import type {Consent} from '../components/confirm/reduce-confirm.ts';
import {reduceScroll, type ScrollState, scrollTop} from '../components/scroll-view/reduce-scroll.ts';
import {treeLines} from '../components/tree/tree-lines.ts';
import type {PullPreview} from '../existing-database.ts';
import {types} from '../keys/key.ts';
import {done, next} from '../keys/screen-step.ts';
import {blank, type Line, line, prose, ruled, ruledInset, type Span, span, spans, together} from '../page/line.ts';
import type {Look} from '../page/look.ts';
import {layout, type Page} from '../page/page.ts';
import type {Screen} from '../page/screen.ts';
import {type ConsentState, consentScreen} from './consent.ts';
import {sqlLines} from './sql-lines.ts';

export type PullView = 'summary' | 'models';

/** The answer of the pull screen. A format asks to show the models in that format. */
export type PullAnswer = 'write' | 'stop' | {readonly format: PullFormat; readonly shows: PullView};

export interface PullState extends ScrollState {
	readonly shows: PullView;
}

export interface PullProps {
	readonly preview: PullPreview;
	/** The formats to choose from, in the order that the key switches them. */
	readonly formats: readonly PullFormat[];
	/** The view to start on. */
	readonly shows: PullView;
}

/** Shows models before they are written: the objects found and the files to write, or the text of the files. */
export function pullScreen({preview, formats, shows}: PullProps): Screen<PullState, PullAnswer> {
	const models = modelLines(preview);
	const after = formats[(formats.indexOf(preview.format) + 1) % formats.length];
	const other = after === preview.format ? undefined : after;
	const view = (state: PullState, look: Look): Page => viewOf(preview, {models, other}, state, look);
	return {
		initial: () => ({...scrollTop, shows}),
		reduce: (state, key, look) => {
			if (key.name === 'enter') return done(state, 'write');
			if (key.name === 'escape' || types(key, 'q')) return done(state, 'stop');
			if (types(key, 'f') && other !== undefined) return done(state, {format: other, shows: state.shows});
			if (key.name === 'tab') return next({...scrollTop, shows: state.shows === 'summary' ? 'models' : 'summary'});
			const scrolled = reduceScroll(state, key, layout(view(state, look), look).body);
			return next(scrolled === state ? state : {...scrolled, shows: state.shows});
		},
		view,
	};
}

/** Returns the files that writing would change. Files that are already the same are skipped. */
export function filesToWrite({files}: PullPreview): PullPreview['files'] {
	return files.filter(({isSame}) => !isSame);
}

/** True if writing needs consent: it would overwrite a file, or define tables that other files may define too. */
export function needsPullConsent(preview: PullPreview): boolean {
	const files = filesToWrite(preview);
	return files.some(({exists}) => exists) || (files.length > 0 && preview.others.length > 0);
}

/** Shows the effect of writing the models on existing ones, and asks for the file name. */
export function pullConsentScreen(preview: PullPreview): Screen<ConsentState, Consent> {
	const files = filesToWrite(preview);
	const replaced = files.filter(({exists}) => exists);
	const first = replaced[0] ?? files[0];
	return consentScreen({
		title:
			replaced.length > 0
				? line(span('▲ ', 'danger'), span(`This overwrites ${replaced.length === 1 ? first?.path : plural(replaced.length, 'file')}`, 'danger'))
				: line(span('! ', 'notice'), span('Models already exist', 'strong')),
		losses: () => [
			...files.map((file) => ruled(fileParts(file))),
			...(preview.others.length > 0 ? [ruled(span('! ', 'notice'), otherText(preview)), ...preview.others.map((path) => ruledInset(path))] : []),
		],
		safety: replaced.length > 0 ? [ruled(span('! ', 'notice'), 'manual edits in it will be lost; models are not backed up')] : [],
		action: replaced.length > 0 ? 'Overwrite' : 'Write',
		name: first?.name ?? '',
	});
}

interface Ways {
	readonly models: readonly Line[];
	/** The format that the key switches to. */
	readonly other: PullFormat | undefined;
}

function viewOf(preview: PullPreview, {models, other}: Ways, state: PullState, look: Look): Page {
	const isSummary = state.shows === 'summary';
	const files = filesToWrite(preview);
	return {
		title: {
			...line(span(`Models in ${formatNames[preview.format]}`, 'strong')),
			aside: [span('summary', isSummary ? 'accent' : 'quiet'), span(' · ', 'quiet'), span('models', isSummary ? 'quiet' : 'accent')],
		},
		...(isSummary ? {top: [...preview.files.map((file) => prose(4, '  ', ...fileParts(file))), blank]} : {}),
		body: isSummary ? summaryLines(preview, look) : models,
		offset: state.offset,
		bottom: [blank, prose(2, '  ', span(`${preview.database}: ${preview.found.split(', ').map(together).join(', ')}`, 'quiet'))],
		hints: [
			{keys: 'enter', label: writeLabel(files.length), ...(needsPullConsent(preview) ? {explanation: 'asks for confirmation'} : {})},
			{keys: 'tab', label: isSummary ? 'models' : 'summary', explanation: 'switches the view'},
			{keys: '↑↓', label: 'scroll', explanation: 'also page up, page down, home and end', isExtra: true},
			...(other === undefined
				? []
				: [{keys: 'f', label: `as ${formatNames[other]}`, explanation: 'the same models in another format', isExtra: true}]),
			{keys: 'esc', label: 'stop', explanation: 'nothing is written'},
		],
	};
}

function writeLabel(files: number): string {
	if (files === 0) return 'close';
	return files === 1 ? 'write the file' : `write ${plural(files, 'file')}`;
}

function fileParts({path, text, exists, isSame}: PullPreview['files'][number]): readonly Span[] {
	const size = plural(text.split('\n').length - 1, 'line');
	if (isSame) return spans(span('✔ ', 'done'), span(path, 'strong'), '   ', span('already exists and is the same', 'quiet'));
	return exists
		? spans(
				span('▲ ', 'danger'),
				span(path, 'strong'),
				'   ',
				span('already exists and would be overwritten', 'danger'),
				span(` with ${size}`, 'quiet'),
			)
		: spans(span('+ ', 'add'), span(path, 'strong'), '   ', span(`new, ${size}`, 'quiet'));
}

function summaryLines(preview: PullPreview, look: Look): readonly Line[] {
	const warned = [...otherLines(preview), ...preview.notes.map((note) => prose(4, '  ', span('! ', 'notice'), note))];
	const objects = preview.objects.map(({name, about}) => ({
		label: spans(span('+ ', 'add'), span(name, 'strong')),
		aside: spans(span(about.join(' · '), 'quiet')),
	}));
	return [...warned, ...(warned.length === 0 ? [] : [blank]), ...treeLines(objects, look)];
}

/** Lists other model files that stay in the folder. */
function otherLines({others}: Pick<PullPreview, 'others'>): readonly Line[] {
	if (others.length === 0) return [];
	return [prose(4, '  ', span('! ', 'notice'), otherText({others})), ...others.map((path) => ({...line('      ', path), keepsEnd: true}))];
}

function otherText({others}: Pick<PullPreview, 'others'>): string {
	const what = others.length === 1 ? 'another model file stays' : `${count(others.length)} other model files stay`;
	return `${what} in the folder; tables defined in both would be duplicates`;
}

/** Returns the text of the files. If there are several, each one is below its path. */
function modelLines({files}: PullPreview): readonly Line[] {
	return files.flatMap(({path, text}, index) => [
		...(index === 0 ? [] : [blank]),
		...(files.length === 1 ? [] : [line('  ', span(path, 'strong')), blank]),
		...sqlLines(text.trimEnd()),
	]);
}
