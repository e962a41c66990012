import type {Database} from '../../sqlite/database.ts';
import type {MigrationFile} from '../files/list.ts';
import type {AppliedMigration} from '../files/migration.ts';
import type {MigrationSource} from '../files/source.ts';
import {readApplied} from './history.ts';
import {historyWithNewNames, type RenamedMigration, renamedMigrations} from './renamed.ts';
import {withSquashes} from './squashed.ts';

/** The state of a project: its applied migrations compared with its migration files. */
export interface ProjectState {
	/** Where the files come from, and how to load them. */
	readonly source: MigrationSource;
	/** All files, by name. */
	readonly files: readonly MigrationFile[];
	/** In the order they were applied. */
	readonly applied: readonly AppliedMigration[];
	/** Files that were never applied, by name. */
	readonly pending: readonly PendingMigration[];
	/** Applied migrations whose file was edited after they were applied. */
	readonly edited: readonly string[];
	/** Applied migrations without a file. */
	readonly missing: readonly string[];
	/** Applied migrations whose file was renamed. All other fields use the new name. The next run updates the database. */
	readonly renamed: readonly RenamedMigration[];
}

export interface PendingMigration {
	readonly file: MigrationFile;
	/** True if a migration with a later name is already applied, for example after a branch was merged. */
	readonly outOfOrder: boolean;
	/** An applied migration with the same contents: the file is a copy. Null if there is none. */
	readonly copyOf: string | null;
}

/**
 * Reads the state without loading code. A file is pending if it is not in the history, even if its name is earlier than the newest applied one:
 * migrations of a merged branch are not skipped.
 *
 * @param db undefined if the database file does not exist yet
 */
export function projectState(source: MigrationSource, db?: Database): ProjectState {
	return stateOf(source, db === undefined ? [] : readApplied(db, source.wranglerTable));
}

/** Compares the files with a history that was read before. */
export function stateOf(source: MigrationSource, history: readonly AppliedMigration[]): ProjectState {
	const allFiles = source.list();
	const renamed = renamedMigrations(allFiles, history);
	const {files, applied} = withSquashes(allFiles, historyWithNewNames(history, renamed));
	const byName = new Map(files.map((file) => [file.name, file]));
	const names = new Set(applied.map(({name}) => name));
	const newest = newestName(applied);
	const known = new Map(applied.toReversed().flatMap(({name, checksum}) => (checksum !== null && byName.has(name) ? [[checksum, name]] : [])));
	return {
		source,
		files,
		applied,
		pending: files
			.filter(({name}) => !names.has(name))
			.map((file) => ({
				file,
				outOfOrder: newest !== null && file.name < newest,
				copyOf: known.get(file.checksum) ?? null,
			})),
		edited: applied
			.filter(({name, checksum}) => checksum !== null && byName.has(name) && byName.get(name)?.checksum !== checksum)
			.map(({name}) => name),
		missing: applied.filter(({name}) => !byName.has(name)).map(({name}) => name),
		renamed,
	};
}

/**
 * True if the database is newer than the files: it has applied migrations without a file, and all of these come after the last file. False if the
 * folder has no files: it is probably the wrong folder.
 */
export function isNewerThanFiles({files, missing}: Pick<ProjectState, 'files' | 'missing'>): boolean {
	const last = files.at(-1)?.name;
	return last !== undefined && missing.length > 0 && missing.every((name) => name > last);
}

/** Returns the applied migration with the last name. Null if none is applied. */
export function newestName(applied: readonly AppliedMigration[]): string | null {
	return applied.reduce<string | null>((newest, {name}) => (newest === null || name > newest ? name : newest), null);
}
