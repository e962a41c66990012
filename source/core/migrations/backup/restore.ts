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
import {lookAt, openDatabase} from '../../sqlite/open.ts';
import {openPatiently} from '../../sqlite/open-patiently.ts';
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
import {compareWithBackup, type Recorder, type RestoreComparison} from './compare-databases.ts';
import {realPath} from './database-key.ts';
import {keeperFor, ModeChanged} from './keep-present.ts';

export interface RestoreRequest {
	readonly database: string;
	readonly backup: BackupFile;
	readonly folder: string;
	readonly now: Date;
	/** Consent to losing rows and values that were added since the backup. */
	readonly consent: boolean;
	/** The `id` of the plan that was shown: if restoring would do anything else by now, nothing is restored. */
	readonly plan?: string;
	readonly wait?: number;
	readonly signal?: AbortSignal;
}

export interface Restored {
	readonly database: string;
	/** The state before, kept as a backup of its own; null if there was no database. */
	readonly kept: string | null;
	/** The newest applied migration now; null if there is none. */
	readonly at: string | null;
}

/** What restoring a backup would change. */
export interface RestorePlanned extends RestoreComparison {
	/** Identifies the backup, the state of the database, and every row that would be lost or changed: a short hash. */
	readonly id: string;
}

/** Returns what restoring a backup would change; writes nothing. */
export function planRestore(database: string, backup: BackupFile): RestorePlanned {
	const source = openBackup(backup);
	try {
		return planFor(realPath(database), backup, source);
	} finally {
		source.close();
	}
}

/** @param file the database, or a copy of its present state; null if there is none */
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

/** Hashes any number of facts; many are taken together, since each call of the hash has its price. */
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
 * Restores a backup into the live file, in one transaction under its own locks: other connections see the old content or the new, also after a
 * crash in the middle. The state before is kept as a backup of its own, and the lock is held from keeping it to the end: each commit of another
 * connection is in that backup or comes after the restore. A file that is not a database any more is moved to the backups as it is.
 *
 * Yields progress. Throws MigrError: `answerNeeded` if rows would be lost without consent or something else would be restored than `plan` says,
 * `backup` for a damaged backup, `locked`, `cancelled`; the database is then as it was.
 */
export async function* restoreBackup(request: RestoreRequest): AsyncGenerator<BackupEvent, Restored, void> {
	const {database, signal} = request;
	const stop = new AbortController();
	const signals = signal === undefined ? stop.signal : AbortSignal.any([signal, stop.signal]);
	const source = openBackup(request.backup);
	try {
		const kept = yield* emitted<BackupEvent, BackupFile | null>((emit) => replace({...request, signal: signals}, source, emit));
		await settle(database, kept, request.wait);
		return {database, kept: kept?.path ?? null, at: newestName(readApplied(source.db))};
	} finally {
		// Ends what is still running if nobody takes its events any more.
		stop.abort();
		source.close();
	}
}

/** Checks the restored file, and brings it to the disk: in WAL mode a commit alone does not. Other programs may be at work on it again. */
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
		return await openPatiently(database, wait === undefined ? {} : {wait});
	} catch (error) {
		if (error instanceof MigrError && error.code === 'locked') return undefined;
		throw error;
	}
}

/** As `whyNoDatabase`, for a database that others may have locked. */
async function damageOf(path: string, {wait, signal}: RestoreRequest): Promise<string | null> {
	try {
		const db = await openPatiently(path, {...(wait === undefined ? {} : {wait}), ...(signal === undefined ? {} : {signal})});
		db.close();
		return null;
	} catch (error) {
		if (error instanceof MigrError && error.code === 'database') return error.message;
		throw error;
	}
}

function exists(database: string): boolean {
	return (lookAt(database)?.size ?? 0) > 0;
}

/** Returns the backup of the state before. */
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

/** What was agreed to before the database was moved away. */
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
		// Nothing was replaced, so it would be a backup of what is there.
		if (kept !== null && error instanceof MigrError && ['locked', 'cancelled', 'answerNeeded'].includes(error.code)) removeBackup(kept);
		throw error;
	} finally {
		content?.close();
		keeper.close();
	}
}

/** @throws MigrError `answerNeeded` if the plan is not the one that was shown, or loses rows that nobody agreed to lose */
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
	const hint = `lite-migr restore ${backup.id} --yes restores it all the same; the present state is kept as a backup`;
	if (damage !== undefined) throw new MigrError('answerNeeded', `what a restore would lose cannot be known: ${damage}`, {hint});
	const lost = tables.filter((table) => table.lost > 0 || table.reverted > 0 || (table.valuesGone ?? 0) > 0);
	throw new MigrError('answerNeeded', `the database has changed since the backup ${backup.id}: a restore would lose rows`, {
		details: lost.map(({name, lost: rows, reverted, valuesGone = 0, columnsGone = []}) => {
			const parts = [
				...(rows > 0 ? [`${plural(rows, 'row')} would be gone`] : []),
				...(reverted > 0 ? [`${plural(reverted, 'row')} would get old values`] : []),
				...(valuesGone > 0 ? [`${plural(valuesGone, 'row')} would lose values of ${columnsGone.map(clean).join(', ')}`] : []),
			];
			return `${clean(name)}: ${parts.join(', ')}`;
		}),
		hint,
	});
}

/** What cannot be opened cannot be written in place either: it makes way, with its journals, for a new file. */
function moveAside({database, folder, now}: RestoreRequest, path: string): BackupFile {
	mkdirSync(folder, {recursive: true});
	const {id, path: target} = newBackupPath(database, folder, now, 'damaged');
	move(path, target);
	for (const suffix of ['-journal', '-wal', '-shm'])
		if (statSync(path + suffix, {throwIfNoEntry: false}) !== undefined) move(path + suffix, target + suffix);
	return {id, path: target, bytes: statSync(target).size, takenAt: now.getTime(), before: 'damaged'};
}

/** Also to another disk. */
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
		if (lookAt(path)?.size === 0) closeNewFile(openDatabase(path));
	} catch {
		// It stays, empty: what the restore failed on is what has to be reported.
	}
}

function hintFor(kept: BackupFile | null): string {
	return kept === null ? 'the file itself seems damaged: check the disk' : `the state before is kept: lite-migr restore ${kept.id}`;
}
