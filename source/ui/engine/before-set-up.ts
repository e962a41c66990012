import {statSync} from 'node:fs';
import {resolve} from 'node:path';
import {requireInitialDatabase} from '../../core/config/files.ts';
import {d1DatabasesIn} from '../../core/engines/d1/wrangler-config.ts';
import {MigrError} from '../../core/errors.ts';
import {foreignToolsIn} from '../../core/migrations/history/foreign-tools.ts';
import {managedSchema} from '../../core/migrations/history/managed-schema.ts';
import type {OnLock} from '../../core/migrations/project.ts';
import {databasesOf} from '../../core/models/find-models.ts';
import type {FoundModels} from '../../core/models/found-models.ts';
import {databaseFiles} from '../../core/sqlite/database-files.ts';
import {introspect} from '../../core/sqlite/introspect.ts';
import {openWithRetry} from '../../core/sqlite/open-with-retry.ts';
import type {FoundDatabase, LocalD1} from '../existing-database.ts';

/** Returns the database files of a folder, and those of its models elsewhere, with what is in them. */
export async function foundDatabases(folder: string, models: FoundModels | null, lock: OnLock): Promise<readonly FoundDatabase[]> {
	const names = [...(models === null ? [] : databasesOf(models, folder)), ...databaseFiles(folder)];
	return await Promise.all([...new Set(names)].map((name) => foundDatabase(folder, name, lock)));
}

/** Returns the D1 databases in wrangler's configuration, and whether wrangler has created them on this machine. */
export function foundD1(folder: string): readonly LocalD1[] {
	return d1DatabasesIn(folder).map((found) => ({...found, isCreated: isCreated(`d1-local:${found.name}`, folder)}));
}

function isCreated(db: string, folder: string): boolean {
	try {
		requireInitialDatabase(db, folder);
		return true;
	} catch (error) {
		if (error instanceof MigrError) return false;
		throw error;
	}
}

/** Describes a database file. A file that cannot be read is in the list too. Adopting it shows the reason. */
async function foundDatabase(folder: string, name: string, {onWait}: OnLock): Promise<FoundDatabase> {
	const path = resolve(folder, name);
	const {size: bytes} = statSync(path);
	try {
		const db = await openWithRetry(path, {readonly: true, onWait});
		try {
			const schema = introspect(db);
			return {name, bytes, tables: managedSchema(schema).tables.length, tool: foreignToolsIn(schema)[0]?.tool ?? null};
		} finally {
			db.close();
		}
	} catch (error) {
		if (error instanceof MigrError) return {name, bytes, tables: null, tool: null};
		throw error;
	}
}
