import type {DropQuestion, Question, RenameQuestion} from '../../core/diff/question.ts';
import {count, plural} from '../../core/text/numbers.ts';
import {valueText} from '../../core/text/value.ts';
import {openSelect, reduceSelect, type SelectState} from '../components/select/reduce-select.ts';
import {type SelectEntry, selectLines} from '../components/select/select-lines.ts';
import {types} from '../keys/key.ts';
import {done, next} from '../keys/step.ts';
import {line, prose, type Span, span, spans} from '../page/line.ts';
import type {Hint} from '../page/page.ts';
import type {Screen} from '../page/screen.ts';
import type {CandidateEvidence, Evidence} from '../services.ts';

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

export function questionName(question: Question): string {
	return question.kind === 'rename' && question.column !== undefined
		? `${question.table}.${question.column}`
		: question.kind !== 'rename' && question.column !== undefined
			? `${question.table}.${question.column}`
			: question.table;
}

function sentence(question: RenameQuestion | DropQuestion): string {
	return question.kind === 'rename' ? `${question.message}. What happened?` : `${question.message}. What should become of it?`;
}

function hintsOf({canGoBack}: QuestionProps, {isMasked, showsMore}: QuestionState): readonly Hint[] {
	return [
		{keys: '↑↓', label: 'move'},
		{keys: 'enter', label: 'choose'},
		{keys: 'v', label: showsMore ? 'fewer samples' : 'more samples'},
		{keys: 'm', label: isMasked ? 'show samples' : 'mask samples', explanation: 'for eyes behind you'},
		...(canGoBack ? [{keys: 'b', label: 'back', explanation: 'to the question before'}] : []),
		{keys: 'esc', label: 'stop', explanation: 'decide later; nothing is written'},
		{keys: '?', label: 'keys', isMinor: true},
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
			details: [spans(candidate.evidence.join(' · ')), ...sampleLines(found, shown)],
		};
	});
	const gone = question.candidates.map(({name}) => name);
	const dropped = gone.filter((name) => !props.alsoAsked.includes(name));
	const still = gone.filter((name) => props.alsoAsked.includes(name));
	const lost = dropped.map((name) => {
		const found = evidenceOf(props.evidence, name);
		return found === undefined || found.values === 0 ? name : `${name} and its ${plural(found.values, what)}`;
	});
	const hint = [
		isTable ? 'a new table' : 'a new column',
		...(lost.length > 0 ? [`${listed(lost)} ${dropped.length > 1 || lost[0] !== dropped[0] ? 'are' : 'is'} dropped`] : []),
		...(still.length > 0 ? [`${listed(still)} ${still.length > 1 ? 'stay' : 'stays'} open`] : []),
	].join('; ');
	const losesValues = dropped.some((name) => (evidenceOf(props.evidence, name)?.values ?? 0) > 0);
	return [
		...renames,
		{
			answer: {kind: 'new'},
			label: spans(span('+', 'add'), ` ${question.to}`),
			hint: spans(hint),
			...(losesValues ? {badge: spans(span('▲', 'danger'))} : {}),
		},
	];
}

function dropEntries(props: QuestionProps, question: DropQuestion, shown: Shown): readonly AnswerEntry[] {
	const name = question.column ?? question.table;
	const found = evidenceOf(props.evidence, name);
	const isTable = question.object === 'table' || question.object === 'virtualTable';
	const lost =
		found === undefined || found.values === 0 ? [] : spans('  ', span(`▲ loses ${plural(found.values, isTable ? 'row' : 'value')}`, 'danger'));
	const ignore: AnswerEntry = {
		answer: {kind: 'ignore'},
		label: spans(span('○', 'quiet'), ' not ours, ignore it'),
		hint: spans(span('from now on; written into migrate.toml', 'quiet')),
	};
	return [
		{
			answer: {kind: 'drop'},
			label: spans(span('-', 'drop'), ` drop ${questionName(question)}`),
			hint: spans(whatGoes(question, found), lost),
			details: sampleLines(found, shown),
		},
		...(question.column === undefined ? [ignore] : []),
	];
}

function whatGoes(question: DropQuestion, found: CandidateEvidence | undefined): string {
	if (question.object !== 'table' && question.object !== 'column' && question.object !== 'virtualTable') return `the ${question.object}; no rows`;
	return found?.values === 0 ? 'it is empty' : `the ${question.object === 'column' ? 'column' : 'table'}`;
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
	const shown = found.samples.slice(0, showsMore ? 12 : 3);
	const texts = shown.map(({value}) => (isMasked ? masked(valueText(value, 24)) : valueText(value, 24)));
	return [spans(texts.join(' · '), found.values > shown.length ? ' …' : '')];
}

/** As long as the value, to about four letters, and nothing else of it. */
function masked(text: string): string {
	return '•'.repeat(Math.min(8, Math.max(3, Math.ceil(text.length / 4) * 2)));
}

function listed(names: readonly string[]): string {
	return names.length < 2 ? (names[0] ?? '') : `${names.slice(0, -1).join(', ')} and ${names.at(-1)}`;
}
