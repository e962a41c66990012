import {Worker} from 'node:worker_threads';
import type {ApplyEvent} from '../event.ts';
import type {FleetSettings, FleetTarget, Look, RunOutcome} from './fleet.ts';
import {fleetContext} from './fleet-context.ts';
import {lookAt} from './look-at.ts';
import type {Emit} from './run-events.ts';
import {runOne} from './run-one.ts';

/** One place where databases are processed, one after the other: this thread, or another one. */
export interface Lane {
	look(target: FleetTarget, emit: Emit): Promise<Look>;
	run(target: FleetTarget, plan: string | undefined, emit: Emit): Promise<RunOutcome>;
	/** Ends the thread. Must not be called while it works. */
	close(): Promise<void>;
}

/** A message to the thread of a lane. */
export type LaneRequest =
	| {readonly kind: 'look'; readonly target: FleetTarget}
	| {readonly kind: 'run'; readonly target: FleetTarget; readonly plan: string | undefined};

/** A message from the thread of a lane. The last one for each request is its result. */
export type LaneReply = {readonly kind: 'event'; readonly event: ApplyEvent} | {readonly kind: 'result'; readonly result: Look | RunOutcome};

/** Returns the lane of this thread. */
export function ownLane(settings: FleetSettings): Lane {
	const context = fleetContext(settings);
	return {
		look: (target, emit) => lookAt(context, target, emit),
		run: (target, plan, emit) => runOne(context, target, plan, emit),
		close: async () => {},
	};
}

/**
 * Returns a lane with its own thread. If code of a migration ends the thread, this database fails, and the next one gets a new thread.
 *
 * @param megabytes the memory that code of migrations may use in the thread
 * @param print receives what code prints in the thread
 */
export function threadLane(settings: FleetSettings, megabytes: number, print: (text: string) => void): Lane {
	let worker: Worker | undefined;
	const start = (): Worker => {
		const started = new Worker(workerEntry(), {
			workerData: settings,
			stdout: true,
			stderr: true,
			// A run makes much garbage. Without limits, V8 lets it grow in each thread (docs/decisions/0019).
			resourceLimits: {maxYoungGenerationSizeMb: 4, maxOldGenerationSizeMb: megabytes},
			// Node warns in each thread that it strips types.
			execArgv: ['--disable-warning=ExperimentalWarning', '--disable-warning=MODULE_TYPELESS_PACKAGE_JSON'],
		});
		for (const stream of [started.stdout, started.stderr]) stream.on('data', (chunk: Buffer) => print(chunk.toString()));
		return started;
	};
	const ask = (request: LaneRequest, emit: Emit): Promise<Look | RunOutcome> =>
		new Promise((resolve) => {
			worker ??= start();
			const current = worker;
			const finish = (result: Look | RunOutcome) => {
				current.removeAllListeners('message');
				current.removeAllListeners('error');
				current.removeAllListeners('exit');
				resolve(result);
			};
			const lost = (message: string) => {
				worker = undefined;
				finish({
					kind: 'failed',
					failure: {code: 'migration', message, hint: 'check the migrations for process.exit and for errors that no one awaits', details: []},
					committed: [],
					state: null,
				});
			};
			current.on('message', (reply: LaneReply) => (reply.kind === 'event' ? emit(reply.event) : finish(reply.result)));
			current.on('error', (error: Error) => {
				void current.terminate();
				lost(`uncaught error in a migration: ${error.message}`);
			});
			current.on('exit', () => lost('a migration ended the process'));
			current.postMessage(request);
		});
	return {
		look: async (target, emit) => (await ask({kind: 'look', target}, emit)) as Look,
		run: async (target, plan, emit) => (await ask({kind: 'run', target, plan}, emit)) as RunOutcome,
		close: async () => {
			await worker?.terminate();
		},
	};
}

/** Returns the worker file, next to the bundle or in the sources. */
function workerEntry(): URL {
	const isBundled = import.meta.url.endsWith('.js');
	return new URL(
		isBundled ? (import.meta.url.includes('/chunks/') ? '../fleet-worker.js' : './fleet-worker.js') : './fleet-worker.ts',
		import.meta.url,
	);
}
