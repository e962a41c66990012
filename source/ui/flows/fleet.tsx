import {runCommand} from '../../core/migrations/run/apply-options.ts';
import {line, prose, span} from '../page/line.ts';
import {ScreenView} from '../page/screen-view.tsx';
import {type FleetRun, fleetPage} from '../run/fleet-page.ts';
import {type FleetState, noFleet, reduceFleet, shareOfFleet} from '../run/fleet-state.ts';
import {fleetSummary} from '../run/fleet-summary.ts';
import {fleetConsentScreen, fleetReviewScreen, type PlannedFleet} from '../screens/fleet.ts';
import type {FleetScreenEvent} from '../services.ts';
import {cancelledExitCode} from '../stage/stage.ts';
import {type Followed, FollowView} from '../views/follow-view.tsx';
import type {Ending, Flow} from './flow.ts';
import {asking, cancelledLine} from './leaving.ts';
import {type GivenRunFlags, runFlags, sameAs} from './same-as.ts';

export interface FleetTask extends FleetRun {
	/** Files that a pattern matches but that are not databases, one line per reason. */
	readonly skipped: readonly string[];
	/** The flags of the command line, for the command that does the same. */
	readonly given: GivenRunFlags & {readonly jobs?: number | undefined};
}

/** Looks at all databases, asks for consent if data would be lost, runs them, and leaves a summary. */
export async function fleetFlow(flow: Flow, task: FleetTask): Promise<Ending> {
	const {stage, services} = flow;
	if (task.skipped.length > 0) stage.record(() => task.skipped.map((text) => prose(2, span(text, 'quiet'))));
	const abort = new AbortController();
	const events = services.runFleet(task.request, abort.signal)[Symbol.asyncIterator]();
	let state = noFleet;
	while (state.end === undefined) {
		state = await follow(flow, task, state, events, abort);
		if (state.isAsking) {
			const left = () => [cancelledLine('nothing was written')];
			await services.answerFleet(await asking(flow, left, () => isConfirmed(flow, task, state)));
		}
	}
	const {stopped, failed} = state.end;
	const isDone = stopped === null && failed.length === 0;
	const same = isDone ? sameAs(flow, commandOf(task, state)) : () => [];
	stage.record((look) => [...fleetSummary(state, task), ...planCommand(state, task), ...same(look)]);
	if (stopped?.code === 'cancelled') return 'cancelled';
	if (stopped?.code === 'answerNeeded') return 'refused';
	return isDone ? 'done' : 'failed';
}

/** Shows the progress until the run asks something or ends. */
async function follow(
	{stage}: Flow,
	task: FleetTask,
	initial: FleetState,
	events: AsyncIterator<FleetScreenEvent, unknown>,
	abort: AbortController,
): Promise<FleetState> {
	const release = stage.onInterrupt(() => {
		if (abort.signal.aborted) {
			stage.record(() => [
				prose(
					2,
					span('○ ', 'notice'),
					'quit immediately; uncommitted changes are rolled back when a database is next opened: run it again to continue',
				),
			]);
			stage.end({code: cancelledExitCode});
		}
		abort.abort();
	});
	// A suspended process would keep its locks.
	let isPauseRefused = false;
	const allowPause = stage.onPause(() => {
		isPauseRefused = true;
	});
	try {
		const part = untilQuestion(events);
		const outcome = await stage.show<Followed<FleetState>>((done) => (
			<FollowView
				events={part}
				initial={initial}
				reduce={reduceFleet}
				page={(state, now, look) => fleetPage({...state, isStopping: abort.signal.aborted, isPauseRefused}, task, now, look)}
				isFrequent={({type}) => type === 'fleetProgress'}
				name={task.named}
				share={shareOfFleet}
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

/** Returns the events up to the next question. A loop over the iterator itself would end the run with the loop. */
async function* untilQuestion(events: AsyncIterator<FleetScreenEvent, unknown>): AsyncGenerator<FleetScreenEvent, void, void> {
	for (let step = await events.next(); step.done !== true; step = await events.next()) {
		yield step.value;
		if (step.value.type === 'fleetQuestion') return;
	}
}

/** Asks whether to run the plan, if something would be lost. A downgrade is always shown first. */
async function isConfirmed({stage}: Flow, task: FleetTask, state: FleetState): Promise<boolean> {
	const {plan} = state;
	if (plan === undefined) return false;
	const planned: PlannedFleet = {...state, plan};
	if (plan.losses.length > 0) {
		const screen = fleetConsentScreen(planned, task);
		return (await stage.show<'cancel' | 'consent'>((done) => <ScreenView screen={screen} onDone={done} />)) === 'consent';
	}
	if (plan.direction === 'upgrade') return true;
	const screen = fleetReviewScreen(planned, task);
	return (await stage.show<'go' | 'stop'>((done) => <ScreenView screen={screen} onDone={done} />)) === 'go';
}

/** Returns the command of a run, with the consent that the user gave on the screens. */
function commandOf({request: {settings, canary, keepGoing}, given}: FleetTask, {plan}: FleetState): readonly string[] {
	const isLossy = plan !== undefined && plan.losses.length > 0;
	return [
		runCommand(settings),
		...(given.jobs === undefined ? [] : [`--jobs ${given.jobs}`]),
		...(canary === undefined ? [] : [`--canary ${canary}`]),
		...(keepGoing === true ? ['--keep-going'] : []),
		...(settings.dryRun === true ? ['--dry-run'] : isLossy ? ['--yes'] : []),
		...runFlags(given),
	];
}

/** Returns the command that runs exactly what a dry run has tried. */
function planCommand({end}: FleetState, {request: {settings}}: FleetTask) {
	if (end === undefined || !end.dryRun || end.plan === null) return [];
	return [line('  ', span(`plan ${end.plan}`, 'strong')), prose(4, '  ', span(`${runCommand(settings)} --plan ${end.plan}`, 'accent'))];
}
