import type {Decisions, FillQuestion, Question} from '../../core/diff/question.ts';
import {ScreenView} from '../page/screen-view.tsx';
import type {FillAnswer} from '../screens/fill.ts';
import type {FillableFinding} from '../screens/preview.ts';
import type {Answer} from '../screens/question.ts';
import {sameAnswerScreen} from '../screens/same-answer.ts';
import {FillView} from '../views/fill-view.tsx';
import {QuestionView} from '../views/question-view.tsx';
import {alikeQuestions, answerFor} from './alike.ts';
import type {AnsweredQuestion, Decided} from './answers.ts';
import type {Flow} from './flow.ts';

/** An answer that the user went back to change, or that was rejected. Its question starts with this answer when it is asked again. */
export interface TakenBack {
	readonly answer: Decided;
	/** The reason why it was rejected. */
	readonly refusal: string | undefined;
}

export interface Given {
	readonly answer: Answer | FillAnswer;
	readonly isForAll: boolean;
}

/** Lists other questions that the same answer fits, with the evidence in their rows, and returns their answers if the user accepts. */
export async function reviewAlike(
	{stage, services}: Flow,
	questions: readonly Question[],
	answer: Decided,
	decisions: Decisions,
): Promise<readonly {readonly question: Question; readonly answer: Decided}[] | 'back'> {
	const found = stage.busy(
		'counting rows',
		Promise.all(questions.map(async (question) => ({question, evidence: await services.evidence(question, decisions)}))),
	);
	const screen = sameAnswerScreen({questions: await found, answer});
	const isAccepted = await stage.show<boolean>((done) => <ScreenView screen={screen} onDone={done} />);
	return isAccepted ? questions.map((question) => ({question, answer: answerFor(question, answer)})) : 'back';
}

export interface Place {
	readonly number: number;
	readonly total: number;
	/** Old names that another open question is also about. */
	readonly kept: readonly string[];
	readonly before: TakenBack | undefined;
	/** All open questions that were not postponed. */
	readonly open: readonly Question[];
}

/** Asks one question. */
export async function ask(flow: Flow, question: Question, decisions: Decisions, {number, total, kept, before, open}: Place): Promise<Given> {
	const {stage, services, hidesSamples} = flow;
	const common = {number, total, hidesSamples, canGoBack: number > 1, evidence: services.evidence(question, decisions)};
	return await stage.show<Given>((done) =>
		question.kind === 'fill' ? (
			<FillView
				{...common}
				question={question}
				isConversion={false}
				expression={before?.answer.kind === 'fill' ? before.answer.expression : ''}
				refusal={before?.refusal}
				tryExpression={(expression, isFinal) => services.tryFill(question, expression, decisions, isFinal)}
				onDone={(answer) => done({answer, isForAll: false})}
			/>
		) : (
			<QuestionView
				{...common}
				question={question}
				alsoAsked={kept}
				before={before?.answer.kind === 'fill' ? undefined : before?.answer}
				alike={(answer) => alikeQuestions(question, answer, open).length}
				onDone={done}
			/>
		),
	);
}

/**
 * Asks for the expression of a column whose values would be lost or refused otherwise. Returns no answer if the user goes back.
 *
 * @param earlier the answer that set the expression of this column, if rows have no valid value even with it
 */
export async function askConversion(
	{stage, services, hidesSamples}: Flow,
	finding: FillableFinding,
	decisions: Decisions,
	number: number,
	earlier?: AnsweredQuestion,
): Promise<readonly AnsweredQuestion[]> {
	const {table, column, message, kind, rows, totalRows, samples, sql} = finding;
	const isConversion = earlier === undefined ? kind !== 'null' && kind !== 'nullKey' : earlier.isConversion === true;
	const question: FillQuestion =
		earlier?.question.kind === 'fill'
			? earlier.question
			: {kind: 'fill', id: `fill:${table}.${column}`, table, column, message: `${table}.${column}: ${message}`, flags: [], isNew: isConversion};
	const candidates = [{name: column, values: rows, samples: samples.map(({row, value}) => ({row, about: null, value}))}];
	const answer = await stage.show<FillAnswer>((done) => (
		<FillView
			question={question}
			isConversion={isConversion}
			number={number}
			total={number}
			hidesSamples={hidesSamples}
			canGoBack
			evidence={earlier === undefined || isConversion ? Promise.resolve({rows: totalRows, candidates, sql}) : services.evidence(question, decisions)}
			expression={earlier?.answer.kind === 'fill' ? earlier.answer.expression : ''}
			refusal={undefined}
			tryExpression={(expression, isFinal) => services.tryFill(question, expression, decisions, isFinal)}
			onDone={done}
		/>
	));
	return answer.kind === 'fill' ? [{question, answer, keptOpen: [], ...(isConversion ? {isConversion} : {})}] : [];
}
