import {dirname} from 'node:path';
import type {Config} from '../../config/config.ts';
import {listMigrations, type MigrationFile} from './list.ts';
import type {Migration} from './migration.ts';
import {memoryOf, type SchemaMemory} from './schema-memory.ts';
import {listWranglerMigrations} from './wrangler-folder.ts';

/** The migrations of one command or run, which are read and loaded once, so everything in it refers to the same state of the files. */
export interface MigrationSource {
	/** Wrangler's migration table, if `wrangler d1 migrations apply` runs the folder. */
	readonly wranglerTable?: string | undefined;
	/** Where the schemas that they build are remembered. Undefined if nothing is remembered. */
	readonly memory?: SchemaMemory | undefined;
	/** Returns the migrations, in order. */
	list(): readonly MigrationFile[];
	/** Loads a migration of the list. @throws MigrError if it cannot be loaded */
	load(file: MigrationFile): Promise<Migration>;
	/** Forgets all files, so the next `list` returns the migrations as they are then. */
	forget(): void;
}

/** Returns the migrations in a folder, which is read when they are first listed. */
export function migrationsIn(path: string, wranglerTable?: string, memory?: SchemaMemory): MigrationSource {
	let files: readonly MigrationFile[] | undefined;
	let loaded = new Map<MigrationFile, Promise<Migration>>();
	return {
		wranglerTable,
		memory,
		list() {
			files ??= wranglerTable === undefined ? listMigrations(path) : listWranglerMigrations(path);
			return files;
		},
		load(file) {
			// Listing is enough for most commands, and must not load the builder and the hooks for modules.
			const migration = loaded.get(file) ?? import('./load.ts').then(({loadMigration}) => loadMigration(file));
			loaded.set(file, migration);
			return migration;
		},
		forget() {
			files = undefined;
			loaded = new Map();
		},
	};
}

/** Returns the migrations of a project, whose schemas are remembered. */
export function projectMigrations({file, migrationsDir, wranglerTable}: Pick<Config, 'file' | 'migrationsDir' | 'wranglerTable'>): MigrationSource {
	return migrationsIn(migrationsDir, wranglerTable, memoryOf(dirname(file)));
}

/** Loads several migrations, one after the other, so the first invalid one is reported. */
export async function loadMigrations(source: MigrationSource, files: readonly MigrationFile[] = source.list()): Promise<readonly Migration[]> {
	const migrations: Migration[] = [];
	for (const file of files) migrations.push(await source.load(file));
	return migrations;
}
