import {setTimeout as delay} from 'node:timers/promises';
import {nativeOf} from './connection.ts';
import type {Database} from './database.ts';
import {fileFailure, isBusy} from './failure.ts';
import {lockHolders} from './lock-holder.ts';
import {defaultWait} from './open.ts';
import {cancelled, lockedFor} from './transaction.ts';

export interface CopyProgress {
	readonly pagesDone: number;
	readonly pagesTotal: number;
}

export interface CopyOptions {
	readonly onProgress?: (progress: CopyProgress) => void;
	/**
	 * Called once the target is locked and before anything is written: exclusively if it has a rollback journal, against other writers if it has a WAL.
	 * The lock is held until the copy is done, so nothing comes between. If it throws, the copy ends and leaves the target as it was. Undefined if there is
	 * nothing to wait for.
	 */
	readonly onLocked?: () => Promise<void> | undefined;
	/** Called each time that the target was locked by another connection, before the next try. `until`: when there are no more tries, as `performance.now()`. */
	readonly onBusy?: (until: number) => Promise<void>;
	readonly signal?: AbortSignal;
	/** Seconds to wait for a lock on the source or the target. */
	readonly wait?: number;
}

/** Pages copied at a time; some 8 MB, which take about ten milliseconds. */
export const pagesAtOnce = 2000;
/** Milliseconds between two tries for the lock: other programs that wait for it do not sleep for long, either. */
const pause = 5;

/**
 * Copies a whole database into a file with SQLite's backup API (https://www.sqlite.org/backup.html). The target may be a live database: it is
 * written in one transaction under its own locks, so other connections see the old content or the new, also after a crash in the middle.
 *
 * Throws MigrError `locked`, `cancelled` or `files`; the target is then as it was, or an empty file if there was none.
 */
export async function copyDatabase(
	source: Database,
	target: string,
	{onProgress, onLocked, onBusy, signal, wait = defaultWait}: CopyOptions = {},
): Promise<void> {
	const isEmpty = source.value('PRAGMA page_count') === 0;
	const end = performance.now() + wait * 1000;
	for (;;) {
		if (signal?.aborted === true) throw cancelled(signal);
		const gate = gateFor(onLocked);
		let stalledSince = performance.now();
		let lastDone = -1;
		try {
			const {totalPages} = await nativeOf(source).backup(target, {
				progress: ({totalPages: pagesTotal, remainingPages}) => {
					if (signal?.aborted === true) throw cancelled(signal);
					const pagesDone = pagesTotal - remainingPages;
					const isOpen = gate.isOpen();
					if (!isOpen || pagesDone !== lastDone) stalledSince = performance.now();
					else if (performance.now() - stalledSince > wait * 1000) throw lockedFor(source.path, wait, lockHolders(source.path));
					lastDone = pagesDone;
					if (!isOpen) return 0;
					onProgress?.({pagesDone, pagesTotal});
					return pagesAtOnce;
				},
			});
			// better-sqlite3 takes a target that is locked at the very first step for a finished copy of no pages.
			if (totalPages > 0 || isEmpty) {
				onProgress?.({pagesDone: totalPages, pagesTotal: totalPages});
				return;
			}
		} catch (error) {
			if (gate.isBegun || !isBusy(error)) throw fileFailure(error, target) ?? error;
		} finally {
			await gate.settled();
		}
		if (performance.now() >= end) throw lockedFor(target, wait, lockHolders(target));
		await (onBusy?.(end) ?? delay(pause));
	}
}

interface Gate {
	readonly isBegun: boolean;
	/** Begins the work at the first call. Throws what the work threw. */
	isOpen(): boolean;
	/** Resolves when no work is running. */
	settled(): Promise<void>;
}

/** Lets a copy through when some work is done. Until then the copy takes steps of no pages, which keep the lock. */
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
