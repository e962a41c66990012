import {mkdirSync} from 'node:fs';
import {basename, dirname, join} from 'node:path';
import {historyTable} from '../../runtime/history-table.ts';
import type {Database} from '../../sqlite/database.ts';
import {openDatabase} from '../../sqlite/open.ts';
import {clean} from '../../text/clean.ts';
import {count, plural} from '../../text/numbers.ts';
import {copyRemote, type RemoteCopy} from './copy-remote.ts';

/** A database file with the contents of a database on a server. */
export interface LocalCopy extends RemoteCopy {
	readonly file: string;
}

/**
 * Copies a database on a server into a new file.
 *
 * @param name the name of the database, which names the file because it appears in messages
 * @param folder created, and readable only for this user
 * @param wranglerTable wrangler's table, if that is the history of the project
 * @throws MigrError if the server cannot be reached
 */
export function makeLocalCopy(db: Database, name: string, folder: string, wranglerTable = historyTable): LocalCopy {
	mkdirSync(folder, {recursive: true, mode: 0o700});
	const file = join(folder, `${name.replaceAll(/[^\w.-]+/g, '-')}.db`);
	const local = openDatabase(file, {create: true});
	try {
		return {...copyRemote(db, local, wranglerTable), file};
	} finally {
		local.close();
	}
}

/** Returns the path that backups of a server record as their database: next to their folder, with the name of the copy. There is no such file. */
export function backupOwner({file}: LocalCopy, backupDir: string): string {
	return join(dirname(backupDir), basename(file));
}

/** Describes what is tried on a copy. */
export function copyText(name: string, {rows, isWhole, emptied}: RemoteCopy): string {
	if (!isWhole)
		return `${clean(name)} has ${count(rows)} rows, too many for a copy: only its schema is tried, and its rows are checked on the server`;
	const without = emptied.length === 0 ? '' : `, without the rows of ${emptied.map(clean).join(', ')}`;
	return `tried first on a local copy of ${clean(name)} with ${plural(rows, 'row')}${without}`;
}
