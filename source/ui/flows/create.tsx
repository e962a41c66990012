import type {Decisions, Question} from '../../core/diff/question.ts';
import {requireMigrationName} from '../../core/migrations/names.ts';
import {plural} from '../../core/text/numbers.ts';
import {type Line, line, prose, span} from '../page/line.ts';
import {ScreenView} from '../page/screen-view.tsx';
import type {FillAnswer} from '../screens/fill.ts';
import {nameScreen} from '../screens/name.ts';
import {type PreviewAnswer, previewScreen} from '../screens/preview.ts';
import type {Answer} from '../screens/question.ts';
import type {Draft, WrittenMigration} from '../services.ts';
import {FillView} from '../views/fill-view.tsx';
import {QuestionView} from '../views/question-view.tsx';
import {type AnsweredQuestion, alsoAsked, decisionsOf, nextQuestion} from './answers.ts';
import type {Ending, Flow} from './flow.ts';

export interface CreateRequest {
	/** Asked for where it is not given. */
	readonly name: string | undefined;
	readonly decisions: Decisions;
}

/** Questions one by one, the preview, the name, the file. Every answer becomes a decision, and the diff runs again. */
export async function createMigration(flow: Flow, request: CreateRequest): Promise<Ending> {
	const {stage, services} = flow;
	if (request.name !== undefined) requireMigrationName(request.name);
	let answered: readonly AnsweredQuestion[] = [];
	for (;;) {
		const decisions = decisionsOf(request.decisions, answered);
		const draft = await stage.busy('comparing models and database', services.draft(decisions));
		const {question, open} = nextQuestion(draft.questions, answered);
		if (question === undefined) {
			if (draft.changes.length === 0) return await nothingDiffers(flow, decisions);
			const result = await previewAndWrite(flow, request, decisions, draft, answered.length > 0);
			if (result !== 'back') return result;
			answered = answered.slice(0, -1);
			continue;
		}
		const kept = alsoAsked(question, open);
		const answer = await ask(flow, question, decisions, {number: answered.length + 1, total: answered.length + draft.questions.length, kept});
		if (answer.kind === 'later') {
			stage.record(() => [prose(2, span('○ ', 'quiet'), `${plural(draft.questions.length, 'question')} left open; nothing was written`)]);
			return 'stopped';
		}
		answered = answer.kind === 'back' ? answered.slice(0, -1) : [...answered, {question, answer, keptOpen: answer.kind === 'new' ? kept : []}];
	}
}

/** What is ignored from now on is written all the same. */
async function nothingDiffers({stage, services}: Flow, decisions: Decisions): Promise<Ending> {
	const written = decisions.ignore.length === 0 ? undefined : await services.writeMigration('ignore', decisions);
	stage.record(() => [...ignoredLines(written, decisions), line(span('✔ ', 'done'), 'no differences between models and database; nothing to write')]);
	return 'done';
}

function ignoredLines(written: WrittenMigration | undefined, {ignore}: Decisions): readonly Line[] {
	if (written === undefined || written.ignoredIn === null) return [];
	return [prose(2, span('✔ ', 'done'), `${written.ignoredIn} ignores ${ignore.join(', ')} from now on`)];
}

interface Place {
	readonly number: number;
	readonly total: number;
	/** Old names that another open question asks about, too. */
	readonly kept: readonly string[];
}

async function ask(flow: Flow, question: Question, decisions: Decisions, {number, total, kept}: Place): Promise<Answer | FillAnswer> {
	const {stage, services, hidesSamples} = flow;
	const common = {number, total, hidesSamples, canGoBack: number > 1, evidence: services.evidence(question, decisions)};
	return await stage.show<Answer | FillAnswer>((done) =>
		question.kind === 'fill' ? (
			<FillView {...common} question={question} tryExpression={(expression) => services.tryFill(question, expression, decisions)} onDone={done} />
		) : (
			<QuestionView {...common} question={question} alsoAsked={kept} onDone={done} />
		),
	);
}

async function previewAndWrite(flow: Flow, request: CreateRequest, decisions: Decisions, draft: Draft, canGoBack: boolean): Promise<Ending | 'back'> {
	const {stage, services} = flow;
	for (;;) {
		const screen = previewScreen({name: request.name ?? 'New migration', draft, canGoBack});
		const answer = await stage.show<PreviewAnswer>((done) => <ScreenView screen={screen} onDone={done} />);
		if (answer === 'back') return 'back';
		if (answer === 'stop') {
			stage.record(() => [line(span('○ ', 'quiet'), 'stopped; nothing was written')]);
			return 'stopped';
		}
		const name = request.name ?? (await askName(flow, draft));
		if (name === undefined) continue;
		const written = await stage.busy('writing the file', services.writeMigration(name, decisions));
		if (answer === 'writeAndEdit' && written.path !== null) await editFile(flow, written.path);
		stage.record(() => [...ignoredLines(written, decisions), ...writtenLines(written)]);
		return 'done';
	}
}

async function askName({stage}: Flow, draft: Draft): Promise<string | undefined> {
	const screen = nameScreen({title: 'Create a migration', suggestion: suggestedName(draft), complaint: nameComplaint});
	return await stage.show<string | undefined>((done) => <ScreenView screen={screen} onDone={done} />);
}

/** What is wrong with the name of a migration; undefined where nothing is. */
export function nameComplaint(name: string): string | undefined {
	if (name === '') return 'it needs a name';
	try {
		requireMigrationName(name);
		return undefined;
	} catch (error) {
		return error instanceof Error ? error.message : String(error);
	}
}

/** `add_tag`, `change_user`, `drop_legacy_log`: after what changes first. */
function suggestedName({changes}: Draft): string {
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

function writtenLines({path, changes}: WrittenMigration): readonly Line[] {
	return [
		prose(2, span('✔ ', 'done'), span(path ?? 'nothing', 'strong'), '   ', span(plural(changes, 'change'), 'quiet')),
		line('  ', span('next   ', 'quiet'), span('lite-migr upgrade', 'accent')),
	];
}
