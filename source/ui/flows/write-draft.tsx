import type {Decisions} from '../../core/diff/question.ts';
import {MigrError} from '../../core/errors.ts';
import {requireMigrationName} from '../../core/migrations/files/names.ts';
import {plural} from '../../core/text/numbers.ts';
import {type Line, line, prose, span} from '../page/line.ts';
import {ScreenView} from '../page/screen-view.tsx';
import {changedLines, changedScreen} from '../screens/changed.ts';
import {nameScreen} from '../screens/name.ts';
import {type FillableFinding, type PreviewAnswer, previewScreen} from '../screens/preview.ts';
import type {DraftPreview, WrittenMigration} from '../services.ts';
import type {LinesFor} from '../stage/stage.ts';
import {type AnsweredQuestion, decisionsOf, flagsOf} from './answers.ts';
import type {Ending, Flow} from './flow.ts';
import {inOneSentence} from './in-one-sentence.ts';
import {asking, cancelledLine} from './leaving.ts';
import {commandLines, sameAs} from './same-as.ts';
import {showWatched} from './watch.ts';

export interface CreateRequest {
	/** If undefined, the user is asked for it. */
	readonly name: string | undefined;
	readonly decisions: Decisions;
}

/** A draft that is shown. */
export interface ShownDraft {
	readonly draft: DraftPreview;
	readonly decisions: Decisions;
	readonly answered: readonly AnsweredQuestion[];
	/** Lines that say what has changed since an earlier draft was shown. */
	readonly notice: readonly Line[] | undefined;
}

/** Set if models, migrations or database have changed since the draft was created. Nothing was written. */
export interface Changed {
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
export async function nothingDiffers({stage, services}: Flow, {decisions, draft, notice}: ShownDraft): Promise<Ending | Changed> {
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

/** Returns the lines that stay if the user leaves: the number of open questions, and the command that repeats the answers so far. */
export function cancelledLines({name = '<name>', decisions}: CreateRequest, answered: readonly AnsweredQuestion[], open: number): LinesFor {
	const command = [`lite-migr create ${name}`, ...flagsOf(decisionsOf(decisions, answered))];
	return (look) => [
		cancelledLine(`${open === 0 ? '' : `${plural(open, 'question')} left open, `}nothing was written`),
		...(answered.length === 0 ? [] : commandLines('to continue from there', command, look)),
	];
}

/** Shows the preview, asks for the name if it is not given, and writes the file. */
export async function previewAndWrite(
	flow: Flow,
	request: CreateRequest,
	{draft, decisions, answered, notice}: ShownDraft,
): Promise<Ending | 'back' | Changed | {readonly fill: FillableFinding}> {
	const {stage, services} = flow;
	for (;;) {
		const screen = previewScreen({name: request.name ?? 'New migration', draft, canGoBack: answered.length > 0});
		const left = cancelledLines(request, answered, 0);
		const show = (done: (answer: PreviewAnswer | 'changed') => void) =>
			notice === undefined ? <ScreenView screen={screen} onDone={done} /> : <ScreenView screen={changedScreen(screen, notice)} onDone={done} />;
		const answer = await asking(flow, left, () => showWatched<PreviewAnswer | 'changed'>(flow, show, 'changed'));
		if (answer === 'changed') return {changed: changedLines('the models, the migrations or the database', ['this is what would be written now'])};
		if (answer === 'back') return 'back';
		if (typeof answer === 'object') return answer;
		if (answer === 'stop') {
			flow.answers.kept = answered;
			stage.record(left);
			return 'cancelled';
		}
		const name = request.name ?? (await asking(flow, left, () => askName(flow, draft)));
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
	// Views and triggers often change only because of their tables.
	const first = changes.find(({label}) => !/^(?:view|trigger) /.test(label)) ?? changes[0];
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
		line('  ', span('next      ', 'quiet'), span('lite-migr upgrade', 'accent')),
		...caveats.flatMap(({message, fix}) => [prose(4, '  ', span('! ', 'notice'), message), prose(4, '    ', span(fix, 'quiet'))]),
	];
}
