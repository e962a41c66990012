import {setTimeout as delay} from 'node:timers/promises';
import {nativeOf} from './connection.ts';
import type {Database} from './database.ts';
import {fileFailure, isBusy} from './failure.ts';
import {lockedFor, momentBeforeReport} from './held-lock.ts';
import {lockHolders} from './lock-holder.ts';
import {defaultWait} from './open.ts';
import {cancelledError, type TransactionOptions} from './transaction.ts';

export interface CopyProgress {
	readonly pagesDone: number;
	readonly pagesTotal: number;
}

export interface CopyOptions extends Pick<TransactionOptions, 'onWait'> {
	readonly onProgress?: (progress: CopyProgress) => void;
	/**
	 * Called once the target is locked and before anything is written. The lock is exclusive if the target has a rollback journal, and excludes other
	 * writers if it has a WAL. It is held until the copy is done, so nothing can change in between. If the callback throws, the copy ends and the target
	 * is unchanged. It returns undefined if there is nothing to wait for.
	 */
	readonly onLocked?: () => Promise<void> | undefined;
	/** Called each time another connection has locked the target, before the next try. `until` is the time of the last try, as `performance.now()`. */
	readonly onBusy?: (until: number) => Promise<void>;
	readonly signal?: AbortSignal | undefined;
	/** Seconds to wait for a lock on the source or the target. */
	readonly wait?: number | undefined;
}

/** Pages per batch: about 8 MB, which take about ten milliseconds. */
export const pagesAtOnce = 2000;
/** Milliseconds between two tries for the lock. Short, because other programs that wait for it do not sleep for long either. */
const pause = 5;

/**
 * Copies a whole database into a file with SQLite's backup API (https://www.sqlite.org/backup.html). The target may be a live database: it is
 * written in one transaction under its own locks, so other connections see the old or the new content, even after a crash during the copy.
 *
 * @throws MigrError `locked`, `cancelled` or `files`. The target is then unchanged, or an empty file if it did not exist.
 */
export async function copyDatabase(
	source: Database,
	target: string,
	{onProgress, onLocked, onBusy, onWait, signal, wait = defaultWait}: CopyOptions = {},
): Promise<void> {
	const isEmpty = source.value('PRAGMA page_count') === 0;
	const start = performance.now();
	const end = start + wait * 1000;
	let waitedFor: readonly string[] | undefined;
	const reportWait = () => {
		if (waitedFor !== undefined) return;
		waitedFor = lockHolders(target);
		onWait?.({state: 'waiting', holders: waitedFor, seconds: wait});
	};
	const stopWaiting = () => {
		if (waitedFor !== undefined) onWait?.({state: 'over', holders: waitedFor, seconds: (performance.now() - start) / 1000});
		waitedFor = undefined;
	};
	for (;;) {
		if (signal?.aborted === true) throw cancelledError(signal);
		const gate = gateFor(
			onLocked === undefined
				? undefined
				: () => {
						stopWaiting();
						return onLocked();
					},
		);
		let stalledSince = performance.now();
		let lastDone = -1;
		try {
			const {totalPages} = await nativeOf(source).backup(target, {
				pages: pagesAtOnce,
				progress: ({totalPages: pagesTotal, remainingPages}) => {
					if (signal?.aborted === true) throw cancelledError(signal);
					const pagesDone = pagesTotal - remainingPages;
					const isOpen = gate.isOpen();
					if (!isOpen || pagesDone !== lastDone) stalledSince = performance.now();
					else if (performance.now() - stalledSince > wait * 1000) throw lockedFor({path: source.path, wait, holders: lockHolders(source.path)});
					lastDone = pagesDone;
					if (isOpen) onProgress?.({pagesDone, pagesTotal});
					return isOpen;
				},
			});
			// If the target is locked at the very first step, better-sqlite3 reports a finished copy of no pages.
			if (totalPages > 0 || isEmpty) {
				stopWaiting();
				onProgress?.({pagesDone: totalPages, pagesTotal: totalPages});
				return;
			}
		} catch (error) {
			if (gate.isBegun || !isBusy(error)) throw fileFailure(error, target) ?? error;
		} finally {
			await gate.settled();
		}
		if (performance.now() >= end) throw lockedFor({path: target, wait, holders: lockHolders(target)});
		// A function that makes way returns only when it has had the lock.
		const timer = setTimeout(reportWait, Math.max(0, start + momentBeforeReport - performance.now()));
		try {
			await (onBusy?.(end) ?? delay(pause));
		} finally {
			clearTimeout(timer);
		}
	}
}

interface Gate {
	readonly isBegun: boolean;
	/** Starts the work on the first call. Rethrows the error of the work. */
	isOpen(): boolean;
	/** Resolves when no work is running. */
	settled(): Promise<void>;
}

/** Holds a copy back until some work is done. Until then the copy takes steps of no pages, which keep the lock. */
function gateFor(work: CopyOptions['onLocked']): Gate {
	let isBegun = false;
	let running: Promise<void> | undefined;
	let outcome: {readonly error?: unknown} | undefined = work === undefined ? {} : undefined;
	const begin = () => {
		isBegun = true;
		running = work?.()?.then(
			() => {
				outcome = {};
			},
			(error: unknown) => {
				outcome = {error};
			},
		);
		if (running === undefined) outcome = {};
	};
	return {
		get isBegun() {
			return isBegun;
		},
		isOpen() {
			if (work !== undefined && !isBegun) begin();
			if (outcome !== undefined && 'error' in outcome) throw outcome.error;
			return outcome !== undefined;
		},
		settled: async () => await running,
	};
}
