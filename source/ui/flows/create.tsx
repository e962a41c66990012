import type {Decisions} from '../../core/diff/question.ts';
import {MigrError} from '../../core/errors.ts';
import {requireMigrationName} from '../../core/migrations/files/names.ts';
import {sameName} from '../../core/schema/identifiers.ts';
import type {Line} from '../page/line.ts';
import type {FillableFinding} from '../screens/preview.ts';
import type {DraftPreview} from '../services.ts';
import {alikeQuestions} from './alike.ts';
import {type AnsweredQuestion, alsoAsked, decisionsOf, nextQuestion} from './answers.ts';
import {ask, askConversion, reviewAlike, type TakenBack} from './ask.tsx';
import type {Ending, Flow} from './flow.ts';
import {inOneSentence} from './in-one-sentence.ts';
import {asking} from './leaving.ts';
import {type CreateRequest, cancelledLines, nothingDiffers, previewAndWrite} from './write-draft.tsx';

/** Asks the questions one by one, shows the preview, asks for the name and writes the file. After every answer, the diff runs again. */
export async function createMigration(flow: Flow, requested: CreateRequest): Promise<Ending> {
	const {stage} = flow;
	let request = requested;
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
				if ('fill' in result) {
					const flagged = request.decisions.fills.find((fill) => isFor(fill, result.fill));
					if (flagged === undefined) answered = await withFill(flow, result.fill, decisions, answered);
					else {
						// Without the flag, the question is asked again. It starts with the expression of the flag.
						request = {...request, decisions: {...request.decisions, fills: request.decisions.fills.filter((fill) => fill !== flagged)}};
						takenBack.set(`fill:${flagged.table}.${flagged.column}`, {answer: {kind: 'fill', expression: flagged.expression}, refusal: undefined});
					}
				}
				continue;
			}
			if (result !== 'back') return result;
			takeBack();
			continue;
		}
		const kept = alsoAsked(question, open);
		const place = {number: answered.length + 1, total: answered.length + draft.questions.length, kept, before: takenBack.get(question.id), open};
		const left = cancelledLines(request, answered, draft.questions.length);
		const {answer, isForAll} = await asking(flow, left, () => ask(flow, question, decisions, place));
		if (answer.kind === 'later') {
			flow.answers.kept = answered;
			stage.record(left);
			return 'cancelled';
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
		const unanswered = open.filter(({id}) => openIds.has(id));
		answered = [
			...answered,
			...given.map((each) => ({...each, keptOpen: each.answer.kind === 'new' ? alsoAsked(each.question, [each.question, ...unanswered]) : []})),
		];
	}
}

/** Asks for the expression of a column, and adds the answer, or replaces the earlier answer about the same column. */
async function withFill(
	flow: Flow,
	finding: FillableFinding,
	decisions: Decisions,
	answered: readonly AnsweredQuestion[],
): Promise<readonly AnsweredQuestion[]> {
	const earlier = answered.find(({question}) => question.kind === 'fill' && isFor(question, finding));
	const others = answered.filter((each) => each !== earlier);
	const given = await askConversion(flow, finding, decisions, others.length + 1, earlier);
	// Last, so that an expression that does not work is the one that is asked for again.
	return given.length === 0 ? answered : [...others, ...given];
}

function isFor(fill: {readonly table: string; readonly column: string}, {table, column}: FillableFinding): boolean {
	return sameName(fill.table, table) && sameName(fill.column, column ?? '');
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
