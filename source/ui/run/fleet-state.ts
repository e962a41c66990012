import type {FleetEvent, FleetFailure, FleetPlanEvent, FleetProgress} from '../../core/migrations/fleet/fleet.ts';
import type {LockWait} from '../../core/sqlite/held-lock.ts';
import type {FleetScreenEvent} from '../services.ts';

/** The state of a run on several databases, built from its events so far. */
export interface FleetState {
	/** The newest progress event. Undefined until the first database was checked. */
	readonly progress: FleetProgress | undefined;
	/** The start of the current phase, in milliseconds of the screen clock. */
	readonly phaseStartedAt: number;
	/** The result of the databases that ran first. Undefined if there are none, or while they run. */
	readonly canary: {readonly done: number; readonly total: number; readonly failed: number} | undefined;
	readonly plan: FleetPlanEvent | undefined;
	/** True while the run waits for an answer. */
	readonly isAsking: boolean;
	/** Databases that are being changed, in the order they were started. */
	readonly running: readonly RunningDatabase[];
	/** In the order they happened. */
	readonly failures: readonly FailedDatabase[];
	readonly end: FleetEvent | undefined;
	/** True after Ctrl-C, while the current databases are still running. */
	readonly isStopping: boolean;
	/** True after Ctrl-Z, which a run ignores. */
	readonly isPauseRefused: boolean;
}

export interface RunningDatabase {
	readonly database: string;
	/** In milliseconds of the screen clock. */
	readonly startedAt: number;
	/** Set while it waits for the lock of another process. */
	readonly lock?: LockWait | undefined;
}

export interface FailedDatabase {
	readonly database: string;
	readonly failure: FleetFailure;
}

export const noFleet: FleetState = {
	progress: undefined,
	phaseStartedAt: 0,
	canary: undefined,
	plan: undefined,
	isAsking: false,
	running: [],
	failures: [],
	end: undefined,
	isStopping: false,
	isPauseRefused: false,
};

/** Returns the state after one more event, at `now` of the screen clock. Pure. */
export function reduceFleet(state: FleetState, event: FleetScreenEvent, now: number): FleetState {
	switch (event.type) {
		case 'fleetPlan':
			return {...state, plan: event};
		case 'fleetQuestion':
			return {...state, plan: event.plan, isAsking: true};
		case 'fleet':
			return {...state, isAsking: false, running: [], end: event};
		case 'fleetLock': {
			const lock = event.lock.state === 'waiting' ? event.lock : undefined;
			return {...state, running: state.running.map((one) => (one.database === event.database ? {...one, lock} : one))};
		}
		case 'fleetProgress':
			return afterProgress({...state, isAsking: false}, event, now);
	}
}

function afterProgress(state: FleetState, event: FleetProgress, now: number): FleetState {
	const {phase, started, finished, done, total, failed} = event;
	const isSamePhase = state.progress?.phase === phase;
	const running = state.running.filter(({database}) => database !== finished?.database);
	const failure = finished?.result.kind === 'failed' ? [{database: finished.database, failure: finished.result.failure}] : [];
	const isCanaryOver = phase === 'canary' && (done === total || failed > 0);
	return {
		...state,
		progress: event,
		phaseStartedAt: isSamePhase ? state.phaseStartedAt : now,
		canary: isCanaryOver ? {done, total, failed} : state.canary,
		running: started === undefined ? running : [...running, {database: started, startedAt: now}],
		failures: failure.length === 0 ? state.failures : [...state.failures, ...failure],
	};
}

/** Returns the progress of the current phase from 0 to 1. */
export function shareOfFleet({progress}: FleetState): number | undefined {
	return progress === undefined || progress.total === 0 ? undefined : progress.done / progress.total;
}
