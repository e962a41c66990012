import {duration} from '../text/numbers.ts';
import type {LockWait} from './held-lock.ts';

/** Describes a wait for a lock, in one line. */
export function waitText(lock: LockWait): string {
	if (lock.state === 'over') return `the lock is free after ${duration(lock.seconds * 1000)}`;
	return `waiting for the lock${lock.holders.length === 0 ? '' : ` held by ${lock.holders.join(', ')}`}`;
}
