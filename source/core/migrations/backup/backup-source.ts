import {chmodSync, closeSync, copyFileSync, mkdtempSync, openSync, rmSync, statSync} from 'node:fs';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {MigrError} from '../../errors.ts';
import {findDamage} from '../../sqlite/damage.ts';
import type {Database} from '../../sqlite/database.ts';
import {openDatabase, openInMemory} from '../../sqlite/open.ts';
import {thrownText} from '../../text/thrown.ts';
import type {BackupFile} from './backup-files.ts';

/** An open backup. */
export interface BackupSource {
	readonly db: Database;
	/** The backup, or a copy of it. */
	readonly path: string;
	close(): void;
}

/**
 * Opens a backup and checks it. Opens a private copy if the folder is not writable and the backup is in WAL mode, because SQLite would write files next
 * to it.
 *
 * @throws MigrError `backup` if it is damaged
 */
export function openBackup({path}: Pick<BackupFile, 'path'>): BackupSource {
	const source = opened(path);
	const damage = source === null ? null : damageIn(source);
	if (source !== null && damage === null) return source;
	source?.close();
	throw new MigrError('backup', `the backup is damaged: ${damage ?? whyNoDatabase(path)}`, {
		location: {file: path},
		hint: 'restore an older one; to list all backups, run lite-migr restore',
	});
}

/** Returns why a file cannot be opened as a database. Null if it can. */
export function whyNoDatabase(path: string): string | null {
	try {
		openDatabase(path).close();
		return null;
	} catch (error) {
		if (error instanceof MigrError && error.code === 'database') return error.message;
		throw error;
	}
}

/** Opens a backup, or a private copy if necessary. Null if the file is not a database. */
function opened(path: string): BackupSource | null {
	let refused: MigrError | undefined;
	for (const open of [() => openDatabase(path), () => openDatabase(path, {readonly: true})]) {
		try {
			const db = open();
			return {db, path, close: () => db.close()};
		} catch (error) {
			if (error instanceof MigrError && error.code === 'database') return null;
			if (!(error instanceof MigrError) || error.code !== 'files') throw error;
			refused = error;
		}
	}
	return openedCopy(path, (copy) => {
		try {
			copyFileSync(path, copy);
			chmodSync(copy, 0o600);
		} catch (cause) {
			throw (cause as NodeJS.ErrnoException).code === 'EACCES' ? refused : cause;
		}
	});
}

/** Opens a copy that no other user can read. Closing it removes the copy. */
function openedCopy(path: string, write: (copy: string) => void): BackupSource {
	const folder = mkdtempSync(join(tmpdir(), 'lite-migr-restore-'));
	const remove = () => rmSync(folder, {recursive: true, force: true});
	try {
		const copy = join(folder, 'backup.db');
		closeSync(openSync(copy, 'wx', 0o600));
		write(copy);
		const db = openDatabase(copy);
		return {
			db,
			path: copy,
			close() {
				db.close();
				remove();
			},
		};
	} catch (error) {
		remove();
		throw error instanceof MigrError ? error : new MigrError('backup', `${path} cannot be copied to ${folder}`, {cause: error});
	}
}

function damageIn({db}: BackupSource): string | null {
	return findDamage(db) ?? null;
}

/**
 * Returns the backup in a form that can be copied into the live database. The caller has to close it. A database in WAL mode cannot change its page
 * size (https://www.sqlite.org/pragma.html#pragma_page_size), so a backup with a different page size is first converted into a copy with the same
 * rows, rowids and settings. A backup without tables gets two pages: a driver copies no empty file, and may commit a single page before it can be
 * stopped.
 *
 * @param pageSize the page size of the live database if it is in WAL mode
 */
export function sourceFor(backup: BackupSource, pageSize: number | undefined): BackupSource {
	if (Number(backup.db.value('PRAGMA page_count')) < 2) return blank(backup.db, pageSize);
	if (pageSize === undefined || Number(backup.db.value('PRAGMA page_size')) === pageSize) return {...backup, close() {}};
	try {
		return openedCopy(backup.path, (copy) => {
			backup.db.exec(`PRAGMA page_size = ${pageSize}`);
			backup.db.run('VACUUM INTO ?', copy);
		});
	} catch (cause) {
		const size = Number(backup.db.value('PRAGMA page_size'));
		const reason = thrownText(cause);
		throw new MigrError(
			'backup',
			`the backup has a page size of ${size} bytes, the database in WAL mode has ${pageSize}, and the conversion failed: ${reason}`,
			{
				location: {file: backup.path},
				hint: 'stop all programs that use the database, run PRAGMA journal_mode = DELETE on it, and run the restore again',
				cause,
			},
		);
	}
}

function blank(backup: Database, pageSize = Number(backup.value('PRAGMA page_size'))): BackupSource {
	const db = openInMemory();
	const header = ['application_id', 'user_version'].map((name) => `PRAGMA ${name} = ${backup.value(`PRAGMA ${name}`)}`);
	db.exec(
		[
			`PRAGMA page_size = ${pageSize}`,
			`PRAGMA encoding = '${backup.value('PRAGMA encoding')}'`,
			...header,
			'CREATE TABLE x (x)',
			'DROP TABLE x',
		].join('; '),
	);
	return {db, path: ':memory:', close: () => db.close()};
}

/** Returns values that identify a backup file, even if another one later has the same name. */
export function backupState({id, path}: BackupFile): readonly string[] {
	const {size, mtimeNs, ino} = statSync(path, {bigint: true});
	return [id, path, String(size), String(mtimeNs), String(ino)];
}
