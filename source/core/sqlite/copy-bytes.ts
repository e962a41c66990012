import {closeSync, fstatSync, fsync, ftruncate, openSync, read, readSync, write} from 'node:fs';
import {promisify} from 'node:util';
import {type CopyOptions, pagesAtOnce} from './copy-database.ts';
import {writeFailure} from './failure.ts';
import type {OpenFile} from './open-descriptors.ts';
import {cancelledError} from './transaction.ts';

/** A part of an open file, as the source of a copy. */
export interface ByteSource {
	/** A descriptor of the caller, or a file whose descriptors belong to other code. */
	readonly from: number | OpenFile;
	readonly bytes: number;
	/** The size of a page of the database, for the progress. */
	readonly pageSize: number;
	/** True if the file may end earlier. */
	readonly mayEndEarlier?: boolean;
}

/** Size of each of the two buffers in bytes. */
const maxBufferBytes = 4_194_304;
/** The page that SQLite uses for its locks. It contains no data (https://www.sqlite.org/fileformat2.html#the_lock_byte_page). */
const lockByte = 0x4000_0000;

const readBytes = promisify(read);
const writeBytes = promisify(write);
const truncateFile = promisify(ftruncate);
const syncFile = promisify(fsync);

/**
 * Copies bytes into a file and syncs it to disk.
 *
 * @param flags `r+` for an existing file, `wx` to create it with permissions for this user only
 * @throws MigrError `cancelled` or `files`, and other errors of the system
 */
export async function copyBytesTo(file: string, flags: 'r+' | 'wx', source: ByteSource, options: ByteCopyOptions = {}): Promise<void> {
	const target = openSync(file, flags, 0o600);
	try {
		await copyBytes(source, target, options);
	} catch (error) {
		throw writeFailure(error, file) ?? error;
	} finally {
		closeSync(target);
	}
}

type ByteCopyOptions = Pick<CopyOptions, 'onProgress' | 'signal'>;

/**
 * Copies bytes into an open file and syncs it. The next bytes are read while the last ones are written. Both happen in other threads, so the event loop
 * keeps turning.
 */
async function copyBytes(source: ByteSource, target: number, {onProgress, signal}: ByteCopyOptions): Promise<void> {
	const {bytes, pageSize, mayEndEarlier = false} = source;
	const pagesTotal = Math.ceil(bytes / pageSize);
	const bufferBytes = Math.max(1, Math.min(pagesAtOnce * pageSize, maxBufferBytes, bytes));
	const buffers = [0, 1].map(() => Buffer.allocUnsafeSlow(bufferBytes)) as [Buffer, Buffer];
	let writing: Promise<void> = Promise.resolve();
	let position = 0;
	try {
		for (let turn: 0 | 1 = 0; position < bytes; turn = turn === 0 ? 1 : 0) {
			if (signal?.aborted === true) throw cancelledError(signal);
			if (position === lockByte) {
				position += pageSize;
				continue;
			}
			const end = Math.min(bytes, position + buffers[turn].length, position < lockByte ? lockByte : bytes);
			const length = await readAt(source, buffers[turn].subarray(0, end - position), position);
			if (length === 0) break;
			await writing;
			writing = writeAt(target, buffers[turn].subarray(0, length), position);
			// It is awaited in the next turn. Until then, a failure must not count as unhandled.
			writing.catch(() => {});
			position += length;
			onProgress?.({pagesDone: Math.floor(position / pageSize), pagesTotal});
		}
		await writing;
	} finally {
		// Nothing may write to the target after its owner has closed it.
		await writing.catch(() => {});
	}
	if (position < bytes && !mayEndEarlier) throw new Error(`the file ended after ${position} of ${bytes} bytes while it was copied`);
	await truncateFile(target, Math.min(position, bytes));
	await syncFile(target);
	if (signal?.aborted === true) throw cancelledError(signal);
}

/** The maximum number of times that the owner may close a descriptor while it is read. */
const attempts = 10;

async function readAt({from}: ByteSource, buffer: Buffer, position: number): Promise<number> {
	if (typeof from === 'number') return (await readBytes(from, buffer, 0, buffer.length, position)).bytesRead;
	for (let attempt = 1; attempt <= attempts; attempt++) {
		const descriptor = from.descriptor();
		if (descriptor === undefined) break;
		const length = await readBytes(descriptor, buffer, 0, buffer.length, position).then(
			({bytesRead}) => bytesRead,
			(error: unknown) => {
				if (from.isOpen(descriptor)) throw error;
				return 0;
			},
		);
		// Otherwise its owner has closed it, and the number may already belong to another file.
		if (from.isOpen(descriptor)) return length;
	}
	throw new Error('the database was closed while it was copied');
}

async function writeAt(target: number, buffer: Buffer, position: number): Promise<void> {
	for (let written = 0; written < buffer.length; ) {
		written += (await writeBytes(target, buffer, written, buffer.length - written, position + written)).bytesWritten;
	}
}

/** The header of a database file (https://www.sqlite.org/fileformat2.html#the_database_header). */
export interface FileHeader {
	readonly pageSize: number;
	/** The size of the file in bytes. */
	readonly size: number;
	/** The size of the content by the page count in the header. Undefined if that count is not valid. */
	readonly counted: number | undefined;
	/** True if the newest pages may be in a WAL. */
	readonly isWal: boolean;
}

export function readHeader(descriptor: number): FileHeader {
	const header = Buffer.alloc(100);
	readSync(descriptor, header, 0, 100, 0);
	const {size} = fstatSync(descriptor);
	const pageSize = header.readUInt16BE(16) === 1 ? 65_536 : Math.max(512, header.readUInt16BE(16));
	const counted = pageSize * header.readUInt32BE(28);
	const isCounted = header.compare(header, 92, 96, 24, 28) === 0 && counted > 0;
	return {pageSize, size, counted: isCounted ? counted : undefined, isWal: header[18] === 2 || header[19] === 2};
}
