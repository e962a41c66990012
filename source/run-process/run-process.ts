/**
 * The process of one run. SQLite cannot be interrupted while it executes a statement, but a process can be ended at any time: an open transaction is
 * then rolled back when the file is next opened.
 */
import {enableCompileCache} from 'node:module';
import {Worker} from 'node:worker_threads';
import type {FromRun, RunRequest, ToRun} from './messages.ts';
import type {Watched} from './watch-parent.ts';

// Bun has no compile cache.
enableCompileCache?.();

const stop = new AbortController();
const {ppid} = process;

// Ctrl-C and the end of the terminal reach all processes of the terminal. The parent decides how to react.
for (const name of ['SIGINT', 'SIGHUP'] as const) process.on(name, () => {});
process.on('SIGTERM', () => stop.abort());
process.on('disconnect', () => stop.abort());
process.on('uncaughtException', (error) => {
	void import('../core/migrations/run/ended-early.ts').then(({reasonForEarlyEnd}) => {
		const {code, message, details, hint} = reasonForEarlyEnd({error});
		end({kind: 'uncaught', problem: {code, message, details, hint}}, 1);
	});
});
process.on('message', (message: ToRun) => {
	if (message.kind === 'abort') return stop.abort();
	watchParent(message.parent);
	void run(message.request, message.driver);
});

for (const stream of ['stdout', 'stderr'] as const) sendOutput(stream);

async function run(request: RunRequest, driver: Extract<ToRun, {kind: 'run'}>['driver']): Promise<void> {
	const [{apply}, {chooseDriver}] = await Promise.all([import('../core/migrations/run/apply.ts'), import('../core/sqlite/driver/choose.ts')]);
	chooseDriver(driver);
	for await (const event of apply({...request, signal: stop.signal})) send({kind: 'event', event});
	end({kind: 'end'}, 0);
}

function send(message: FromRun): void {
	// If the parent has ended, no process reads the message.
	if (process.connected) process.send?.(message);
}

/** Ends the process after the message is sent, even if a migration has left a handle open. */
function end(message: FromRun, code: number): void {
	if (process.connected) process.send?.(message, undefined, undefined, () => process.exit(code));
	else process.exit(code);
}

/** Sends the output of JavaScript code to the parent, so it appears between the right events. */
function sendOutput(stream: 'stdout' | 'stderr'): void {
	process[stream].write = (text: string | Uint8Array, encoding?: unknown, callback?: unknown): boolean => {
		const isPlain = typeof text !== 'string' || typeof encoding !== 'string' || /^utf-?8$/i.test(encoding);
		send({kind: 'output', stream, text: isPlain ? text : Buffer.from(text, encoding as BufferEncoding)});
		const done = typeof encoding === 'function' ? encoding : callback;
		if (typeof done === 'function') process.nextTick(done as () => void);
		return true;
	};
}

/** Starts a thread that ends this process if the parent was killed, even while a statement runs. The lock on the database is then released. */
function watchParent(parent: number): void {
	const isBundled = import.meta.url.endsWith('.js');
	const file = isBundled ? './watch-parent.js' : './watch-parent.ts';
	try {
		// The comment stops webpack from looking for the file.
		const thread = new Worker(new URL(/* webpackIgnore: true */ file, import.meta.url), {workerData: {parent, ppid} satisfies Watched});
		thread.on('error', () => {});
		thread.unref();
	} catch {
		// No thread can be started: their number is limited, or Node's permission model forbids it. The run then stops between two statements.
	}
}
