import {closeSync, lstatSync, openSync, readdirSync, rmSync} from 'node:fs';
import {join} from 'node:path';
import {MigrError} from '../../errors.ts';
import type {Database} from '../../sqlite/database.ts';
import {isBusy} from '../../sqlite/failure.ts';
import {openDatabase} from '../../sqlite/open.ts';
import {fileProblem} from '../../text/file-problem.ts';

/** A file of its own for a dry run, which nobody else can read. */
export interface PrivateCopy {
	/** An empty file. */
	readonly path: string;
	/** Removes it, with what SQLite has put beside it. */
	remove(): void;
}

const prefix = '.lite-migr-dry-run-';
const lockSuffix = '.lock';

/**
 * Makes the file, and removes those in `folders` that runs of this user have left behind when they were killed: each run holds a lock on a file
 * beside its copy, and the system takes it back when the run ends, however that is.
 */
export function makePrivateCopy(folder: string, folders: readonly string[]): PrivateCopy {
	const path = join(folder, `${prefix}${crypto.randomUUID()}.db`);
	const lock = `${path}${lockSuffix}`;
	createLock(lock, folder);
	// Made anew where another run has taken it for one that was left behind, in the moment before it is locked.
	const held = openDatabase(lock, {create: true});
	const remove = () => {
		removeWith(path);
		rmSync(lock, {force: true});
		held.close();
	};
	try {
		held.exec('BEGIN EXCLUSIVE');
		closeSync(openSync(path, 'wx', 0o600));
	} catch (error) {
		remove();
		throw error;
	}
	const {uid} = lstatSync(path);
	for (const each of new Set(folders)) sweep(each, uid);
	return {path, remove};
}

function createLock(lock: string, folder: string): void {
	try {
		closeSync(openSync(lock, 'wx', 0o600));
	} catch (cause) {
		const isMissing = (cause as NodeJS.ErrnoException).code === 'ENOENT';
		throw new MigrError('files', `no private copy can be created in ${folder}: ${isMissing ? 'there is no such folder' : fileProblem(cause)}`, {
			hint: 'set TMPDIR to a folder that can be written',
			cause,
		});
	}
}

function removeWith(path: string): void {
	for (const file of [path, `${path}-journal`, `${path}-wal`, `${path}-shm`]) rmSync(file, {force: true});
}

/** Removes the copies of this user in a folder that no run holds any more. */
function sweep(folder: string, uid: number): void {
	const names = namesIn(folder);
	for (const name of names) {
		if (!/^\.lite-migr-dry-run-[\da-f]{8}(?:-[\da-f]{4}){3}-[\da-f]{12}\.db\.lock$/.test(name)) continue;
		const lock = join(folder, name);
		const stats = lstatSync(lock, {throwIfNoEntry: false});
		if (stats?.isFile() !== true || stats.uid !== uid) continue;
		const held = claimed(lock);
		if (held === undefined) continue;
		try {
			// Also what SQLite, and a migration outside of a transaction, has put beside it; its own lock last.
			const copy = name.slice(0, -lockSuffix.length);
			for (const one of names.filter((other) => other.startsWith(copy) && other !== name)) rmSync(join(folder, one), {force: true});
			rmSync(lock, {force: true});
		} catch {
			// They stay for the next dry run; this one has nothing to do with them.
		} finally {
			held.close();
		}
	}
}

/** Undefined where the run is still at work, or the file is gone meanwhile. */
function claimed(lock: string): Database | undefined {
	let db: Database | undefined;
	try {
		db = openDatabase(lock, {wait: 0});
		db.exec('BEGIN EXCLUSIVE');
		return db;
	} catch (error) {
		db?.close();
		if (error instanceof MigrError || isBusy(error)) return undefined;
		throw error;
	}
}

function namesIn(folder: string): readonly string[] {
	try {
		return readdirSync(folder);
	} catch {
		// What cannot be listed holds no copies that could be removed.
		return [];
	}
}
