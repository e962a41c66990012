/** A thread that ends its process as soon as the parent process no longer exists. */
import {workerData} from 'node:worker_threads';

export interface Watched {
	readonly parent: number;
	/** `process.ppid` when this process started. Another number if a launcher starts Node. */
	readonly ppid: number;
}

const {parent, ppid}: Watched = workerData;
const intervalMs = 100;

setInterval(() => {
	if (process.ppid === ppid && exists(parent)) return;
	process.kill(process.pid, 'SIGKILL');
}, intervalMs);

/** On Windows, the number of the parent does not change when it ends. */
function exists(pid: number): boolean {
	try {
		process.kill(pid, 0);
		return true;
	} catch (error) {
		// A process of another user exists, but takes no signals.
		return (error as NodeJS.ErrnoException).code === 'EPERM';
	}
}
