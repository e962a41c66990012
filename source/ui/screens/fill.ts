import type {FillQuestion} from '../../core/diff/question.ts';
import type {CandidateEvidence, Evidence, FillTrial} from '../../core/migrations/draft/evidence.ts';
import {count, plural} from '../../core/text/numbers.ts';
import {valueText} from '../../core/text/value.ts';
import {inputText, openTextInput, reduceTextInput, type TextInputState} from '../components/text-input/reduce-text-input.ts';
import {textInputLine} from '../components/text-input/text-input-line.ts';
import {done, next} from '../keys/screen-step.ts';
import {aligned} from '../page/columns.ts';
import {blank, type Line, line, prose, type Span, span, spans} from '../page/line.ts';
import type {Look} from '../page/look.ts';
import type {Screen} from '../page/screen.ts';

export type FillAnswer = {readonly kind: 'fill'; readonly expression: string} | {readonly kind: 'later'} | {readonly kind: 'back'};

export interface FillProps {
	readonly question: FillQuestion;
	readonly number: number;
	readonly total: number;
	readonly evidence: Evidence | undefined;
	readonly hidesSamples: boolean;
	readonly canGoBack: boolean;
	/** True if the expression replaces how SQLite would convert values, so it may return NULL. */
	readonly isConversion: boolean;
	/** The result of trying an expression. Its `result` is undefined while it is being tried. */
	readonly trial:
		| {
				readonly expression: string;
				readonly result: FillTrial | undefined;
				/** True if the whole migration was drafted with it, as after Enter. */
				readonly isFinal?: boolean;
		  }
		| undefined;
	/** The initial text of the input: the earlier expression, if the user comes back. */
	readonly expression: string;
}

export interface FillState extends TextInputState {
	readonly isMasked: boolean;
	/** The expression that Enter was pressed on, if it was not accepted yet. */
	readonly entered: string | undefined;
}

/** True if Enter accepts an expression with this result. One that leaves NULL in rows needs a second Enter. */
export function isAccepted(result: FillTrial, isConversion: boolean, isSecondTime: boolean): boolean {
	return result.isValid && (result.nulls === 0 || isConversion || isSecondTime);
}

/** Asks for an SQL expression that sets missing values. It is tried on real rows while the user types. */
export function fillScreen(props: FillProps): Screen<FillState, FillAnswer> {
	const {question, canGoBack} = props;
	return {
		initial: () => ({...openTextInput(props.expression), isMasked: props.hidesSamples, entered: undefined}),
		reduce: (state, key) => {
			const expression = inputText(state).trim();
			if (key.name === 'escape') return done(state, canGoBack ? {kind: 'back'} : {kind: 'later'});
			if (key.name === 'tab') return next({...state, isMasked: !state.isMasked});
			if (key.name === 'enter') {
				// The default is shown with the values it gives, and a second Enter accepts it.
				if (expression === '') return next({...state, ...openTextInput(question.default ?? '')});
				const result = resultOf(props, state);
				const isSecondTime = state.entered === expression;
				const accepts = result !== undefined && isAccepted(result, props.isConversion, isSecondTime);
				return accepts ? done(state, {kind: 'fill', expression}) : next(isSecondTime ? state : {...state, entered: expression});
			}
			const edited = reduceTextInput(state, key);
			return next(edited === state ? state : {...edited, isMasked: state.isMasked, entered: undefined});
		},
		view: (state, look) => ({
			title: {...line(span('Create a migration', 'strong')), aside: [span(`question ${props.number} of ${props.total}`, 'quiet')]},
			top: [prose(0, span(sentence(props), 'strong')), blank],
			body: [...rowLines(props, state, look), ...(props.evidence?.sql ? [prose(2, '  ', span(props.evidence.sql, 'quiet'))] : [])],
			bottom: [
				blank,
				prose(
					0,
					props.isConversion
						? 'New value of every row, as an SQL expression over the row:'
						: question.isNew
							? 'Value for every row, as an SQL expression over the row:'
							: 'Value for these rows, as an SQL expression over the row:',
				),
				textInputLine(state, look, {
					prompt: [span('❯ ', 'accent')],
					placeholder: exampleOf(question),
					label: `expression for ${question.table}.${question.column}`,
				}),
				...trialLines(props, state),
			],
			hints: [
				{keys: 'enter', label: enterLabel(props, state)},
				{keys: 'tab', label: state.isMasked ? 'show values' : 'mask values', isExtra: true},
				{keys: 'esc', label: canGoBack ? 'back' : 'stop', explanation: canGoBack ? 'to the previous question' : 'decide later; nothing is written'},
			],
			isTyping: true,
		}),
	};
}

function enterLabel(props: FillProps, state: FillState): string {
	if (inputText(state).trim() === '' && props.question.default !== undefined) return 'use the default';
	return needsSecondEnter(props, state) ? 'accept anyway' : 'accept';
}

function exampleOf(question: FillQuestion): string {
	return question.default === undefined ? `'' or lower(name) or 0, for ${question.column}` : `${question.default}, the default in the models`;
}

function sentence({question, evidence, isConversion}: FillProps): string {
	if (isConversion) return `${question.message}.`;
	const found = evidence?.candidates[0];
	if (evidence?.rows === 0) return `${question.message}. The table is empty here, but other databases may have rows.`;
	if (evidence === undefined || evidence.rows === null || found === undefined) return `${question.message}.`;
	return question.isNew
		? `${question.table}.${question.column} is new and NOT NULL, and ${plural(evidence.rows, 'row needs', 'rows need')} a value.`
		: `${question.table}.${question.column} becomes NOT NULL, and ${count(found.values)} of ${plural(evidence.rows, 'row')} ${found.values === 1 ? 'has' : 'have'} no value.`;
}

function rowLines({evidence}: FillProps, {isMasked}: FillState, look: Look): readonly Line[] {
	const found: CandidateEvidence | undefined = evidence?.candidates[0];
	if (found === undefined) return [];
	const shown = found.samples.slice(0, 3);
	const more = found.values > shown.length ? [line(span(`  … ${plural(found.values - shown.length, 'more row')}`, 'quiet'))] : [];
	const cells = shown.map(({row, about, value}): (readonly Span[])[] => [
		[span(`  ${row}`)],
		[span(about === null ? '' : isMasked ? '•••' : valueText(about, 24), 'quiet')],
		[span(valueText(value, 24), value === null ? 'notice' : undefined)],
	]);
	return [...aligned(cells, look).map((row) => ({spans: row, reading: {role: 'listitem' as const}})), ...more];
}

/** Returns the result of the expression in the input. Undefined while it is being tried. */
function resultOf({trial}: FillProps, state: FillState): FillTrial | undefined {
	return trial?.expression === inputText(state).trim() ? trial.result : undefined;
}

/** True after Enter on an expression that is valid, but leaves NULL in rows. */
function needsSecondEnter(props: FillProps, state: FillState): boolean {
	const result = resultOf(props, state);
	return state.entered === inputText(state).trim() && result?.isValid === true && result.nulls > 0 && !props.isConversion;
}

/** Shows the new values of the rows. Ignores the result of an expression that is no longer in the input. */
function trialLines(props: FillProps, state: FillState): readonly Line[] {
	const {isConversion} = props;
	const expression = inputText(state).trim();
	if (expression === '') return [line(span('  tried on the rows above while you type', 'quiet'))];
	const result = resultOf(props, state);
	if (result === undefined) return [line(span('  …', 'quiet'))];
	if (!result.isValid) {
		const rejected = props.trial?.isFinal === true && state.entered === expression;
		return [
			prose(4, '  ', span('✗ ', 'failed'), result.message),
			...(rejected ? [prose(4, '  ', span('! ', 'notice'), `not accepted: ${result.hint ?? 'change the expression'}`)] : []),
		];
	}
	const shown = result.samples.slice(0, 2).map(({row, value}) => spans(`${row} → `, span(state.isMasked ? '•••' : valueText(value, 28), 'add')));
	const values = shown.flatMap((part, index) => (index === 0 ? part : [span('      '), ...part]));
	if (result.nulls > 0 && isConversion) return [prose(4, '  ', span('! ', 'notice'), `NULL for ${plural(result.nulls, 'row')}   `, ...values)];
	if (result.nulls > 0) {
		const warning = 'the migration would fail on these rows: press enter again to use it anyway';
		return [
			prose(4, '  ', span('✗ ', 'failed'), `still NULL for ${plural(result.nulls, 'row')}   `, ...values),
			...(needsSecondEnter(props, state) ? [prose(4, '  ', span('! ', 'notice'), warning)] : []),
		];
	}
	return [prose(4, '  ', span('✔ ', 'done'), ...(values.length === 0 ? [span('valid; there are no rows to try it on')] : values))];
}
