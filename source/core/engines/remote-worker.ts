/** The worker thread of a remote database. It speaks HTTP while the thread that reads is blocked. */
import {type MessagePort, workerData} from 'node:worker_threads';
import {MigrError} from '../errors.ts';
import type {Engine} from './engine.ts';
import {openEngine} from './open-engine.ts';
import {problemOf, type RemoteReply, type RemoteRequest, type RemoteStart} from './remote-messages.ts';

const {target, options, replies, port} = workerData as RemoteStart & {readonly port: MessagePort};
let opening: Promise<Engine> | undefined;

port.on('message', async (request: RemoteRequest) => {
	port.postMessage(await answer(request));
	Atomics.add(replies, 0, 1);
	Atomics.notify(replies, 0);
});

async function answer(request: RemoteRequest): Promise<RemoteReply> {
	try {
		opening ??= openEngine(target, options);
		const engine = await opening;
		if ('queries' in request) return {kind: 'results', results: await engine.query(request.queries)};
		const outcome = await engine.apply(request.apply);
		return outcome.kind === 'committed' ? {kind: 'applied'} : {kind: 'problem', problem: problemOf(outcome.error)};
	} catch (error) {
		if (error instanceof MigrError) return {kind: 'problem', problem: problemOf(error)};
		return {kind: 'bug', text: error instanceof Error ? (error.stack ?? error.message) : String(error)};
	}
}
