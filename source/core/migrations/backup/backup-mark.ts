import {closeSync, fstatSync, fsyncSync, ftruncateSync, openSync, readSync, writeSync} from 'node:fs';
import {statPath} from '../../sqlite/open.ts';
import {openFileAt} from '../../sqlite/open-descriptors.ts';
import {type DatabaseKey, realPath} from './database-key.ts';

/**
 * A record of the database that a backup belongs to, written after the last page of the file. SQLite reads only as many pages as the header says, so
 * the content does not change. The mark is written before the file gets its name, and stays with the file if it is moved (docs/decisions/0010).
 */
export interface BackupMark {
	/** See `DatabaseKey`. */
	readonly absolute: string;
	readonly relative: string;
	/** The original file name of the backup. */
	readonly name: string;
	/** The length of the database name, without its extension, at the start of `name`. */
	readonly stem: number;
	/** The real path of the database, for messages. Absent if it is too long. */
	readonly path?: string;
}

/** One byte less than the smallest page of SQLite, so a mark is never read as a page. */
const room = 511;
const magic = '\nlite-migr backup ';

/**
 * Writes the mark of a backup of `key` at the end of its file, and syncs it to disk. Does nothing if SQLite derives the page count from the file size.
 *
 * @param stem the name of the database without its extension, at the start of `name`
 */
export function writeMark(file: string, {absolute, relative, path}: DatabaseKey, name: string, stem: string): void {
	const mark = {absolute, relative, name, stem: stem.length};
	const bytes = [{...mark, path}, mark].map((each) => Buffer.from(`${magic}${JSON.stringify(each)}\n`)).find(({length}) => length <= room);
	const descriptor = openSync(file, 'r+');
	try {
		const end = contentEnd(descriptor);
		if (bytes === undefined || end === undefined) return;
		ftruncateSync(descriptor, end);
		writeSync(descriptor, bytes, 0, bytes.length, end);
		fsyncSync(descriptor);
	} finally {
		closeSync(descriptor);
	}
}

/** Returns where the pages end. Undefined if the header has no valid page count, so SQLite derives it from the file size. */
function contentEnd(descriptor: number): number | undefined {
	const header = Buffer.alloc(100);
	if (readSync(descriptor, header, 0, 100, 0) < 100) return undefined;
	const pageSize = header.readUInt16BE(16) === 1 ? 65_536 : header.readUInt16BE(16);
	const isCounted = header.compare(header, 92, 96, 24, 28) === 0;
	const end = pageSize * header.readUInt32BE(28);
	const {size} = fstatSync(descriptor);
	// The file may already have a mark, for a name that another database has used since then.
	return isCounted && size >= end && size <= end + room ? end : undefined;
}

/**
 * Reads the mark of a backup. Undefined if it has none, such as a backup of version 1.0. A file with the name of a backup may be a database that this
 * process has open: closing another descriptor of it would release its locks.
 */
export function readMark(file: string): BackupMark | undefined {
	const shared = openFileAt(file)?.descriptor();
	const descriptor = shared ?? openSync(file, 'r');
	try {
		const {size} = fstatSync(descriptor);
		const tail = Buffer.alloc(Math.min(size, room));
		readSync(descriptor, tail, 0, tail.length, size - tail.length);
		const start = tail.lastIndexOf(magic);
		return start < 0 ? undefined : parsed(tail.toString('utf8', start + magic.length));
	} catch {
		return undefined;
	} finally {
		if (shared === undefined) closeSync(descriptor);
	}
}

function parsed(text: string): BackupMark | undefined {
	const {absolute, relative, name, stem, path}: Partial<BackupMark> = JSON.parse(text);
	if (typeof absolute !== 'string' || typeof relative !== 'string' || typeof name !== 'string' || typeof stem !== 'number') return undefined;
	return {absolute, relative, name, stem, ...(typeof path === 'string' ? {path} : {})};
}

/** `own`: of this database. `elsewhere`: of a path that no longer exists, so the database may have been moved. `other`: of another database. */
export type Ownership = 'own' | 'elsewhere' | 'other';

/**
 * Returns which database a marked backup belongs to. A database keeps its backups if both are moved together, or if its old path is now a link to it.
 */
export function ownershipOf(mark: BackupMark, key: DatabaseKey): Ownership {
	if (mark.absolute === key.absolute) return 'own';
	const now = mark.path === undefined ? undefined : realPath(mark.path);
	if (now === undefined) return 'other';
	if (now === key.path) return 'own';
	if (now === mark.path && !isNothingAt(now)) return 'other';
	return mark.relative === key.relative ? 'own' : 'elsewhere';
}

function isNothingAt(path: string): boolean {
	try {
		return statPath(path) === undefined;
	} catch {
		return false;
	}
}
