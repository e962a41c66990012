import {MigrError} from '../../errors.ts';
import {nativeOf} from '../../sqlite/connection.ts';
import {openLockedFile, type RawFile} from '../../sqlite/copy-locked-file.ts';
import type {Database} from '../../sqlite/database.ts';
import {makeWay} from '../../sqlite/make-way.ts';
import {openWithRetry} from '../../sqlite/open-with-retry.ts';
import {beginGuarded, type TransactionOptions} from '../../sqlite/transaction.ts';
import type {BackupEvent} from '../event.ts';
import {type BackupRequest, takeBackup} from './backup.ts';
import {type BackupFile, removeBackup} from './backup-files.ts';

/** Takes a backup of a database that is about to be replaced, so that no commit is lost between the backup and the replacement. */
export interface Keeper {
	/** The page size, if the database cannot change it. */
	readonly pageSize: number | undefined;
	/**
	 * Call this once the database is locked for the replacement. Returns undefined if there is nothing to wait for.
	 *
	 * @throws MigrError `backup`, `cancelled`, any error of `inspect`, and `ChangedMeanwhile`
	 */
	whenLocked(): Promise<void> | undefined;
	/** Call this if another connection holds the lock for the replacement. */
	makeWay(until: number): Promise<void>;
	/** Returns the backup. Null if there was nothing to keep. */
	kept(): BackupFile | null;
	/** Call this after the connection that held the lock is closed. */
	close(): void;
}

export type KeepRequest = Pick<BackupRequest, 'database' | 'folder' | 'now' | 'signal' | 'wait'> &
	Pick<TransactionOptions, 'onWait'> & {
		/** The path of the file, with links resolved. */
		readonly path: string;
		/** Called with each copy of the current state before it becomes a backup, or with null if there is nothing to keep. */
		readonly inspect: (copy: string | null) => void;
		readonly emit: (event: BackupEvent) => void;
	};

/**
 * Returns a keeper for the current state. How it works depends on the journal mode:
 *
 * - In WAL mode, the lock for the replacement blocks only writers. A copy is taken earlier under a separate write lock. In the rare case of a commit
 *   between the two locks, it is taken again.
 * - With a rollback journal, the lock also blocks readers, including other connections of this process. The file is copied byte by byte while the lock
 *   is held.
 * - A driver that cannot wait under the lock takes the copy under a separate write lock in both modes, and starts again after a commit in between.
 */
export async function keeperFor(request: KeepRequest): Promise<Keeper> {
	const {path} = request;
	const present = await openWithRetry(path, {create: true, ...optionsOf(request)});
	let isWal: boolean;
	try {
		isWal = present.value('PRAGMA journal_mode') === 'wal';
	} catch (error) {
		present.close();
		throw error;
	}
	const {pausesBackups} = nativeOf(present).driver;
	if (isWal || !pausesBackups) return await keeperBeforehand(request, present, {isWal, pausesBackups});
	return keeperOfFile(request, present);
}

async function keeperBeforehand(
	request: KeepRequest,
	present: Database,
	{isWal, pausesBackups}: {readonly isWal: boolean; readonly pausesBackups: boolean},
): Promise<Keeper> {
	let file: BackupFile | null = null;
	let version: unknown;
	let raw: RawFile | undefined;
	// In WAL mode, the connection can read while the database is locked. With a rollback journal, only the file can be read.
	const versionNow = () => (raw === undefined ? present.value('PRAGMA data_version') : raw.changeCounter());
	const keep = async () => {
		const former = file;
		if (raw?.bytes === 0) request.inspect(null);
		else file = await taken(request, {writeLock: present});
		if (former !== null) removeBackup(former);
	};
	const close = () => {
		raw?.close();
		present.close();
	};
	try {
		// The connection stays open, so in WAL mode the journal mode and the page size cannot change.
		const transaction = await beginGuarded(present, optionsOf(request));
		try {
			raw = isWal ? undefined : openLockedFile(request.path);
			if (raw?.isWal === true) throw new ModeChanged();
			await keep();
			version = versionNow();
		} finally {
			transaction.end();
		}
	} catch (error) {
		close();
		throw error;
	}
	return {
		pageSize: isWal ? Number(present.value('PRAGMA page_size')) : undefined,
		whenLocked() {
			if (versionNow() === version) return undefined;
			if (pausesBackups) return keep();
			throw new ChangedMeanwhile();
		},
		makeWay: (until) => makeWay(present, until, request.signal),
		kept: () => file,
		close,
	};
}

function keeperOfFile(request: KeepRequest, present: Database): Keeper {
	let file: BackupFile | null = null;
	let raw: RawFile | undefined;
	return {
		pageSize: undefined,
		async whenLocked() {
			raw = openLockedFile(request.path);
			if (raw.isWal) throw new ModeChanged();
			if (raw.bytes === 0) request.inspect(null);
			else file = await taken(request, {copyInto: raw.copyTo});
		},
		makeWay: (until) => makeWay(present, until, request.signal),
		kept: () => file,
		close() {
			raw?.close();
			present.close();
		},
	};
}

/** The error if another program changed to WAL mode before the lock was acquired. Nothing was written, so the caller can retry. */
export class ModeChanged extends MigrError {
	constructor() {
		super('locked', 'another program has changed the journal mode of the database; nothing was restored', {hint: 'run the command again'});
	}
}

/** The error if another program wrote after the copy was taken, for a driver that cannot take it again under the lock. The caller can retry. */
export class ChangedMeanwhile extends MigrError {
	constructor() {
		super('locked', 'other programs keep writing to the database; nothing was restored', {hint: 'stop them, or run the command again'});
	}
}

async function taken(
	{database, folder, now, inspect, emit, ...options}: KeepRequest,
	way: Pick<BackupRequest, 'copyInto' | 'writeLock'>,
): Promise<BackupFile> {
	// Do not prune: that could remove the backup that is being restored.
	const running = takeBackup({
		database,
		folder,
		before: 'restore',
		now,
		inspect,
		...optionsOf(options),
		...way,
	});
	for (;;) {
		const step = await running.next();
		if (step.done === true) return step.value;
		emit(step.value);
	}
}

function optionsOf({wait, signal, onWait}: Pick<KeepRequest, 'wait' | 'signal' | 'onWait'>): TransactionOptions {
	return {wait, signal, onWait};
}
