import {closeSync, fstatSync, fsyncSync, ftruncateSync, openSync, readSync, writeSync} from 'node:fs';
import {type CopyOptions, pagesAtOnce} from './copy-database.ts';
import {eventLoopTurn} from './event-loop.ts';
import {cancelledError} from './transaction.ts';

/** A database file opened without SQLite. Close it only once no connection of this process needs its locks on that file. */
export interface RawFile {
	readonly bytes: number;
	/** True if the header says that the newest pages are in a WAL. */
	readonly isWal: boolean;
	copyTo(file: string, options?: Pick<CopyOptions, 'onProgress' | 'signal'>): Promise<void>;
	close(): void;
}

/** Size of the buffer in bytes. */
const maxBufferBytes = 8_388_608;
/** The page that SQLite uses for its locks. It contains no data (https://www.sqlite.org/fileformat2.html#the_lock_byte_page). */
const lockByte = 0x4000_0000;

/**
 * Opens a database with a rollback journal for reading while a connection holds the EXCLUSIVE lock on it, so no other connection can read it. Nothing
 * may be written during that time, so the file contains the committed state.
 *
 * Closing any descriptor of a file releases all locks that the process has on it (https://www.sqlite.org/howtocorrupt.html#_posix_advisory_locks_canceled_by_a_separate_thread_doing_close_).
 * The caller must close this file after the connection.
 */
export function openLockedFile(path: string): RawFile {
	const descriptor = openSync(path, 'r');
	const header = Buffer.alloc(100);
	readSync(descriptor, header, 0, 100, 0);
	const {size} = fstatSync(descriptor);
	const pageSize = header.readUInt16BE(16) === 1 ? 65_536 : Math.max(512, header.readUInt16BE(16));
	const isCounted = header.compare(header, 92, 96, 24, 28) === 0;
	const counted = pageSize * header.readUInt32BE(28);
	const bytes = isCounted && counted > 0 ? Math.min(size, counted) : size;
	return {
		bytes,
		isWal: header[18] === 2 || header[19] === 2,
		copyTo: (file, options) => copyBytes(descriptor, file, {bytes, pageSize}, options),
		close: () => closeSync(descriptor),
	};
}

async function copyBytes(
	source: number,
	file: string,
	{bytes, pageSize}: {readonly bytes: number; readonly pageSize: number},
	{onProgress, signal}: Pick<CopyOptions, 'onProgress' | 'signal'> = {},
): Promise<void> {
	const pagesTotal = Math.ceil(bytes / pageSize);
	const target = openSync(file, 'r+');
	try {
		const chunk = Buffer.alloc(Math.min(pagesAtOnce * pageSize, maxBufferBytes, bytes));
		for (let position = 0; position < bytes; ) {
			if (signal?.aborted === true) throw cancelledError(signal);
			if (position === lockByte) {
				position += pageSize;
				continue;
			}
			const end = Math.min(bytes, position + chunk.length, position < lockByte ? lockByte : bytes);
			const length = readSync(source, chunk, 0, end - position, position);
			if (length === 0) break;
			for (let written = 0; written < length; ) written += writeSync(target, chunk, written, length - written, position + written);
			position += length;
			onProgress?.({pagesDone: Math.floor(position / pageSize), pagesTotal});
			await eventLoopTurn();
		}
		ftruncateSync(target, bytes);
		fsyncSync(target);
	} finally {
		closeSync(target);
	}
}
