import {mkdirSync, renameSync, statSync} from 'node:fs';
import {basename} from 'node:path';
import {MigrError} from '../../errors.ts';
import {copyDatabase} from '../../sqlite/copy-database.ts';
import {findDamage} from '../../sqlite/damage.ts';
import type {Database} from '../../sqlite/database.ts';
import {lookAt, openDatabase} from '../../sqlite/open.ts';
import {beginGuarded} from '../../sqlite/transaction.ts';
import {clean} from '../../text/clean.ts';
import {plural} from '../../text/numbers.ts';
import type {BackupEvent} from '../event.ts';
import {readApplied} from '../history/history.ts';
import {newestName} from '../history/state.ts';
import {takeBackup} from './backup.ts';
import {type BackupFile, newBackupPath} from './backup-files.ts';
import {compareWithBackup, type RestoreComparison} from './compare-databases.ts';

export interface RestoreRequest {
	readonly database: string;
	readonly backup: BackupFile;
	readonly folder: string;
	readonly now: Date;
	/** Consent to losing rows and values that came in since the backup. */
	readonly consent: boolean;
	readonly wait?: number;
	readonly signal?: AbortSignal;
}

export interface Restored {
	readonly database: string;
	/** The state before, kept as a backup of its own; null where there was no database. */
	readonly kept: string | null;
	/** The newest applied migration now; null when there is none. */
	readonly at: string | null;
}

/** What putting a backup back would change; writes nothing. */
export function planRestore(database: string, backup: BackupFile): RestoreComparison {
	checkBackup(backup);
	if (!exists(database)) return {tables: [], migrations: [], losesRows: false};
	const damage = damageOf(database);
	if (damage !== null) return {tables: [], migrations: [], losesRows: true, damage};
	const db = openDatabase(database);
	try {
		return compareWithBackup(db, backup.path);
	} finally {
		db.close();
	}
}

/**
 * Puts a backup back into the live file, in one transaction under its own locks: other connections see the old content or the new, also after a
 * crash in the middle. The state before is kept as a backup of its own; a file that is no database any more is moved there as it is.
 *
 * Yields progress. Throws MigrError: `answerNeeded` where rows would be lost without consent, `backup` for a damaged backup, `locked`, `cancelled`;
 * the database is then as it was.
 */
export async function* restoreBackup(request: RestoreRequest): AsyncGenerator<BackupEvent, Restored, void> {
	const {database, backup, consent} = request;
	checkBackup(backup);
	const isThere = exists(database);
	if (isThere && !consent) refuseLoss(planRestore(database, backup), backup);
	const kept = !isThere ? null : damageOf(database) === null ? yield* keepPresent(request) : moveAside(request);
	await putBack(request, kept?.seen ?? null);
	const db = openDatabase(database);
	try {
		const found = findDamage(db);
		if (found !== undefined)
			throw new MigrError('backup', `${basename(database)} is damaged after the restore: ${found}`, {hint: hintFor(kept?.file ?? null)});
		return {database, kept: kept?.file.path ?? null, at: newestName(readApplied(db))};
	} finally {
		db.close();
	}
}

function exists(database: string): boolean {
	return (lookAt(database)?.size ?? 0) > 0;
}

function checkBackup({path}: BackupFile): void {
	const damage = damageOf(path) ?? checked(path);
	if (damage === null) return;
	throw new MigrError('backup', `the backup is damaged: ${damage}`, {
		location: {file: path},
		hint: 'take an older one: lite-migr restore lists them',
	});
}

/** A backup may lie where nobody can write; one that was taken in WAL mode wants its folder writable, if that can be had. */
function openBackup(path: string): Database {
	try {
		return openDatabase(path);
	} catch (error) {
		if (error instanceof MigrError && error.code === 'files') return openDatabase(path, {readonly: true});
		throw error;
	}
}

/** Why a file cannot be opened as a database; null where it can. */
function damageOf(path: string): string | null {
	try {
		openBackup(path).close();
		return null;
	} catch (error) {
		if (error instanceof MigrError && error.code === 'database') return error.message;
		throw error;
	}
}

function checked(path: string): string | null {
	const db = openBackup(path);
	try {
		return findDamage(db) ?? null;
	} finally {
		db.close();
	}
}

function refuseLoss({losesRows, tables, damage}: RestoreComparison, backup: BackupFile): void {
	if (!losesRows) return;
	const hint = `lite-migr restore ${backup.id} --yes puts it back all the same; the present state is kept as a backup`;
	if (damage !== undefined) throw new MigrError('answerNeeded', `what a restore would lose cannot be known: ${damage}`, {hint});
	const lost = tables.filter((table) => table.lost > 0 || table.reverted > 0);
	throw new MigrError('answerNeeded', `the database has changed since the backup ${backup.id}: a restore would lose rows`, {
		details: lost.map(({name, lost: rows, reverted}) => {
			const parts = [
				...(rows > 0 ? [`${plural(rows, 'row')} would be gone`] : []),
				...(reverted > 0 ? [`${plural(reverted, 'row')} would get old values`] : []),
			];
			return `${clean(name)}: ${parts.join(', ')}`;
		}),
		hint,
	});
}

interface Kept {
	readonly file: BackupFile;
	/** Null where nothing is there any more that could change. */
	readonly seen: Seen | null;
}

/** What cannot be opened cannot be written in place either: it makes way, with its journals, for a new file. */
function moveAside({database, folder, now}: RestoreRequest): Kept {
	mkdirSync(folder, {recursive: true});
	const {id, path} = newBackupPath(database, folder, now, 'damaged');
	renameSync(database, path);
	for (const suffix of ['-journal', '-wal', '-shm'])
		if (statSync(database + suffix, {throwIfNoEntry: false}) !== undefined) renameSync(database + suffix, path + suffix);
	return {file: {id, path, bytes: statSync(path).size, takenAt: now.getTime(), before: 'damaged'}, seen: null};
}

/** The present state as a backup, taken while the write lock is held, and what the file looked like then. */
async function* keepPresent({database, folder, now, wait, signal}: RestoreRequest): AsyncGenerator<BackupEvent, Kept, void> {
	const options = {...(wait === undefined ? {} : {wait}), ...(signal === undefined ? {} : {signal})};
	const db = openDatabase(database, wait === undefined ? {} : {wait});
	try {
		const transaction = await beginGuarded(db, options);
		try {
			// Nothing is pruned here: it could be the one that is put back.
			const file = yield* takeBackup({database, folder, before: 'restore', keep: Number.POSITIVE_INFINITY, now, ...options});
			return {file, seen: see(database)};
		} finally {
			transaction.end();
		}
	} finally {
		db.close();
	}
}

/** By these a commit of somebody else is noticed without reading the file, which would drop SQLite's locks on it (https://www.sqlite.org/howtocorrupt.html#posix_close_bug). */
interface Seen {
	readonly main: string;
	readonly wal: string;
}

function see(database: string): Seen {
	const look = (path: string) => {
		const stats = statSync(path, {bigint: true, throwIfNoEntry: false});
		return stats === undefined || stats.size === 0n ? 'nothing' : `${stats.ino} ${stats.size} ${stats.mtimeNs}`;
	};
	return {main: look(database), wal: look(`${database}-wal`)};
}

async function putBack({database, backup, wait, signal}: RestoreRequest, seen: Seen | null): Promise<void> {
	const source = openBackup(backup.path);
	try {
		await copyDatabase(source, database, {
			...(wait === undefined ? {} : {wait}),
			...(signal === undefined ? {} : {signal}),
			onLocked: () => {
				if (seen === null || !isChanged(seen, see(database))) return;
				throw new MigrError('locked', `${basename(database)} was changed while the restore began; nothing was put back`, {
					hint: 'stop what writes to it, then run it again',
				});
			},
		});
	} finally {
		source.close();
	}
}

/** Moving a WAL into the file, as closing the last connection does, is no change of the content. */
function isChanged(seen: Seen, now: Seen): boolean {
	if (seen.wal === 'nothing') return now.main !== seen.main || now.wal !== 'nothing';
	return now.wal !== seen.wal && now.wal !== 'nothing';
}

function hintFor(kept: BackupFile | null): string {
	return kept === null ? 'the file itself seems damaged: check the disk' : `the state before is kept: lite-migr restore ${kept.id}`;
}
