import type {
	ApplyEvent,
	BackupEvent,
	DoneEvent,
	EffectsEvent,
	FailedEvent,
	NoticeEvent,
	PreflightEvent,
	ProgressEvent,
	StartEvent,
	StepStartEvent,
} from '../../core/migrations/event.ts';
import {type AwaitedLock, waitedText} from './lock-lines.ts';

/** The state of a run, built from its events so far. */
export interface RunState {
	readonly start: StartEvent | undefined;
	readonly preflight: PreflightEvent | undefined;
	readonly backup: BackupEvent | undefined;
	readonly finished: readonly FinishedMigration[];
	readonly current: CurrentMigration | undefined;
	/** The effects on rows of the statements in finished migrations. */
	readonly effects: readonly EffectsEvent[];
	readonly notices: readonly string[];
	/** Set while the run waits for the lock of another process. */
	readonly lock: AwaitedLock | undefined;
	readonly end: DoneEvent | FailedEvent | undefined;
	/** When the current activity began, in milliseconds of the screen clock. Infinite before the first event. */
	readonly changedAt: number;
	/** True for a run on a database on a server. */
	readonly isRemote: boolean;
	/** True after Ctrl-C, while the current batch is still running. */
	readonly isStopping: boolean;
	/** True after Ctrl-Z, which a run ignores. */
	readonly isPauseRefused: boolean;
	/** True to show why a step is carried out this way. */
	readonly showsReason: boolean;
}

export interface FinishedMigration {
	readonly name: string;
	readonly durationMs: number;
	readonly summary: string;
}

export interface CurrentMigration {
	readonly name: string;
	readonly steps: number;
	/** In milliseconds of the screen clock. */
	readonly startedAt: number;
	readonly step: RunningStep | undefined;
}

export interface RunningStep extends Omit<StepStartEvent, 'type' | 'migration'> {
	readonly startedAt: number;
	readonly progress: ProgressEvent | undefined;
	/** The start of the current phase. Each of several indexes starts a new one. */
	readonly phaseStartedAt: number;
}

export const noRun: RunState = {
	start: undefined,
	preflight: undefined,
	backup: undefined,
	finished: [],
	current: undefined,
	effects: [],
	notices: [],
	lock: undefined,
	changedAt: Number.POSITIVE_INFINITY,
	end: undefined,
	isRemote: false,
	isStopping: false,
	isPauseRefused: false,
	showsReason: false,
};

/** Returns the state after one more event, at `now` of the screen clock. Pure. */
export function reduceRun(state: RunState, event: ApplyEvent, now: number): RunState {
	const next = withEvent(state, event, now);
	return event.type === 'progress' || event.type === 'notice' ? next : {...next, changedAt: now};
}

function withEvent(state: RunState, event: ApplyEvent, now: number): RunState {
	switch (event.type) {
		case 'start':
			return {...state, start: event};
		case 'preflight':
			return {...state, preflight: event};
		case 'backup':
			return {...state, backup: event};
		case 'migrationStart':
			return {...state, current: {name: event.migration, steps: event.steps, startedAt: now, step: undefined}};
		case 'stepStart': {
			const {type, migration, ...step} = event;
			return state.current === undefined
				? state
				: {...state, current: {...state.current, steps: event.steps, step: {...step, startedAt: now, progress: undefined, phaseStartedAt: now}}};
		}
		case 'progress':
			return state.current?.step === undefined ? state : {...state, current: {...state.current, step: withProgress(state.current.step, event, now)}};
		case 'stepDone':
			return state.current === undefined ? state : {...state, current: {...state.current, step: undefined}};
		case 'migrationDone':
			return {
				...state,
				current: undefined,
				finished: [...state.finished, {name: event.migration, durationMs: event.durationMs, summary: event.summary}],
			};
		case 'effects':
			return {...state, effects: [...state.effects, event]};
		case 'notice':
			return withNotice(state, event, now);
		case 'done':
		case 'failed':
			return {...state, current: undefined, lock: undefined, end: event};
	}
}

/** Returns the progress of the current step from 0 to 1, at `now` of the screen clock. Undefined if it cannot be measured or estimated. */
export function shareOf({current, backup}: RunState, now: number): number | undefined {
	const {progress, phaseStartedAt = now} = current?.step ?? {};
	if (progress?.phase === 'copy') return progress.total <= 0 ? undefined : Math.min(1, progress.done / progress.total);
	if (progress?.expectedMs !== undefined && progress.done < progress.total) return estimatedShare(now - phaseStartedAt, progress.expectedMs);
	if (current !== undefined || backup === undefined || backup.state === 'done' || backup.pagesTotal === 0) return undefined;
	return backup.pagesDone / backup.pagesTotal;
}

/** Work that takes longer than its estimate comes ever closer to the end, but does not reach it. */
const lastPart = 0.1;

/** Returns how much of some work is done by now, from 0 to 0.99, if only its expected time is known. */
export function estimatedShare(elapsedMs: number, expectedMs: number): number {
	const share = elapsedMs / Math.max(1, expectedMs);
	const limit = 1 - lastPart;
	return Math.min(0.99, share <= limit ? Math.max(0, share) : 1 - lastPart * Math.exp((limit - share) / limit));
}

/** While the run waits for a lock, only that is shown. Afterwards, the notice says how long it took. */
function withNotice(state: RunState, {message, lock}: NoticeEvent, now: number): RunState {
	if (lock?.state === 'waiting') return {...state, lock: {...lock, since: now}};
	const text = lock === undefined ? message : waitedText(lock);
	return {...state, lock: undefined, notices: [...state.notices, text]};
}

function withProgress(step: RunningStep, event: ProgressEvent, now: number): RunningStep {
	const isSamePhase = step.progress?.phase === event.phase && event.done >= step.progress.done;
	return {...step, progress: event, phaseStartedAt: isSamePhase ? step.phaseStartedAt : now};
}
