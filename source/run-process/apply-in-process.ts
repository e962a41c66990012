import {type ChildProcess, fork} from 'node:child_process';
import {existsSync} from 'node:fs';
import {MigrError} from '../core/errors.ts';
import type {ApplyEvent} from '../core/migrations/event.ts';
import type {ApplyOptions} from '../core/migrations/run/apply-options.ts';
import {chosenDriver} from '../core/sqlite/driver/choose.ts';
import {cancelledError} from '../core/sqlite/transaction.ts';
import type {FromRun, RunRequest, ToRun} from './messages.ts';

export interface ProcessOptions {
	/** True to discard what migrations print, because it would corrupt the screen. */
	readonly isSilent: boolean;
	/** Ends the process immediately when it is aborted. */
	readonly endNow?: AbortSignal;
}

/** Milliseconds for a run to stop by itself. After that its process is ended, and this process rolls back. */
const msToStop = 1000;

/**
 * Does the same as `apply`, in a separate process that can be stopped at any time, even during a long statement. It never throws. If the process ends
 * early for any reason, the last event reports the state of the database afterwards.
 */
export async function* applyInProcess(options: ApplyOptions, {isSilent, endNow}: ProcessOptions): AsyncGenerator<ApplyEvent, void, void> {
	const {signal} = options;
	const existed = existsSync(options.database);
	const child = isDebugged() ? undefined : startRun(isSilent);
	if (child?.pid === undefined) {
		// A debugger is attached to this process only, or no other process can be started: their number is limited, or Node's permission model forbids
		// it.
		const {apply} = await import('../core/migrations/run/apply.ts');
		return yield* apply(options);
	}
	let timer: NodeJS.Timeout | undefined;
	const stop = (): void => {
		send(child, {kind: 'abort'});
		timer = setTimeout(kill, msToStop);
	};
	const kill = (): void => void child.kill('SIGKILL');
	signal?.addEventListener('abort', stop, {once: true});
	endNow?.addEventListener('abort', kill, {once: true});
	const reported: ApplyEvent[] = [];
	let problem: MigrError | undefined;
	let hasEnded = false;
	try {
		send(child, {kind: 'run', request: requestOf(options), driver: chosenDriver(), parent: process.pid});
		if (signal?.aborted === true) stop();
		for await (const message of messagesOf(child)) {
			if (message.kind === 'uncaught') problem = new MigrError(message.problem.code, message.problem.message, message.problem);
			else if (message.kind === 'output' && !isSilent) process[message.stream].write(message.text);
			else if (message.kind === 'event') {
				const {event} = message;
				if (event.type !== 'progress') reported.push(event);
				hasEnded = event.type === 'done' || event.type === 'failed';
				yield event;
			}
		}
		if (hasEnded) return;
		const {endedWithProcess, killedProcess, reasonForEarlyEnd} = await import('../core/migrations/run/ended-early.ts');
		const {signalCode} = child;
		const reason =
			signal?.aborted === true ? cancelledError(signal) : (problem ?? (signalCode === null ? reasonForEarlyEnd() : killedProcess(signalCode)));
		yield endedWithProcess(options, reported, reason, existed);
	} finally {
		signal?.removeEventListener('abort', stop);
		endNow?.removeEventListener('abort', kill);
		clearTimeout(timer);
		// The consumer may have stopped reading.
		kill();
	}
}

function requestOf({connection: _connection, now: _now, signal: _signal, stopWaiting: _stop, consent, ...request}: ApplyOptions): RunRequest {
	if (typeof consent === 'function') throw new TypeError('a function cannot be sent to another process');
	return {...request, consent};
}

/** True if Node was started with a debugger. Breakpoints in migrations then work, because the run stays in the process. */
function isDebugged(): boolean {
	const given = [...process.execArgv, ...(process.env.NODE_OPTIONS ?? '').split(/\s+/)];
	return given.some((argument) => /^--inspect(?:-brk|-wait)?(?:=|$)/.test(argument));
}

/** Starts the process. Returns undefined if that is forbidden, and a process without a number if it fails. */
function startRun(isSilent: boolean): ChildProcess | undefined {
	const isBundled = import.meta.url.endsWith('.js');
	const entry = isBundled ? (import.meta.url.includes('/chunks/') ? '../run-process.js' : './run-process.js') : './run-process.ts';
	const streams = isSilent ? 'ignore' : 'inherit';
	try {
		// The comment stops webpack from looking for the file.
		const child = fork(new URL(/* webpackIgnore: true */ entry, import.meta.url), [], {
			serialization: 'advanced',
			stdio: [streams, streams, streams, 'ipc'],
			execArgv: [...process.execArgv, '--disable-warning=ExperimentalWarning', '--disable-warning=MODULE_TYPELESS_PACKAGE_JSON'],
		});
		// Reported by the missing process number. A message that could not be sent is reported by the end of the process.
		child.on('error', () => {});
		return child;
	} catch (error) {
		if ((error as NodeJS.ErrnoException).code === 'ERR_ACCESS_DENIED') return undefined;
		throw error;
	}
}

/** Returns the messages of a process until it has ended and all of them are read. */
async function* messagesOf(child: ChildProcess): AsyncGenerator<FromRun, void, void> {
	const queue: FromRun[] = [];
	let isOver = false;
	let wake = (): void => {};
	const end = (): void => {
		isOver ||= !child.connected && (child.exitCode !== null || child.signalCode !== null);
		wake();
	};
	child.on('message', (message: FromRun) => {
		queue.push(message);
		wake();
	});
	child.on('exit', end);
	child.on('disconnect', end);
	for (;;) {
		const message = queue.shift();
		if (message !== undefined) yield message;
		else if (isOver) return;
		else
			await new Promise<void>((resolve) => {
				wake = resolve;
			});
	}
}

/** Sends a message, unless the process has ended in the meantime. */
function send(child: ChildProcess, message: ToRun): void {
	if (child.connected) child.send(message, () => {});
}
