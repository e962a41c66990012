import {basename} from 'node:path';
import {MigrError} from '../errors.ts';
import {advice, theOption} from '../text/advice.ts';
import {sqliteCode} from './failure.ts';
import {lockHolders} from './lock-holder.ts';

/** Milliseconds before a wait is reported. Most programs have a lock for a shorter time. */
export const momentBeforeReport = 150;

/** A wait for the lock of another process. If the lock is not free in time, the wait ends with an error. */
export interface LockWait {
	/** `over` if the lock is free. */
	readonly state: 'waiting' | 'over';
	/** The processes that held the lock when the wait began, such as `sqlite3 (process 4711)`. Empty if they are unknown. */
	readonly holders: readonly string[];
	/** How long to wait at most, or how long it took. */
	readonly seconds: number;
}

/** A lock that was not free in time. */
export interface HeldLock {
	readonly path: string;
	/** Seconds. */
	readonly wait: number;
	readonly holders: readonly string[];
	/** The code of SQLite's error. */
	readonly code?: string | undefined;
	readonly hint?: string | undefined;
}

export function lockedFor({path, wait, holders, code, hint}: HeldLock): MigrError {
	const by = holders.length === 0 ? 'another process' : holders.join(', ');
	return new MigrError('locked', `${basename(path)} is still locked by ${by} after ${wait} s`, {
		hint: hint ?? advice`wait for that process to finish, or set a longer timeout with ${theOption.wait}`,
		details: code === undefined ? undefined : [code],
	});
}

/** Decides how long to try again while another process has a lock, and reports the wait. */
export interface Patience {
	/** True if the wait was reported. */
	readonly isReported: boolean;
	/** Called after each try that failed because of the lock. @throws MigrError `locked` if the time is over */
	again(error: unknown): void;
	/** Called after the try that succeeded. */
	over(): void;
}

export function patience({
	path,
	wait,
	hint,
	onWait,
}: Pick<HeldLock, 'path' | 'wait' | 'hint'> & {readonly onWait?: ((wait: LockWait) => void) | undefined}): Patience {
	// Measured from the first failure: most work does not wait, and loading the clock takes a millisecond of a short command.
	let start: number | undefined;
	let holders: readonly string[] | undefined;
	return {
		get isReported() {
			return holders !== undefined;
		},
		again(error) {
			start ??= performance.now();
			const waited = performance.now() - start;
			if (waited >= wait * 1000) throw lockedFor({path, wait, holders: lockHolders(path), code: sqliteCode(error), hint});
			if (holders !== undefined || waited < momentBeforeReport) return;
			holders = lockHolders(path);
			onWait?.({state: 'waiting', holders, seconds: wait});
		},
		over() {
			if (start !== undefined && holders !== undefined) onWait?.({state: 'over', holders, seconds: (performance.now() - start) / 1000});
		},
	};
}
