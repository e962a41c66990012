import {
	chmodSync,
	chownSync,
	closeSync,
	fsyncSync,
	linkSync,
	mkdirSync,
	openSync,
	readdirSync,
	renameSync,
	rmSync,
	type Stats,
	statSync,
	unlinkSync,
} from 'node:fs';
import {basename, dirname, extname, join} from 'node:path';
import {MigrError} from '../../errors.ts';
import {type CopyOptions, copyDatabase} from '../../sqlite/copy-database.ts';
import {openDatabase} from '../../sqlite/open.ts';
import {emitted} from '../emitted.ts';
import type {BackupEvent} from '../event.ts';
import {type BackupFile, defaultBackupDir, newBackupPath} from './backup-files.ts';
import {writeMark} from './backup-mark.ts';
import {type DatabaseKey, databaseKey, realPath} from './database-key.ts';

export interface BackupRequest {
	readonly database: string;
	readonly folder: string;
	/** The migration that it is taken before. */
	readonly before: string | null;
	readonly now: Date;
	readonly signal?: AbortSignal;
	readonly wait?: number;
	/** Copies the database into a file that exists and is empty; through a read-only connection of its own if nothing is given. */
	readonly copyInto?: (file: string, options: CopyOptions) => Promise<void>;
	/** Called with the finished copy before it gets its name; if it throws, no backup is kept. */
	readonly inspect?: (file: string) => void;
}

/**
 * Takes a backup through a connection of its own. Taken while the caller holds the write lock and has written nothing yet, it is exactly the state
 * before (https://www.sqlite.org/backup.html). It appears under its name whole and on the disk, or not at all, with the permissions of the original and
 * with a record of which database it belongs to. It replaces no other file, and removes no older backup: see `pruneBackups` and `removeBackup`.
 *
 * Yields progress; returns the backup. Throws MigrError `backup`, and `cancelled`.
 */
export async function* takeBackup(request: BackupRequest): AsyncGenerator<BackupEvent, BackupFile, void> {
	const {database, folder, before, now, signal, wait, copyInto = copyThroughConnection(database), inspect} = request;
	const started = performance.now();
	const event = (state: BackupEvent['state'], path: string, pagesDone: number, pagesTotal: number, bytes: number): BackupEvent => ({
		type: 'backup',
		state,
		path,
		pagesDone,
		pagesTotal,
		bytes,
		durationMs: Math.round(performance.now() - started),
	});
	let temporary: string | undefined;
	let inspected: {readonly error: unknown} | undefined;
	try {
		mkdirSync(folder, {recursive: true});
		const key = databaseKey(database, folder);
		removeUnfinished(database, folder, key);
		const expected = newBackupPath(database, folder, now, before).path;
		temporary = join(folder, unfinishedName(key));
		// Nobody else may read what is not everybody's to read, not even for a moment.
		closeSync(openSync(temporary, 'wx', 0o600));
		const pages = yield* copied(temporary, copyInto, {
			...(signal === undefined ? {} : {signal}),
			...(wait === undefined ? {} : {wait}),
			progress: (done, total) => event('progress', expected, done, total, 0),
		});
		try {
			inspect?.(temporary);
		} catch (error) {
			inspected = {error};
			throw error;
		}
		const original = statSync(database);
		const {id, path} = publish(temporary, original, () => {
			const named = newBackupPath(database, folder, now, before);
			writeMark(temporary ?? '', key, basename(named.path), basename(database, extname(database)));
			return named;
		});
		const bytes = statSync(path).size;
		yield event('done', path, pages, pages, bytes);
		return {id, path, bytes, takenAt: now.getTime(), before};
	} catch (error) {
		if (inspected !== undefined) throw inspected.error;
		if (error instanceof MigrError && error.code === 'cancelled') throw error;
		throw new MigrError('backup', `no backup could be taken: ${error instanceof Error ? error.message : String(error)}`, {
			location: {file: folder},
			hint: 'make room or change backup_dir in migrate.toml; --no-backup runs without one',
			cause: error,
		});
	} finally {
		if (temporary !== undefined)
			for (const file of [temporary, `${temporary}-journal`, `${temporary}-wal`, `${temporary}-shm`]) rmSync(file, {force: true});
	}
}

/** The key keeps apart what two databases of one name take at the same time. */
function unfinishedName({absolute}: DatabaseKey): string {
	return `.lite-migr-${absolute.slice(0, 16)}.part`;
}

/** Removes what a killed run left: whoever holds the write lock is the only one who takes a backup of this database. */
function removeUnfinished(database: string, folder: string, key: DatabaseKey): void {
	// Version 1.0 named it like the backup. In the default folder it can only have been one of this database.
	const old = `.${basename(database, extname(database))}-`;
	const isDefault = realPath(folder) === realPath(defaultBackupDir(database));
	for (const name of readdirSync(folder)) {
		const isOld = isDefault && name.startsWith(old) && name.includes('.part');
		if (name.startsWith(unfinishedName(key)) || isOld) rmSync(join(folder, name), {force: true});
	}
}

interface CopyRequest extends Pick<CopyOptions, 'signal' | 'wait'> {
	readonly progress: (done: number, total: number) => BackupEvent;
}

async function* copied(
	temporary: string,
	copyInto: NonNullable<BackupRequest['copyInto']>,
	{progress, ...options}: CopyRequest,
): AsyncGenerator<BackupEvent, number, void> {
	let total = 0;
	yield* emitted<BackupEvent, void>((emit) =>
		copyInto(temporary, {
			...options,
			onProgress: ({pagesDone, pagesTotal}) => {
				total = pagesTotal;
				emit(progress(pagesDone, pagesTotal));
			},
		}),
	);
	return total;
}

function copyThroughConnection(database: string): NonNullable<BackupRequest['copyInto']> {
	return async (file, options) => {
		const {wait} = options;
		const source = openDatabase(database, {readonly: true, ...(wait === undefined ? {} : {wait})});
		try {
			// Each page is read once. One snapshot: nobody's commit can come in between.
			source.exec('PRAGMA cache_size = -1000; BEGIN');
			source.value('SELECT count(*) FROM sqlite_schema');
			await copyDatabase(source, file, options);
		} finally {
			source.close();
		}
	};
}

/** Gives the copy its name, with the permissions and the owner of the original; on the disk when this returns. SQLite has synced the content itself. */
function publish<Named extends {readonly path: string}>(temporary: string, {mode, uid, gid}: Stats, nextName: () => Named): Named {
	const own = statSync(temporary);
	if (own.uid !== uid || own.gid !== gid) giveTo(temporary, uid, gid);
	for (let attempt = 1; ; attempt++) {
		const named = nextName();
		chmodSync(temporary, mode & 0o777);
		try {
			moveToFreeName(temporary, named.path);
			syncFolder(dirname(named.path));
			return named;
		} catch (error) {
			// Another database of the same name has taken its backup in this second.
			if ((error as NodeJS.ErrnoException).code !== 'EEXIST' || attempt >= 1000) throw error;
			chmodSync(temporary, 0o600);
		}
	}
}

/** Renames a file. @throws an error with the code EEXIST if there is a file of that name: a plain rename would replace it */
export function moveToFreeName(from: string, to: string): void {
	try {
		linkSync(from, to);
	} catch (error) {
		// EEXIST is for the caller. Anything else: a file system without hard links.
		if ((error as NodeJS.ErrnoException).code === 'EEXIST') throw error;
		closeSync(openSync(to, 'wx', 0o600));
		try {
			renameSync(from, to);
		} catch (failure) {
			unlinkSync(to);
			throw failure;
		}
		return;
	}
	unlinkSync(from);
}

function giveTo(path: string, uid: number, gid: number): void {
	try {
		chownSync(path, uid, gid);
	} catch (error) {
		// Only root may give files away; everybody else keeps the backup as their own.
		if ((error as NodeJS.ErrnoException).code !== 'EPERM') throw error;
	}
}

/** A rename is on the disk only when its folder is; Windows has no such thing. */
function syncFolder(folder: string): void {
	let descriptor: number;
	try {
		descriptor = openSync(folder, 'r');
	} catch (error) {
		if (['EISDIR', 'EPERM', 'EACCES'].includes((error as NodeJS.ErrnoException).code ?? '')) return;
		throw error;
	}
	try {
		fsyncSync(descriptor);
	} catch (error) {
		if (!['EPERM', 'EINVAL', 'ENOTSUP'].includes((error as NodeJS.ErrnoException).code ?? '')) throw error;
	} finally {
		closeSync(descriptor);
	}
}
