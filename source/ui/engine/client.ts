import {setTimeout as delay} from 'node:timers/promises';
import {Worker} from 'node:worker_threads';
import type {ApplyEvent} from '../../core/migrations/event.ts';
import type {AwaitedLock} from '../run/lock-lines.ts';
import type {FleetScreenEvent, Services} from '../services.ts';
import type {CalledMethod, EngineReply, EngineRequest} from './messages.ts';
import {problemError} from './problem-data.ts';
import type {ProjectOptions} from './project-services.ts';

export interface Engine {
	readonly services: Services;
	/** Returns the lock that a call waits for. Undefined if none waits. */
	readonly awaitedLock: () => AwaitedLock | undefined;
	/**
	 * Ends the thread. SQLite rolls back an open transaction when the file is next opened. Resolves to false if a statement is still running: the
	 * thread ends only after that statement, so a process that waits for it would too.
	 */
	close(): Promise<boolean>;
}

interface Waiting {
	/** The lock that it waits for. */
	lock?: AwaitedLock | undefined;
	readonly onReply: (reply: EngineReply) => void;
	readonly onLost: (error: Error) => void;
}

/** Milliseconds to wait for the thread to end. Enough if it is idle or reading rows. */
const threadEndMs = 300;

/** Starts the engine in its own thread. `entry` is the worker file, next to the bundle or in the sources. */
export function startEngine(entry: URL, options: ProjectOptions): Engine {
	// Capture and discard the output of models, because it would corrupt the screen.
	const worker = new Worker(entry, {workerData: options, stdout: true, stderr: true});
	const waiting = new Map<number, Waiting>();
	let last = 0;
	let lost: Error | undefined;
	worker.on('message', (reply: EngineReply) => {
		const call = waiting.get(reply.id);
		if (reply.kind !== 'lock') call?.onReply(reply);
		else if (call !== undefined) call.lock = reply.lock.state === 'over' ? undefined : {...reply.lock, since: performance.now()};
	});
	const lose = (error: Error): void => {
		lost ??= error;
		for (const {onLost} of waiting.values()) onLost(error);
		waiting.clear();
	};
	worker.on('error', lose);
	worker.on('exit', (code) => lose(new Error(`the engine exited with code ${code}`)));
	const send = (request: EngineRequest): void => worker.postMessage(request);
	const call = (method: CalledMethod, given: readonly unknown[], signal?: AbortSignal): Promise<unknown> =>
		new Promise((resolve, reject) => {
			if (lost !== undefined) return reject(lost);
			const id = ++last;
			const abort = (): void => send({kind: 'abort', id});
			const settle = (reply: EngineReply): void => {
				waiting.delete(id);
				signal?.removeEventListener('abort', abort);
				if (reply.kind === 'problem') reject(problemError(reply.problem));
				else if (reply.kind === 'result') resolve(reply.value);
			};
			waiting.set(id, {onReply: settle, onLost: reject});
			signal?.addEventListener('abort', abort, {once: true});
			send({kind: 'call', id, method, arguments: given, canStop: signal !== undefined});
		});
	async function* run<Event>(requestOf: (id: number) => EngineRequest, signal: AbortSignal): AsyncGenerator<Event, void, void> {
		const id = ++last;
		const queue: (EngineReply | Error)[] = lost === undefined ? [] : [lost];
		let wake = (): void => {};
		const take = (item: EngineReply | Error): void => {
			queue.push(item);
			wake();
		};
		waiting.set(id, {onReply: take, onLost: take});
		const abort = (): void => send({kind: 'abort', id});
		signal.addEventListener('abort', abort);
		send(requestOf(id));
		try {
			for (;;) {
				const item = queue.shift();
				if (item === undefined) {
					await new Promise<void>((resolve) => {
						wake = resolve;
					});
				} else if (item instanceof Error) throw item;
				else if (item.kind === 'event') yield item.event as Event;
				else if (item.kind === 'problem') throw problemError(item.problem);
				else return;
			}
		} finally {
			signal.removeEventListener('abort', abort);
			waiting.delete(id);
		}
	}
	const services = new Proxy({} as Services, {
		get: (_target, method: keyof Services | 'then') => {
			if (method === 'then') return undefined;
			if (method === 'run')
				return (...[request, signal]: Parameters<Services['run']>) => run<ApplyEvent>((id) => ({kind: 'run', id, request}), signal);
			if (method === 'runFleet')
				return (...[request, signal]: Parameters<Services['runFleet']>) => run<FleetScreenEvent>((id) => ({kind: 'fleet', id, request}), signal);
			return (...given: readonly unknown[]) => {
				const end = given.at(-1);
				return end instanceof AbortSignal ? call(method, given.slice(0, -1), end) : call(method, given);
			};
		},
	});
	return {
		services,
		awaitedLock: () => [...waiting.values()].find(({lock}) => lock !== undefined)?.lock,
		close: async () => {
			waiting.clear();
			const giveUp = new AbortController();
			const ended = worker.terminate().then(() => true);
			const late = delay(threadEndMs, false, {signal: giveUp.signal}).catch(() => false);
			const isEnded = await Promise.race([ended, late]);
			giveUp.abort();
			return isEnded;
		},
	};
}
