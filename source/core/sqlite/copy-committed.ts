import {readSync, realpathSync, rmSync, truncateSync} from 'node:fs';
import {endianness} from 'node:os';
import {type ByteSource, copyBytesTo, type FileHeader, readHeader} from './copy-bytes.ts';
import {type CopyOptions, copyDatabase} from './copy-database.ts';
import type {Database} from './database.ts';
import {versionOf} from './database-version.ts';
import {openDatabase} from './open.ts';
import {type OpenFile, openFileAt} from './open-descriptors.ts';
import {openWithRetry} from './open-with-retry.ts';

/*
 * How to read this file. SQLite's backup API copies page by page and takes almost three times as long as the disk needs. These functions copy the bytes
 * of the files instead, if nothing can change their meaning during the copy (docs/decisions/0020):
 *
 * - With a rollback journal, a read transaction is enough. Nothing is written to the file while a connection has the SHARED lock
 *   (https://www.sqlite.org/lockingv3.html).
 * - In WAL mode, the caller must have the write lock. Then the WAL cannot grow or start again. Another connection may still run a checkpoint, which
 *   writes pages of the WAL to the file. Each of these pages is also in the copied WAL, so the copy contains them in any case
 *   (https://www.sqlite.org/walformat.html).
 *
 * The bytes are read through SQLite's own descriptors, because closing another one would release SQLite's locks: see `open-descriptors.ts`.
 */

export interface CommittedCopyOptions extends CopyOptions {
	/** A connection to the database, if the caller has the write lock and nothing is written yet. */
	readonly writeLock?: Database | undefined;
	/**
	 * Waits until no program is in the middle of several transactions that belong together. The copy then contains no part of them: it has the state at the
	 * moment when this resolved.
	 */
	readonly untilWhole?: (() => Promise<unknown>) | undefined;
}

/**
 * Copies the last committed state of a database into an existing empty file. Reads it through SQLite's descriptors, or through a separate read-only
 * connection. The copy is synced to disk.
 *
 * Returns whether it copied the bytes of the files, or all pages through SQLite.
 *
 * @throws MigrError `locked`, `cancelled` or `files`, and the errors of `openDatabase`
 */
export async function copyCommitted(
	path: string,
	file: string,
	{writeLock, untilWhole, ...options}: CommittedCopyOptions = {},
): Promise<'bytes' | 'pages'> {
	const real = realpathSync(path);
	if (writeLock !== undefined && (await copyFiles(filesOf(writeLock, real, true), file, options))) return 'bytes';
	const source = await openWithRetry(path, {readonly: true, ...options});
	try {
		// A small cache, because each page is read once. One transaction, so no other connection commits in between.
		source.exec('PRAGMA cache_size = -1000');
		await beginSnapshot(source, untilWhole);
		if (writeLock === undefined && (await copyFiles(filesOf(source, real, false), file, options))) return 'bytes';
		for (const each of [`${file}-wal`, `${file}-shm`]) rmSync(each, {force: true});
		truncateSync(file);
		await copyDatabase(source, file, options);
		return 'pages';
	} finally {
		source.close();
	}
}

/** Begins a read transaction. If another connection commits between `untilWhole` and its start, begins again. */
async function beginSnapshot(source: Database, untilWhole: CommittedCopyOptions['untilWhole']): Promise<void> {
	for (;;) {
		const before = versionOf(source).data;
		await untilWhole?.();
		source.exec('BEGIN');
		if (versionOf(source).data === before || untilWhole === undefined) return;
		source.exec('COMMIT');
	}
}

/** The bytes that make up the committed state. */
interface CommittedFiles {
	readonly database: ByteSource;
	/** Undefined if the newest pages are all in the database file. */
	readonly wal: {readonly bytes: ByteSource; readonly frames: number} | undefined;
}

/** Returns the bytes to copy. Undefined if only SQLite can read the committed state. */
function filesOf(db: Database, real: string, isWriteLocked: boolean): CommittedFiles | undefined {
	const from = openFileAt(real);
	const header = from && headerOf(from);
	if (header === undefined || from === undefined) return undefined;
	const {size, counted, pageSize, isWal} = header;
	// Files of SQLite before 3.7 have no page count. SQLite adds it to a copy.
	const whole = counted === undefined || counted > size ? undefined : {database: {from, bytes: counted, pageSize}, wal: undefined};
	if (String(db.value('PRAGMA journal_mode')).toLowerCase() !== 'wal') return isWal ? undefined : whole;
	const frames = isWriteLocked ? committedFrames(real) : undefined;
	if (frames === 0) return whole;
	const wal = openFileAt(`${real}-wal`);
	if (frames === undefined || wal === undefined) return undefined;
	return {
		// A checkpoint may remove pages at the end that no longer belong to the database.
		database: {from, bytes: size, pageSize, mayEndEarlier: true},
		wal: {bytes: {from: wal, bytes: walHeaderBytes + frames * (frameHeaderBytes + pageSize), pageSize}, frames},
	};
}

function headerOf(file: OpenFile): FileHeader | undefined {
	const descriptor = file.descriptor();
	if (descriptor === undefined) return undefined;
	const header = readHeader(descriptor);
	return file.isOpen(descriptor) ? header : undefined;
}

const walHeaderBytes = 32;
const frameHeaderBytes = 24;

/**
 * Returns how many frames of the WAL are committed, from the first copy of the WAL index header (https://www.sqlite.org/walformat.html#the_wal_index_header).
 * It changes only under the write lock. Undefined if it cannot be read.
 */
function committedFrames(real: string): number | undefined {
	const file = openFileAt(`${real}-shm`);
	const descriptor = file?.descriptor();
	if (descriptor === undefined) return undefined;
	const header = Buffer.alloc(96);
	if (readSync(descriptor, header, 0, 96, 0) < 96 || file?.isOpen(descriptor) !== true) return undefined;
	// The second copy is written first. If both differ, a writer was killed in between, and SQLite recovers the header.
	if (header.compare(header, 48, 96, 0, 48) !== 0 || header[12] !== 1) return undefined;
	return endianness() === 'LE' ? header.readUInt32LE(16) : header.readUInt32BE(16);
}

/**
 * Copies the bytes. Returns false if that is not possible, or if SQLite finds a different number of frames in the copied WAL, because it is damaged.
 */
async function copyFiles(files: CommittedFiles | undefined, file: string, options: CopyOptions): Promise<boolean> {
	if (files === undefined) return false;
	const {database, wal} = files;
	await copyBytesTo(file, 'r+', database, options);
	if (wal === undefined) return true;
	await copyBytesTo(`${file}-wal`, 'wx', wal.bytes, {signal: options.signal});
	// Opening the copy recovers its WAL. The checkpoint writes the pages to the file and syncs them. Closing removes the WAL.
	const copy = openDatabase(file);
	try {
		const [recovered] = copy.tuples('PRAGMA wal_checkpoint(PASSIVE)');
		return recovered?.[0] === 0 && recovered[1] === wal.frames && recovered[2] === wal.frames;
	} finally {
		copy.close();
	}
}
