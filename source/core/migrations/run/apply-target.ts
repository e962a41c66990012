import {tmpdir} from 'node:os';
import {dirname, join, resolve} from 'node:path';
import {MigrError} from '../../errors.ts';
import {copyDatabase} from '../../sqlite/copy-database.ts';
import type {Database} from '../../sqlite/database.ts';
import {closeNewFile, fileNumber} from '../../sqlite/new-file.ts';
import {lookAt, openDatabase, openMemory, requireTarget, whyReadOnly} from '../../sqlite/open.ts';
import {openPatiently} from '../../sqlite/open-patiently.ts';
import type {TransactionOptions} from '../../sqlite/transaction.ts';
import {bytes} from '../../text/numbers.ts';
import type {NoticeEvent} from '../event.ts';
import {listMigrations} from '../files/list.ts';
import type {ApplyOptions} from './apply-options.ts';
import {freeBytes} from './disk-space.ts';
import {makePrivateCopy} from './private-copy.ts';
import {waitingAloud} from './waiting.ts';

/** The database that a run writes: the real one, or its private copy. */
export interface Target {
	readonly db: Database;
	/** The file that is written. */
	readonly path: string;
	/** True where the database held nothing before the run. */
	readonly isNew: boolean;
	/** False where the file that was opened is no longer the one at its path: what is written to it would be lost. */
	isInPlace(): boolean;
	/** Closes the database; removes the copy, and a file that was made for the run and that nothing was committed to. */
	close(): void;
}

/** Opens the database of a run; `emit` tells for whose lock it waits. Throws what `openDatabase` throws, and MigrError `cancelled`. */
export async function openTarget(options: ApplyOptions, emit: (event: NoticeEvent) => void): Promise<Target> {
	const path = resolve(options.database);
	const size = lookAt(path)?.size;
	const isNew = (size ?? 0) === 0;
	if (options.dryRun === true) return await openCopy(path, size, options, emit);
	const create = options.direction === 'upgrade';
	// A run that has nothing to do makes no file.
	const isNothing = create && size === undefined && listMigrations(options.migrationsDir).length === 0;
	if (isNothing) return targetOf(openMemory(), path, isNew);
	let isMade = false;
	const onCreated = () => {
		isMade = true;
	};
	const db = await openPatiently(path, {create, onCreated, ...waitingAloud(options, emit)});
	const opened = fileNumber(path);
	const isInPlace = () => opened !== undefined && fileNumber(path) === opened;
	return {...targetOf(db, path, isNew), isInPlace, close: () => (isMade && isInPlace() ? closeNewFile(db) : db.close())};
}

function targetOf(db: Database, path: string, isNew: boolean): Target {
	return {db, path, isNew, isInPlace: () => true, close: () => db.close()};
}

/** Only the copying reads the original; everything after happens to a file that nobody else can read, and that is removed. */
async function openCopy(path: string, size: number | undefined, options: ApplyOptions, emit: (event: NoticeEvent) => void): Promise<Target> {
	// A rehearsal must stop where the run would.
	requireTarget(path, options.direction);
	const readOnly = size === undefined ? undefined : whyReadOnly(path);
	if (readOnly !== undefined) emit({type: 'notice', message: `${readOnly.message}: only a dry run is possible`});
	const {path: copy, remove} = makePrivateCopy(folderWithSpace(path, 3 * (size ?? 0), 'a dry run'), [tmpdir(), dirname(path)]);
	try {
		if (size !== undefined) await copyOriginal(path, copy, waitingAloud(options, emit));
		const db = openDatabase(copy);
		// In WAL mode the state before is still readable while the run writes, without another copy.
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

/** Copies a database as its last commit left it, through a connection that only reads. */
export async function copyOriginal(path: string, copy: string, options: TransactionOptions): Promise<void> {
	const source = await openPatiently(path, {readonly: true, ...options});
	try {
		source.exec('BEGIN');
		source.value('SELECT count(*) FROM sqlite_schema');
		await copyDatabase(source, copy, options);
	} finally {
		source.close();
	}
}

/** Returns the folder for temporary files, or that of the database if only there is enough space. Sizes in bytes. */
export function folderWithSpace(path: string, needed: number, purpose: string): string {
	for (const folder of [tmpdir(), dirname(path)]) {
		const free = freeBytes(join(folder, 'x'));
		if (free === null || free > needed) return folder;
	}
	throw new MigrError('files', `${purpose} needs ${bytes(needed)} for a copy, and neither ${tmpdir()} nor ${dirname(path)} has that much`, {
		hint: 'set TMPDIR to a folder with enough space',
	});
}
