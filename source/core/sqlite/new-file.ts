import {closeSync, openSync, readdirSync, rmSync, type Stats, statSync} from 'node:fs';
import {join} from 'node:path';
import type {Database} from './database.ts';

/** Makes the empty file that SQLite takes for a new database, with the rights that SQLite gives. False where something is there already. */
export function makeEmptyFile(path: string): boolean {
	try {
		closeSync(openSync(path, 'wx', 0o644));
		return true;
	} catch {
		// There is one, or it cannot be made: opening it says why.
		return false;
	}
}

/** Removes a file that nothing was written to. */
export function removeIfEmpty(path: string): void {
	if (statSync(path, {throwIfNoEntry: false})?.size === 0) rmSync(path);
}

/**
 * Closes a database that was made for a run, and removes its file where nothing was ever committed to it and nobody else has it open: what another
 * program would write into a file that has been removed would be lost. Where the system does not tell who has a file open, it stays.
 */
export function closeNewFile(db: Database): void {
	try {
		if (isEmptyAndOurs(db)) rmSync(db.path);
	} catch {
		// It stays, empty: what the run failed on is what has to be told.
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

/** How many descriptors of all processes that can be seen are open on a file; undefined where the system does not tell (other than Linux). */
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

/** Processes of other users hide what they have open, and may end meanwhile. */
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

/** A number by which it is noticed that a path has become another file; undefined where nothing is there. */
export function fileNumber(path: string): number | undefined {
	return statSync(path, {throwIfNoEntry: false})?.ino;
}
