import type {Database} from '../../sqlite/database.ts';
import {listMigrations, type MigrationFile} from '../files/list.ts';
import type {AppliedMigration} from '../files/migration.ts';
import {readApplied} from './history.ts';
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
}

export interface PendingMigration {
	readonly file: MigrationFile;
	/** True where a migration with a later name was applied already: a branch was merged. */
	readonly outOfOrder: boolean;
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
	const {files, applied} = withSquashes(allFiles, history);
	const byName = new Map(files.map((file) => [file.name, file]));
	const names = new Set(applied.map(({name}) => name));
	const newest = newestName(applied);
	return {
		files,
		applied,
		pending: files.filter(({name}) => !names.has(name)).map((file) => ({file, outOfOrder: newest !== null && file.name < newest})),
		edited: applied
			.filter(({name, checksum}) => checksum !== null && byName.has(name) && byName.get(name)?.checksum !== checksum)
			.map(({name}) => name),
		missing: applied.filter(({name}) => !byName.has(name)).map(({name}) => name),
	};
}

/** The applied migration with the last name; null when there is none. */
export function newestName(applied: readonly AppliedMigration[]): string | null {
	return applied.reduce<string | null>((newest, {name}) => (newest === null || name > newest ? name : newest), null);
}
