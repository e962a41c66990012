import {Worker} from 'node:worker_threads';
import {clean} from '../../text/clean.ts';
import {thrownText} from '../../text/thrown.ts';
import type {ApplyEvent} from '../event.ts';
import type {FleetFailure, FleetSettings, FleetTarget, Look, RunOutcome} from './fleet.ts';
import {fleetContext} from './fleet-context.ts';
import {lookAt} from './look-at.ts';
import type {Emit} from './run-events.ts';
import {runOne} from './run-one.ts';

/** One place where databases are processed, one after the other: this thread, or another one. */
export interface Lane {
	look(target: FleetTarget, emit: Emit): Promise<Look>;
	run(target: FleetTarget, plan: string | undefined, emit: Emit): Promise<RunOutcome>;
	/** Ends a wait for the lock of a database that no run has begun to change, now and later. */
	stopWaiting(): void;
	/** Ends the thread. Must not be called while it works. */
	close(): Promise<void>;
}

/** A message to the thread of a lane. */
export type LaneRequest =
	| {readonly kind: 'look'; readonly target: FleetTarget}
	| {readonly kind: 'run'; readonly target: FleetTarget; readonly plan: string | undefined}
	| {readonly kind: 'stopWaiting'};

/** A message from the thread of a lane. The last one for each request is its result. */
export type LaneReply = {readonly kind: 'event'; readonly event: ApplyEvent} | {readonly kind: 'result'; readonly result: Look | RunOutcome};

/** Returns the lane of this thread. */
export function ownLane(settings: FleetSettings): Lane {
	const stop = new AbortController();
	const context = fleetContext(settings, stop.signal);
	return {
		look: (target, emit) => lookAt(context, target, emit),
		run: (target, plan, emit) => runOne(context, target, plan, emit),
		stopWaiting: () => stop.abort(),
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
	/** The request that the thread works on. Undefined between two databases. */
	let current: {readonly emit: Emit; readonly finish: (result: Look | RunOutcome) => void} | undefined;
	const start = (): Worker => {
		const started = new Worker(workerEntry(), {
			workerData: settings,
			stdout: true,
			stderr: true,
			// A run makes much garbage. Without limits, V8 lets it grow in each thread (docs/decisions/0019).
			resourceLimits: {maxYoungGenerationSizeMb: 8, maxOldGenerationSizeMb: megabytes},
			// Node warns in each thread that it strips types.
			execArgv: ['--disable-warning=ExperimentalWarning', '--disable-warning=MODULE_TYPELESS_PACKAGE_JSON'],
		});
		const lose = (failure: FleetFailure) => {
			if (worker === started) worker = undefined;
			// Code may fail after its migration has ended. The database is done then, so the error is only printed.
			if (current === undefined) print(`${failure.message}\n`);
			current?.finish({kind: 'failed', failure, committed: [], state: null});
		};
		started.on('message', (reply: LaneReply) => (reply.kind === 'event' ? current?.emit(reply.event) : current?.finish(reply.result)));
		started.on('error', (error) => lose(uncaught(error)));
		started.on('exit', () => {
			if (worker === started) lose(ended);
		});
		for (const stream of [started.stdout, started.stderr]) stream.on('data', (chunk: Buffer) => print(chunk.toString()));
		return started;
	};
	const ask = (request: LaneRequest, emit: Emit): Promise<Look | RunOutcome> =>
		new Promise((resolve) => {
			worker ??= start();
			current = {
				emit,
				finish(result) {
					current = undefined;
					resolve(result);
				},
			};
			worker.postMessage(request);
		});
	return {
		look: async (target, emit) => (await ask({kind: 'look', target}, emit)) as Look,
		run: async (target, plan, emit) => (await ask({kind: 'run', target, plan}, emit)) as RunOutcome,
		stopWaiting() {
			worker?.postMessage({kind: 'stopWaiting'} satisfies LaneRequest);
		},
		close: async () => {
			const ending = worker;
			worker = undefined;
			await ending?.terminate();
		},
	};
}

const ended: FleetFailure = {
	code: 'migration',
	message: 'a migration ended the process',
	hint: 'check the migrations for process.exit',
	details: [],
};

function uncaught(error: unknown): FleetFailure {
	const isOutOfMemory = (error as {readonly code?: unknown}).code === 'ERR_WORKER_OUT_OF_MEMORY';
	const hint = isOutOfMemory ? 'use --jobs 1, which leaves more memory to the code of migrations' : 'await every promise that op.run starts';
	return {code: 'migration', message: `uncaught error in a migration: ${clean(thrownText(error))}`, hint, details: []};
}

/** Returns the worker file, next to the bundle or in the sources. */
function workerEntry(): URL {
	const isBundled = import.meta.url.endsWith('.js');
	const file = isBundled ? (import.meta.url.includes('/chunks/') ? '../fleet-worker.js' : './fleet-worker.js') : './fleet-worker.ts';
	// The comment stops webpack from looking for the file.
	return new URL(/* webpackIgnore: true */ file, import.meta.url);
}
