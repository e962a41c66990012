/**
 * The worker thread of the engine. It does the work for the screens, so that keys still respond while a million rows are rewritten. Models and
 * migrations run here too. Their output is discarded, because it would corrupt the screen.
 */
import {AsyncLocalStorage} from 'node:async_hooks';
import {parentPort, workerData} from 'node:worker_threads';
import type {LockWait} from '../core/sqlite/held-lock.ts';
import type {EngineReply, EngineRequest} from './engine/messages.ts';
import {overviewOf} from './engine/overview.ts';
import {problemData} from './engine/problem-data.ts';
import type {ProjectOptions} from './engine/project-services.ts';
import type {Services} from './services.ts';

const port = parentPort!;
/** The request that the current code answers. */
const answered = new AsyncLocalStorage<number>();
const options: ProjectOptions = {...(workerData as ProjectOptions), onWait};
const running = new Map<number, AbortController>();

port.on('message', (request: EngineRequest) => {
	void answered.run(request.id, () => answer(request));
});

async function answer(request: EngineRequest): Promise<void> {
	const {id} = request;
	if (request.kind === 'abort') return running.get(id)?.abort();
	try {
		reply({kind: 'result', id, value: request.kind === 'call' ? await call(request) : await run(request)});
	} catch (error) {
		reply({kind: 'problem', id, problem: problemData(error, options.cwd)});
	}
}

let loading: Promise<Services> | undefined;

/** Returns the services. Everything except the overview is loaded on first use. */
function services(): Promise<Services> {
	loading ??= Promise.all([import('./engine/project-services.ts'), import('../run-process/apply-in-process.ts')]).then(
		([{projectServices}, {applyInProcess}]) => projectServices(options, (given) => applyInProcess(given, {isSilent: true})),
	);
	return loading;
}

async function call({id, method, arguments: given, canStop}: Extract<EngineRequest, {kind: 'call'}>): Promise<unknown> {
	if (method === 'overview') return await overviewOf(options);
	const work = (await services())[method] as (...values: readonly unknown[]) => Promise<unknown>;
	if (!canStop) return await work(...given);
	return await stoppable(id, (signal) => work(...given, signal));
}

async function run(request: Extract<EngineRequest, {kind: 'run' | 'fleet'}>): Promise<void> {
	const {id} = request;
	await stoppable(id, async (signal) => {
		const {run: runOne, runFleet} = await services();
		const events = request.kind === 'fleet' ? runFleet(request.request, signal) : runOne(request.request, signal);
		for await (const event of events) reply({kind: 'event', id, event});
	});
}

/** Does work that a message to abort it stops. */
async function stoppable<T>(id: number, work: (signal: AbortSignal) => Promise<T>): Promise<T> {
	const controller = new AbortController();
	running.set(id, controller);
	try {
		return await work(controller.signal);
	} finally {
		running.delete(id);
	}
}

function onWait(lock: LockWait): void {
	const id = answered.getStore();
	if (id !== undefined) reply({kind: 'lock', id, lock});
}

function reply(message: EngineReply): void {
	port.postMessage(message);
}
