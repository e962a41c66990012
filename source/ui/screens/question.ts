import type {DropQuestion, RenameQuestion} from '../../core/diff/question.ts';
import type {CandidateEvidence, Evidence} from '../../core/migrations/evidence.ts';
import {count, plural} from '../../core/text/numbers.ts';
import {valueText} from '../../core/text/value.ts';
import {openSelect, reduceSelect, type SelectState} from '../components/select/reduce-select.ts';
import {type SelectEntry, selectLines} from '../components/select/select-lines.ts';
import {types} from '../keys/key.ts';
import {done, next} from '../keys/step.ts';
import {line, prose, type Span, span, spans, together} from '../page/line.ts';
import type {Hint} from '../page/page.ts';
import type {Screen} from '../page/screen.ts';

export type Answer =
	| {readonly kind: 'rename'; readonly from: string}
	/** What looks like a rename is a new thing, and the old one goes. */
	| {readonly kind: 'new'}
	| {readonly kind: 'drop'}
	| {readonly kind: 'ignore'}
	| {readonly kind: 'later'}
	| {readonly kind: 'back'};

export interface QuestionProps {
	readonly question: RenameQuestion | DropQuestion;
	/** From 1. */
	readonly number: number;
	readonly total: number;
	/** Undefined while the rows are being counted. */
	readonly evidence: Evidence | undefined;
	/** Old names that another open question also asks about, so that this answer does not drop them yet. */
	readonly alsoAsked: readonly string[];
	readonly hidesSamples: boolean;
	readonly canGoBack: boolean;
}

export interface QuestionState extends SelectState {
	readonly isMasked: boolean;
	readonly showsMore: boolean;
}

interface AnswerEntry extends SelectEntry {
	readonly answer: Answer;
}

/** One thing that only a person knows, with what speaks for each answer. */
export function questionScreen(props: QuestionProps): Screen<QuestionState, Answer> {
	const {question, number, total, canGoBack} = props;
	// Only what is clearly ahead is preselected; nothing ever is that drops something.
	const start = question.kind === 'rename' ? question.candidates.findIndex(({likely}) => likely) : -1;
	return {
		initial: () => ({
			...openSelect(answerEntries(props, {isMasked: props.hidesSamples, showsMore: false}), start),
			isMasked: props.hidesSamples,
			showsMore: false,
		}),
		reduce: (state, key) => {
			if (key.name === 'escape') return done(state, {kind: 'later'});
			if (types(key, 'b')) return canGoBack ? done(state, {kind: 'back'}) : next(state);
			if (types(key, 'v')) return next({...state, showsMore: !state.showsMore});
			if (types(key, 'm')) return next({...state, isMasked: !state.isMasked});
			const entries = answerEntries(props, state);
			const step = reduceSelect(state, key, entries);
			const entered = step.entered === undefined ? undefined : entries[step.entered];
			const moved = step.state.index === state.index ? state : {...state, index: step.state.index};
			return entered === undefined ? next(moved) : done(moved, entered.answer);
		},
		view: (state, look) => {
			const lines = selectLines(answerEntries(props, state), state, look);
			return {
				title: {...line(span('Create a migration', 'strong')), aside: [span(`question ${number} of ${total}`, 'quiet')]},
				top: [prose(0, span(sentence(question), 'strong')), line()],
				...lines,
				hints: hintsOf(props, state),
			};
		},
	};
}

function questionName({table, column}: DropQuestion): string {
	return column === undefined ? table : `${table}.${column}`;
}

function sentence(question: RenameQuestion | DropQuestion): string {
	return question.kind === 'rename' ? `${question.message}. What happened?` : `${question.message}. What should happen?`;
}

function hasSamples(evidence: Evidence | undefined): boolean {
	return evidence?.candidates.some(({samples}) => samples.length > 0) === true;
}

function hintsOf({canGoBack, evidence}: QuestionProps, {isMasked, showsMore}: QuestionState): readonly Hint[] {
	return [
		{keys: '↑↓', label: 'move', isExtra: true},
		{keys: 'enter', label: 'choose'},
		...(hasSamples(evidence) ? [{keys: 'v', label: showsMore ? 'fewer samples' : 'more samples', isExtra: true}] : []),
		...(hasSamples(evidence)
			? [{keys: 'm', label: isMasked ? 'unmask' : 'mask', explanation: 'hides the samples from eyes behind you', isExtra: true}]
			: []),
		...(canGoBack ? [{keys: 'b', label: 'back', explanation: 'to the question before'}] : []),
		{keys: 'esc', label: 'stop', explanation: 'decide later; nothing is written'},
	];
}

type Shown = Pick<QuestionState, 'isMasked' | 'showsMore'>;

function answerEntries(props: QuestionProps, shown: Shown): readonly AnswerEntry[] {
	const later: AnswerEntry = {
		answer: {kind: 'later'},
		label: spans(span('?', 'notice'), ' decide later'),
		hint: spans(span('stop here, write nothing', 'quiet')),
	};
	return props.question.kind === 'rename'
		? [...renameEntries(props, props.question, shown), later]
		: [...dropEntries(props, props.question, shown), later];
}

function renameEntries(props: QuestionProps, question: RenameQuestion, shown: Shown): readonly AnswerEntry[] {
	const isTable = question.column === undefined;
	const what = isTable ? 'row' : 'value';
	const renames = question.candidates.map((candidate): AnswerEntry => {
		const found = evidenceOf(props.evidence, candidate.name);
		return {
			answer: {kind: 'rename', from: candidate.name},
			label: spans(span('~', 'change'), ` ${candidate.name} → ${question.to}`),
			hint: spans('renamed', kept(props.evidence, found, what)),
			...(candidate.likely ? {badge: spans(span('likely', 'add'))} : {}),
			details: [spans(candidate.evidence.map(together).join(' · ')), ...sampleLines(found, shown)],
		};
	});
	const gone = question.candidates.map(({name}) => name);
	const dropped = gone.filter((name) => !props.alsoAsked.includes(name));
	const still = gone.filter((name) => props.alsoAsked.includes(name));
	const lost = dropped.map((name) => {
		const values = evidenceOf(props.evidence, name)?.values ?? 0;
		return values === 0
			? spans(span('-', 'drop'), ` ${name} is dropped`)
			: spans(span('▲', 'danger'), ` ${name} and its ${plural(values, what)} are dropped`);
	});
	return [
		...renames,
		{
			answer: {kind: 'new'},
			label: spans(span('+', 'add'), ` ${question.to}`),
			hint: spans(isTable ? 'a new table' : 'a new column'),
			details: [...lost, ...still.map((name) => spans(span('?', 'notice'), ` ${name} is asked about next`))],
		},
	];
}

function dropEntries(props: QuestionProps, question: DropQuestion, shown: Shown): readonly AnswerEntry[] {
	const name = question.column ?? question.table;
	const found = evidenceOf(props.evidence, name);
	const ignore: AnswerEntry = {
		answer: {kind: 'ignore'},
		label: spans(span('○', 'quiet'), ' not ours, ignore it'),
		hint: spans(span('from now on; written into migrate.toml', 'quiet')),
	};
	return [
		{
			answer: {kind: 'drop'},
			label: spans(span('-', 'drop'), ` drop ${questionName(question)}`),
			hint: whatGoes(question, found),
			details: sampleLines(found, shown),
		},
		...(question.column === undefined ? [ignore] : []),
	];
}

function whatGoes(question: DropQuestion, found: CandidateEvidence | undefined): readonly Span[] {
	const holdsRows = question.object === 'table' || question.object === 'column' || question.object === 'virtualTable';
	if (!holdsRows) return [span(`the ${question.object}; no rows`)];
	if (found === undefined) return [];
	return found.values === 0
		? [span('it is empty')]
		: [span(`▲ loses ${plural(found.values, question.object === 'column' ? 'value' : 'row')}`, 'danger')];
}

function evidenceOf(evidence: Evidence | undefined, name: string): CandidateEvidence | undefined {
	return evidence?.candidates.find((candidate) => candidate.name === name);
}

function kept(evidence: Evidence | undefined, found: CandidateEvidence | undefined, what: string): readonly Span[] {
	if (evidence === undefined) return [span('; counting …', 'quiet')];
	return evidence.rows === null || found === undefined ? [] : [span(`; keeps ${count(found.values)} ${found.values === 1 ? what : `${what}s`}`)];
}

function sampleLines(found: CandidateEvidence | undefined, {isMasked, showsMore}: Shown): readonly (readonly Span[])[] {
	if (found === undefined || found.samples.length === 0) return [];
	const different = [...new Set(found.samples.map(({value}) => valueText(value, 24)))];
	const shown = different.slice(0, showsMore ? 12 : 3);
	const texts = shown.map((text) => together(isMasked ? masked(text) : text));
	return [spans(texts.join(' · '), found.values > shown.length ? ' …' : '')];
}

/** As long as the value, to about four letters, and nothing else of it. */
function masked(text: string): string {
	return '•'.repeat(Math.min(8, Math.max(3, Math.ceil(text.length / 4) * 2)));
}
