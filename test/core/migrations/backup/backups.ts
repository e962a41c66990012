import {closeSync, ftruncateSync, openSync, readSync} from 'node:fs';
import {takeBackup} from '../../../../source/core/migrations/backup/backup.ts';
import type {BackupFile} from '../../../../source/core/migrations/backup/backup-files.ts';
import {type Restored, type RestoreRequest, restoreBackup} from '../../../../source/core/migrations/backup/restore.ts';
import type {SqlValue} from '../../../../source/core/operations/operation.ts';
import {openDatabase} from '../../../../source/core/sqlite/open.ts';

/** Runs a generator to its end, and returns its result. */
export async function resultOf<Result>(running: AsyncGenerator<unknown, Result, void>): Promise<Result> {
	let next = await running.next();
	while (next.done !== true) next = await running.next();
	return next.value;
}

/** Executes statements on a database file, which is created if it does not exist. */
export function execute(database: string, sql: string): void {
	const db = openDatabase(database, {create: true});
	try {
		db.exec(sql);
	} finally {
		db.close();
	}
}

/** Returns the rows of a query, as arrays. */
export function rowsOf(database: string, sql: string): readonly (readonly SqlValue[])[] {
	const db = openDatabase(database);
	try {
		return db.tuples(sql);
	} finally {
		db.close();
	}
}

export function backupOf(database: string, folder: string, time = '2026-11-22T17:52:03Z', before: string | null = null): Promise<BackupFile> {
	return resultOf(takeBackup({database, folder, before, now: new Date(time)}));
}

export function restored(request: Pick<RestoreRequest, 'database' | 'backup' | 'folder'> & Partial<RestoreRequest>): Promise<Restored> {
	return resultOf(restoreBackup({now: new Date('2026-11-23T00:00:00Z'), consent: true, wait: 5, ...request}));
}

/** Removes the mark of a backup, so it looks like a backup of version 1.0. */
export function stripMark(backup: string): void {
	const descriptor = openSync(backup, 'r+');
	try {
		const header = Buffer.alloc(100);
		readSync(descriptor, header, 0, 100, 0);
		const pageSize = header.readUInt16BE(16) === 1 ? 65_536 : header.readUInt16BE(16);
		ftruncateSync(descriptor, pageSize * header.readUInt32BE(28));
	} finally {
		closeSync(descriptor);
	}
}
