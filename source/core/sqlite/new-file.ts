import {closeSync, openSync, readdirSync, rmSync, type Stats, statSync} from 'node:fs';
import {join} from 'node:path';
import type {Database} from './database.ts';

/** Creates the empty file that SQLite accepts as a new database, with the permissions SQLite uses. Returns false if the path already exists. */
export function makeEmptyFile(path: string): boolean {
	try {
		closeSync(openSync(path, 'wx', 0o644));
		return true;
	} catch {
		// The path exists, or the file cannot be created. Opening it reports why.
		return false;
	}
}

/** Removes a file that was created for a database that then could not be opened, unless it has contents or another process has it open. */
export function removeUnopened(path: string): void {
	const stats = statSync(path, {throwIfNoEntry: false});
	if (stats?.size === 0 && (openers(stats) ?? 0) === 0) rmSync(path);
}

/**
 * Closes a database that was created for a run. Removes its file if nothing was ever committed and no other process has it open: data that another
 * program writes to a removed file would be lost. If the system does not report open files, the file is kept.
 */
export function closeNewFile(db: Database): void {
	try {
		if (isEmptyAndOurs(db)) rmSync(db.path);
	} catch {
		// The empty file is kept. The error that stopped the run is more important.
	} finally {
		db.close();
	}
}

function isEmptyAndOurs(db: Database): boolean {
	if (db.inTransaction) return false;
	db.exec('PRAGMA busy_timeout = 0; BEGIN EXCLUSIVE');
	const stats = statSync(db.path, {throwIfNoEntry: false});
	return stats?.size === 0 && openers(stats) === 1;
}

/** Counts the open descriptors of a file in all visible processes. Returns undefined if the system does not report them (other than Linux). */
function openers({dev, ino}: Stats): number | undefined {
	let count = 0;
	try {
		for (const process of readdirSync('/proc').filter((name) => /^\d+$/.test(name))) {
			for (const descriptor of namesIn(join('/proc', process, 'fd'))) {
				const stats = statOf(join('/proc', process, 'fd', descriptor));
				if (stats?.ino === ino && stats.dev === dev) count += 1;
			}
		}
		return count;
	} catch {
		return undefined;
	}
}

/** Processes of other users hide their open files, and a process may end in the meantime. */
function namesIn(folder: string): readonly string[] {
	try {
		return readdirSync(folder);
	} catch {
		return [];
	}
}

function statOf(descriptor: string): Stats | undefined {
	try {
		return statSync(descriptor, {throwIfNoEntry: false});
	} catch {
		return undefined;
	}
}

/** Returns the inode number, which shows whether a path now leads to another file. Undefined if the path does not exist. */
export function fileNumber(path: string): number | undefined {
	return statSync(path, {throwIfNoEntry: false})?.ino;
}
