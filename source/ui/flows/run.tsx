import type {RunSettings} from '../../core/migrations/run/apply-options.ts';
import {line, prose, span} from '../page/line.ts';
import {ScreenView} from '../page/screen-view.tsx';
import type {RunState} from '../run/run-state.ts';
import {summaryLines} from '../run/summary.ts';
import {findingLines} from '../screens/findings.ts';
import {reviewScreen, runConsentScreen, runTitle} from '../screens/review.ts';
import type {RunPlan} from '../services.ts';
import {cancelled, type Stage} from '../stage/stage.ts';
import {type RunOutcome, RunView} from '../views/run-view.tsx';
import type {Ending, Flow} from './flow.ts';

export interface RunFlowOptions {
	/** Shows what would be done, also where nothing can be lost: from the menu, and before a downgrade. */
	readonly reviews: boolean;
}

/** Preflight, consent where data is lost, the run, and a summary that stays. */
export async function runMigrations(flow: Flow, request: RunSettings, {reviews}: RunFlowOptions): Promise<Ending> {
	const {stage, services, hidesSamples} = flow;
	const found = await stage.busy('looking at the rows', services.preflight(request));
	const plan = hidesSamples ? {...found, findings: found.findings.map((finding) => ({...finding, samples: []}))} : found;
	if (plan.migrations.length === 0) {
		stage.record(() => [...plan.notices.map((notice) => prose(2, span('! ', 'notice'), notice)), upToDate(plan)]);
		return 'done';
	}
	const fails = plan.findings.filter((finding) => finding.fails);
	if (reviews || fails.length > 0) {
		const choice = await stage.show<'go' | 'stop'>((done) => <ScreenView screen={reviewScreen(plan)} onDone={done} />);
		if (fails.length > 0) {
			stage.record(() => [
				prose(2, span('✗ ', 'failed'), span(`The ${plan.direction} would fail; nothing was changed.`, 'strong')),
				...fails.flatMap(findingLines),
			]);
			return 'failed';
		}
		if (choice === 'stop') return stopped(flow, plan);
	}
	if (plan.needsConsent && request.dryRun !== true) {
		const consent = await stage.show<'cancel' | 'consent'>((done) => <ScreenView screen={runConsentScreen(plan)} onDone={done} />);
		if (consent === 'cancel') return stopped(flow, plan);
	}
	const state = await carryOut(flow, plan, request);
	stage.record((look) => summaryLines(state, runTitle(plan), look));
	if (state.end?.type === 'done') return 'done';
	return state.end?.code === 'cancelled' ? 'cancelled' : 'failed';
}

async function carryOut({stage, services}: Flow, plan: RunPlan, request: RunSettings): Promise<RunState> {
	const abort = new AbortController();
	const release = stage.onInterrupt(() => {
		if (abort.signal.aborted) leaveAtOnce(stage, plan);
		abort.abort();
	});
	try {
		const events = services.run({...request, confirmEdited: plan.isEdited}, plan.findings, abort.signal);
		const outcome = await stage.show<RunOutcome>((done) => (
			<RunView title={runTitle(plan)} events={events} isStopping={() => abort.signal.aborted} onDone={done} />
		));
		if ('error' in outcome) throw outcome.error;
		return outcome.state;
	} finally {
		release();
	}
}

/** A statement that takes long hears no Ctrl-C. The thread is ended with the program; what it had begun SQLite rolls back when the file is opened next. */
function leaveAtOnce(stage: Stage, {database}: RunPlan): void {
	stage.record(() => [prose(2, span('○ ', 'notice'), `left at once; what was begun in ${database} is rolled back when it is opened next`)]);
	stage.end({code: cancelled});
}

function stopped({stage}: Flow, plan: RunPlan): Ending {
	const at = plan.from === null ? 'has no migration applied' : `is still at ${plan.from}`;
	stage.record(() => [prose(2, span('○ ', 'quiet'), `cancelled; nothing was changed, ${plan.database} ${at}`)]);
	return 'stopped';
}

function upToDate({direction, database, from}: RunPlan) {
	if (direction === 'downgrade') return line(span('✔ ', 'done'), 'nothing to undo');
	return prose(
		2,
		span('✔ ', 'done'),
		'nothing to apply',
		'   ',
		span(from === null ? `${database} has no migration applied` : `${database} is at ${from}`, 'quiet'),
	);
}
