import {readdirSync, rmSync, statSync} from 'node:fs';
import {basename, dirname, extname, join, resolve} from 'node:path';
import {MigrError} from '../../errors.ts';
import {clean} from '../../text/clean.ts';
import {type BackupMark, ownershipOf, readMark} from './backup-mark.ts';
import {type DatabaseKey, databaseKey, realPath} from './database-key.ts';
import {type FolderNames, rememberedNames} from './folder-names.ts';

/** A backup file in a folder. */
export interface BackupFile {
	/** The argument for `lite-migr restore`: `20261122T175203`. */
	readonly id: string;
	readonly path: string;
	readonly bytes: number;
	/** Milliseconds since 1970. */
	readonly takenAt: number;
	/** The migration that ran after the backup. Null if it was taken for another reason. */
	readonly before: string | null;
	/** Why it may be a backup of another database. Absent if it is certainly one of this database. An uncertain file is never pruned. */
	readonly doubt?: string;
}

export const defaultBackupKeep = 5;

/** Returns `backups/` in the folder of the configured database path. If the path is a link, it is next to the link, not next to its target. */
export function defaultBackupDir(database: string): string {
	return join(dirname(resolve(database)), 'backups');
}

/**
 * Returns the backups of a database in a folder, newest first. Empty if the folder does not exist. Each backup records the real path of its database,
 * so databases can share a folder. Backups of version 1.0 do not record it: they are listed only in the default folder, if no other database there has
 * the same name.
 */
export function listBackups(database: string, folder: string = defaultBackupDir(database), names?: FolderNames): readonly BackupFile[] {
	return candidates(database, folder, names).flatMap(({file, standing}) => (standing === 'own' || standing === 'presumed' ? [file] : []));
}

/** Returns files that may be backups of this database or of another one. `restore` accepts them only by their path, which is their id. */
export function unclaimedBackups(database: string, folder: string): readonly BackupFile[] {
	return unclaimed(database, folder).map((file) => ({...file, id: file.path}));
}

function unclaimed(database: string, folder: string): readonly BackupFile[] {
	return candidates(database, folder).flatMap(({file, standing}) => (standing === 'unknown' ? [file] : []));
}

/**
 * Finds a backup by its time, file name or path, or the newest one by default. A path may point to a file that does not record its database.
 *
 * @param cwd the folder that a relative path starts in
 * @throws MigrError `usage` if there is no such backup, with a list of the existing ones, and for a backup of another database
 */
export function findBackup(database: string, folder: string, requested?: string, cwd = ''): BackupFile {
	const backups = listBackups(database, folder);
	const [newest] = backups;
	const found =
		requested === undefined
			? newest
			: backups.find(({id, path}) => id === requested || basename(path) === requested || path === resolve(cwd, requested) || path === requested);
	if (found !== undefined) return found;
	const named = requested === undefined ? undefined : backupAt({database, folder, requested, cwd});
	if (named !== undefined) return named;
	const doubtful = unclaimed(database, folder).find(({id}) => id === requested || requested === undefined);
	if (doubtful !== undefined) {
		throw new MigrError('usage', `${basename(doubtful.path)} may be a backup of another database: ${doubtful.doubt}`, {
			location: {file: doubtful.path},
			hint: `to see what restoring it would change, run lite-migr restore ${doubtful.path}`,
		});
	}
	// A backup was taken before its migration ran, or before it was undone. Only the file itself says which.
	throw new MigrError('usage', requested === undefined ? `no backup in ${folder}` : `no backup ${requested} in ${folder}`, {
		details: backups.slice(0, 10).map(({id, before}) => `${id}${before === null ? '' : `   ${before}`}`),
		hint:
			backups.length === 0
				? 'check backup_dir in migrate.toml, or name the path of a backup'
				: `to restore the newest one, run lite-migr restore ${newest?.id}`,
	});
}

/** Returns the backup at a path, in the folder of the backups or anywhere else. */
function backupAt({database, folder, requested, cwd}: Readonly<Record<'database' | 'folder' | 'requested' | 'cwd', string>>): BackupFile | undefined {
	const path = [resolve(cwd, requested), join(folder, requested)].find((file) => statSync(file, {throwIfNoEntry: false})?.isFile() === true);
	if (path === undefined || realPath(path) === realPath(database)) return undefined;
	const {size, mtimeMs} = statSync(path);
	const mark = readMark(path);
	const name = basename(path);
	const match = patternFor(mark === undefined ? database : databaseIn(mark)).exec(name);
	const file: BackupFile = {
		// `restore` accepts the same argument again.
		id: requested,
		path,
		bytes: size,
		takenAt: match === null ? mtimeMs : timeOf(match[1] as string),
		before: match?.[2] ?? null,
	};
	if (mark === undefined) return {...file, doubt: unmarked};
	const ownership = ownershipOf(mark, databaseKey(database, dirname(path)));
	if (ownership === 'own') return file;
	const taken = mark.path ?? databaseIn(mark);
	if (ownership === 'elsewhere') return {...file, doubt: `it was taken from ${clean(taken)}, which no longer exists`};
	throw new MigrError('usage', `${name} is a backup of another database: ${clean(taken)}`, {
		location: {file: path},
		hint: `to restore that database, run lite-migr restore ${path} --db ${mark.path ?? 'PATH'}`,
	});
}

const unmarked = 'it does not record which database it was taken from (lite-migr 1.0 did not)';

interface Candidate {
	readonly file: BackupFile;
	/** `presumed`: not marked, in a folder that no other database with this name uses. `unknown`: not marked, in any other folder. */
	readonly standing: 'own' | 'presumed' | 'unknown';
	/** True if the file still has its original name. */
	readonly isNamedAsTaken: boolean;
}

/** Returns the names in backup folders. Each folder is read once. */
export function folderNames(): FolderNames {
	return rememberedNames(namesIn);
}

/**
 * Returns possible backups of this database, newest first.
 *
 * @param names the names in the folder, if they are known. Only backups with the current name of the database are found then
 */
function candidates(database: string, folder: string, names?: FolderNames): readonly Candidate[] {
	const key = databaseKey(database, folder);
	const possible = names === undefined ? namesIn(folder) : names.ofStem(folder, partsOf(database).stem);
	const found = possible.flatMap((name) => candidate(database, folder, name, key) ?? []);
	const isShared = found.includes('other') || !isOnlyFolderOf(database, folder);
	return found
		.flatMap((entry): readonly Candidate[] => {
			if (entry === 'other') return [];
			if (entry.standing !== 'presumed') return [entry];
			return [isShared ? {...entry, file: {...entry.file, doubt: unmarked}, standing: 'unknown'} : entry];
		})
		.sort((a, b) => (a.file.id < b.file.id ? 1 : -1));
}

/** Returns a file as a possible backup of this database, or `other` if it is a backup of another database with the same name. */
function candidate(database: string, folder: string, name: string, key: DatabaseKey): Candidate | 'other' | undefined {
	if (!mayBeBackup.test(name)) return undefined;
	const path = join(folder, name);
	const stats = statSync(path, {throwIfNoEntry: false});
	// An empty file reserves the name of a backup in progress.
	if (stats?.isFile() !== true || stats.size === 0) return undefined;
	const isOfThisName = patternFor(database).test(name);
	const mark = markOf(path);
	if (mark === undefined && !isOfThisName) return undefined;
	const ownership = mark === undefined ? 'own' : ownershipOf(mark, key);
	if (ownership !== 'own') return isOfThisName ? 'other' : undefined;
	const match = patternFor(isOfThisName || mark === undefined ? database : databaseIn(mark)).exec(name);
	if (match === null) return undefined;
	const id = match[1] as string;
	return {
		file: {id, path, bytes: stats.size, takenAt: timeOf(id), before: match[2] ?? null},
		standing: mark === undefined ? 'presumed' : 'own',
		isNamedAsTaken: mark?.name === name,
	};
}

/** Reads the mark of a file. Undefined if it has none or cannot be read. */
function markOf(path: string): BackupMark | undefined {
	try {
		return readMark(path);
	} catch {
		return undefined;
	}
}

/** True for a file that is a backup by its name, and records a database or is in a folder for backups. */
export function isBackupFile(path: string): boolean {
	return mayBeBackup.test(basename(path)) && (basename(dirname(path)) === 'backups' || markOf(path) !== undefined);
}

const mayBeBackup = /-\d{8}T\d{6}(?:-.+)?\.[^.]*$/s;

/** True for the default folder, unless the backups of another database in the same folder have the same names, as for `data` and `data.db`. */
function isOnlyFolderOf(database: string, folder: string): boolean {
	if (realPath(folder) !== realPath(defaultBackupDir(database))) return false;
	const {stem, extension} = partsOf(database);
	const conflicting = extension === '.db' ? [stem, `${stem}.db`] : [];
	return conflicting.every(
		(name) => name === basename(database) || statSync(join(dirname(resolve(database)), name), {throwIfNoEntry: false})?.isFile() !== true,
	);
}

/**
 * Returns a name for a new backup, from its time and the next migration. If the database has a backup of the same or a later second (several in one
 * second, or the clock was set back), the time is one second after the newest. So the last backup is always the newest, and is pruned last. If another
 * database uses the name, the time is one second later.
 */
export function newBackupPath(
	database: string,
	folder: string,
	now: Date,
	before: string | null,
	names?: FolderNames,
): {readonly id: string; readonly path: string} {
	const newest = candidates(database, folder, names).find(({file}) => Number.isFinite(file.takenAt))?.file;
	const taken = names === undefined ? new Set(namesIn(folder).map((name) => name.toLowerCase())) : undefined;
	const isTaken = (name: string) => taken?.has(name.toLowerCase()) ?? names?.has(folder, name) === true;
	const {stem, extension} = partsOf(database);
	for (let time = Math.max(now.getTime(), newest === undefined ? 0 : newest.takenAt + 1000); ; time += 1000) {
		const id = stampOf(time);
		const name = `${stem}-${id}${before === null ? '' : `-${before}`}${extension}`;
		if (!isTaken(name)) return {id, path: join(folder, name)};
	}
}

/**
 * Removes all but the newest backups of a database. Called after the run that took a backup has committed. Removes only files that record this database
 * and still have their original names. Returns the removed files. Skips files that cannot be removed.
 */
export function pruneBackups(database: string, folder: string, keep: number, names?: FolderNames): readonly BackupFile[] {
	return prunable(database, folder, names)
		.slice(Math.max(1, keep))
		.flatMap((file) => {
			try {
				removeBackup(file);
				names?.remove(folder, basename(file.path));
				return [file];
			} catch {
				return [];
			}
		});
}

/** Returns backups that may be pruned. Empty if the folder can no longer be read: this must not fail a run that has committed. */
function prunable(database: string, folder: string, names: FolderNames | undefined): readonly BackupFile[] {
	try {
		return candidates(database, folder, names).flatMap(({file, standing, isNamedAsTaken}) => (standing === 'own' && isNamedAsTaken ? [file] : []));
	} catch {
		return [];
	}
}

/** Removes a backup, for example if its run rolls back because a data loss was not confirmed. */
export function removeBackup({path}: Pick<BackupFile, 'path'>): void {
	for (const file of [path, `${path}-wal`, `${path}-shm`, `${path}-journal`]) rmSync(file, {force: true});
}

/** Returns the file name of the database when the backup was taken. */
function databaseIn({name, stem}: BackupMark): string {
	return `${name.slice(0, stem)}${extname(name)}`;
}

function partsOf(database: string): {readonly stem: string; readonly extension: string} {
	const extension = extname(database) || '.db';
	return {stem: basename(database, extname(database)), extension};
}

function patternFor(database: string): RegExp {
	const {stem, extension} = partsOf(database);
	const escaped = (text: string) => text.replace(/[\\^$.*+?()[\]{}|]/g, '\\$&');
	return new RegExp(`^${escaped(stem)}-(\\d{8}T\\d{6})(?:-(.+))?${escaped(extension)}$`, 's');
}

function stampOf(milliseconds: number): string {
	return new Date(milliseconds).toISOString().slice(0, 19).replaceAll(/[-:]/g, '');
}

function timeOf(stamp: string): number {
	const [, year, month, day, hour, minute, second] = /^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)$/.exec(stamp) ?? [];
	return Date.parse(`${year}-${month}-${day}T${hour}:${minute}:${second}Z`);
}

function namesIn(folder: string): readonly string[] {
	try {
		return readdirSync(folder);
	} catch (error) {
		if ((error as NodeJS.ErrnoException).code === 'ENOENT') return [];
		throw new MigrError('files', `cannot read the backups in ${folder}`, {
			location: {file: folder},
			hint: `check the permissions of ${folder}`,
			cause: error,
		});
	}
}
