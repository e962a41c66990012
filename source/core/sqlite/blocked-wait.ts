import type {Database} from './database.ts';
import {isBusy} from './failure.ts';
import {type LockWait, patience} from './held-lock.ts';

/** How a connection waits for a lock that another process takes after the connection was opened. */
export interface BlockedOptions {
	/** Seconds to wait at most. */
	readonly wait: number;
	/** Called if the lock is not free after a moment, and again when it is free. It must not need the event loop. */
	readonly onBlocked: (wait: LockWait) => void;
	/** What to do if the lock is not free in time. */
	readonly hint: string;
}

/** Milliseconds between two tries. */
const pause = 25;

/**
 * Does work on a connection that only reads, and waits while another process has locked the database. The readers of the core are synchronous, so this
 * blocks the event loop like SQLite's own wait, which cannot report anything. Signals without a handler still end the process.
 *
 * @throws the errors of `work`, and MigrError `locked`
 */
export function whileBlocked<T>({path}: Pick<Database, 'path'>, {wait, onBlocked, hint}: BlockedOptions, work: () => T): T {
	const held = patience({path, wait, hint, onWait: onBlocked});
	for (;;) {
		try {
			const result = work();
			held.over();
			return result;
		} catch (error) {
			if (!isBusy(error)) throw error;
			held.again(error);
		}
		Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, pause);
	}
}
