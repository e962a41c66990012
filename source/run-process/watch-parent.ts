/** A thread that ends its process as soon as the parent process no longer exists. */
import {workerData} from 'node:worker_threads';

const parent: number = workerData;
const intervalMs = 100;

setInterval(() => {
	if (process.ppid === parent && exists(parent)) return;
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
