import {MigrError} from '../../errors.ts';
import {openDatabase} from '../../sqlite/open.ts';
import {clean} from '../../text/clean.ts';
import {readApplied} from '../history/history.ts';
import type {BackupFile} from './backup-files.ts';

/** Returns why a backup was taken: `before 0012_orders`, or `before undoing 0012_orders`. Empty if it was taken for another reason. */
export function backupReason({path, before}: BackupFile, wranglerTable?: string): string {
	if (before === null) return '';
	return `before ${isApplied(path, before, wranglerTable) ? 'undoing ' : ''}${clean(before)}`;
}

/** True if the migration was applied when the backup was taken. A downgrade then undid it. */
function isApplied(path: string, migration: string, wranglerTable: string | undefined): boolean {
	try {
		const db = openDatabase(path, {readonly: true, wait: 0});
		try {
			return readApplied(db, wranglerTable).some(({name}) => name === migration);
		} finally {
			db.close();
		}
	} catch (error) {
		// A backup that cannot be read is listed as well. Restoring it reports the problem.
		if (error instanceof MigrError) return false;
		throw error;
	}
}
