import type {Database} from '../../sqlite/database.ts';
import {listMigrations, type MigrationFile} from '../files/list.ts';
import type {AppliedMigration} from '../files/migration.ts';
import {readApplied} from './history.ts';
import {type RenamedMigration, renamedMigrations, withNewNames} from './renamed.ts';
import {withSquashes} from './squashed.ts';

/** Where a project stands: what its database says was applied, held against its migration files. */
export interface ProjectState {
	/** All files, by name. */
	readonly files: readonly MigrationFile[];
	/** In the order in which they were applied. */
	readonly applied: readonly AppliedMigration[];
	/** Files that were never applied, by name. */
	readonly pending: readonly PendingMigration[];
	/** Applied migrations whose file was changed since. */
	readonly edited: readonly string[];
	/** Applied migrations without a file. */
	readonly missing: readonly string[];
	/** Applied migrations whose file was renamed. Everything else here has the new name; the database gets it with the next run. */
	readonly renamed: readonly RenamedMigration[];
}

export interface PendingMigration {
	readonly file: MigrationFile;
	/** True where a migration with a later name was applied already: a branch was merged. */
	readonly outOfOrder: boolean;
	/** An applied migration with the same contents: the file is a copy. Null if there is none. */
	readonly copyOf: string | null;
}

/**
 * Reads the state; loads no code. Pending is found by set, not by the newest applied name, so that a merged branch is not passed over.
 *
 * @param db absent where there is no database file yet
 */
export function projectState({db, migrationsDir}: {readonly db?: Database | undefined; readonly migrationsDir: string}): ProjectState {
	return stateOf(listMigrations(migrationsDir), db === undefined ? [] : readApplied(db));
}

export function stateOf(allFiles: readonly MigrationFile[], history: readonly AppliedMigration[]): ProjectState {
	const renamed = renamedMigrations(allFiles, history);
	const {files, applied} = withSquashes(allFiles, withNewNames(history, renamed));
	const byName = new Map(files.map((file) => [file.name, file]));
	const names = new Set(applied.map(({name}) => name));
	const newest = newestName(applied);
	return {
		files,
		applied,
		pending: files
			.filter(({name}) => !names.has(name))
			.map((file) => ({
				file,
				outOfOrder: newest !== null && file.name < newest,
				copyOf: applied.find(({name, checksum}) => checksum === file.checksum && byName.has(name))?.name ?? null,
			})),
		edited: applied
			.filter(({name, checksum}) => checksum !== null && byName.has(name) && byName.get(name)?.checksum !== checksum)
			.map(({name}) => name),
		missing: applied.filter(({name}) => !byName.has(name)).map(({name}) => name),
		renamed,
	};
}

/**
 * True if the database is newer than the files: it has applied migrations without a file, and all of these come after the last file. A folder
 * without any file knows nothing, so it is not older: most likely it is the wrong folder.
 */
export function isNewerThanFiles({files, missing}: Pick<ProjectState, 'files' | 'missing'>): boolean {
	const last = files.at(-1)?.name;
	return last !== undefined && missing.length > 0 && missing.every((name) => name > last);
}

/** The applied migration with the last name; null when there is none. */
export function newestName(applied: readonly AppliedMigration[]): string | null {
	return applied.reduce<string | null>((newest, {name}) => (newest === null || name > newest ? name : newest), null);
}
