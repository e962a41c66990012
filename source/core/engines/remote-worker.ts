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

async function answer({queries}: RemoteRequest): Promise<RemoteReply> {
	try {
		opening ??= openEngine(target, options);
		return {kind: 'results', results: await (await opening).query(queries)};
	} catch (error) {
		if (error instanceof MigrError) return {kind: 'problem', problem: problemOf(error)};
		return {kind: 'bug', text: error instanceof Error ? (error.stack ?? error.message) : String(error)};
	}
}
