/** Kysely's own migrations, as a function and as a program: `node kysely-in.ts FOLDER FILE`. */
import {readdir} from 'node:fs/promises';
import {join} from 'node:path';
import BetterSqlite3 from 'better-sqlite3';
import {Kysely, SqliteDialect} from 'kysely';
import {FileMigrationProvider, Migrator} from 'kysely/migration';

/** Applies the migrations in a folder up to this one, or all. */
export async function kyselyIn(folder: string, file: string, to?: string): Promise<void> {
	const native = new BetterSqlite3(file);
	native.pragma('foreign_keys = OFF');
	const db = new Kysely({dialect: new SqliteDialect({database: native})});
	const provider = new FileMigrationProvider({fs: {readdir}, path: {join}, migrationFolder: folder});
	const migrator = new Migrator({db, provider});
	const {error} = to === undefined ? await migrator.migrateToLatest() : await migrator.migrateTo(to);
	await db.destroy();
	if (error !== undefined) throw error;
}

if (import.meta.main) {
	const [folder, file] = process.argv.slice(2);
	if (folder === undefined || file === undefined) throw new Error('usage: node kysely-in.ts FOLDER FILE');
	await kyselyIn(folder, file);
}
