// biome-ignore lint/style/noRestrictedImports: only the process knows what its event loop still waits for.
import {getActiveResourcesInfo} from 'node:process';
import {setImmediate} from 'node:timers/promises';

/**
 * Lets the event loop go round once, so that a signal is seen which came in while SQLite had the thread to itself. The first turn may only bring it to
 * the place from which the second one starts.
 */
export async function eventLoopTurn(): Promise<void> {
	await setImmediate();
	await setImmediate();
}

/** What is there all the time and settles nothing by itself: the standard streams, the port of a worker, and the timer below. */
const idle = new Set(['TTYWrap', 'PipeWrap', 'Pipe', 'MessagePort', 'FSEventWrap', 'SignalWrap']);
const interval = 500;
const patience = 3;

/**
 * Keeps the event loop alive, and calls back once when nothing is left in it that could ever settle a promise: without this, a program that awaits
 * such a promise ends with exit code 0 or 13 in the middle of its work. Returns a function that stops the watch.
 */
export function watchForStandstill(onStandstill: () => void): () => void {
	let quiet = 0;
	const timer = setInterval(() => {
		const active = getActiveResourcesInfo().filter((resource) => !idle.has(resource));
		// One of the timers is this one.
		const timers = active.filter((resource) => resource === 'Timeout').length;
		quiet = active.length === timers && timers <= 1 ? quiet + 1 : 0;
		if (quiet < patience) return;
		clearInterval(timer);
		onStandstill();
	}, interval);
	return () => clearInterval(timer);
}
