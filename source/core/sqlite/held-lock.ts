import {basename} from 'node:path';
import {MigrError} from '../errors.ts';
import {advice, theOption} from '../text/advice.ts';

/** Milliseconds before a wait is reported. Most programs have a lock for a shorter time. */
export const momentBeforeReport = 150;

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
