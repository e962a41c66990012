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
import {copyCommitted} from '../../sqlite/copy-committed.ts';
import type {CopyOptions} from '../../sqlite/copy-database.ts';
import type {Database} from '../../sqlite/database.ts';
import {advice, theOption} from '../../text/advice.ts';
import {emitted} from '../emitted.ts';
import type {BackupEvent} from '../event.ts';
import {type BackupFile, defaultBackupDir, newBackupPath} from './backup-files.ts';
import {writeMark} from './backup-mark.ts';
import {type DatabaseKey, databaseKey, realPath} from './database-key.ts';
import type {FolderNames} from './folder-names.ts';

export interface BackupRequest {
	readonly database: string;
	/** The path that the backup records as its database, if `database` is only a copy of it. */
	readonly owner?: string | undefined;
	readonly folder: string;
	/** The migration that runs after the backup. Null if there is none. */
	readonly before: string | null;
	readonly now: Date;
	/** The names in the folder, if they are known. */
	readonly names?: FolderNames | undefined;
	readonly signal?: AbortSignal | undefined;
	readonly wait?: number | undefined;
	/** A connection to the database, if the caller has the write lock and nothing is written yet. The copy is then as fast as the disk. */
	readonly writeLock?: Database | undefined;
	/** Copies the database into an existing empty file. Defaults to `copyCommitted`. */
	readonly copyInto?: ((file: string, options: CopyOptions) => Promise<unknown>) | undefined;
	/** Called with the finished copy before it gets its name. If it throws, no backup is kept. */
	readonly inspect?: (file: string) => void;
}

/**
 * Takes a backup through a separate connection. If the caller holds the write lock and has not written yet, the backup is exactly the previous state
 * (see `copyCommitted`). The backup appears under its name only when it is complete and synced to disk. It has the permissions of the
 * original, and records which database it belongs to. It never replaces another file or removes an older backup: see `pruneBackups` and `removeBackup`.
 *
 * Yields progress and returns the backup.
 *
 * @throws MigrError `backup` if it fails, `cancelled`, and any error of `inspect`
 */
export async function* takeBackup(request: BackupRequest): AsyncGenerator<BackupEvent, BackupFile, void> {
	const {database, owner = database, folder, before, now, names, signal, wait, writeLock, inspect} = request;
	const {copyInto = (file, options) => copyCommitted(database, file, {...options, writeLock})} = request;
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
		const key = databaseKey(owner, folder);
		removeUnfinished(owner, folder, key, names);
		const expected = newBackupPath(owner, folder, now, before, names).path;
		temporary = join(folder, unfinishedName(key));
		// No other user may read the copy, not even briefly. It gets the permissions of the original later.
		closeSync(openSync(temporary, 'wx', 0o600));
		const pages = yield* copied(temporary, copyInto, {
			signal,
			wait,
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
			const named = newBackupPath(owner, folder, now, before, names);
			// If another thread has just used this name, the next one is tried.
			names?.add(folder, basename(named.path));
			writeMark(temporary ?? '', key, basename(named.path), basename(owner, extname(owner)));
			return named;
		});
		const bytes = statSync(path).size;
		yield event('done', path, pages, pages, bytes);
		return {id, path, bytes, takenAt: now.getTime(), before};
	} catch (error) {
		if (inspected !== undefined) throw inspected.error;
		if (error instanceof MigrError && error.code === 'cancelled') throw error;
		throw new MigrError('backup', `cannot take a backup: ${error instanceof Error ? error.message : String(error)}`, {
			location: {file: folder},
			hint: advice`free disk space, or change ${theOption.backupDir}; to run without a backup, use ${theOption.noBackup}`,
			cause: error,
		});
	} finally {
		if (temporary !== undefined)
			for (const file of [temporary, `${temporary}-journal`, `${temporary}-wal`, `${temporary}-shm`]) rmSync(file, {force: true});
	}
}

/** Returns the name of an unfinished backup. It contains the key, so two databases with the same name can take backups at the same time. */
function unfinishedName({absolute}: DatabaseKey): string {
	return `.lite-migr-${absolute.slice(0, 16)}.part`;
}

/** The endings of the files of an unfinished backup. */
const unfinishedEndings = ['', '-journal', '-wal', '-shm'];

/** Removes unfinished backups of killed runs. No other run takes a backup of this database, because the caller holds the write lock. */
function removeUnfinished(database: string, folder: string, key: DatabaseKey, names: FolderNames | undefined): void {
	// Version 1.0 used a name like that of the backup. In the default folder, such a file can only belong to this database.
	const stem = `.${basename(database, extname(database))}`;
	const isDefault = realPath(folder) === realPath(defaultBackupDir(database));
	const unfinished = unfinishedName(key);
	const known = names && [
		...names.ofStem(folder, stem),
		...unfinishedEndings.map((ending) => unfinished + ending).filter((name) => names.has(folder, name)),
	];
	for (const name of known ?? readdirSync(folder)) {
		// The time after the stem distinguishes it from the unfinished backup of another database, if this one is called `lite.db`.
		const isOld = isDefault && name.startsWith(`${stem}-`) && /^-\d{8}T\d{6}.*\.part/s.test(name.slice(stem.length));
		if (name.startsWith(unfinished) || isOld) rmSync(join(folder, name), {force: true});
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
	yield* emitted<BackupEvent, unknown>((emit) =>
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

/**
 * Renames the copy, and sets the permissions and owner of the original. The name is synced to disk when this returns. SQLite has already synced the
 * content.
 */
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
			// Another database with the same name has taken a backup in this second.
			if ((error as NodeJS.ErrnoException).code !== 'EEXIST' || attempt >= 1000) throw error;
			chmodSync(temporary, 0o600);
		}
	}
}

/** Renames a file without replacing another one. @throws an error with the code EEXIST if a file of that name exists */
export function moveToFreeName(from: string, to: string): void {
	try {
		linkSync(from, to);
	} catch (error) {
		// The caller handles EEXIST. Any other error means that the file system has no hard links.
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
		// Only root may change the owner. Other users keep the backup as their own file.
		if ((error as NodeJS.ErrnoException).code !== 'EPERM') throw error;
	}
}

/** Syncs a folder to disk, which makes a rename in it durable. Does nothing on Windows. */
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
