import {existsSync, readdirSync, statSync} from 'node:fs';
import {listBackups} from '../../core/migrations/backup/backup-files.ts';
import {projectMigrations} from '../../core/migrations/files/source.ts';
import {projectState} from '../../core/migrations/history/state.ts';
import {findProject, type ProjectPlace, withDatabase} from '../../core/migrations/project.ts';
import type {Database} from '../../core/sqlite/database.ts';
import {openInMemory} from '../../core/sqlite/open.ts';
import type {Overview} from '../services.ts';
import {nearDatabase} from './near-path.ts';

/** Returns the state of the project. Loads as little as possible, because the menu waits for it. */
export async function overviewOf(options: ProjectPlace): Promise<Overview> {
	const config = findProject(options);
	const common = {configFile: config?.file ?? null, hasModels: config !== undefined && hasModelFiles(config.models), now: Date.now()};
	const nothing = {
		applied: [],
		pending: [],
		edited: [],
		missing: [],
		backups: [],
		unmanagedTables: 0,
		database: '',
		isRemote: false,
		exists: false,
		bytes: 0,
	};
	if (config === undefined) return {...common, ...nothing, sqliteVersion: ''};
	return await withDatabase(
		config,
		async (db) => {
			const state = projectState(projectMigrations(config), db);
			const memory = db === undefined ? openInMemory() : undefined;
			const sqliteVersion = (db ?? memory)?.sqliteVersion ?? '';
			memory?.close();
			return {
				...common,
				database: nearDatabase(config, options.cwd),
				isRemote: config.remote !== undefined,
				exists: db !== undefined,
				bytes: db === undefined || config.remote !== undefined ? 0 : statSync(config.dbPath).size,
				sqliteVersion,
				applied: state.applied.map(({name, appliedAt}) => ({name, appliedAt})),
				pending: state.pending.map(({file}) => file.name),
				edited: state.edited,
				missing: state.missing,
				// The copies that are kept before a run cannot be restored.
				backups: config.remote === undefined ? listBackups(config.dbPath, config.backupDir) : [],
				unmanagedTables: db === undefined || state.applied.length > 0 ? 0 : await foreignTables(db, config.ignore),
			};
		},
		options,
	);
}

/** Counts the tables of a database that has no applied migrations. */
async function foreignTables(db: Database, ignore: readonly string[]): Promise<number> {
	const [{introspect}, {managedSchema}] = await Promise.all([
		import('../../core/sqlite/introspect.ts'),
		import('../../core/migrations/history/managed-schema.ts'),
	]);
	return managedSchema(introspect(db), ignore).tables.length;
}

/** True if there seem to be models. A pattern is not expanded here: the menu waits for this. */
function hasModelFiles(models: readonly string[]): boolean {
	return (
		models.length > 1 ||
		models.some((path) => (!existsSync(path) ? /[*?[\]{}]/.test(path) : !statSync(path).isDirectory() || readdirSync(path).length > 0))
	);
}
