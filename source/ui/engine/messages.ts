import type {ApplyEvent} from '../../core/migrations/event.ts';
import type {LockWait} from '../../core/sqlite/held-lock.ts';
import type {FleetScreenEvent, ProblemData, Services} from '../services.ts';

/** The methods that screens call with one request and one reply. */
export type CalledMethod = Exclude<keyof Services, 'run' | 'runFleet'>;

/** A message to the worker. An id belongs to one call or one run. */
export type EngineRequest =
	| {
			readonly kind: 'call';
			readonly id: number;
			readonly method: CalledMethod;
			readonly arguments: readonly unknown[];
			/** True if `abort` stops the call. The method gets a signal as its last argument. */
			readonly canStop: boolean;
	  }
	| {
			readonly kind: 'run';
			readonly id: number;
			readonly request: Parameters<Services['run']>[0];
	  }
	| {readonly kind: 'fleet'; readonly id: number; readonly request: Parameters<Services['runFleet']>[0]}
	| {readonly kind: 'abort'; readonly id: number};

/** A message from the worker. A run ends with `result` or `problem`, after its events. */
export type EngineReply =
	| {readonly kind: 'result'; readonly id: number; readonly value: unknown}
	| {readonly kind: 'problem'; readonly id: number; readonly problem: ProblemData}
	| {readonly kind: 'event'; readonly id: number; readonly event: ApplyEvent | FleetScreenEvent}
	/** The call waits for the lock of another process, or the lock is free. A wait that fails ends with the call. */
	| {readonly kind: 'lock'; readonly id: number; readonly lock: LockWait};
