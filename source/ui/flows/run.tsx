import type {RunSettings} from '../../core/migrations/run/apply-options.ts';
import {runCommand} from '../../core/migrations/run/apply-options.ts';
import {type Line, line, prose, span} from '../page/line.ts';
import {ScreenView} from '../page/screen-view.tsx';
import type {RunState} from '../run/run-state.ts';
import {summaryLines} from '../run/summary.ts';
import {changedLines, changedScreen, planChanges} from '../screens/changed.ts';
import {findingLines} from '../screens/findings.ts';
import {problemLines, type ReviewAnswer, reviewScreen, runConsentScreen, runTitle, type TriedRun, wouldFail} from '../screens/review.ts';
import type {RunPreview} from '../services.ts';
import {cancelledExitCode, type Stage} from '../stage/stage.ts';
import type {Followed} from '../views/follow-view.tsx';
import {RunView} from '../views/run-view.tsx';
import type {Ending, Flow} from './flow.ts';
import {asking, cancelledLine} from './leaving.ts';
import {runFlags, sameAs} from './same-as.ts';

export interface RunFlowOptions {
	/** True to show the plan even if nothing can be lost: from the menu, and before a downgrade. */
	readonly reviews: boolean;
}

/**
 * Checks the rows, asks for consent if data would be lost, runs the migrations, and leaves a summary. Runs exactly the plan that was shown: if it has
 * changed since then, shows the new plan.
 */
export async function runFlow(flow: Flow, request: RunSettings, {reviews}: RunFlowOptions): Promise<Ending> {
	const {stage, services, hidesSamples} = flow;
	let was: RunPreview | undefined;
	/** The dry run of the current plan. */
	let tried: (TriedRun & {readonly plan: string | null}) | undefined;
	/** Set after a run that did not have to be shown was refused, because it loses something after all. */
	let isShown = reviews;
	for (;;) {
		const found = await stage.busy('checking the rows', services.preflight(request, isShown));
		const plan = hidesSamples ? withoutSamples(found) : found;
		const notice = was === undefined ? undefined : changedLines(plan.database, planChanges(was, plan));
		if (plan.migrations.length === 0) {
			stage.record(() => [...(notice ?? []), ...plan.notices.map((each) => prose(2, span('! ', 'notice'), each)), upToDate(plan)]);
			return 'done';
		}
		if (tried?.plan !== plan.id) tried = undefined;
		const left = () => [cancelledLine(`nothing was changed, ${placeOf(plan)}`)];
		const shown = await asking(flow, left, () => showPlan(flow, plan, request, {reviews: isShown, notice, tried}));
		if (shown === 'stop') {
			stage.record(left);
			return 'cancelled';
		}
		if (shown === 'fails') {
			stage.record(() => [
				prose(2, span('✗ ', 'failed'), span(`The ${plan.direction} would fail; nothing was changed.`, 'strong')),
				...problemLines(plan),
				...plan.findings.filter(({blocking}) => blocking).flatMap((finding) => findingLines(finding)),
			]);
			return 'failed';
		}
		if (shown === 'dryRun') {
			const state = await carryOut(flow, plan, {...request, dryRun: true, ...(plan.id === null ? {} : {plan: plan.id})});
			stage.record((look) => [...summaryLines(state, runTitle(plan), look), ...planLines(state, request)]);
			tried = {...triedRun(state), plan: plan.id};
			isShown = true;
			continue;
		}
		const state = await carryOut(flow, plan, {...request, ...(shown === 'unseen' || plan.id === null ? {} : {plan: plan.id})});
		if (needsAnother(state)) {
			was = shown === 'unseen' ? undefined : plan;
			isShown = true;
			continue;
		}
		const isDone = state.end?.type === 'done';
		const same = isDone ? sameAs(flow, commandOf(plan, request)) : () => [];
		stage.record((look) => [...summaryLines(state, runTitle(plan), look), ...planLines(state, request), ...same(look)]);
		if (isDone) return 'done';
		return state.end?.code === 'cancelled' ? 'cancelled' : 'failed';
	}
}

/** Shows the plan and asks for consent. Returns `unseen` if nothing had to be shown. */
async function showPlan(
	{stage}: Flow,
	plan: RunPreview,
	request: RunSettings,
	{reviews, notice, tried}: {readonly reviews: boolean; readonly notice: readonly Line[] | undefined; readonly tried: TriedRun | undefined},
): Promise<ReviewAnswer | 'fails' | 'unseen'> {
	const isAsked = reviews || notice !== undefined || (plan.needsConsent && request.dryRun !== true);
	// A run that fails on a copy also fails on the database, rolls back and reports the error. Without a question, there is nothing to show first.
	const fails = isAsked ? wouldFail(plan) : plan.findings.some((finding) => finding.blocking);
	const isReviewed = reviews || fails || notice !== undefined;
	if (isReviewed) {
		const screen = reviewScreen(plan, {offersDryRun: request.dryRun !== true, tried});
		const choice = await stage.show<ReviewAnswer>((done) =>
			notice === undefined ? <ScreenView screen={screen} onDone={done} /> : <ScreenView screen={changedScreen(screen, notice)} onDone={done} />,
		);
		if (fails) return 'fails';
		if (choice !== 'go') return choice;
	}
	if (!plan.needsConsent || request.dryRun === true) return isReviewed ? 'go' : 'unseen';
	const consent = await stage.show<'cancel' | 'consent'>((done) => <ScreenView screen={runConsentScreen(plan)} onDone={done} />);
	return consent === 'cancel' ? 'stop' : 'go';
}

function triedRun({end}: RunState): TriedRun {
	const at = new Date().toTimeString().slice(0, 8);
	if (end?.type === 'done') return {at, durationMs: end.durationMs, problem: null};
	return {at, durationMs: 0, problem: end?.code === 'cancelled' ? 'stopped' : (end?.message ?? 'it did not end')};
}

function withoutSamples(plan: RunPreview): RunPreview {
	const {findings, rehearsal} = plan;
	const hidden = rehearsal && {
		...rehearsal,
		effects: rehearsal.effects.map((event) => ({...event, tables: event.tables.map((table) => ({...table, samples: []}))})),
	};
	return {...plan, findings: findings.map((finding) => ({...finding, samples: []})), rehearsal: hidden};
}

/** Returns the command of a run, with the consent that the user gave on the screens. */
function commandOf({needsConsent, isEdited}: RunPreview, request: RunSettings): readonly string[] {
	return [
		runCommand(request),
		...(request.dryRun === true ? ['--dry-run'] : needsConsent ? ['--yes'] : []),
		...runFlags({...request, acceptEdited: isEdited || request.acceptEdited === true}),
	];
}

/** Returns the id of the plan that a dry run tried, and the command that runs it. */
function planLines({end}: RunState, request: RunSettings): readonly Line[] {
	if (end?.type !== 'done' || !end.dryRun || end.plan === null) return [];
	return [prose(4, '  ', span(`plan ${end.plan}`, 'strong'), '   ', span(`${runCommand(request)} --plan ${end.plan}`, 'accent'))];
}

/** True if the run stopped before writing anything, because the plan has changed or consent is missing. */
function needsAnother({end}: RunState): boolean {
	return end?.type === 'failed' && end.code === 'answerNeeded' && end.committed.length === 0;
}

async function carryOut({stage, services}: Flow, plan: RunPreview, request: RunSettings): Promise<RunState> {
	const abort = new AbortController();
	const release = stage.onInterrupt(() => {
		if (abort.signal.aborted) leaveAtOnce(stage, plan);
		abort.abort();
	});
	// A suspended process would keep its lock, and other processes would wait for it.
	let isPauseRefused = false;
	const allowPause = plan.isRemote
		? () => {}
		: stage.onPause(() => {
				isPauseRefused = true;
			});
	try {
		const events = services.run({...request, acceptEdited: plan.isEdited || request.acceptEdited === true}, abort.signal);
		const outcome = await stage.show<Followed<RunState>>((done) => (
			<RunView
				title={runTitle(plan)}
				database={plan.database}
				isRemote={plan.isRemote}
				events={events}
				isStopping={() => abort.signal.aborted}
				isPauseRefused={() => isPauseRefused}
				onDone={done}
			/>
		));
		if ('error' in outcome) throw outcome.error;
		return outcome.state;
	} finally {
		allowPause();
		release();
	}
}

/**
 * Quits without waiting for the run to stop. Its process ends a moment later, and SQLite rolls back uncommitted changes when the file is next opened. A
 * server finishes a batch that was sent to it.
 */
function leaveAtOnce(stage: Stage, {database, isRemote}: RunPreview): void {
	const state = isRemote
		? `${database} applies all of the migrations or none: lite-migr status shows which`
		: `uncommitted changes in ${database} are rolled back when it is next opened`;
	stage.record(() => [prose(2, span('○ ', 'notice'), `quit immediately; ${state}`)]);
	stage.end({code: cancelledExitCode});
}

function placeOf({database, from}: RunPreview): string {
	return `${database} ${from === null ? 'has no migration applied' : `is still at ${from}`}`;
}

function upToDate({direction, database, from}: RunPreview) {
	if (direction === 'downgrade') return line(span('✔ ', 'done'), 'nothing to undo');
	return prose(
		2,
		span('✔ ', 'done'),
		'nothing to apply',
		'   ',
		span(from === null ? `${database} has no migration applied` : `${database} is at ${from}`, 'quiet'),
	);
}
