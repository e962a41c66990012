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
	 * Called when the lock on the target has been taken and nothing is written yet; what it throws ends the copy and leaves the target as it was.
	 */
	readonly onLocked?: () => void;
	readonly signal?: AbortSignal;
	/** Seconds to wait for a lock on the source or the target. */
	readonly wait?: number;
}

/** Pages copied at a time; some 8 MB, which take about ten milliseconds. */
const pagesAtOnce = 2000;
const pause = 25;

/**
 * Copies a whole database into a file with SQLite's backup API (https://www.sqlite.org/backup.html). The target may be a live database: it is
 * written in one transaction under its own locks, so other connections see the old content or the new, also after a crash in the middle.
 *
 * Throws MigrError `locked`, `cancelled` or `files`; the target is then as it was, or an empty file where there was none.
 */
export async function copyDatabase(
	source: Database,
	target: string,
	{onProgress, onLocked, signal, wait = defaultWait}: CopyOptions = {},
): Promise<void> {
	const isEmpty = source.value('PRAGMA page_count') === 0;
	const end = performance.now() + wait * 1000;
	for (;;) {
		if (signal?.aborted === true) throw cancelled(signal);
		let isFirst = true;
		let stalledSince = performance.now();
		let lastDone = -1;
		try {
			const {totalPages} = await nativeOf(source).backup(target, {
				progress: ({totalPages: pagesTotal, remainingPages}) => {
					if (signal?.aborted === true) throw cancelled(signal);
					if (isFirst) onLocked?.();
					isFirst = false;
					const pagesDone = pagesTotal - remainingPages;
					if (pagesDone !== lastDone) stalledSince = performance.now();
					else if (performance.now() - stalledSince > wait * 1000) throw lockedFor(source.path, wait, lockHolders(source.path));
					lastDone = pagesDone;
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
			if (!isBusy(error)) throw fileFailure(error, target) ?? error;
		}
		if (performance.now() >= end) throw lockedFor(target, wait, lockHolders(target));
		await delay(pause);
	}
}
