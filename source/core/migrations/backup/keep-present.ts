import {MigrError} from '../../errors.ts';
import {openLockedFile, type RawFile} from '../../sqlite/copy-locked-file.ts';
import type {Database} from '../../sqlite/database.ts';
import {makeWay} from '../../sqlite/make-way.ts';
import {openPatiently} from '../../sqlite/open-patiently.ts';
import {beginGuarded, type TransactionOptions} from '../../sqlite/transaction.ts';
import type {BackupEvent} from '../event.ts';
import {type BackupRequest, takeBackup} from './backup.ts';
import {type BackupFile, removeBackup} from './backup-files.ts';

/** Keeps the state of a database that is about to be replaced, so that no commit falls between the backup and the replacement. */
export interface Keeper {
	/** The page size that the database cannot change; undefined if it takes any. */
	readonly pageSize: number | undefined;
	/**
	 * To be called once the database is locked for the replacement. Undefined if nothing has to be waited for.
	 *
	 * @throws MigrError `backup`, `cancelled`, and what `inspect` throws
	 */
	whenLocked(): Promise<void> | undefined;
	/** To be called if the lock for the replacement is taken. */
	makeWay(until: number): Promise<void>;
	/** The backup; null if there was nothing to keep. */
	kept(): BackupFile | null;
	/** To be called after the connection that held the lock is closed. */
	close(): void;
}

export type KeepRequest = Pick<BackupRequest, 'database' | 'folder' | 'now' | 'signal' | 'wait'> & {
	/** The file itself, behind links. */
	readonly path: string;
	/** Called with each copy of the present state before it becomes a backup; with null if there is nothing to keep. */
	readonly inspect: (copy: string | null) => void;
	readonly emit: (event: BackupEvent) => void;
};

/**
 * How the present state is kept depends on the lock. In WAL mode the lock for the replacement stops writers alone: a copy is taken before under a write
 * lock of its own, and taken again in the rare case that a commit came between the two locks. With a rollback journal it stops readers as well, SQLite's
 * own included: the file is copied as it is while the lock is held.
 */
export async function keeperFor(request: KeepRequest): Promise<Keeper> {
	const {path} = request;
	const present = await openPatiently(path, {create: true, ...optionsOf(request)});
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
		// The connection stays open: so the mode stays WAL, and the page size what it is.
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

/** Another program has changed to WAL mode before the lock was taken. Nothing was done; it can be tried again. */
export class ModeChanged extends MigrError {
	constructor() {
		super('locked', 'another program has changed the journal mode of the database; nothing was restored', {hint: 'run it again'});
	}
}

async function taken({database, folder, now, inspect, emit, ...options}: KeepRequest, copyInto?: BackupRequest['copyInto']): Promise<BackupFile> {
	// Nothing is pruned: it could be the backup that is restored.
	const running = takeBackup({
		database,
		folder,
		before: 'restore',
		now,
		inspect,
		...optionsOf(options),
		...(copyInto === undefined ? {} : {copyInto}),
	});
	for (;;) {
		const step = await running.next();
		if (step.done === true) return step.value;
		emit(step.value);
	}
}

function optionsOf({wait, signal}: Pick<KeepRequest, 'wait' | 'signal'>): TransactionOptions {
	return {...(wait === undefined ? {} : {wait}), ...(signal === undefined ? {} : {signal})};
}
