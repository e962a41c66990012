import {statSync} from 'node:fs';

/** A state of files and folders, to notice later that one of them has changed. */
export interface FileStamps {
	/** True if all files and folders are unchanged. Reads no file, so it is fast, but it can be wrong while `isRecent` is true. */
	isUnchanged(): boolean;
	/** True if a file was changed so shortly before that another change may have the same time. */
	readonly isRecent: boolean;
}

/** Milliseconds. The coarsest times of common file systems: https://en.wikipedia.org/wiki/File_Allocation_Table. */
const coarsestTime = 2000;

/** Records the present state of files and folders. A missing file is a state too. A folder changes if a file in it is created, renamed or removed. */
export function stampFiles(paths: readonly string[]): FileStamps {
	const now = Date.now();
	const stamps = paths.map(stampOf);
	return {
		isRecent: stamps.some(({changed}) => changed > now - coarsestTime),
		isUnchanged: () => paths.every((path, index) => stampOf(path).text === stamps[index]?.text),
	};
}

function stampOf(path: string): {readonly text: string; readonly changed: number} {
	const stats = statSync(path, {throwIfNoEntry: false});
	if (stats === undefined) return {text: 'missing', changed: 0};
	const {mtimeMs, ctimeMs, size, ino} = stats;
	return {text: `${mtimeMs} ${ctimeMs} ${size} ${ino}`, changed: Math.max(mtimeMs, ctimeMs)};
}
