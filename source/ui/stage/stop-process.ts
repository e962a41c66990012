import {setTimeout as delay} from 'node:timers/promises';

/** Milliseconds in which a signal of one's own has stopped the process; where it goes on all the same, no shell is there to stop for. */
const patience = 100;

/** Stops the whole group, as the terminal does on Ctrl-Z for programs that leave its keys to it. Resolves when the shell lets it go on. */
export async function stopGroup(): Promise<void> {
	await stopped(0);
}

/** Calls back for SIGTSTP of somebody else's, with what then stops this process alone; the returned function takes the listener off. */
export function onStopSignal(heard: (stop: () => Promise<void>) => void): () => void {
	if (process.platform === 'win32') return () => {};
	const listener = (): void => heard(() => stopped(process.pid));
	process.on('SIGTSTP', listener);
	return () => process.off('SIGTSTP', listener);
}

async function stopped(target: number): Promise<void> {
	const listeners = process.listeners('SIGTSTP');
	// Without a listener the signal does what it is there for.
	for (const listener of listeners) process.off('SIGTSTP', listener);
	try {
		process.kill(target, 'SIGTSTP');
		// The signal may reach another thread of the process, and stop this one only a moment later.
		await delay(patience);
	} finally {
		for (const listener of listeners) process.on('SIGTSTP', listener);
	}
}
