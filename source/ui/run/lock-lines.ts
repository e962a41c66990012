import {duration} from '../../core/text/numbers.ts';
import {spinner} from '../components/progress-bar/progress-bar.ts';
import {type Line, prose, span, together} from '../page/line.ts';
import type {Look} from '../page/look.ts';

/** A wait for the lock of another process. */
export interface AwaitedLock {
	/** The processes that hold the lock. Empty if they are unknown. */
	readonly holders: readonly string[];
	/** How long to wait at most. */
	readonly seconds: number;
	/** When the wait began, in milliseconds of the screen clock. */
	readonly since: number;
}

/** Describes a wait for a lock, at `now` of the screen clock: for which process, how long, and what to do. */
export function lockLines(lock: AwaitedLock, now: number, look: Look): readonly Line[] {
	const elapsed = Math.max(0, Math.floor((now - lock.since) / 1000)) * 1000;
	const time = together(`${elapsed === 0 ? '0 s' : duration(elapsed)} of ${duration(lock.seconds * 1000)}`);
	return [
		prose(4, '  ', spinner(now, look.isAscii), ' waiting for the lock of ', span(holderOf(lock), 'strong'), span(`   ${time}`, 'quiet')),
		prose(4, '    ', span('Let it finish, or stop it: this then continues by itself.', 'quiet')),
	];
}

/** Describes a wait that is over: `waited 3.2 s for the lock of sqlite3 (process 4711)`. */
export function waitedText(lock: Pick<AwaitedLock, 'holders' | 'seconds'>): string {
	return `waited ${duration(lock.seconds * 1000)} for the lock of ${holderOf(lock)}`;
}

/** Returns the processes that hold a lock, as text. */
export function holderOf({holders}: Pick<AwaitedLock, 'holders'>): string {
	return holders.length === 0 ? 'another process' : holders.join(', ');
}
