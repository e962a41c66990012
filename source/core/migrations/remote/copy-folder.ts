import {closeSync, existsSync, lstatSync, mkdtempSync, openSync, readdirSync, rmSync} from 'node:fs';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {MigrError} from '../../errors.ts';
import {type FileLock, tryFileLock} from '../../sqlite/file-lock.ts';
import {fileProblem} from '../../text/file-problem.ts';
import {lockIfAbandoned, ownUser} from '../run/private-copy.ts';

/** A temporary folder for copies of a server's database, which only this user can read. */
export interface CopyFolder {
	readonly path: string;
	remove(): void;
}

const prefix = 'lite-migr-remote-';
const lockName = 'lock';
const attempts = 20;

/**
 * Creates the folder. Also removes the folders of this user that killed runs left, because each of them contains the rows of a database. A run locks a file
 * in its folder, and the system releases that lock when the process ends for any reason.
 *
 * @throws MigrError `files` if the folder for temporary files cannot be written
 */
export function makeCopyFolder(): CopyFolder {
	removeAbandoned();
	for (let attempt = 1; ; attempt++) {
		const path = newFolder();
		const file = join(path, lockName);
		try {
			closeSync(openSync(file, 'wx', 0o600));
			const lock = tryFileLock(file);
			if (lock !== undefined) return {path, remove: () => removeLocked(path, lock)};
		} catch (error) {
			// Another run may have removed the folder before it was locked.
			if (existsSync(file) || attempt >= attempts) {
				rmSync(path, {recursive: true, force: true});
				throw error;
			}
		}
	}
}

function newFolder(): string {
	try {
		return mkdtempSync(join(tmpdir(), prefix));
	} catch (cause) {
		throw new MigrError('files', `cannot create a folder for the copy in ${tmpdir()}: ${fileProblem(cause)}`, {
			hint: 'set TMPDIR to a writable folder',
			cause,
		});
	}
}

function removeAbandoned(): void {
	for (const name of namesIn(tmpdir())) {
		const path = join(tmpdir(), name);
		const file = join(path, lockName);
		const stats = name.startsWith(prefix) ? lstatSync(path, {throwIfNoEntry: false}) : undefined;
		if (stats?.isDirectory() !== true || stats.uid !== ownUser() || lstatSync(file, {throwIfNoEntry: false})?.isFile() !== true) continue;
		const lock = lockIfAbandoned(file);
		if (lock !== undefined) removeLocked(path, lock);
	}
}

/** Removes the copies first, then the lock file while it is locked, so another run never takes the folder for its own. */
function removeLocked(path: string, lock: FileLock): void {
	try {
		for (const name of namesIn(path)) if (name !== lockName) rmSync(join(path, name), {recursive: true, force: true});
	} finally {
		lock.remove();
		rmSync(path, {recursive: true, force: true});
	}
}

function namesIn(folder: string): readonly string[] {
	try {
		return readdirSync(folder);
	} catch {
		// Reported when the folder of this run is created, or nothing is left to remove.
		return [];
	}
}
