import type {Engine, RemoteConnection} from '../../engines/engine.ts';
import {openEngine} from '../../engines/open-engine.ts';
import type {Database} from '../../sqlite/database.ts';
import {openRemote} from '../project.ts';
import {makeCopyFolder} from './copy-folder.ts';
import {type LocalCopy, makeLocalCopy} from './local-copy.ts';

/** A database on a server, and its contents on this machine. */
export interface CopiedRemote {
	readonly engine: Engine;
	readonly db: Database;
	readonly copy: LocalCopy;
}

/**
 * Copies a database on a server, calls `work` with the copy, and removes the copy.
 *
 * @param wranglerTable wrangler's table, if that is the history of the project
 * @throws MigrError if the server cannot be reached, and the errors of `work`
 */
export async function withLocalCopy<T>(
	{target, options}: RemoteConnection,
	wranglerTable: string | undefined,
	work: (remote: CopiedRemote) => Promise<T>,
): Promise<T> {
	const folder = makeCopyFolder();
	let engine: Engine | undefined;
	let db: Database | undefined;
	try {
		engine = await openEngine(target, options);
		db = await openRemote({target, options});
		return await work({engine, db, copy: makeLocalCopy(db, engine.name, folder.path, wranglerTable)});
	} finally {
		db?.close();
		engine?.close();
		folder.remove();
	}
}
