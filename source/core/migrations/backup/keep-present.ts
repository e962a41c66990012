import {MigrError} from '../../errors.ts';
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
	 * @throws MigrError `backup`, `cancelled`, and any error of `inspect`
	 */
	whenLocked(): Promise<void> | undefined;
	/** Call this if another connection holds the lock for the replacement. */
	makeWay(until: number): Promise<void>;
	/** Returns the backup. Null if there was nothing to keep. */
	kept(): BackupFile | null;
	/** Call this after the connection that held the lock is closed. */
	close(): void;
}

export type KeepRequest = Pick<BackupRequest, 'database' | 'folder' | 'now' | 'signal' | 'wait'> & {
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
	if (isWal) return await keeperOfWal(request, present);
	return keeperOfFile(request, present);
}

async function keeperOfWal(request: KeepRequest, present: Database): Promise<Keeper> {
	let file: BackupFile | null = null;
	let version: unknown;
	const keep = async () => {
		const former = file;
		file = await taken(request);
		if (former !== null) removeBackup(former);
	};
	try {
		// The connection stays open, so the journal mode and the page size cannot change.
		const transaction = await beginGuarded(present, optionsOf(request));
		try {
			await keep();
			version = present.value('PRAGMA data_version');
		} finally {
			transaction.end();
		}
	} catch (error) {
		present.close();
		throw error;
	}
	return {
		pageSize: Number(present.value('PRAGMA page_size')),
		whenLocked: () => (present.value('PRAGMA data_version') === version ? undefined : keep()),
		makeWay: (until) => makeWay(present, until, request.signal),
		kept: () => file,
		close: () => present.close(),
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
			else file = await taken(request, raw.copyTo);
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

async function taken({database, folder, now, inspect, emit, ...options}: KeepRequest, copyInto?: BackupRequest['copyInto']): Promise<BackupFile> {
	// Do not prune: that could remove the backup that is being restored.
	const running = takeBackup({
		database,
		folder,
		before: 'restore',
		now,
		inspect,
		...optionsOf(options),
		isWriteLocked: copyInto === undefined,
		copyInto,
	});
	for (;;) {
		const step = await running.next();
		if (step.done === true) return step.value;
		emit(step.value);
	}
}

function optionsOf({wait, signal}: Pick<KeepRequest, 'wait' | 'signal'>): TransactionOptions {
	return {wait, signal};
}
