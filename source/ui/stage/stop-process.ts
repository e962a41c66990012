import {setTimeout as delay} from 'node:timers/promises';

/** Milliseconds for a signal to stop the process. If it still runs after that, no shell controls it. */
const signalMs = 100;

/** Stops the whole process group, as a terminal does by default on Ctrl-Z. Resolves when the shell resumes it. */
export async function stopGroup(): Promise<void> {
	await stopped(0);
}

/**
 * Calls `onStop` if another process sends SIGTSTP, with a function that stops only this process. The returned function removes the listener.
 */
export function onStopSignal(onStop: (stop: () => Promise<void>) => void): () => void {
	if (process.platform === 'win32') return () => {};
	const listener = (): void => onStop(() => stopped(process.pid));
	process.on('SIGTSTP', listener);
	return () => process.off('SIGTSTP', listener);
}

async function stopped(target: number): Promise<void> {
	const listeners = process.listeners('SIGTSTP');
	// Without a listener, the signal stops the process.
	for (const listener of listeners) process.off('SIGTSTP', listener);
	try {
		process.kill(target, 'SIGTSTP');
		// The signal may reach another thread first, and stop this one a moment later.
		await delay(signalMs);
	} finally {
		for (const listener of listeners) process.on('SIGTSTP', listener);
	}
}
