import {setTimeout as delay} from 'node:timers/promises';
import type {Database} from './database.ts';
import {eventLoopTurn} from './event-loop.ts';
import {isBusy} from './failure.ts';

/** Milliseconds to block the event loop at a time. */
const spin = 15;
/** Milliseconds to hold the lock. By then, programs that wait for it sleep 50 ms and more between two tries (https://www.sqlite.org/c3ref/busy_timeout.html). */
const rest = 150;

/**
 * Helps a copy to get the lock on a database that other processes write all the time. The backup API tries once for the EXCLUSIVE lock and fails if any
 * process reads or writes at that moment. This function takes the lock as soon as it is free, holds it until the other processes sleep, and releases it.
 * Success is not guaranteed, because another program may still be faster.
 *
 * @param db a connection that is used for nothing else
 * @param until the time to give up without the lock, as `performance.now()`
 */
export async function makeWay(db: Database, until: number, signal?: AbortSignal): Promise<void> {
	db.exec('PRAGMA busy_timeout = 0');
	while (performance.now() < until && signal?.aborted !== true) {
		if (takesLock(db)) {
			await delay(Math.min(rest, Math.max(0, until - performance.now())));
			db.exec('ROLLBACK');
			return;
		}
		await eventLoopTurn();
	}
}

function takesLock(db: Database): boolean {
	const end = performance.now() + spin;
	while (performance.now() < end) {
		try {
			db.exec('BEGIN EXCLUSIVE');
			return true;
		} catch (error) {
			if (!isBusy(error)) throw error;
		}
	}
	return false;
}
