import {existsSync, readdirSync} from 'node:fs';
import {join} from 'node:path';
import type {FolderReader} from './foreign-migration.ts';
import {readMigrationText, storedValues} from './sql-files.ts';

/**
 * https://www.prisma.io/docs/orm/prisma-migrate/understanding-prisma-migrate/migration-histories: one folder with a `migration.sql` per migration, next
 * to `migration_lock.toml`. There are no downgrades. The folder may be `prisma` or `prisma/migrations`.
 */
export const readPrisma: FolderReader = (given, db) => {
	const folder = existsSync(join(given, 'migrations', lockFile)) ? join(given, 'migrations') : given;
	if (!existsSync(join(folder, lockFile))) return undefined;
	const applied = storedValues(db, '_prisma_migrations', 'migration_name', ' WHERE finished_at IS NOT NULL AND rolled_back_at IS NULL');
	const names = readdirSync(folder, {withFileTypes: true})
		.filter((entry) => entry.isDirectory() && existsSync(join(folder, entry.name, 'migration.sql')))
		.map(({name}) => name)
		.sort();
	return {
		tool: 'Prisma',
		migrations: names.map((name) => ({name, up: readMigrationText(join(folder, name, 'migration.sql')).trim(), isApplied: applied.includes(name)})),
	};
};

const lockFile = 'migration_lock.toml';
