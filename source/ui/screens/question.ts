import type {DropQuestion, RenameQuestion} from '../../core/diff/question.ts';
import type {CandidateEvidence, Evidence} from '../../core/migrations/draft/evidence.ts';
import {count, plural} from '../../core/text/numbers.ts';
import {valueText} from '../../core/text/value.ts';
import {openSelect, reduceSelect, type SelectState} from '../components/select/reduce-select.ts';
import {type SelectEntry, selectLines} from '../components/select/select-lines.ts';
import {types} from '../keys/key.ts';
import {done, next} from '../keys/screen-step.ts';
import {line, prose, type Span, span, spans, together} from '../page/line.ts';
import type {Hint} from '../page/page.ts';
import type {Screen} from '../page/screen.ts';

export type Answer =
	| {readonly kind: 'rename'; readonly from: string}
	/** It is a new object, not a rename, and the old one is dropped. */
	| {readonly kind: 'new'}
	| {readonly kind: 'drop'}
	| {readonly kind: 'ignore'}
	| {readonly kind: 'later'}
	| {readonly kind: 'back'};

/** An answer, and whether it also answers the other questions it fits. */
export interface GivenAnswer {
	readonly answer: Answer;
	readonly isForAll: boolean;
}

export interface QuestionProps {
	readonly question: RenameQuestion | DropQuestion;
	/** From 1. */
	readonly number: number;
	readonly total: number;
	/** Undefined while the rows are being counted. */
	readonly evidence: Evidence | undefined;
	/** Old names that another open question is also about, so this answer does not drop them yet. */
	readonly alsoAsked: readonly string[];
	readonly hidesSamples: boolean;
	readonly canGoBack: boolean;
	/** Returns the number of other open questions that an answer fits. */
	readonly alike: (answer: Answer) => number;
	/** The answer to start on, if the user comes back to the question. */
	readonly before?: Answer | undefined;
}

export interface QuestionState extends SelectState {
	readonly isMasked: boolean;
	readonly showsMore: boolean;
}

/** The maximum number of rows of an entry. More would push the other answers out of view. */
const mostLost = 6;

interface AnswerEntry extends SelectEntry {
	readonly answer: Answer;
}

/** Asks one question that only the user can answer, with evidence for each answer. */
export function questionScreen(props: QuestionProps): Screen<QuestionState, GivenAnswer> {
	const {question, number, total, canGoBack} = props;
	return {
		initial: () => {
			const shown: Shown = {isMasked: props.hidesSamples, showsMore: false};
			const entries = answerEntries(props, shown);
			return {...openSelect(entries, startOf(props, entries)), ...shown};
		},
		reduce: (state, key) => {
			if (key.name === 'escape' || types(key, 'q')) return done(state, {answer: {kind: 'later'}, isForAll: false});
			if (types(key, 'b')) return canGoBack ? done(state, {answer: {kind: 'back'}, isForAll: false}) : next(state);
			if (types(key, 'v')) return hasMoreSamples(props.evidence) ? next({...state, showsMore: !state.showsMore}) : next(state);
			if (types(key, 'm')) return hasSamples(props.evidence) ? next({...state, isMasked: !state.isMasked}) : next(state);
			const entries = answerEntries(props, state);
			const selected = entries[state.index];
			if (types(key, 'a') || types(key, 'A')) {
				return selected === undefined || props.alike(selected.answer) === 0 ? next(state) : done(state, {answer: selected.answer, isForAll: true});
			}
			const step = reduceSelect(state, key, entries);
			const entered = step.entered === undefined ? undefined : entries[step.entered];
			const moved = step.state === state ? state : {...state, index: step.state.index, isUnchosen: step.state.isUnchosen === true};
			return entered === undefined ? next(moved) : done(moved, {answer: entered.answer, isForAll: false});
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

/** Returns the entry to start on: the previous answer, otherwise a likely rename. Never an answer that drops something. */
function startOf({question, before}: QuestionProps, entries: readonly AnswerEntry[]): number {
	if (before === undefined) return question.kind === 'rename' ? question.candidates.findIndex(({likely}) => likely) : -1;
	return entries.findIndex(({answer}) =>
		answer.kind === 'rename' && before.kind === 'rename' ? answer.from === before.from : answer.kind === before.kind,
	);
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

/** True if an answer has more different samples than it shows at first. */
function hasMoreSamples(evidence: Evidence | undefined): boolean {
	return evidence?.candidates.some((candidate) => differentSamples(candidate).length > fewSamples) === true;
}

function hintsOf(props: QuestionProps, state: QuestionState): readonly Hint[] {
	const {canGoBack, evidence, alike} = props;
	const {isMasked, showsMore} = state;
	const selected = answerEntries(props, state)[state.index];
	const others = selected === undefined ? 0 : alike(selected.answer);
	return [
		{keys: '↑↓', label: 'move', isExtra: true},
		{keys: 'enter', label: 'choose'},
		...(others > 0 ? [{keys: 'a', label: `same for ${others} more`, explanation: 'shows a list to review first'}] : []),
		...(hasMoreSamples(evidence) ? [{keys: 'v', label: showsMore ? 'fewer samples' : 'more samples', isExtra: true}] : []),
		...(hasSamples(evidence)
			? [
					{
						keys: 'm',
						label: isMasked ? 'unmask' : 'mask',
						explanation: isMasked ? 'shows sample values' : 'hides sample values from onlookers',
						isExtra: true,
					},
				]
			: []),
		...(canGoBack ? [{keys: 'b', label: 'back', explanation: 'to the previous question'}] : []),
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
	const names = question.candidates.map(({name}) => name);
	const dropped = names.filter((name) => !props.alsoAsked.includes(name));
	const askedNext = names.filter((name) => props.alsoAsked.includes(name));
	return [
		...renames,
		{
			answer: {kind: 'new'},
			label: spans(span('+', 'add'), ` ${question.to}`),
			hint: spans(isTable ? 'a new table' : 'a new column'),
			details: [...lostLines(dropped, props.evidence, what), ...askedNext.map((name) => spans(span('?', 'notice'), ` ${name} is asked about next`))],
		},
	];
}

/** Lists the candidates that are dropped if the object is new, largest first. If there are many, the rest share one line. */
function lostLines(names: readonly string[], evidence: Evidence | undefined, what: string): readonly (readonly Span[])[] {
	const lost = names.map((name) => ({name, values: evidenceOf(evidence, name)?.values ?? 0})).toSorted((a, b) => b.values - a.values);
	const shown = lost.slice(0, lost.length > mostLost ? mostLost - 1 : mostLost);
	const rest = lost.slice(shown.length);
	const ofRest = rest.reduce((sum, {values}) => sum + values, 0);
	const others = plural(rest.length, 'other');
	return [
		...shown.map(({name, values}) => lossLine(values, `${name} is dropped`, `${name} and its ${plural(values, what)} are dropped`)),
		...(rest.length === 0 ? [] : [lossLine(ofRest, `${others} are dropped`, `${others} and their ${plural(ofRest, what)} are dropped`)]),
	];
}

function lossLine(values: number, ofNone: string, ofSome: string): readonly Span[] {
	return values === 0 ? spans(span('-', 'drop'), ` ${ofNone}`) : spans(span('▲', 'danger'), ` ${ofSome}`);
}

function dropEntries(props: QuestionProps, question: DropQuestion, shown: Shown): readonly AnswerEntry[] {
	const name = question.column ?? question.table;
	const found = evidenceOf(props.evidence, name);
	const ignore: AnswerEntry = {
		answer: {kind: 'ignore'},
		label: spans(span('○', 'quiet'), ' ignore it'),
		hint: spans(span('lite-migr no longer manages it; saved in migrate.toml', 'quiet')),
	};
	return [
		{
			answer: {kind: 'drop'},
			label: spans(span('-', 'drop'), ` drop ${questionName(question)}`),
			hint: whatGoes(question, found),
			details: sampleLines(found, shown),
		},
		...(question.object === 'column' ? [] : [ignore]),
	];
}

function whatGoes(question: DropQuestion, found: CandidateEvidence | undefined): readonly Span[] {
	const holdsRows = question.object === 'table' || question.object === 'column' || question.object === 'virtualTable';
	if (!holdsRows) return [span(`only the ${question.object}; no rows`)];
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
	const shown = differentSamples(found).slice(0, showsMore ? 12 : fewSamples);
	const texts = shown.map((text) => together(isMasked ? masked(text) : text));
	return [spans(texts.join(' · '), found.values > shown.length ? ' …' : '')];
}

/** The number of samples that an answer shows at first. */
const fewSamples = 3;

function differentSamples({samples}: CandidateEvidence): readonly string[] {
	return [...new Set(samples.map(({value}) => valueText(value, 24)))];
}

/** Masks a value. Shows only its approximate length. */
function masked(text: string): string {
	return '•'.repeat(Math.min(8, Math.max(3, Math.ceil(text.length / 4) * 2)));
}
