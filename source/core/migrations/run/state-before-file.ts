import {tmpdir} from 'node:os';
import {dirname} from 'node:path';
import {copyCommitted} from '../../sqlite/copy-committed.ts';
import type {BackupFile} from '../backup/backup-files.ts';
import type {NoticeEvent} from '../event.ts';
import {copyOfMemory, folderWithSpace} from './apply-target.ts';
import {makePrivateCopy} from './private-copy.ts';
import type {Run} from './run.ts';
import {waiting} from './waiting.ts';

/** A file that contains the database as it was before the open transaction wrote anything. */
export interface StateBeforeFile {
	readonly path: string;
	/** Removes it if it was created only for this purpose. */
	remove(): void;
}

/**
 * Finds or creates the file, while the write lock is held and nothing is written yet. In WAL mode it is the database itself, because another connection
 * sees only committed data (https://www.sqlite.org/wal.html). With a rollback journal, reading the database during the run would make the COMMIT fail, so
 * it is the backup of this run or a private copy.
 *
 * @param outsideTransaction true for a migration outside a transaction, which commits as it runs
 */
export async function* stateBeforeFile(
	{options, target: {db, path}}: Run,
	backup: BackupFile | null,
	outsideTransaction: boolean,
): AsyncGenerator<NoticeEvent, StateBeforeFile, void> {
	const keep = (file: string): StateBeforeFile => ({path: file, remove: () => {}});
	if (!outsideTransaction && String(db.value('PRAGMA journal_mode')).toLowerCase() === 'wal') return keep(path);
	if (backup !== null) return keep(backup.path);
	if (path === ':memory:') return copyOfMemory(db, 'measuring what statements do to rows in memory');
	const size = Number(db.value('PRAGMA page_count')) * Number(db.value('PRAGMA page_size'));
	const copy = makePrivateCopy(folderWithSpace(path, size, 'comparing rows with their previous state'), [tmpdir(), dirname(path)]);
	try {
		yield* waiting(options, (lock) => copyCommitted(path, copy.path, {...lock, writeLock: db}));
		return copy;
	} catch (error) {
		copy.remove();
		throw error;
	}
}
