import type {MigrError} from '../core/errors.ts';
import type {ApplyEvent} from '../core/migrations/event.ts';
import type {ApplyOptions} from '../core/migrations/run/apply-options.ts';
import type {DriverChoice} from '../core/sqlite/driver/choose.ts';

/** The options of a run as plain data. */
export interface RunRequest extends Omit<ApplyOptions, 'connection' | 'now' | 'consent' | 'signal' | 'stopWaiting'> {
	readonly consent: boolean;
}

/** An error of a run as plain data. */
export interface Problem extends Pick<MigrError, 'code' | 'message' | 'details'> {
	readonly hint: string | undefined;
}

/** A message to the process of a run. */
export type ToRun =
	| {
			readonly kind: 'run';
			readonly request: RunRequest;
			readonly driver: DriverChoice;
			/** The id of the process that sends this. */
			readonly parent: number;
	  }
	| {readonly kind: 'abort'};

/** A message from the process of a run. The last one is `end`, or `uncaught` for an error that nothing caught. */
export type FromRun =
	| {readonly kind: 'event'; readonly event: ApplyEvent}
	/** What migrations print. */
	| {readonly kind: 'output'; readonly stream: 'stdout' | 'stderr'; readonly text: string | Uint8Array}
	| {readonly kind: 'uncaught'; readonly problem: Problem}
	| {readonly kind: 'end'};
