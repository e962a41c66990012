import {closeSync, lstatSync, openSync, readdirSync, rmSync} from 'node:fs';
import {join} from 'node:path';
// biome-ignore lint/style/noRestrictedImports: only the process knows its user. `userInfo` fails if the user has no name, as often in a container.
import * as process from 'node:process';
import {MigrError} from '../../errors.ts';
import {isBusy} from '../../sqlite/failure.ts';
import {type FileLock, tryFileLock} from '../../sqlite/file-lock.ts';
import {fileProblem} from '../../text/file-problem.ts';

/** A temporary database file that only this user can read. */
export interface PrivateCopy {
	/** An empty file. */
	readonly path: string;
	/** Removes it, with the files that SQLite created for it. */
	remove(): void;
}

const prefix = '.lite-migr-dry-run-';
const lockSuffix = '.lock';

/**
 * Creates the file. Also removes copies in `folders` that killed runs of this user left there. Each run locks a file next to its copy, and the system
 * releases that lock when the process ends for any reason.
 */
export function makePrivateCopy(folder: string, folders: readonly string[]): PrivateCopy {
	const {path, lock} = lockedName(folder);
	const remove = () => {
		removeWith(path);
		lock.remove();
	};
	try {
		closeSync(openSync(path, 'wx', 0o600));
		const {uid} = lstatSync(path);
		for (const each of new Set(folders)) sweep(each, uid);
		return {path, remove};
	} catch (error) {
		remove();
		throw error;
	}
}

interface LockedName {
	readonly path: string;
	readonly lock: FileLock;
}

const attempts = 20;

/**
 * Chooses a name and locks its lock file. Another run may mistake the file for an abandoned one and remove it before it is locked. Opening or locking
 * then fails, so this tries again.
 */
function lockedName(folder: string): LockedName {
	for (let attempt = 1; ; attempt++) {
		const path = join(folder, `${prefix}${crypto.randomUUID()}.db`);
		const file = `${path}${lockSuffix}`;
		createLockFile(file, folder);
		try {
			const lock = tryFileLock(file);
			if (lock !== undefined) return {path, lock};
		} catch (error) {
			rmSync(file, {force: true});
			if (attempt >= attempts) throw error;
		}
	}
}

function createLockFile(file: string, folder: string): void {
	try {
		closeSync(openSync(file, 'wx', 0o600));
	} catch (cause) {
		const isMissing = (cause as NodeJS.ErrnoException).code === 'ENOENT';
		throw new MigrError('files', `cannot create a private copy in ${folder}: ${isMissing ? 'the folder does not exist' : fileProblem(cause)}`, {
			hint: 'set TMPDIR to a writable folder',
			cause,
		});
	}
}

function removeWith(path: string): void {
	for (const file of [path, `${path}-journal`, `${path}-wal`, `${path}-shm`]) rmSync(file, {force: true});
}

/** Removes copies in `folders` that killed runs of this user left there. */
export function removeAbandonedCopies(folders: readonly string[]): void {
	for (const folder of new Set(folders)) sweep(folder, ownUser());
}

/** Returns the number of this user, as in the facts about files. Windows has no user numbers, and 0 for every file. */
export function ownUser(): number {
	return process.getuid?.() ?? 0;
}

/** Removes the copies of this user in a folder that no run uses any longer. */
function sweep(folder: string, uid: number): void {
	const names = namesIn(folder);
	for (const name of names) {
		if (!/^\.lite-migr-dry-run-[\da-f]{8}(?:-[\da-f]{4}){3}-[\da-f]{12}\.db\.lock$/.test(name)) continue;
		const file = join(folder, name);
		const stats = lstatSync(file, {throwIfNoEntry: false});
		if (stats?.isFile() !== true || stats.uid !== uid) continue;
		const lock = lockIfAbandoned(file);
		if (lock === undefined) continue;
		try {
			// Removes files that SQLite or a migration outside a transaction created for the copy, and its lock last.
			const copy = name.slice(0, -lockSuffix.length);
			for (const one of names.filter((other) => other.startsWith(copy) && other !== name)) rmSync(join(folder, one), {force: true});
			lock.remove();
		} catch {
			// The files remain until the next dry run. This one does not depend on them.
			lock.release();
		}
	}
}

/** Locks the file of a run. Returns undefined if the run is still active, or if the file no longer exists. */
export function lockIfAbandoned(file: string): FileLock | undefined {
	try {
		return tryFileLock(file, 0);
	} catch (error) {
		if (error instanceof MigrError || isBusy(error) || lstatSync(file, {throwIfNoEntry: false}) === undefined) return undefined;
		throw error;
	}
}

function namesIn(folder: string): readonly string[] {
	try {
		return readdirSync(folder);
	} catch {
		// No copies can be removed from a folder that cannot be listed.
		return [];
	}
}
