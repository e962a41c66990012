import type {LockWait, TransactionOptions} from '../../sqlite/transaction.ts';
import {duration} from '../../text/numbers.ts';
import {emitted} from '../emitted.ts';
import type {NoticeEvent} from '../event.ts';
import type {ApplyOptions} from './apply-options.ts';

/** Returns the options for waiting for a lock: the timeout, the cancel signal, and a notice that names the processes that hold the lock. */
export function lockOptions({wait, signal}: ApplyOptions, emit: (event: NoticeEvent) => void): TransactionOptions {
	return {
		...(wait === undefined ? {} : {wait}),
		...(signal === undefined ? {} : {signal}),
		onWait: (lock) => emit({type: 'notice', message: waitText(lock), lock}),
	};
}

/** Describes a wait for a lock, in one line. */
export function waitText(lock: LockWait): string {
	if (lock.state === 'over') return `the lock is free after ${duration(lock.seconds * 1000)}`;
	return `waiting for the lock${lock.holders.length === 0 ? '' : ` held by ${lock.holders.join(', ')}`}`;
}

/** Does work that may wait for a lock, and yields a notice if it waits. Returns its result or throws its error. */
export function waiting<T>(options: ApplyOptions, work: (lock: TransactionOptions) => Promise<T>): AsyncGenerator<NoticeEvent, T, void> {
	return emitted((emit) => work(lockOptions(options, emit)));
}
