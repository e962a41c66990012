import {existsSync, linkSync, mkdirSync, renameSync, unlinkSync, writeFileSync} from 'node:fs';
import {basename, dirname, join} from 'node:path';
import type {FileFormat} from '../../config/config.ts';
import {MigrError} from '../../errors.ts';
import {isBusy} from '../../sqlite/failure.ts';
import {type FileLock, shortFileLock} from '../../sqlite/file-lock.ts';
import {fileProblem} from '../../text/file-problem.ts';
import {listMigrations} from './list.ts';
import {newMigrationName, requireMigrationName, squashName} from './names.ts';
import {listWranglerMigrations, nextWranglerName, wranglerDowngrades} from './wrangler-folder.ts';
import type {MigrationFiles} from './write.ts';

export interface CreatedFile {
	/** Without extension. */
	readonly name: string;
	readonly path: string;
	/** The path of the file with the downgrade, if it is a separate file. */
	readonly downgradePath?: string;
}

/** A migration file before it has its name. */
export interface NewFile extends MigrationFiles {
	readonly directory: string;
	readonly format: FileFormat;
}

interface NewMigration {
	readonly name: string;
	readonly now: Date;
	readonly applied?: readonly string[];
	/** The migrations that the text was written for. If any other migration comes before the new file, the file is not written. */
	readonly seen?: readonly string[];
}

/**
 * Creates a migration file in the folder atomically. It never overwrites a file: if two processes create one in the same second, the names differ.
 *
 * @param applied names of applied migrations, so the new name sorts after them even if their files are missing
 */
export function createMigrationFile(file: NewFile, {name, now, applied = [], seen}: NewMigration): CreatedFile {
	requireMigrationName(name);
	return createWhole(file, () => {
		const existing = namesIn(file);
		const used = [...existing, ...applied];
		const next = file.format === 'wrangler' ? nextWranglerName(name, used) : newMigrationName(name, now, used);
		const other = seen && existing.find((each) => each < next && !seen.includes(each));
		if (other === undefined) return next;
		throw new MigrError('history', `another process wrote the migration ${other} in the meantime, so this one was not written`, {
			location: {file: file.directory},
			hint: 'run lite-migr status, then run the command again',
		});
	});
}

/** Creates the file of a squashed migration. It sorts where the last migration it replaces was. */
export function createSquashFile(file: NewFile, name: string, lastPart: string): CreatedFile {
	requireMigrationName(name);
	const fullName = squashName(name, lastPart);
	return createWhole(file, () => {
		if (!namesIn(file).includes(fullName)) return fullName;
		throw new MigrError('usage', `the migration ${fullName} already exists`, {location: {file: file.directory}, hint: 'choose another name'});
	});
}

/** Returns the names that are used now. */
function namesIn({directory, format}: NewFile): readonly string[] {
	return (format === 'wrangler' ? listWranglerMigrations(directory) : listMigrations(directory)).map(({name}) => name);
}

/**
 * Creates the file under a lock, so the folder does not change between the choice of the name and the file. Otherwise, one of two processes that create
 * a file at the same time would have to remove its file again, and a run could already have read it.
 *
 * @param nameNow returns the name, and is called again if another program has used it in the meantime
 */
function createWhole({directory, text, downgrade, format}: NewFile, nameNow: () => string): CreatedFile {
	const temporary = join(directory, `.${crypto.randomUUID()}.tmp`);
	let lock: FileLock | undefined;
	try {
		mkdirSync(directory, {recursive: true});
		writeFileSync(temporary, text);
		lock = shortFileLock(join(directory, '.lite-migr-lock'));
		for (;;) {
			const name = nameNow();
			const path = join(directory, `${name}.${format === 'ts' ? 'ts' : 'sql'}`);
			const downgradePath = downgrade === undefined ? undefined : createDowngrade(path, downgrade);
			try {
				putInPlace(temporary, path);
				return {name, path, ...(downgradePath === undefined ? {} : {downgradePath})};
			} catch (error) {
				if (downgradePath !== undefined) removeIfThere(downgradePath);
				if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
			}
		}
	} catch (cause) {
		if (cause instanceof MigrError) throw cause;
		if (isBusy(cause)) throw folderInUse(directory, cause);
		throw new MigrError('files', `the migration cannot be written: ${fileProblem(cause)}`, {
			location: {file: directory},
			hint: "check the folder's permissions and the free disk space",
			cause,
		});
	} finally {
		removeIfThere(temporary);
		lock?.remove();
	}
}

/** Returns the error if another process has the lock on the folder for longer than it takes to create a file. */
export function folderInUse(directory: string, cause: unknown): MigrError {
	return new MigrError('locked', 'another process is creating a migration', {location: {file: directory}, hint: 'run the command again', cause});
}

/** Creates the file with the downgrade of a migration, before the migration itself: with the migration alone, nothing would say that it is missing. */
function createDowngrade(migration: string, text: string): string {
	const folder = join(dirname(migration), wranglerDowngrades);
	const path = join(folder, basename(migration));
	try {
		mkdirSync(folder, {recursive: true});
		writeFileSync(path, text, {flag: 'wx'});
		return path;
	} catch (cause) {
		if ((cause as NodeJS.ErrnoException).code !== 'EEXIST') throw cause;
		throw new MigrError('files', 'the file for the downgrade already exists, but its migration does not', {
			location: {file: path},
			hint: 'remove it, or restore the migration',
			cause,
		});
	}
}

/**
 * Gives the file its name. Unlike a rename, a hard link fails if the name exists. If the file system has no hard links, renames the file: a copy could be
 * read before it is complete.
 */
export function putInPlace(temporary: string, path: string): void {
	try {
		linkSync(temporary, path);
	} catch (error) {
		if ((error as NodeJS.ErrnoException).code === 'EEXIST' || existsSync(path)) throw error;
		renameSync(temporary, path);
	}
}

function removeIfThere(path: string): void {
	try {
		unlinkSync(path);
	} catch (error) {
		if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
	}
}
