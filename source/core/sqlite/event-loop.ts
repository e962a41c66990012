// biome-ignore lint/style/noRestrictedImports: only the process knows what its event loop still waits for.
import {getActiveResourcesInfo} from 'node:process';
import {setImmediate} from 'node:timers/promises';

/**
 * Lets the event loop turn once, so that a signal is handled that arrived while SQLite blocked the thread. Two turns are needed: the first may only
 * reach the phase where the second one starts.
 */
export async function eventLoopTurn(): Promise<void> {
	await setImmediate();
	await setImmediate();
	lastTurn = performance.now();
}

/** Milliseconds that a signal may wait. */
const maxBlocked = 5;
let lastTurn = 0;

/** Lets the event loop turn like `eventLoopTurn`, unless it did a few milliseconds ago. Thousands of short steps would otherwise wait for it. */
export async function eventLoopTurnIfDue(): Promise<void> {
	if (performance.now() - lastTurn >= maxBlocked) await eventLoopTurn();
}

/** Resources that are always active and settle no promise: the standard streams and the port of a worker. The timer below is handled separately. */
const idle = new Set(['TTYWrap', 'PipeWrap', 'Pipe', 'MessagePort', 'FSEventWrap', 'SignalWrap']);
const interval = 500;
const quietTurns = 3;

/**
 * Keeps the event loop alive, and calls back once if nothing is left in it that could ever settle a promise. Without this, a program that awaits
 * such a promise ends with exit code 0 or 13 partway through its work. Returns a function that stops the watch.
 */
export function watchForStandstill(onStandstill: () => void): () => void {
	let quiet = 0;
	const timer = setInterval(() => {
		const active = getActiveResourcesInfo().filter((resource) => !idle.has(resource));
		// One of the timers is the interval below.
		const timers = active.filter((resource) => resource === 'Timeout').length;
		quiet = active.length === timers && timers <= 1 ? quiet + 1 : 0;
		if (quiet < quietTurns) return;
		clearInterval(timer);
		onStandstill();
	}, interval);
	return () => clearInterval(timer);
}
