import {closeSync, openSync, readSync} from 'node:fs';
import {copyBytesTo, readHeader} from './copy-bytes.ts';
import type {CopyOptions} from './copy-database.ts';

/** A database file opened without SQLite. Close it only once no connection of this process needs its locks on that file. */
export interface RawFile {
	readonly bytes: number;
	/** True if the header says that the newest pages are in a WAL. */
	readonly isWal: boolean;
	/** Returns the counter that each commit in rollback mode increases (https://www.sqlite.org/fileformat2.html#file_change_counter). */
	changeCounter(): number;
	copyTo(file: string, options?: Pick<CopyOptions, 'onProgress' | 'signal'>): Promise<void>;
	close(): void;
}

/**
 * Opens a database with a rollback journal for reading while a connection holds the EXCLUSIVE lock on it, so no other connection can read it. Nothing
 * may be written during that time, so the file contains the committed state.
 *
 * Closing any descriptor of a file releases all locks that the process has on it (https://www.sqlite.org/howtocorrupt.html#_posix_advisory_locks_canceled_by_a_separate_thread_doing_close_).
 * The caller must close this file after the connection.
 */
export function openLockedFile(path: string): RawFile {
	const descriptor = openSync(path, 'r');
	const {size, counted = size, pageSize, isWal} = readHeader(descriptor);
	const bytes = Math.min(size, counted);
	return {
		bytes,
		isWal,
		changeCounter() {
			const counter = Buffer.alloc(4);
			readSync(descriptor, counter, 0, 4, 24);
			return counter.readUInt32BE(0);
		},
		copyTo: (file, options) => copyBytesTo(file, 'r+', {from: descriptor, bytes, pageSize}, options),
		close: () => closeSync(descriptor),
	};
}
