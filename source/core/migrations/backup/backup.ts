import {chmodSync, chownSync, closeSync, fsyncSync, mkdirSync, openSync, readdirSync, renameSync, rmSync, statSync} from 'node:fs';
import {basename, dirname, extname, join} from 'node:path';
import {MigrError} from '../../errors.ts';
import {copyDatabase} from '../../sqlite/copy-database.ts';
import {openDatabase} from '../../sqlite/open.ts';
import {emitted} from '../emitted.ts';
import type {BackupEvent} from '../event.ts';
import {type BackupFile, newBackupPath, pruneBackups} from './backup-files.ts';

export interface BackupRequest {
	readonly database: string;
	readonly folder: string;
	/** The migration that it is taken before. */
	readonly before: string | null;
	/** How many are kept, this one included. */
	readonly keep: number;
	readonly now: Date;
	readonly signal?: AbortSignal;
	readonly wait?: number;
}

/**
 * Takes a backup through a connection of its own. Taken while the caller holds the write lock and has written nothing yet, it is exactly the state
 * before (https://www.sqlite.org/backup.html). It appears under its name whole and on the disk, or not at all, with the rights of the original.
 *
 * Yields progress; returns the backup. Throws MigrError `backup`, and `cancelled`.
 */
export async function* takeBackup(request: BackupRequest): AsyncGenerator<BackupEvent, BackupFile, void> {
	const {database, folder, before, keep, now} = request;
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
	try {
		mkdirSync(folder, {recursive: true});
		removeUnfinished(database, folder);
		const {id, path} = newBackupPath(database, folder, now, before);
		temporary = join(folder, `.${basename(path)}${unfinished}`);
		const pages = yield* copyInto(temporary, request, (done, total) => event('progress', path, done, total, 0));
		const bytes = put(temporary, path, database);
		yield event('done', path, pages, pages, bytes);
		pruneBackups(database, folder, keep);
		return {id, path, bytes, takenAt: now.getTime(), before};
	} catch (error) {
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

const unfinished = '.part';

/** What a killed run left behind: whoever holds the write lock is the only one who takes a backup. */
function removeUnfinished(database: string, folder: string): void {
	const start = `.${basename(database, extname(database))}-`;
	for (const name of readdirSync(folder)) if (name.startsWith(start) && name.includes(unfinished)) rmSync(join(folder, name), {force: true});
}

async function* copyInto(
	temporary: string,
	{database, signal, wait}: BackupRequest,
	progress: (done: number, total: number) => BackupEvent,
): AsyncGenerator<BackupEvent, number, void> {
	// Nobody else may read what is not everybody's to read, not even for a moment.
	closeSync(openSync(temporary, 'wx', 0o600));
	const source = openDatabase(database, {readonly: true, ...(wait === undefined ? {} : {wait})});
	try {
		// Each page is read once. One snapshot: nobody's commit can come in between.
		source.exec('PRAGMA cache_size = -1000; BEGIN');
		source.value('SELECT count(*) FROM sqlite_schema');
		let total = 0;
		yield* emitted<BackupEvent, void>((emit) =>
			copyDatabase(source, temporary, {
				...(signal === undefined ? {} : {signal}),
				...(wait === undefined ? {} : {wait}),
				onProgress: ({pagesDone, pagesTotal}) => {
					total = pagesTotal;
					emit(progress(pagesDone, pagesTotal));
				},
			}),
		);
		return total;
	} finally {
		source.close();
	}
}

/** Under its name, with the rights and the owner of the original; on the disk when this returns. SQLite has synced the content itself. */
function put(temporary: string, path: string, database: string): number {
	const {mode, uid, gid} = statSync(database);
	chmodSync(temporary, mode & 0o777);
	const own = statSync(temporary);
	if (own.uid !== uid || own.gid !== gid) giveTo(temporary, uid, gid);
	renameSync(temporary, path);
	syncFolder(dirname(path));
	return own.size;
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
