import {type Stats, statSync} from 'node:fs';

/** A state of files and folders, to detect later that one of them has changed. */
export interface FileStamps {
	/** True if all files and folders are unchanged. Reads no file, so it is fast, but it can be wrong while `isRecent` is true. */
	isUnchanged(): boolean;
	/** True if a file was changed so recently that another change may have the same time. */
	readonly isRecent: boolean;
}

/** Milliseconds. The coarsest times of common file systems: https://en.wikipedia.org/wiki/File_Allocation_Table. */
const coarsestTime = 2000;

/** Records the current state of files and folders. A missing file is a state too. A folder changes if a file in it is created, renamed or removed. */
export function stampFiles(paths: readonly string[]): FileStamps {
	const now = Date.now();
	const stamps = paths.map(statOf);
	return {
		isRecent: stamps.some((stats) => stats !== undefined && Math.max(stats.mtimeMs, stats.ctimeMs) > now - coarsestTime),
		isUnchanged: () => paths.every((path, index) => isSame(statOf(path), stamps[index])),
	};
}

function statOf(path: string): Stats | undefined {
	return statSync(path, {throwIfNoEntry: false});
}

/** Compares numbers, because a text of each state would take as long as reading it. */
function isSame(now: Stats | undefined, before: Stats | undefined): boolean {
	if (now === undefined || before === undefined) return now === before;
	return now.mtimeMs === before.mtimeMs && now.ctimeMs === before.ctimeMs && now.size === before.size && now.ino === before.ino;
}
