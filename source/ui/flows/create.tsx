import type {Decisions, FillQuestion, Question} from '../../core/diff/question.ts';
import {MigrError} from '../../core/errors.ts';
import {requireMigrationName} from '../../core/migrations/files/names.ts';
import {plural} from '../../core/text/numbers.ts';
import {type Line, line, prose, span} from '../page/line.ts';
import type {Look} from '../page/look.ts';
import {ScreenView} from '../page/screen-view.tsx';
import {changedLines, changedScreen} from '../screens/changed.ts';
import type {FillAnswer} from '../screens/fill.ts';
import {nameScreen} from '../screens/name.ts';
import {type FillableFinding, type PreviewAnswer, previewScreen} from '../screens/preview.ts';
import type {Answer} from '../screens/question.ts';
import {sameAnswerScreen} from '../screens/same-answer.ts';
import type {DraftPreview, WrittenMigration} from '../services.ts';
import {FillView} from '../views/fill-view.tsx';
import {QuestionView} from '../views/question-view.tsx';
import {alikeQuestions, answerFor} from './alike.ts';
import {type AnsweredQuestion, alsoAsked, type Decided, decisionsOf, flagsOf, nextQuestion} from './answers.ts';
import type {Ending, Flow} from './flow.ts';
import {commandLines, sameAs} from './same-as.ts';
import {showWatched} from './watch.ts';

export interface CreateRequest {
	/** If undefined, the user is asked for it. */
	readonly name: string | undefined;
	readonly decisions: Decisions;
}

/** Asks the questions one by one, shows the preview, asks for the name and writes the file. After every answer, the diff runs again. */
export async function createMigration(flow: Flow, request: CreateRequest): Promise<Ending> {
	const {stage} = flow;
	if (request.name !== undefined) requireMigrationName(request.name);
	let answered = await answersToKeep(flow, request.decisions);
	const takenBack = new Map<string, TakenBack>();
	let notice: readonly Line[] | undefined;
	const takeBack = (refusal?: string): void => {
		const last = answered.at(-1);
		if (last !== undefined) takenBack.set(last.question.id, {answer: last.answer, refusal});
		answered = answered.slice(0, -1);
	};
	for (;;) {
		const decisions = decisionsOf(request.decisions, answered);
		const draft = await draftWith(flow, decisions, answered.at(-1));
		if ('refusal' in draft) {
			takeBack(draft.refusal);
			continue;
		}
		const {question, open} = nextQuestion(draft.questions, answered);
		if (question === undefined) {
			const shown = {draft, decisions, answered, notice};
			const result = draft.changes.length === 0 ? await nothingDiffers(flow, shown) : await previewAndWrite(flow, request, shown);
			notice = typeof result === 'string' || 'fill' in result ? undefined : result.changed;
			if (typeof result !== 'string') {
				if ('fill' in result) answered = [...answered, ...(await askConversion(flow, result.fill, decisions, answered.length + 1))];
				continue;
			}
			if (result !== 'back') return result;
			takeBack();
			continue;
		}
		const kept = alsoAsked(question, open);
		const place = {number: answered.length + 1, total: answered.length + draft.questions.length, kept, before: takenBack.get(question.id), open};
		const {answer, isForAll} = await ask(flow, question, decisions, place);
		if (answer.kind === 'later') {
			flow.answers.kept = answered;
			stage.record((look) => [
				prose(2, span('○ ', 'quiet'), `${plural(draft.questions.length, 'question')} left open; nothing was written`),
				...wayBack(request, answered, look),
			]);
			return 'stopped';
		}
		if (answer.kind === 'back') {
			takeBack();
			continue;
		}
		const others = isForAll ? await reviewAlike(flow, alikeQuestions(question, answer, open), answer, decisions) : [];
		if (others === 'back') continue;
		const given = [{question, answer}, ...others];
		const openIds = new Set(open.map(({id}) => id));
		for (const each of given) openIds.delete(each.question.id);
		const left = open.filter(({id}) => openIds.has(id));
		answered = [
			...answered,
			...given.map((each) => ({...each, keptOpen: each.answer.kind === 'new' ? alsoAsked(each.question, [each.question, ...left]) : []})),
		];
	}
}

/** An answer that the user went back on, or that was rejected. Its question starts with this answer when it is asked again. */
interface TakenBack {
	readonly answer: Decided;
	/** The reason why it was rejected. */
	readonly refusal: string | undefined;
}

/** Creates a draft. If the rows cannot be read with the last fill expression, returns why, so that it is asked for again. Other answers are kept. */
async function draftWith(
	{stage, services}: Flow,
	decisions: Decisions,
	last: AnsweredQuestion | undefined,
): Promise<DraftPreview | {refusal: string}> {
	try {
		return await stage.busy('comparing models and database', services.draft(decisions));
	} catch (error) {
		if (last?.answer.kind !== 'fill' || !(error instanceof MigrError)) throw error;
		return {refusal: inOneSentence(error)};
	}
}

function inOneSentence({message, hint}: MigrError): string {
	return [message, ...(hint === undefined ? [] : [hint])].join('; ');
}

/** A draft that is shown. */
interface ShownDraft {
	readonly draft: DraftPreview;
	readonly decisions: Decisions;
	readonly answered: readonly AnsweredQuestion[];
	/** Lines that say what has changed since an earlier draft was shown. */
	readonly notice: readonly Line[] | undefined;
}

/** Set if models, migrations or database have changed since the draft was created. Nothing was written. */
interface Changed {
	readonly changed: readonly Line[];
}

async function unlessChanged<Result>(work: Promise<Result>): Promise<Result | Changed> {
	try {
		return await work;
	} catch (error) {
		if (!(error instanceof MigrError) || error.code !== 'answerNeeded') throw error;
		return {changed: changedLines('the models, the migrations or the database', ['nothing was written; this is what would be written now'])};
	}
}

/** Reports that nothing differs. Newly ignored names are still saved. */
async function nothingDiffers({stage, services}: Flow, {decisions, draft, notice}: ShownDraft): Promise<Ending | Changed> {
	const written = decisions.ignore.length === 0 ? undefined : await unlessChanged(services.writeMigration('ignore', decisions, draft.id));
	if (written !== undefined && 'changed' in written) return written;
	stage.record(() => [
		...(notice ?? []),
		...ignoredLines(written, decisions),
		prose(2, span('✔ ', 'done'), 'no differences between models and database; nothing to write'),
	]);
	return 'done';
}

function ignoredLines(written: WrittenMigration | undefined, {ignore}: Decisions): readonly Line[] {
	if (written === undefined || written.ignoredIn === null) return [];
	return [prose(2, span('✔ ', 'done'), `${written.ignoredIn} now ignores ${ignore.join(', ')}`)];
}

interface Given {
	readonly answer: Answer | FillAnswer;
	readonly isForAll: boolean;
}

/** Lists other questions that the same answer fits, with the evidence in their rows, and returns their answers if the user accepts. */
async function reviewAlike(
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

/** Returns the answers of an earlier attempt whose questions are still asked in the same words. */
async function answersToKeep({stage, services, answers}: Flow, decisions: Decisions): Promise<readonly AnsweredQuestion[]> {
	let left = answers.kept;
	answers.kept = [];
	let kept: readonly AnsweredQuestion[] = [];
	// An answer can lead to the next question, so this looks again after each round.
	while (left.length > 0) {
		const {questions} = await stage.busy('comparing models and database', services.draft(decisionsOf(decisions, kept)));
		const asked = new Map(questions.map((question) => [question.id, JSON.stringify(question)]));
		const fitting = left.filter(({question}) => asked.get(question.id) === JSON.stringify(question));
		if (fitting.length === 0) break;
		kept = [...kept, ...fitting];
		left = left.filter((each) => !fitting.includes(each));
	}
	return kept;
}

interface Place {
	readonly number: number;
	readonly total: number;
	/** Old names that another open question is also about. */
	readonly kept: readonly string[];
	readonly before: TakenBack | undefined;
	/** All open questions that were not postponed. */
	readonly open: readonly Question[];
}

async function ask(flow: Flow, question: Question, decisions: Decisions, {number, total, kept, before, open}: Place): Promise<Given> {
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
				tryExpression={(expression) => services.tryFill(question, expression, decisions)}
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

/** Asks for the expression of a column whose values would be lost or refused otherwise. Returns no answer if the user goes back. */
async function askConversion(
	{stage, services, hidesSamples}: Flow,
	finding: FillableFinding,
	decisions: Decisions,
	number: number,
): Promise<readonly AnsweredQuestion[]> {
	const {table, column, message, kind, rows, totalRows, samples, sql} = finding;
	const isConversion = kind !== 'null' && kind !== 'nullKey';
	const question: FillQuestion = {
		kind: 'fill',
		id: `fill:${table}.${column}`,
		table,
		column,
		message: `${table}.${column}: ${message}`,
		flags: [],
		isNew: isConversion,
	};
	const candidates = [{name: column, values: rows, samples: samples.map(({row, value}) => ({row, about: null, value}))}];
	const answer = await stage.show<FillAnswer>((done) => (
		<FillView
			question={question}
			isConversion={isConversion}
			number={number}
			total={number}
			hidesSamples={hidesSamples}
			canGoBack
			evidence={Promise.resolve({rows: totalRows, candidates, sql})}
			expression=""
			refusal={undefined}
			tryExpression={(expression) => services.tryFill(question, expression, decisions)}
			onDone={done}
		/>
	));
	return answer.kind === 'fill' ? [{question, answer, keptOpen: []}] : [];
}

/** Returns the command that repeats the answers so far, so they are not lost. */
function wayBack({name = '<name>', decisions}: CreateRequest, answered: readonly AnsweredQuestion[], look: Look): readonly Line[] {
	if (answered.length === 0) return [];
	return commandLines('to continue from there', [`lite-migr create ${name}`, ...flagsOf(decisionsOf(decisions, answered))], look);
}

async function previewAndWrite(
	flow: Flow,
	request: CreateRequest,
	{draft, decisions, answered, notice}: ShownDraft,
): Promise<Ending | 'back' | Changed | {readonly fill: FillableFinding}> {
	const {stage, services} = flow;
	for (;;) {
		const screen = previewScreen({name: request.name ?? 'New migration', draft, canGoBack: answered.length > 0});
		const answer = await showWatched<PreviewAnswer | 'changed'>(
			flow,
			(done) =>
				notice === undefined ? <ScreenView screen={screen} onDone={done} /> : <ScreenView screen={changedScreen(screen, notice)} onDone={done} />,
			'changed',
		);
		if (answer === 'changed') return {changed: changedLines('the models, the migrations or the database', ['this is what would be written now'])};
		if (answer === 'back') return 'back';
		if (typeof answer === 'object') return answer;
		if (answer === 'stop') {
			flow.answers.kept = answered;
			stage.record((look) => [prose(2, span('○ ', 'quiet'), 'stopped; nothing was written'), ...wayBack(request, answered, look)]);
			return 'stopped';
		}
		const name = request.name ?? (await askName(flow, draft));
		if (name === undefined) continue;
		const written = await stage.busy('writing the file', unlessChanged(services.writeMigration(name, decisions, draft.id)));
		if ('changed' in written) return written;
		if (answer === 'writeAndEdit' && written.path !== null) await editFile(flow, written.path);
		const same = sameAs(flow, [`lite-migr create ${name}`, ...flagsOf(decisions)]);
		stage.record((look) => [...ignoredLines(written, decisions), ...writtenLines(written, same(look))]);
		flow.answers.kept = [];
		return 'done';
	}
}

async function askName({stage}: Flow, draft: DraftPreview): Promise<string | undefined> {
	const screen = nameScreen({title: 'Create a migration', suggestion: suggestedName(draft), complaint: nameComplaint});
	return await stage.show<string | undefined>((done) => <ScreenView screen={screen} onDone={done} />);
}

/** Returns the problem with a migration name. Undefined if the name is valid. */
export function nameComplaint(name: string): string | undefined {
	if (name === '') return 'enter a name';
	try {
		requireMigrationName(name);
		return undefined;
	} catch (error) {
		if (!(error instanceof MigrError)) throw error;
		return inOneSentence(error);
	}
}

/** Suggests a name after the first change: `add_tag`, `change_user`, `drop_legacy_log`. */
function suggestedName({changes}: DraftPreview): string {
	const first = changes[0];
	if (first === undefined) return '';
	const verb = first.mark === '+' ? 'add' : first.mark === '-' ? 'drop' : 'change';
	const what = first.label.replace(/[^A-Za-z0-9]+/g, '_').replace(/^_+|_+$/g, '');
	return what === '' ? '' : `${verb}_${what}`.slice(0, 40);
}

export async function editFile({stage, edit}: Flow, path: string): Promise<void> {
	try {
		await stage.suspend(() => edit(path));
	} catch (error) {
		const reason = error instanceof Error ? error.message : String(error);
		stage.record(() => [prose(2, span('! ', 'notice'), reason)]);
	}
}

function writtenLines({path, changes, caveats}: WrittenMigration, same: readonly Line[]): readonly Line[] {
	return [
		prose(2, span('✔ ', 'done'), span(path ?? 'nothing', 'strong'), '   ', span(plural(changes, 'change'), 'quiet')),
		...same,
		line('  ', span('next     ', 'quiet'), span('lite-migr upgrade', 'accent')),
		...caveats.flatMap(({message, fix}) => [prose(4, '  ', span('! ', 'notice'), message), prose(4, '    ', span(fix, 'quiet'))]),
	];
}
