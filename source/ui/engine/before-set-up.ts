import {statSync} from 'node:fs';
import {join} from 'node:path';
import {MigrError} from '../../core/errors.ts';
import {foreignToolsIn} from '../../core/migrations/history/foreign-tools.ts';
import {managedSchema} from '../../core/migrations/history/managed-schema.ts';
import type {FoundPrismaSchema} from '../../core/models/prisma/find-schema.ts';
import {databaseFiles} from '../../core/sqlite/database-files.ts';
import {introspect} from '../../core/sqlite/introspect.ts';
import {openDatabase} from '../../core/sqlite/open.ts';
import type {FoundDatabase} from '../services.ts';

/** Returns the database files of a folder and of the folder of its Prisma schema, with what is in them. */
export function foundDatabases(folder: string, prisma: FoundPrismaSchema | undefined): readonly FoundDatabase[] {
	const others =
		prisma === undefined || prisma.folder === '.' ? [] : databaseFiles(join(folder, prisma.folder)).map((name) => `${prisma.folder}/${name}`);
	return [...databaseFiles(folder), ...others].map((name) => foundDatabase(folder, name));
}

/** Describes a database file. A file that cannot be read is in the list too: choosing it says why. */
function foundDatabase(folder: string, name: string): FoundDatabase {
	const path = join(folder, name);
	const {size: bytes} = statSync(path);
	try {
		const db = openDatabase(path, {readonly: true});
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
