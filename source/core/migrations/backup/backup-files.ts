import {readdirSync, rmSync, statSync} from 'node:fs';
import {basename, dirname, extname, join, resolve} from 'node:path';
import {MigrError} from '../../errors.ts';

/** A backup as it lies there. */
export interface BackupFile {
	/** What `lite-migr restore` takes: `20261122T175203`. */
	readonly id: string;
	readonly path: string;
	readonly bytes: number;
	/** Milliseconds since 1970. */
	readonly takenAt: number;
	/** The migration that it was taken before; null where it was taken for another reason. */
	readonly before: string | null;
}

export const defaultBackupKeep = 5;

/** `backups/` beside the database. */
export function defaultBackupDir(database: string): string {
	return join(dirname(resolve(database)), 'backups');
}

/** The backups of a database in a folder, newest first; none where there is no folder. */
export function listBackups(database: string, folder: string = defaultBackupDir(database)): readonly BackupFile[] {
	const pattern = patternFor(database);
	return namesIn(folder)
		.flatMap((name): readonly BackupFile[] => {
			const match = pattern.exec(name);
			const path = join(folder, name);
			const stats = match === null ? undefined : statSync(path, {throwIfNoEntry: false});
			if (match === null || stats?.isFile() !== true) return [];
			return [{id: match[1] as string, path, bytes: stats.size, takenAt: timeOf(match[1] as string), before: match[2] ?? null}];
		})
		.sort((a, b) => (a.id < b.id ? 1 : -1));
}

/**
 * The backup that a person means: by its time, the name of its file or its path; the newest where nothing is said.
 *
 * @throws MigrError `usage` where there is none such, with those that there are
 */
export function findBackup(database: string, folder: string, wanted?: string): BackupFile {
	const backups = listBackups(database, folder);
	const [newest] = backups;
	const found =
		wanted === undefined
			? newest
			: backups.find(({id, path}) => id === wanted || basename(path) === wanted || path === resolve(wanted) || path === wanted);
	if (found !== undefined) return found;
	throw new MigrError('usage', wanted === undefined ? `there is no backup in ${folder}` : `there is no backup ${wanted} in ${folder}`, {
		details: backups.slice(0, 10).map(({id, before}) => `${id}${before === null ? '' : `   before ${before}`}`),
		...(backups.length === 0 ? {} : {hint: `lite-migr restore ${newest?.id}`}),
	});
}

/**
 * A path for a new backup, named by its time and the migration that it is taken before. Where there are others of that second, or later ones (several
 * in one second, a clock that was set back), a second behind the newest: the last one taken is always the newest, and never the first to be pruned.
 */
export function newBackupPath(database: string, folder: string, now: Date, before: string | null): {readonly id: string; readonly path: string} {
	const newest = listBackups(database, folder).find(({takenAt}) => Number.isFinite(takenAt));
	const id = stampOf(Math.max(now.getTime(), newest === undefined ? 0 : newest.takenAt + 1000));
	const {stem, extension} = partsOf(database);
	return {id, path: join(folder, `${stem}-${id}${before === null ? '' : `-${before}`}${extension}`)};
}

/** Removes all but the newest backups of a database. Returns what is gone. */
export function pruneBackups(database: string, folder: string, keep: number): readonly BackupFile[] {
	const old = listBackups(database, folder).slice(Math.max(1, keep));
	for (const {path} of old) for (const file of [path, `${path}-wal`, `${path}-shm`, `${path}-journal`]) rmSync(file, {force: true});
	return old;
}

function partsOf(database: string): {readonly stem: string; readonly extension: string} {
	const extension = extname(database) || '.db';
	return {stem: basename(database, extname(database)), extension};
}

function patternFor(database: string): RegExp {
	const {stem, extension} = partsOf(database);
	const escaped = (text: string) => text.replace(/[\\^$.*+?()[\]{}|]/g, '\\$&');
	return new RegExp(`^${escaped(stem)}-(\\d{8}T\\d{6})(?:-(.+))?${escaped(extension)}$`);
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
			hint: `check the rights on ${folder}`,
			cause: error,
		});
	}
}
