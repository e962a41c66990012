import {readSync, realpathSync, rmSync, truncateSync} from 'node:fs';
import {endianness} from 'node:os';
import {type ByteSource, copyBytesTo, readHeader} from './copy-bytes.ts';
import {type CopyOptions, copyDatabase} from './copy-database.ts';
import type {Database} from './database.ts';
import {openDatabase} from './open.ts';
import {fileAt, openDescriptorsOf} from './open-descriptors.ts';
import {openWithRetry} from './open-with-retry.ts';
import type {TransactionOptions} from './transaction.ts';

/*
 * How to read this file. SQLite's backup API copies page by page and takes almost three times as long as the disk needs. These functions copy the bytes
 * of the files instead, if nothing can change what they mean meanwhile (docs/decisions/0020):
 *
 * - With a rollback journal, a read transaction is enough. Nothing is written to the file while a connection has the SHARED lock
 *   (https://www.sqlite.org/lockingv3.html).
 * - In WAL mode, the caller must have the write lock. Then the WAL cannot grow or start again. Another connection may still run a checkpoint, which
 *   writes pages of the WAL to the file. Each of these pages is also in the copied WAL, so the copy contains them in any case
 *   (https://www.sqlite.org/walformat.html).
 *
 * The bytes are read through SQLite's own descriptors, because closing another one would release SQLite's locks: see `open-descriptors.ts`.
 */

export interface CommittedCopyOptions extends CopyOptions, Pick<TransactionOptions, 'onWait'> {
	/** True if the caller has the write lock of the database and has written nothing yet. */
	readonly isWriteLocked?: boolean | undefined;
}

/**
 * Copies the last committed state of a database into an existing empty file, through a separate read-only connection. The copy is synced to disk.
 *
 * Returns whether it copied the bytes of the files, or all pages through SQLite.
 *
 * @throws MigrError `locked`, `cancelled` or `files`, and the errors of `openDatabase`
 */
export async function copyCommitted(
	path: string,
	file: string,
	{isWriteLocked = false, ...options}: CommittedCopyOptions = {},
): Promise<'bytes' | 'pages'> {
	const real = realpathSync(path);
	const before = descriptorsOf(real);
	const source = await openWithRetry(path, {readonly: true, ...options});
	try {
		// A small cache, because each page is read once. One transaction, so no other connection commits in between.
		source.exec('PRAGMA cache_size = -1000; BEGIN');
		source.value('SELECT count(*) FROM sqlite_schema');
		const opened = newDescriptors(before, descriptorsOf(real));
		const files = opened && filesOf(source, real, opened, isWriteLocked);
		if (files !== undefined && (await copyFiles(files, file, options))) return 'bytes';
		for (const each of [`${file}-wal`, `${file}-shm`]) rmSync(each, {force: true});
		truncateSync(file);
		await copyDatabase(source, file, options);
		return 'pages';
	} finally {
		source.close();
	}
}

/** The descriptors of this process on the files of a database. */
interface Descriptors {
	readonly database: readonly number[];
	readonly wal: readonly number[];
}

function descriptorsOf(real: string): Descriptors {
	return {database: openDescriptorsOf(real), wal: openDescriptorsOf(`${real}-wal`)};
}

/** The descriptors of one connection. */
interface OwnDescriptors {
	readonly database: number;
	readonly wal: number | undefined;
}

/** Returns the descriptors that were opened in between. Undefined if they cannot be told from others. */
function newDescriptors(before: Descriptors, after: Descriptors): OwnDescriptors | undefined {
	const [database, ...others] = after.database.filter((descriptor) => !before.database.includes(descriptor));
	const [wal, ...otherWals] = after.wal.filter((descriptor) => !before.wal.includes(descriptor));
	return database === undefined || others.length + otherWals.length > 0 ? undefined : {database, wal};
}

/** The bytes that make up the committed state. */
interface CommittedFiles {
	readonly database: ByteSource;
	/** Undefined if the newest pages are all in the database file. */
	readonly wal: {readonly bytes: ByteSource; readonly frames: number} | undefined;
}

/** Returns the bytes to copy. Undefined if only SQLite can read the committed state. */
function filesOf(source: Database, real: string, {database, wal}: OwnDescriptors, isWriteLocked: boolean): CommittedFiles | undefined {
	const {size, counted, pageSize, isWal} = readHeader(database);
	const file = fileAt(real);
	if (file === undefined) return undefined;
	const main = {descriptor: database, file, pageSize};
	const mode = String(source.value('PRAGMA journal_mode')).toLowerCase();
	if (mode !== 'wal') {
		// Files of SQLite before 3.7 have no page count. SQLite adds it to a copy.
		if (isWal || counted === undefined || counted > size) return undefined;
		return {database: {...main, bytes: counted}, wal: undefined};
	}
	if (!isWriteLocked) return undefined;
	const frames = committedFrames(real);
	if (frames === undefined) return undefined;
	if (frames === 0) return counted === undefined || counted > size ? undefined : {database: {...main, bytes: counted}, wal: undefined};
	const walFile = fileAt(`${real}-wal`);
	if (wal === undefined || walFile === undefined) return undefined;
	const walBytes = walHeaderBytes + frames * (frameHeaderBytes + pageSize);
	return {
		// A checkpoint may remove pages at the end that no longer belong to the database.
		database: {...main, bytes: size, mayEndEarlier: true},
		wal: {bytes: {descriptor: wal, file: walFile, bytes: walBytes, pageSize}, frames},
	};
}

const walHeaderBytes = 32;
const frameHeaderBytes = 24;

/**
 * Returns how many frames of the WAL are committed, from the first copy of the WAL index header (https://www.sqlite.org/walformat.html#the_wal_index_header).
 * It changes only under the write lock. Undefined if it cannot be read.
 */
function committedFrames(real: string): number | undefined {
	const [descriptor] = openDescriptorsOf(`${real}-shm`);
	if (descriptor === undefined) return undefined;
	const header = Buffer.alloc(96);
	if (readSync(descriptor, header, 0, 96, 0) < 96) return undefined;
	// The second copy is written first. If both differ, a writer was killed in between, and SQLite recovers the header.
	if (header.compare(header, 48, 96, 0, 48) !== 0 || header[12] !== 1) return undefined;
	return endianness() === 'LE' ? header.readUInt32LE(16) : header.readUInt32BE(16);
}

/** Copies the bytes. Returns false if SQLite finds fewer frames in the copied WAL than in the original, because it is damaged. */
async function copyFiles({database, wal}: CommittedFiles, file: string, options: CommittedCopyOptions): Promise<boolean> {
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
