import {accessSync, closeSync, constants, openSync, readlinkSync, readSync, statSync} from 'node:fs';
import {basename, dirname, resolve} from 'node:path';
import {MigrError} from '../errors.ts';
import {advice, theOption} from '../text/advice.ts';
import {fileProblem} from '../text/file-problem.ts';
import {connect} from './connection.ts';
import type {Database} from './database.ts';
import {currentDriver} from './driver/choose.ts';
import {noteOpen} from './driver/own-connections.ts';
import {fileFailure, isBusy, readOnlyFolder, sqliteCode} from './failure.ts';
import {makeEmptyFile, removeUnopened} from './new-file.ts';

/** The options for opening a database file. */
export interface OpenOptions {
	/** True if nothing can be written through this connection. */
	readonly readonly?: boolean;
	/** True to create the file if it does not exist. */
	readonly create?: boolean;
	/** Called if `create` created the file. */
	readonly onCreated?: () => void;
	/** Seconds to wait for the lock of another process. Default: 10. */
	readonly wait?: number | undefined;
}

export const defaultWait = 10;

/**
 * Opens a database file with `trusted_schema=OFF` (https://www.sqlite.org/pragma.html#pragma_trusted_schema), so views and triggers of a file from
 * an unknown source cannot call harmful functions. Reads the header and the schema immediately, so a file that is not a database fails here.
 *
 * @throws MigrError `database` (missing, a folder, not a database, damaged), `files` (permissions, read-only) or `locked`
 */
export function openDatabase(path: string, options: OpenOptions = {}): Database {
	try {
		return tryOpening(path, options);
	} catch (error) {
		throw openFailure(path, error);
	}
}

/**
 * Opens a database file like `openDatabase`, and leaves the errors of SQLite as they are: explaining a lock means looking for the process that has it,
 * which takes longer than another try.
 *
 * @throws the errors of SQLite, and MigrError `database` (missing, a folder), `files` or `usage`
 */
export function tryOpening(path: string, options: OpenOptions): Database {
	const file = resolve(path);
	checkFile(file, options);
	const isCreated = options.onCreated !== undefined && options.create === true && makeEmptyFile(file);
	if (isCreated) options.onCreated?.();
	try {
		return opened(file, options);
	} catch (error) {
		// An empty file would look like a database. If it is locked, another process uses it by now, and would write to a removed file.
		if (isCreated && !isBusy(error)) removeUnopened(file);
		if (sqliteCode(error) !== 'SQLITE_READONLY_ROLLBACK') throw error;
	}
	// The last writer was killed. SQLite rolls its changes back before any read, which needs a writable connection (https://www.sqlite.org/rescode.html#readonly_rollback).
	tryOpening(file, {wait: options.wait}).close();
	return opened(file, options);
}

function opened(file: string, options: OpenOptions): Database {
	const driver = currentDriver();
	const native = driver.open(file, {
		readonly: options.readonly === true,
		fileMustExist: options.create !== true,
		timeout: Math.round((options.wait ?? defaultWait) * 1000),
	});
	try {
		native.exec('PRAGMA trusted_schema = OFF');
		native.prepare('SELECT count(*) FROM sqlite_schema').get();
		return connect(native, file, noteOpen(file, driver));
	} catch (error) {
		native.close();
		throw error;
	}
}

/** Explains an error of `tryOpening`. Returns the error itself if it needs no explanation. */
export function openFailure(path: string, error: unknown): unknown {
	const file = resolve(path);
	return sqliteCode(error) === 'SQLITE_NOTADB' || sqliteCode(error)?.startsWith('SQLITE_CORRUPT')
		? noDatabase(file, error)
		: (fileFailure(error, file) ?? error);
}

/** Opens an empty database in memory. */
export function openInMemory(): Database {
	const native = currentDriver().open(':memory:');
	native.exec('PRAGMA trusted_schema = OFF');
	return connect(native, ':memory:');
}

function checkFile(file: string, {readonly, create}: OpenOptions): void {
	// better-sqlite3 trims the name and would open another file.
	if (file.trimEnd() !== file) throw new MigrError('usage', `the database name ends in whitespace: ${JSON.stringify(file)}`);
	const found = statPath(file);
	if (found === undefined) {
		if (create !== true) {
			throw missing(file);
		}
		requireRoom(file);
	} else {
		checkKind(file, found);
		checkRight(file, constants.R_OK, ['files', `no permission to read ${basename(file)}`, `give this user read permission for ${file}`]);
		// SQLite treats a file of one byte as empty and would overwrite it.
		if (found.size === 1) throw noDatabase(file);
	}
	if (readonly === true) return;
	if (found !== undefined) {
		checkRight(file, constants.W_OK, ['files', `${basename(file)} is read-only`, `give this user write permission for ${file}`]);
	}
	checkRight(dirname(file), constants.W_OK, readOnlyFolder(dirname(file)));
}

/** The part of `fs.Stats` that is needed. Spelled out, so the declarations of the API do not need the types of Node. */
export interface FileFacts {
	readonly size: number;
	readonly mode: number;
	isFile(): boolean;
	isDirectory(): boolean;
}

/** Returns facts about a path, or undefined if it does not exist, even if a part of it is a file. @throws MigrError `files` if permission is denied */
export function statPath(path: string): FileFacts | undefined {
	try {
		return statSync(path, {throwIfNoEntry: false});
	} catch (cause) {
		const {code} = cause as {readonly code?: string};
		if (code === 'ENOTDIR') return undefined;
		if (code === 'ELOOP')
			throw new MigrError('files', `cannot open ${path}: ${fileProblem(cause)}`, {hint: 'remove the link, or use the path of a file', cause});
		throw new MigrError('files', `no permission to access ${path}`, {hint: `check the permissions of the folders above ${path}`, cause});
	}
}

/**
 * Checks that a database can be created at a path that does not exist, as far as possible without writing.
 *
 * @throws MigrError `files` if its folder does not exist or cannot be written, or if the path is a broken symbolic link
 */
export function requireCreatable(path: string): void {
	const file = resolve(path);
	requireRoom(file);
	checkRight(dirname(file), constants.W_OK, readOnlyFolder(dirname(file)));
}

/**
 * Checks, without writing, that the database of a run exists or can be created.
 *
 * @throws MigrError `database` if there is no database to downgrade, or `files` like `requireCreatable`
 */
export function requireTarget(path: string, direction: 'upgrade' | 'downgrade'): void {
	if (statPath(path) !== undefined) return;
	if (direction === 'downgrade') throw missing(resolve(path));
	requireCreatable(path);
}

function missing(file: string): MigrError {
	return new MigrError('database', `no database at ${file}`, {
		hint: advice`run ${{command: 'lite-migr upgrade', program: 'an upgrade'}} to create it, or check ${theOption.database}`,
	});
}

/** Checks that the folder for a new database exists. A path may lead through a file, and a symbolic link to a missing folder. */
function requireRoom(file: string): void {
	const hint = advice`create the folder, or change ${theOption.database}`;
	const target = linkTarget(file);
	if (target !== undefined && statPath(dirname(target))?.isDirectory() !== true) {
		throw new MigrError('files', `${file} is a symbolic link to ${target}, whose folder does not exist`, {hint});
	}
	for (let folder = dirname(file); ; folder = dirname(folder)) {
		const found = statPath(folder);
		if (found?.isDirectory() === true && folder === dirname(file)) return;
		if (found !== undefined && !found.isDirectory()) {
			throw new MigrError('files', `${folder} is a file, not a folder, so the database cannot be created in it`, {
				hint: advice`move the file, or change ${theOption.database}`,
			});
		}
		if (found !== undefined || folder === dirname(folder))
			throw new MigrError('files', `the folder ${dirname(file)} for the database does not exist`, {hint});
	}
}

/** Returns the target of a symbolic link, or undefined for anything else. */
function linkTarget(file: string): string | undefined {
	try {
		return resolve(dirname(file), readlinkSync(file));
	} catch {
		return undefined;
	}
}

/** Explains why a run could not write an existing database: the file or its folder is read-only. Returns undefined if it could. */
export function whyReadOnly(path: string): MigrError | undefined {
	const file = resolve(path);
	try {
		checkFile(file, {});
		return undefined;
	} catch (error) {
		if (error instanceof MigrError && error.code === 'files') return error;
		throw error;
	}
}

function checkKind(file: string, found: FileFacts): void {
	if (found.isDirectory()) {
		throw new MigrError('database', `${file} is a folder, not a database file`, {hint: advice`check ${theOption.database}`});
	}
	// Opening a pipe would wait forever.
	if (!found.isFile()) throw new MigrError('database', `${file} is not a file`, {hint: advice`check ${theOption.database}`});
}

function checkRight(path: string, mode: number, [code, message, hint]: ['files', string, string]): void {
	try {
		accessSync(path, mode);
	} catch (cause) {
		throw new MigrError(code, message, {hint, cause});
	}
}

/** Distinguishes truncated files, encrypted files and other kinds of files (https://www.sqlite.org/fileformat2.html#the_database_header). */
function noDatabase(file: string, cause?: unknown): MigrError {
	const name = basename(file);
	const header = Buffer.alloc(100);
	const descriptor = openSync(file, 'r');
	let length: number;
	try {
		length = readSync(descriptor, header);
	} finally {
		closeSync(descriptor);
	}
	const size = statSync(file).size;
	if (header.toString('latin1', 0, 16) === 'SQLite format 3\0' && length === 100) {
		const pageSize = header.readUInt16BE(16) === 1 ? 65_536 : header.readUInt16BE(16);
		const expected = pageSize * header.readUInt32BE(28);
		if (size < expected) {
			return new MigrError('database', `${name} is truncated: it should have ${expected} bytes and has ${size}`, {
				hint: 'restore a backup with lite-migr restore, or recover the remaining data with the .recover command of the sqlite3 shell',
				cause,
			});
		}
		return fileFailure(cause, file) ?? new MigrError('database', `${name} is damaged`, {cause});
	}
	const start = header.subarray(0, length);
	const isText = start.every((byte) => byte >= 32 || byte === 9 || byte === 10 || byte === 13);
	const kind = isText ? 'a text file' : size % 512 === 0 ? 'an encrypted database, or no database at all' : 'another kind of file';
	return new MigrError('database', `${name} is not a SQLite database: it looks like ${kind}`, {
		hint: isText
			? advice`check ${theOption.database}`
			: advice`check ${theOption.database}\nif it was a database before, restore a backup with lite-migr restore`,
		cause,
	});
}
