import {constants, copyFileSync, mkdirSync, rmSync, statSync} from 'node:fs';
import {basename, dirname} from 'node:path';
import {sha256} from '@noble/hashes/sha2.js';
import {bytesToHex, utf8ToBytes} from '@noble/hashes/utils.js';
import {MigrError} from '../../errors.ts';
import {copyDatabase} from '../../sqlite/copy-database.ts';
import {findDamage} from '../../sqlite/damage.ts';
import type {Database} from '../../sqlite/database.ts';
import {isBusy} from '../../sqlite/failure.ts';
import {closeNewFile, makeEmptyFile} from '../../sqlite/new-file.ts';
import {openDatabase, statPath} from '../../sqlite/open.ts';
import {openWithRetry} from '../../sqlite/open-with-retry.ts';
import {clean} from '../../text/clean.ts';
import {plural} from '../../text/numbers.ts';
import {emitted} from '../emitted.ts';
import type {BackupEvent} from '../event.ts';
import {readApplied} from '../history/history.ts';
import {newestName} from '../history/state.ts';
import {shortHash} from '../plan-id.ts';
import {moveToFreeName} from './backup.ts';
import {type BackupFile, newBackupPath, removeBackup} from './backup-files.ts';
import {type BackupSource, backupState, openBackup, sourceFor, whyNoDatabase} from './backup-source.ts';
import {compareWithBackup, type RestoreComparison} from './compare-databases.ts';
import type {Recorder} from './compare-rows.ts';
import {realPath} from './database-key.ts';
import {keeperFor, ModeChanged} from './keep-present.ts';

export interface RestoreRequest {
	readonly database: string;
	readonly backup: BackupFile;
	readonly folder: string;
	readonly now: Date;
	/** Confirms the loss of rows and values that were added after the backup. */
	readonly consent: boolean;
	/** The `id` of the plan that was shown. If a restore would now do anything else, nothing is restored. */
	readonly plan?: string;
	readonly wait?: number;
	readonly signal?: AbortSignal;
}

export interface Restored {
	readonly database: string;
	/** The backup of the previous state. Null if there was no database. */
	readonly kept: string | null;
	/** The newest applied migration after the restore. Null if there is none. */
	readonly currentMigration: string | null;
}

/** The changes that restoring a backup would make. */
export interface RestorePlanned extends RestoreComparison {
	/** A short hash of the backup, the state of the database, and every row that would be lost or changed. */
	readonly id: string;
}

/** Returns the changes that restoring a backup would make, without writing anything. */
export function planRestore(database: string, backup: BackupFile): RestorePlanned {
	const source = openBackup(backup);
	try {
		return planFor(realPath(database), backup, source);
	} finally {
		source.close();
	}
}

/** @param file the database, or a copy of its current state, or null if there is none */
function planFor(file: string | null, backup: BackupFile, source: BackupSource): RestorePlanned {
	if (file === null || !exists(file)) return planned(backup, {tables: [], migrations: [], losesRows: false}, 'no database');
	const damage = whyNoDatabase(file);
	if (damage !== null) {
		const {size, mtimeNs} = statSync(file, {bigint: true});
		return planned(backup, {tables: [], migrations: [], losesRows: true, damage}, `${size} ${mtimeNs}`);
	}
	const facts = factHash();
	const db = openDatabase(file);
	try {
		return planned(backup, compareWithBackup(db, source.path, facts.add), facts.digest());
	} finally {
		db.close();
	}
}

/** Hashes any number of facts. Collects many of them per call of the hash function, which is faster. */
function factHash(): {readonly add: Recorder; digest(): string} {
	const hash = sha256.create();
	let text = '';
	const flush = () => {
		hash.update(utf8ToBytes(text));
		text = '';
	};
	return {
		add(fact) {
			text += `${fact.length}:${fact}`;
			if (text.length > 65_536) flush();
		},
		digest() {
			flush();
			return bytesToHex(hash.digest());
		},
	};
}

function planned(backup: BackupFile, comparison: RestoreComparison, state: string): RestorePlanned {
	return {...comparison, id: shortHash(['restore', ...backupState(backup), state])};
}

/**
 * Restores a backup into the live file, in one transaction. Other connections see either the old content or the new, even after a crash. The previous
 * state is kept as a backup. The lock is held from that backup to the end, so each commit of another connection is in the backup or comes after the
 * restore. A file that is no longer a database is moved to the backups unchanged.
 *
 * Yields progress.
 *
 * @throws MigrError `answerNeeded` if rows would be lost without consent or if the plan differs from `plan`, `backup` for a damaged backup, `locked`,
 * `cancelled`. The database is unchanged after these errors.
 */
export async function* restoreBackup(request: RestoreRequest): AsyncGenerator<BackupEvent, Restored, void> {
	const {database, signal} = request;
	const stop = new AbortController();
	const signals = signal === undefined ? stop.signal : AbortSignal.any([signal, stop.signal]);
	const source = openBackup(request.backup);
	try {
		const kept = yield* emitted<BackupEvent, BackupFile | null>((emit) => replace({...request, signal: signals}, source, emit));
		await settle(database, kept, request.wait);
		return {database, kept: kept?.path ?? null, currentMigration: newestName(readApplied(source.db))};
	} finally {
		// Stops the restore if the caller no longer reads its events.
		stop.abort();
		source.close();
	}
}

/** Checks the restored file and syncs it to disk, which a commit in WAL mode does not do. Other programs may already use the file again. */
async function settle(database: string, kept: BackupFile | null, wait?: number): Promise<void> {
	const db = await openedUnlessLocked(database, wait);
	if (db === undefined) return;
	try {
		const found = findDamage(db);
		if (found !== undefined) throw new MigrError('backup', `${basename(database)} is damaged after the restore: ${found}`, {hint: hintFor(kept)});
		db.exec('PRAGMA synchronous = FULL');
		db.value('PRAGMA wal_checkpoint(PASSIVE)');
	} catch (error) {
		if (!isBusy(error)) throw error;
	} finally {
		db.close();
	}
}

async function openedUnlessLocked(database: string, wait?: number): Promise<Database | undefined> {
	try {
		return await openWithRetry(database, wait === undefined ? {} : {wait});
	} catch (error) {
		if (error instanceof MigrError && error.code === 'locked') return undefined;
		throw error;
	}
}

/** Like `whyNoDatabase`, for a database that other programs may have locked. */
async function damageOf(path: string, {wait, signal}: RestoreRequest): Promise<string | null> {
	try {
		const db = await openWithRetry(path, {...(wait === undefined ? {} : {wait}), ...(signal === undefined ? {} : {signal})});
		db.close();
		return null;
	} catch (error) {
		if (error instanceof MigrError && error.code === 'database') return error.message;
		throw error;
	}
}

function exists(database: string): boolean {
	return (statPath(database)?.size ?? 0) > 0;
}

/** Replaces the contents of the database, and returns the backup of the previous state. */
async function replace(request: RestoreRequest, source: BackupSource, emit: (event: BackupEvent) => void): Promise<BackupFile | null> {
	const path = realPath(request.database);
	const damaged = exists(path) && (await damageOf(path, request)) !== null;
	if (damaged) requireAgreement(request, planFor(path, request.backup, source));
	const aside = damaged ? moveAside(request, path) : null;
	const isNew = makeEmptyFile(path);
	try {
		return (await replaceContents(aside === null ? request : agreed(request), path, source, emit)) ?? aside;
	} catch (error) {
		if (isNew) removeIfEmpty(path);
		throw error;
	}
}

/** Returns a request with consent, for a plan that was confirmed before the damaged database was moved. */
function agreed({plan, ...request}: RestoreRequest): RestoreRequest {
	return {...request, consent: true};
}

const attempts = 3;

async function replaceContents(
	request: RestoreRequest,
	path: string,
	source: BackupSource,
	emit: (event: BackupEvent) => void,
): Promise<BackupFile | null> {
	for (let attempt = 1; ; attempt++) {
		try {
			return await replaceOnce(request, path, source, emit);
		} catch (error) {
			if (!(error instanceof ModeChanged) || attempt >= attempts) throw error;
		}
	}
}

async function replaceOnce(
	request: RestoreRequest,
	path: string,
	source: BackupSource,
	emit: (event: BackupEvent) => void,
): Promise<BackupFile | null> {
	const {backup, wait, signal, plan, consent} = request;
	const inspect = (copy: string | null) => {
		if (plan !== undefined || !consent) requireAgreement(request, planFor(copy, backup, source));
	};
	const keeper = await keeperFor({...request, path, inspect, emit});
	let content: BackupSource | undefined;
	try {
		content = sourceFor(source, keeper.pageSize);
		await copyDatabase(content.db, path, {
			...(wait === undefined ? {} : {wait}),
			...(signal === undefined ? {} : {signal}),
			onLocked: keeper.whenLocked,
			onBusy: keeper.makeWay,
		});
		return keeper.kept();
	} catch (error) {
		const kept = keeper.kept();
		// Nothing was replaced, so the backup would only be a copy of the current state.
		if (kept !== null && error instanceof MigrError && ['locked', 'cancelled', 'answerNeeded'].includes(error.code)) removeBackup(kept);
		throw error;
	} finally {
		content?.close();
		keeper.close();
	}
}

/** @throws MigrError `answerNeeded` if the plan is not the one that was shown, or if it loses rows without consent */
function requireAgreement({plan, consent, backup}: RestoreRequest, now: RestorePlanned): void {
	if (plan !== undefined && plan !== now.id) {
		throw new MigrError('answerNeeded', `the database or the backup ${clean(backup.id)} has changed since you looked; nothing was restored`, {
			hint: `to see what a restore would change now, run lite-migr restore ${backup.id}`,
		});
	}
	if (!consent) refuseLoss(now, backup);
}

function refuseLoss({losesRows, tables, damage}: RestoreComparison, backup: BackupFile): void {
	if (!losesRows) return;
	const hint = `to restore it anyway, run lite-migr restore ${backup.id} --yes; the current state is kept as a backup`;
	if (damage !== undefined) throw new MigrError('answerNeeded', `cannot determine what a restore would lose: ${damage}`, {hint});
	const lost = tables.filter((table) => table.lost > 0 || table.reverted > 0 || (table.valuesGone ?? 0) > 0);
	throw new MigrError('answerNeeded', `the database has changed since the backup ${backup.id}: a restore would lose rows`, {
		details: lost.map(({name, lost: rows, reverted, valuesGone = 0, columnsGone = []}) => {
			const parts = [
				...(rows > 0 ? [`${plural(rows, 'row')} would be deleted`] : []),
				...(reverted > 0 ? [`${plural(reverted, 'row')} would get ${reverted === 1 ? 'its' : 'their'} old values back`] : []),
				...(valuesGone > 0 ? [`${plural(valuesGone, 'row')} would lose values of ${columnsGone.map(clean).join(', ')}`] : []),
			];
			return `${clean(name)}: ${parts.join(', ')}`;
		}),
		hint,
	});
}

/** Moves a damaged database and its journals to the backups. It cannot be opened, so it cannot be overwritten in place. */
function moveAside({database, folder, now}: RestoreRequest, path: string): BackupFile {
	mkdirSync(folder, {recursive: true});
	const {id, path: target} = newBackupPath(database, folder, now, 'damaged');
	move(path, target);
	for (const suffix of ['-journal', '-wal', '-shm'])
		if (statSync(path + suffix, {throwIfNoEntry: false}) !== undefined) move(path + suffix, target + suffix);
	return {id, path: target, bytes: statSync(target).size, takenAt: now.getTime(), before: 'damaged'};
}

/** Moves a file, even to another disk. */
function move(from: string, to: string): void {
	if (statSync(from).dev === statSync(dirname(to)).dev) {
		moveToFreeName(from, to);
		return;
	}
	copyFileSync(from, to, constants.COPYFILE_EXCL);
	rmSync(from);
}

/** Removes the file that was created for a restore that failed, unless another program has written to it or has it open. */
function removeIfEmpty(path: string): void {
	try {
		if (statPath(path)?.size === 0) closeNewFile(openDatabase(path));
	} catch {
		// Keep the empty file: the failure of the restore is the error to report.
	}
}

function hintFor(kept: BackupFile | null): string {
	return kept === null
		? 'check the disk: the file was damaged while it was written'
		: `to return to the previous state, run lite-migr restore ${kept.id}`;
}
