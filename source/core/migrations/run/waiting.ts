import {setTimeout as delay} from 'node:timers/promises';
import {MigrError} from '../../errors.ts';
import type {Database} from '../../sqlite/database.ts';
import {isBusy} from '../../sqlite/failure.ts';
import {defaultWait} from '../../sqlite/open.ts';
import {retryWhileLocked, type TransactionOptions} from '../../sqlite/transaction.ts';
import {waitText} from '../../sqlite/wait-text.ts';
import {emitted} from '../emitted.ts';
import type {NoticeEvent} from '../event.ts';
import type {ApplyOptions} from './apply-options.ts';

/** Returns the options for waiting for a lock: the timeout, the cancel signal, and a notice that names the processes that hold the lock. */
export function lockOptions({wait, signal, stopWaiting}: ApplyOptions, emit: (event: NoticeEvent) => void): TransactionOptions {
	return {
		...(wait === undefined ? {} : {wait}),
		...(signal === undefined ? {} : {signal}),
		stopWaiting,
		onWait: (lock) => emit({type: 'notice', message: waitText(lock), lock}),
	};
}

/** Does work that may wait for a lock, and yields a notice if it waits. Returns its result or throws its error. */
export function waiting<T>(options: ApplyOptions, work: (lock: TransactionOptions) => Promise<T>): AsyncGenerator<NoticeEvent, T, void> {
	return emitted((emit) => work(lockOptions(options, emit)));
}

/** Takes a lock like `waiting`. If the consumer stops reading events before it has the lock, stops waiting and calls `release` with a lock. */
export async function* taking<T>(
	options: ApplyOptions,
	take: (lock: TransactionOptions) => Promise<T>,
	release: (taken: T) => void,
): AsyncGenerator<NoticeEvent, T, void> {
	const stop = new AbortController();
	let running: Promise<T> | undefined;
	let isOver = false;
	try {
		const taken = yield* waiting(options, (lock) => {
			running = take({...lock, signal: lock.signal === undefined ? stop.signal : AbortSignal.any([lock.signal, stop.signal])});
			return running;
		});
		isOver = true;
		return taken;
	} finally {
		if (!isOver) {
			stop.abort();
			await running?.then(release, () => {});
		}
	}
}

/** Milliseconds before reading again. */
const pause = 25;

/** A run, as far as it reads its database. */
interface ReadRun {
	readonly options: ApplyOptions;
	readonly target: {readonly db: Database};
}

/**
 * Reads the database of a run before it has the lock. If another process locks the database, waits like `waiting` and reads again: SQLite's own wait
 * would block the event loop, so the run could not be stopped, and would report nothing. A connection of a program keeps the wait of the program.
 */
export async function* reading<T>({options, target: {db}}: ReadRun, read: () => T | Promise<T>): AsyncGenerator<NoticeEvent, T, void> {
	if (options.connection !== undefined || db.inTransaction) return await read();
	const timeout = Number(db.value('PRAGMA busy_timeout'));
	db.exec('PRAGMA busy_timeout = 0');
	const end = performance.now() + (options.wait ?? defaultWait) * 1000;
	try {
		for (;;) {
			try {
				return await read();
			} catch (error) {
				// The wait below may be short each time.
				if (!isLocked(error) || performance.now() >= end) throw error;
			}
			await delay(pause);
			yield* waiting(options, (lock) => retryWhileLocked(db.path, () => db.value('SELECT count(*) FROM sqlite_schema'), lock));
		}
	} finally {
		db.exec(`PRAGMA busy_timeout = ${timeout}`);
	}
}

/** False for a lock on another database, which the code of a migration may have met. */
function isLocked(error: unknown): boolean {
	return error instanceof MigrError ? error.code === 'locked' && isBusy(error.cause) : isBusy(error);
}
