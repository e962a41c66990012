import type {
	ApplyEvent,
	BackupEvent,
	DoneEvent,
	EffectsEvent,
	FailedEvent,
	PreflightEvent,
	ProgressEvent,
	StartEvent,
	StepStartEvent,
} from '../../core/migrations/event.ts';

/** A run as far as its events have told it. */
export interface RunState {
	readonly start: StartEvent | undefined;
	readonly preflight: PreflightEvent | undefined;
	readonly backup: BackupEvent | undefined;
	readonly finished: readonly FinishedMigration[];
	readonly current: CurrentMigration | undefined;
	/** What the statements of finished migrations did to rows. */
	readonly effects: readonly EffectsEvent[];
	readonly notices: readonly string[];
	readonly end: DoneEvent | FailedEvent | undefined;
	/** Ctrl-C was pressed; the running batch is still going on. */
	readonly isStopping: boolean;
	/** The reader wants to know why a step is done as it is. */
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
	/** By the clock of the screen. */
	readonly startedAt: number;
	readonly step: RunningStep | undefined;
}

export interface RunningStep extends Omit<StepStartEvent, 'type' | 'migration'> {
	readonly startedAt: number;
	readonly progress: ProgressEvent | undefined;
	/** Since when it does what it does now: of several indexes each starts anew. */
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
	end: undefined,
	isStopping: false,
	showsReason: false,
};

/** Pure: the state after one more event, at `now` of the screen's clock. */
export function reduceRun(state: RunState, event: ApplyEvent, now: number): RunState {
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
			return {...state, notices: [...state.notices, event.message]};
		case 'done':
		case 'failed':
			return {...state, current: undefined, end: event};
	}
}

function withProgress(step: RunningStep, event: ProgressEvent, now: number): RunningStep {
	const goesOn = step.progress?.phase === event.phase && event.done >= step.progress.done;
	return {...step, progress: event, phaseStartedAt: goesOn ? step.phaseStartedAt : now};
}
