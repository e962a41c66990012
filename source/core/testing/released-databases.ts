import {copyFileSync, existsSync, readFileSync, writeFileSync} from 'node:fs';
import {basename, dirname, extname, join, parse, resolve} from 'node:path';
import {MigrError} from '../errors.ts';
import type {DriverConnections, DriverName} from '../sqlite/driver/driver-connections.ts';
import {loadDump} from '../sqlite/load-dump.ts';
import {clean} from '../text/clean.ts';
import {fileProblem} from '../text/file-problem.ts';
import {databaseOptions, releaseOptions} from './check-options.ts';
import type {ReleasedDatabase} from './list-releases.ts';
import {type MigrationOutcome, outcomeOf} from './migration-test.ts';
import type {MigrationOptions, TestDatabaseOptions} from './options.ts';
import {inNewFolder, withConnection} from './private-file.ts';
import {runMigrations, withDriverFor} from './run-migrations.ts';
import {requireSchema, schemaOfFile} from './same-schema.ts';
import {templateFor} from './template.ts';
import {readTemplateSource} from './template-source.ts';

/** How a released database is upgraded and checked. */
export interface ReleaseOptions<Driver extends DriverName = 'better-sqlite3'> extends MigrationOptions<Driver> {
	/** True if the migrations since that release may lose or change rows. By default, the test fails if they do. */
	readonly consent?: boolean;
	/** Checks the rows of the upgraded database. */
	readonly after?: (database: DriverConnections[Driver], outcome: MigrationOutcome) => unknown;
}

/** Upgrades a copy of a released database, and compares its schema with the one of a new database. */
export async function upgradeRelease<Driver extends DriverName = 'better-sqlite3'>(
	released: ReleasedDatabase | string,
	given: ReleaseOptions<Driver>,
	cwd: string,
): Promise<MigrationOutcome> {
	return await withDriverFor(given, releaseOptions, cwd, async (driver) => {
		const {driver: _, consent = false, after, ...options} = given;
		const original = resolve(cwd, typeof released === 'string' ? released : released.path);
		const {path, wranglerTable, ignore} = readTemplateSource({...options, cwd});
		const {content} = await templateFor(driver, {...options, cwd});
		return await inNewFolder(async (file) => {
			// Errors name the copy.
			const database = join(dirname(file), `${parse(original).name}.db`);
			copyRelease(original, database);
			const outcome = outcomeOf(
				await runMigrations({database, migrationsDir: path, ...(wranglerTable === undefined ? {} : {wranglerTable}), consent}),
			);
			const expected = await inNewFolder(async (file) => {
				writeFileSync(file, content);
				return schemaOfFile(file, ignore);
			});
			requireSchema(expected, schemaOfFile(database, ignore), `${clean(basename(original))} does not reach the schema of a new database`);
			if (after !== undefined) await withConnection(driver, database, 'after', (connection) => after(connection, outcome));
			return outcome;
		});
	});
}

/** Copies a database file with its write-ahead log, or runs a dump. */
function copyRelease(original: string, database: string): void {
	if (!existsSync(original)) throw new MigrError('files', `no released database at ${clean(original)}`, {hint: 'check the path'});
	if (extname(original) === '.sql') {
		loadDump(readFileSync(original, 'utf8'), database, original);
		return;
	}
	copyFileSync(original, database);
	if (existsSync(`${original}-wal`)) copyFileSync(`${original}-wal`, `${database}-wal`);
}

/** Writes a database at the newest migration to a new file. */
export async function saveRelease<Driver extends DriverName = 'better-sqlite3'>(
	path: string,
	given: TestDatabaseOptions<Driver>,
	cwd: string,
): Promise<void> {
	await withDriverFor(given, databaseOptions, cwd, async (driver) => {
		const {driver: _, ...options} = given;
		const file = resolve(cwd, path);
		const {content} = await templateFor(driver, {...options, cwd});
		try {
			writeFileSync(file, content, {flag: 'wx'});
		} catch (cause) {
			const exists = (cause as NodeJS.ErrnoException).code === 'EEXIST';
			throw new MigrError('files', exists ? `${clean(file)} already exists` : `cannot write ${clean(file)}: ${fileProblem(cause)}`, {
				hint: exists ? 'a released database never changes: use the name of the new release' : 'create the folder, or check its permissions',
				cause,
			});
		}
	});
}
