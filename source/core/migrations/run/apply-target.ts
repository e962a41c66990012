import {writeFileSync} from 'node:fs';
import {tmpdir} from 'node:os';
import {dirname, join, resolve} from 'node:path';
import {parseTarget, targetName} from '../../engines/parse-target.ts';
import {MigrError} from '../../errors.ts';
import {copyCommitted} from '../../sqlite/copy-committed.ts';
import type {Database} from '../../sqlite/database.ts';
import {closeNewFile, fileNumber} from '../../sqlite/new-file.ts';
import {openDatabase, openInMemory, requireTarget, statPath, whyReadOnly} from '../../sqlite/open.ts';
import {bytesOf} from '../../sqlite/open-connection.ts';
import {openWithRetry} from '../../sqlite/open-with-retry.ts';
import {bytes} from '../../text/numbers.ts';
import type {NoticeEvent} from '../event.ts';
import type {MigrationSource} from '../files/source.ts';
import type {ApplyOptions} from './apply-options.ts';
import {freeBytes} from './disk-space.ts';
import {makePrivateCopy, type PrivateCopy} from './private-copy.ts';
import {waitForRunAlone} from './run-alone-lock.ts';
import {lockOptions} from './waiting.ts';

/**
 * Returns the path of the database that a program names.
 *
 * @throws MigrError `usage` if it is not a file, or a file whose name looks like an address
 */
export function databaseFile(database: string): string {
	const hint = 'apply a module of lite-migr bundle with lite-migr/runtime, through the connection of your program';
	if (database === ':memory:') {
		throw new MigrError('usage', ':memory: would be another empty database in your program', {hint: 'pass the open connection of your program'});
	}
	const target = parseTarget(database, 'usage');
	if (target.kind === 'file') return target.path;
	throw new MigrError('usage', `a program cannot migrate ${targetName(target)} with apply()`, {
		hint: `run lite-migr upgrade --db ${database}\n${hint}`,
	});
}

/** The database that a run writes: the real one, or its private copy. */
export interface Target {
	readonly db: Database;
	/** The file that is written. */
	readonly path: string;
	/** True if the database was empty before the run. */
	readonly isNew: boolean;
	/** False if the opened file is no longer the one at its path, so anything written to it would be lost. */
	isInPlace(): boolean;
	/** Closes the database. Removes the private copy, and a new file that nothing was committed to. */
	close(): void;
}

export interface TargetKind {
	/** True for a part of another run, which may have the write lock: waiting for a third run would block both. */
	readonly isRehearsal?: true | undefined;
}

/**
 * Opens the database of a run. `emit` receives a notice if the run waits for a lock.
 *
 * @throws MigrError `cancelled`, or any error of `openDatabase`
 */
export async function openTarget(
	options: ApplyOptions,
	migrations: MigrationSource,
	emit: (event: NoticeEvent) => void,
	kind: TargetKind = {},
): Promise<Target> {
	const {connection} = options;
	if (connection !== undefined) return openConnected(connection, options, emit, kind);
	const path = resolve(options.database);
	const size = statPath(path)?.size;
	const isNew = (size ?? 0) === 0;
	if (options.dryRun === true) return await openCopy({path, size, options, emit, ...kind});
	const create = options.direction === 'upgrade';
	// A run with nothing to do creates no file.
	const isNothing = create && size === undefined && migrations.list().length === 0;
	if (isNothing) return targetOf(openInMemory(), path, isNew);
	let isCreated = false;
	const onCreated = () => {
		isCreated = true;
	};
	const db = await openWithRetry(path, {create, ...(size === undefined ? {onCreated} : {}), ...lockOptions(options, emit)});
	const opened = fileNumber(path);
	const isInPlace = () => opened !== undefined && fileNumber(path) === opened;
	return {...targetOf(db, path, isNew), isInPlace, close: () => (isCreated && isInPlace() ? closeNewFile(db) : db.close())};
}

/** Returns the connection of the program, or a private copy of its database. The program closes the connection. */
async function openConnected(db: Database, options: ApplyOptions, emit: (event: NoticeEvent) => void, kind: TargetKind): Promise<Target> {
	const isNew = db.value('SELECT count(*) FROM sqlite_schema') === 0;
	if (options.dryRun !== true) return {db, path: db.path, isNew, isInPlace: () => true, close: () => {}};
	if (db.path !== ':memory:') return await openCopy({path: db.path, size: statPath(db.path)?.size, options, emit, ...kind});
	const {path: copy, remove} = copyOfMemory(db, 'a dry run in memory');
	const local = openDatabase(copy);
	return {
		...targetOf(local, copy, isNew),
		close() {
			local.close();
			remove();
		},
	};
}

/** Writes a database in memory to a private file, including the changes of its open transaction. @throws MigrError `plan` like `bytesOf` */
export function copyOfMemory(db: Database, purpose: string): PrivateCopy {
	const bytes = bytesOf(db, purpose);
	const copy = makePrivateCopy(tmpdir(), [tmpdir()]);
	try {
		writeFileSync(copy.path, bytes);
		return copy;
	} catch (error) {
		copy.remove();
		throw error;
	}
}

function targetOf(db: Database, path: string, isNew: boolean): Target {
	return {db, path, isNew, isInPlace: () => true, close: () => db.close()};
}

interface CopiedTarget extends TargetKind {
	readonly path: string;
	/** Undefined if the database does not exist. */
	readonly size: number | undefined;
	readonly options: ApplyOptions;
	readonly emit: (event: NoticeEvent) => void;
}

/**
 * Opens a private copy. Only the copying reads the original. The copy is readable only for this user and is removed afterwards.
 *
 * A copy of a dry run never has a part of the changes of a run outside a transaction, for which the dry run could fail.
 */
async function openCopy({path, size, options, emit, isRehearsal}: CopiedTarget): Promise<Target> {
	// A dry run must fail if the real run would fail here.
	requireTarget(path, options.direction);
	const readOnly = size === undefined ? undefined : whyReadOnly(path);
	if (readOnly !== undefined) emit({type: 'notice', message: `${readOnly.message}: only a dry run is possible`});
	const {path: copy, remove} = makePrivateCopy(folderWithSpace(path, 3 * (size ?? 0), 'a dry run'), [tmpdir(), dirname(path)]);
	try {
		const lock = lockOptions(options, emit);
		// No run of this user can work on a read-only database.
		const untilWhole = isRehearsal === true || readOnly !== undefined ? undefined : () => waitForRunAlone(path, lock);
		if (size !== undefined) await copyCommitted(path, copy, {...lock, untilWhole});
		const db = openDatabase(copy);
		// In WAL mode the state before the run stays readable while the run writes, without another copy.
		db.exec('PRAGMA journal_mode = WAL');
		return {
			...targetOf(db, copy, (size ?? 0) === 0),
			close() {
				db.close();
				remove();
			},
		};
	} catch (error) {
		remove();
		throw error;
	}
}

/**
 * Returns the folder for temporary files, or the folder of the database if only that one has enough space.
 *
 * @param needed in bytes
 * @throws MigrError `files` if neither has enough space
 */
export function folderWithSpace(path: string, needed: number, purpose: string): string {
	for (const folder of [tmpdir(), dirname(path)]) {
		const free = freeBytes(join(folder, 'x'));
		if (free === null || free > needed) return folder;
	}
	throw new MigrError(
		'files',
		`${purpose} needs ${bytes(needed)} for a copy, but neither ${tmpdir()} nor ${dirname(path)} has that much free space`,
		{
			hint: 'set TMPDIR to a folder with enough space',
		},
	);
}
