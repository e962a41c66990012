import {basename} from 'node:path';
import {MigrError, restated} from '../../errors.ts';
import {copyDatabase} from '../../sqlite/copy-database.ts';
import {findDamage} from '../../sqlite/damage.ts';
import type {Database} from '../../sqlite/database.ts';
import {isBusy} from '../../sqlite/failure.ts';
import {lockFileOf, waitForFileLock} from '../../sqlite/file-lock.ts';
import {closeNewFile, makeEmptyFile} from '../../sqlite/new-file.ts';
import {openDatabase, statPath} from '../../sqlite/open.ts';
import {openWithRetry} from '../../sqlite/open-with-retry.ts';
import type {TransactionOptions} from '../../sqlite/transaction.ts';
import {emitted} from '../emitted.ts';
import type {BackupEvent} from '../event.ts';
import {readApplied} from '../history/history.ts';
import {newestName} from '../history/state.ts';
import {type BackupFile, removeBackup} from './backup-files.ts';
import {type BackupSource, openBackup, sourceFor} from './backup-source.ts';
import {realPath} from './database-key.ts';
import {ChangedMeanwhile, keeperFor, ModeChanged} from './keep-present.ts';
import {moveAside} from './move-aside.ts';
import {type Agreement, hasContents, planFor, requireAgreement} from './restore-plan.ts';

/**
 * How to read this file: `restoreBackup` calls `replace`, which moves a file that is no longer a database aside, and then `replaceOnce` until the
 * journal mode stays the same. That one holds the lock on the database: it keeps the current state as a backup (`keep-present.ts`), compares it with
 * what the user agreed to (`restore-plan.ts`), and copies the backup over it. `settle` checks the result.
 */

export interface RestoreRequest extends Agreement, Pick<TransactionOptions, 'onWait'> {
	readonly database: string;
	readonly folder: string;
	readonly now: Date;
	readonly wait?: number;
	readonly signal?: AbortSignal;
}

/** The result of a restore. */
export interface Restored {
	readonly database: string;
	/** The backup of the previous state. Null if there was no database. */
	readonly kept: string | null;
	/** The newest applied migration after the restore. Null if there is none. */
	readonly currentMigration: string | null;
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
		return {database, kept: kept?.path ?? null, currentMigration: newestName(readApplied(source.db, request.wranglerTable))};
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
		return await openWithRetry(database, {wait});
	} catch (error) {
		if (error instanceof MigrError && error.code === 'locked') return undefined;
		throw error;
	}
}

/** Like `whyNoDatabase`, for a database that other programs may have locked. */
async function damageOf(path: string, {wait, signal, onWait}: RestoreRequest): Promise<string | null> {
	try {
		const db = await openWithRetry(path, {wait, signal, onWait});
		db.close();
		return null;
	} catch (error) {
		if (error instanceof MigrError && error.code === 'database') return error.message;
		throw error;
	}
}

/** Replaces the contents of the database, and returns the backup of the previous state. */
async function replace(request: RestoreRequest, source: BackupSource, emit: (event: BackupEvent) => void): Promise<BackupFile | null> {
	const path = realPath(request.database);
	let aside: BackupFile | null = null;
	let isNew = false;
	try {
		if (await isDamaged(path, request)) aside = await moveDamaged(request, path, source);
		isNew = aside !== null || makeEmptyFile(path);
		return (await replaceContents(aside === null ? request : agreed(request), path, source, emit)) ?? aside;
	} catch (error) {
		if (isNew) removeIfEmpty(path);
		throw withState(error, path, aside);
	}
}

/** Adds the state of the database to the error of a restore that replaced nothing, unless the message says it. */
function withState(error: unknown, path: string, aside: BackupFile | null): unknown {
	if (!(error instanceof MigrError) || error.code === 'answerNeeded' || error instanceof ModeChanged || error instanceof ChangedMeanwhile)
		return error;
	const name = basename(path);
	if (aside !== null) return restated(error, {state: `nothing was restored: the damaged ${name} is kept as ${aside.path}`});
	return restated(error, {state: `nothing was restored: ${name} ${statPath(path) === undefined ? 'does not exist' : 'is unchanged'}`});
}

/**
 * Moves a damaged database aside and creates an empty file in its place. Returns null if another restore has done that in the meantime. Otherwise,
 * two restores at once would move the restored database aside too.
 */
async function moveDamaged(request: RestoreRequest, path: string, source: BackupSource): Promise<BackupFile | null> {
	const {wait, signal, onWait} = request;
	const lock = await waitForFileLock(lockFileOf(path), {wait, signal, onWait});
	try {
		if (!(await isDamaged(path, request))) return null;
		requireAgreement(request, planFor(path, source, request));
		const aside = moveAside(request, path);
		makeEmptyFile(path);
		return aside;
	} finally {
		lock.remove();
	}
}

async function isDamaged(path: string, request: RestoreRequest): Promise<boolean> {
	return hasContents(path) && (await damageOf(path, request)) !== null;
}

/** Returns a request with consent, for a plan that was confirmed before the damaged database was moved. */
function agreed({plan, ...request}: RestoreRequest): RestoreRequest {
	return {...request, consent: true};
}

/** Attempts after a change of the journal mode, which is rare, and after a commit, if the driver has to take the copy again. */
const attempts = {mode: 3, commit: 20};

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
			const limit = error instanceof ModeChanged ? attempts.mode : error instanceof ChangedMeanwhile ? attempts.commit : 0;
			if (attempt >= limit) throw error;
		}
	}
}

async function replaceOnce(
	request: RestoreRequest,
	path: string,
	source: BackupSource,
	emit: (event: BackupEvent) => void,
): Promise<BackupFile | null> {
	const {wait, signal, onWait, plan, consent} = request;
	const inspect = (copy: string | null) => {
		if (plan !== undefined || !consent) requireAgreement(request, planFor(copy, source, request));
	};
	const keeper = await keeperFor({...request, path, inspect, emit});
	let content: BackupSource | undefined;
	try {
		content = sourceFor(source, keeper.pageSize);
		await copyDatabase(content.db, path, {
			wait,
			signal,
			onWait,
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
