/**
 * lite-migr in tests: migrated databases in memory, tests of single migrations, and tests of the databases of old releases. It works with any test
 * runner. Importing it opens no database and loads no native code.
 */

import type {DriverConnections, DriverName} from './core/sqlite/driver/driver-connections.ts';
import {listReleases, type ReleasedDatabase} from './core/testing/list-releases.ts';
import {openMigrated} from './core/testing/migrated-database.ts';
import type {MigrationOutcome, MigrationTest} from './core/testing/migration-test.ts';
import type {TestDatabaseOptions} from './core/testing/options.ts';
import type {ReleaseOptions} from './core/testing/released-databases.ts';

export type {DriverConnections, DriverName} from './core/sqlite/driver/driver-connections.ts';
export type {ReleasedDatabase} from './core/testing/list-releases.ts';
export type {MigrationOutcome, MigrationTest} from './core/testing/migration-test.ts';
export type {MigrationOptions, TestDatabaseOptions} from './core/testing/options.ts';
export type {ReleaseOptions} from './core/testing/released-databases.ts';

/**
 * Opens a new in-memory database at the newest migration, with foreign keys on. The migrations run once, and each call clones the result. They run
 * again after a migration, a file that it imports, or a setting has changed. Clones share nothing.
 *
 * @throws MigrError `config` if there is no `migrate.toml` and no option names the files, any error of the files and of the run, and the error of `seed`
 */
export function migratedDatabase<Driver extends DriverName = 'better-sqlite3'>(
	options: TestDatabaseOptions<Driver> = {},
): Promise<DriverConnections[Driver]> {
	return openMigrated(options, process.cwd());
}

/**
 * Tests one migration: creates a database at the migration before it, calls `before` to insert rows, applies the migration with the engine of
 * `upgrade`, and calls `after` to check the result. It is a plain function: call it in a test of any runner. `name` is the name of the migration, its
 * timestamp, or its name without the timestamp, as for `upgrade --to`.
 *
 * @throws MigrError `usage` for an unknown migration, `answerNeeded` if rows or values would be lost and `consent` is not set, `history` if the
 * downgrade does not restore the schema, any other error of the run, and the errors of the functions
 */
export async function migrationTest<Driver extends DriverName = 'better-sqlite3'>(name: string, test: MigrationTest<Driver>): Promise<void> {
	const {testMigration} = await import('./core/testing/migration-test.ts');
	await testMigration(name, test, process.cwd());
}

/**
 * Returns the databases of old releases in a folder, sorted by name: files that end in `.db`, `.sqlite` or `.sqlite3`, and dumps of the sqlite3 shell
 * that end in `.sql`.
 *
 * @throws MigrError `files` if the folder cannot be read or contains none
 */
export function releasedDatabases(folder: string): readonly ReleasedDatabase[] {
	return listReleases(folder, process.cwd());
}

/**
 * Checks that the database of an old release reaches today's schema: upgrades a private copy with all pending migrations, and compares its schema
 * with that of a new database. The file does not change.
 *
 * @throws MigrError `history` with the objects that differ, `answerNeeded` if rows or values would be lost and `consent` is not set, any other error of
 * the run, and the error of `after`
 */
export async function reachesToday<Driver extends DriverName = 'better-sqlite3'>(
	released: ReleasedDatabase | string,
	options: ReleaseOptions<Driver> = {},
): Promise<MigrationOutcome> {
	const {upgradeRelease} = await import('./core/testing/released-databases.ts');
	return await upgradeRelease(released, options, process.cwd());
}

/**
 * Writes the database of the current release, with the rows of `seed`, to a new file. Call it once for each release, for `releasedDatabases` to find.
 *
 * @throws MigrError `files` if the file exists or cannot be written, and the errors of `migratedDatabase`
 */
export async function writeRelease<Driver extends DriverName = 'better-sqlite3'>(
	path: string,
	options: TestDatabaseOptions<Driver> = {},
): Promise<void> {
	const {saveRelease} = await import('./core/testing/released-databases.ts');
	await saveRelease(path, options, process.cwd());
}
