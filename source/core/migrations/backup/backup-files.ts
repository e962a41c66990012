import {readdirSync, rmSync, statSync} from 'node:fs';
import {basename, dirname, extname, join, resolve} from 'node:path';
import {MigrError} from '../../errors.ts';
import {clean} from '../../text/clean.ts';
import {type BackupMark, ownershipOf, readMark} from './backup-mark.ts';
import {type DatabaseKey, databaseKey, realPath} from './database-key.ts';

/** A backup file in a folder. */
export interface BackupFile {
	/** What `lite-migr restore` takes: `20261122T175203`. */
	readonly id: string;
	readonly path: string;
	readonly bytes: number;
	/** Milliseconds since 1970. */
	readonly takenAt: number;
	/** The migration that it was taken before; null if it was taken for another reason. */
	readonly before: string | null;
	/** Why it is not certain that this is a backup of this database; absent if it is. Such a file is never pruned. */
	readonly doubt?: string;
}

export const defaultBackupKeep = 5;

/** `backups/` in the folder of the database, as its path is configured: next to a link, not next to its target. */
export function defaultBackupDir(database: string): string {
	return join(dirname(resolve(database)), 'backups');
}

/**
 * Returns the backups of a database in a folder, newest first; none if there is no folder. Databases are told apart by their real path, recorded in each
 * backup, so a folder may be shared. Backups of version 1.0 have no such record: they are listed in the default folder, where no other database of the
 * name is meant.
 */
export function listBackups(database: string, folder: string = defaultBackupDir(database)): readonly BackupFile[] {
	return candidates(database, folder).flatMap(({file, standing}) => (standing === 'own' || standing === 'presumed' ? [file] : []));
}

/** Returns files that could be backups of a database, but could as well be of another one: `restore` takes them only by their path, which is their id. */
export function unclaimedBackups(database: string, folder: string): readonly BackupFile[] {
	return unclaimed(database, folder).map((file) => ({...file, id: file.path}));
}

function unclaimed(database: string, folder: string): readonly BackupFile[] {
	return candidates(database, folder).flatMap(({file, standing}) => (standing === 'unknown' ? [file] : []));
}

/**
 * Finds a backup by its time, the name of its file or its path; the newest if nothing is given. A path may also lead to a file that does not say
 * which database it is a backup of.
 *
 * @throws MigrError `usage` if there is none such, with those that exist, and for a backup of another database
 */
export function findBackup(database: string, folder: string, wanted?: string): BackupFile {
	const backups = listBackups(database, folder);
	const [newest] = backups;
	const found =
		wanted === undefined
			? newest
			: backups.find(({id, path}) => id === wanted || basename(path) === wanted || path === resolve(wanted) || path === wanted);
	if (found !== undefined) return found;
	const named = wanted === undefined ? undefined : backupAt(database, folder, wanted);
	if (named !== undefined) return named;
	const doubtful = unclaimed(database, folder).find(({id}) => id === wanted || wanted === undefined);
	if (doubtful !== undefined) {
		throw new MigrError('usage', `${basename(doubtful.path)} may be a backup of another database: ${doubtful.doubt}`, {
			location: {file: doubtful.path},
			hint: `to see what restoring it would change, name the file: lite-migr restore ${doubtful.path}`,
		});
	}
	throw new MigrError('usage', wanted === undefined ? `there is no backup in ${folder}` : `there is no backup ${wanted} in ${folder}`, {
		details: backups.slice(0, 10).map(({id, before}) => `${id}${before === null ? '' : `   before ${before}`}`),
		...(backups.length === 0 ? {} : {hint: `lite-migr restore ${newest?.id}`}),
	});
}

/** A file that was named, in the folder of the backups or anywhere else. */
function backupAt(database: string, folder: string, wanted: string): BackupFile | undefined {
	const path = [resolve(wanted), join(folder, wanted)].find((file) => statSync(file, {throwIfNoEntry: false})?.isFile() === true);
	if (path === undefined || realPath(path) === realPath(database)) return undefined;
	const {size, mtimeMs} = statSync(path);
	const mark = readMark(path);
	const name = basename(path);
	const match = patternFor(mark === undefined ? database : databaseIn(mark)).exec(name);
	const file: BackupFile = {
		// What `restore` takes for this file.
		id: wanted,
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

const unmarked = 'it does not say which database it was taken from (lite-migr 1.0 did not record it)';

interface Candidate {
	readonly file: BackupFile;
	/** `presumed`: not marked, in a folder where no other database of this name is meant. `unknown`: not marked, in any other folder. */
	readonly standing: 'own' | 'presumed' | 'unknown';
	/** True if it has the name that it was given. */
	readonly isNamedAsTaken: boolean;
}

/** What could be a backup of this database, newest first. */
function candidates(database: string, folder: string): readonly Candidate[] {
	const key = databaseKey(database, folder);
	const found = namesIn(folder).flatMap((name) => candidate(database, folder, name, key) ?? []);
	const isShared = found.includes('other') || !isOnlyFolderOf(database, folder);
	return found
		.flatMap((entry): readonly Candidate[] => {
			if (entry === 'other') return [];
			if (entry.standing !== 'presumed') return [entry];
			return [isShared ? {...entry, file: {...entry.file, doubt: unmarked}, standing: 'unknown'} : entry];
		})
		.sort((a, b) => (a.file.id < b.file.id ? 1 : -1));
}

/** `other`: a backup of another database that has the same name. */
function candidate(database: string, folder: string, name: string, key: DatabaseKey): Candidate | 'other' | undefined {
	if (!mayBeBackup.test(name)) return undefined;
	const path = join(folder, name);
	const stats = statSync(path, {throwIfNoEntry: false});
	// An empty file only keeps a name for a backup that is being taken.
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

/** A file that cannot be read has no mark that could be relied on. */
function markOf(path: string): BackupMark | undefined {
	try {
		return readMark(path);
	} catch {
		return undefined;
	}
}

const mayBeBackup = /-\d{8}T\d{6}(?:-.+)?\.[^.]*$/s;

/** True for the default folder, unless a second database next to this one gives its backups the same names: `data` and `data.db`. */
function isOnlyFolderOf(database: string, folder: string): boolean {
	if (realPath(folder) !== realPath(defaultBackupDir(database))) return false;
	const {stem, extension} = partsOf(database);
	const twins = extension === '.db' ? [stem, `${stem}.db`] : [];
	return twins.every(
		(name) => name === basename(database) || statSync(join(dirname(resolve(database)), name), {throwIfNoEntry: false})?.isFile() !== true,
	);
}

/**
 * Returns a name for a new backup, made of its time and the migration that it is taken before. If the database has backups of that second or later ones
 * (several in one second, a clock that was set back), a second after the newest: the last one taken is always the newest, and never the first to be
 * pruned. If another database has the name, a second later.
 */
export function newBackupPath(database: string, folder: string, now: Date, before: string | null): {readonly id: string; readonly path: string} {
	const newest = candidates(database, folder).find(({file}) => Number.isFinite(file.takenAt))?.file;
	const taken = new Set(namesIn(folder).map((name) => name.toLowerCase()));
	const {stem, extension} = partsOf(database);
	for (let time = Math.max(now.getTime(), newest === undefined ? 0 : newest.takenAt + 1000); ; time += 1000) {
		const id = stampOf(time);
		const name = `${stem}-${id}${before === null ? '' : `-${before}`}${extension}`;
		if (!taken.has(name.toLowerCase())) return {id, path: join(folder, name)};
	}
}

/**
 * Removes all but the newest backups of a database, after the run that took one is committed. Only what is recorded as a backup of this database and
 * has the name that it was given is removed. Returns what was removed; a file that cannot be removed stays.
 */
export function pruneBackups(database: string, folder: string, keep: number): readonly BackupFile[] {
	return prunable(database, folder)
		.slice(Math.max(1, keep))
		.flatMap((file) => {
			try {
				removeBackup(file);
				return [file];
			} catch {
				return [];
			}
		});
}

/** None in a folder that cannot be read any more: the run that took a backup there has been committed. */
function prunable(database: string, folder: string): readonly BackupFile[] {
	try {
		return candidates(database, folder).flatMap(({file, standing, isNamedAsTaken}) => (standing === 'own' && isNamedAsTaken ? [file] : []));
	} catch {
		return [];
	}
}

/** Removes a backup, for example if the run that took it rolls back because a loss was not consented to. */
export function removeBackup({path}: Pick<BackupFile, 'path'>): void {
	for (const file of [path, `${path}-wal`, `${path}-shm`, `${path}-journal`]) rmSync(file, {force: true});
}

/** The name by which the database was reached when the backup was taken. */
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
		throw new MigrError('files', `the backups in ${folder} cannot be read`, {
			location: {file: folder},
			hint: `check the permissions of ${folder}`,
			cause: error,
		});
	}
}
