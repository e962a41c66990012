import {accessSync, closeSync, constants, openSync, readlinkSync, readSync, statSync} from 'node:fs';
import {basename, dirname, resolve} from 'node:path';
import {MigrError} from '../errors.ts';
import {connect} from './connection.ts';
import type {Database} from './database.ts';
import {fileFailure, readOnlyFolder, sqliteCode} from './failure.ts';
import {openNative} from './native.ts';
import {makeEmptyFile, removeIfEmpty} from './new-file.ts';

export interface OpenOptions {
	/** Nothing can be written through this connection. */
	readonly readonly?: boolean;
	/** Makes the file where there is none. */
	readonly create?: boolean;
	/** Called where `create` has made the file, and nobody else. */
	readonly onCreated?: () => void;
	/** Seconds to wait for somebody else's lock; 10 where nothing is said. */
	readonly wait?: number;
}

export const defaultWait = 10;

/**
 * Opens a database file, with `trusted_schema=OFF` (https://www.sqlite.org/pragma.html#pragma_trusted_schema): views and triggers of a file
 * that somebody else made can call nothing that does harm. The header and the schema are read at once, so what is no database fails here.
 *
 * Throws MigrError `database` (missing, a folder, no database, damaged), `files` (rights, read-only) or `locked`.
 */
export function openDatabase(path: string, options: OpenOptions = {}): Database {
	const file = resolve(path);
	checkFile(file, options);
	const isMade = options.onCreated !== undefined && options.create === true && makeEmptyFile(file);
	if (isMade) options.onCreated?.();
	try {
		return opened(file, options);
	} catch (error) {
		// Nobody else knows of it yet, and an empty file would look like a database.
		if (isMade) removeIfEmpty(file);
		if (sqliteCode(error) !== 'SQLITE_READONLY_ROLLBACK') throw openFailure(file, error);
	}
	// Whoever wrote last was killed. SQLite rolls that back before anybody reads, and has to write for it (https://www.sqlite.org/rescode.html#readonly_rollback).
	openDatabase(file, options.wait === undefined ? {} : {wait: options.wait}).close();
	try {
		return opened(file, options);
	} catch (error) {
		throw openFailure(file, error);
	}
}

function opened(file: string, options: OpenOptions): Database {
	const native = openNative(file, {
		readonly: options.readonly === true,
		fileMustExist: options.create !== true,
		timeout: Math.round((options.wait ?? defaultWait) * 1000),
	});
	try {
		native.pragma('trusted_schema = OFF');
		native.prepare('SELECT count(*) FROM sqlite_schema').get();
		return connect(native, file);
	} catch (error) {
		native.close();
		throw error;
	}
}

function openFailure(file: string, error: unknown): unknown {
	return sqliteCode(error) === 'SQLITE_NOTADB' || sqliteCode(error)?.startsWith('SQLITE_CORRUPT')
		? noDatabase(file, error)
		: (fileFailure(error, file) ?? error);
}

/** An empty database in memory. */
export function openMemory(): Database {
	const native = openNative(':memory:');
	native.pragma('trusted_schema = OFF');
	return connect(native, ':memory:');
}

function checkFile(file: string, {readonly, create}: OpenOptions): void {
	// better-sqlite3 cuts it off and would open another file.
	if (file.trimEnd() !== file) throw new MigrError('usage', `the name of the database ends in white space: ${JSON.stringify(file)}`);
	const found = lookAt(file);
	if (found === undefined) {
		if (create !== true) {
			throw missing(file);
		}
		requireRoom(file);
	} else {
		checkKind(file, found);
		checkRight(file, constants.R_OK, ['files', `no permission to read ${basename(file)}`, `give this user the right to read ${file}`]);
		// SQLite takes it for an empty one, and would write over it.
		if (found.size === 1) throw noDatabase(file);
	}
	if (readonly === true) return;
	if (found !== undefined) {
		checkRight(file, constants.W_OK, ['files', `${basename(file)} is read-only`, `give this user the right to write ${file}`]);
	}
	checkRight(dirname(file), constants.W_OK, readOnlyFolder(dirname(file)));
}

/** As much of `fs.Stats` as is asked for; spelled out, so that the declarations of the API need no types of Node. */
export interface FileFacts {
	readonly size: number;
	readonly mode: number;
	isFile(): boolean;
	isDirectory(): boolean;
}

/** What is at a path; undefined where nothing is, also because a part of the path is a file. Throws MigrError `files` where one may not look. */
export function lookAt(path: string): FileFacts | undefined {
	try {
		return statSync(path, {throwIfNoEntry: false});
	} catch (cause) {
		if ((cause as {readonly code?: string}).code === 'ENOTDIR') return undefined;
		throw new MigrError('files', `no permission to look at ${path}`, {hint: `check the rights on the folders above ${path}`, cause});
	}
}

/**
 * Checks that a database can be created at a path where none is, as far as that can be known without writing.
 *
 * @throws MigrError `files` if its folder does not exist or cannot be written, or if the path is a symbolic link that leads nowhere
 */
export function requireCreatable(path: string): void {
	const file = resolve(path);
	requireRoom(file);
	checkRight(dirname(file), constants.W_OK, readOnlyFolder(dirname(file)));
}

/**
 * Checks, without writing, that a run finds its database, or can create it.
 *
 * @throws MigrError `database` if there is none to downgrade; `files` as `requireCreatable`
 */
export function requireTarget(path: string, direction: 'upgrade' | 'downgrade'): void {
	if (lookAt(path) !== undefined) return;
	if (direction === 'downgrade') throw missing(resolve(path));
	requireCreatable(path);
}

function missing(file: string): MigrError {
	return new MigrError('database', `there is no database at ${file}`, {hint: 'check db_path in migrate.toml, or --db; lite-migr upgrade makes it'});
}

/** A path may run through a file, and a symbolic link may lead to a folder that does not exist. */
function requireRoom(file: string): void {
	const hint = 'create the folder, or change db_path in migrate.toml (or --db)';
	const target = linkTarget(file);
	if (target !== undefined && lookAt(dirname(target))?.isDirectory() !== true) {
		throw new MigrError('files', `${file} is a symbolic link to ${target}, whose folder does not exist`, {hint});
	}
	for (let folder = dirname(file); ; folder = dirname(folder)) {
		const found = lookAt(folder);
		if (found?.isDirectory() === true && folder === dirname(file)) return;
		if (found !== undefined && !found.isDirectory()) {
			throw new MigrError('files', `${folder} is a file, so there is no folder for the database`, {
				hint: 'move the file, or change db_path in migrate.toml (or --db)',
			});
		}
		if (found !== undefined || folder === dirname(folder))
			throw new MigrError('files', `there is no folder ${dirname(file)} for the database`, {hint});
	}
}

/** Where a symbolic link leads; undefined for anything else. */
function linkTarget(file: string): string | undefined {
	try {
		return resolve(dirname(file), readlinkSync(file));
	} catch {
		return undefined;
	}
}

/** Why a run could not write a database that exists: the file or its folder is read-only. Undefined if it could. */
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
		throw new MigrError('database', `${file} is a folder, not a database file`, {hint: 'check db_path in migrate.toml, or --db'});
	}
	// Opening a pipe would wait for ever.
	if (!found.isFile()) throw new MigrError('database', `${file} is not a file`, {hint: 'check db_path in migrate.toml, or --db'});
}

function checkRight(path: string, mode: number, [code, message, hint]: ['files', string, string]): void {
	try {
		accessSync(path, mode);
	} catch (cause) {
		throw new MigrError(code, message, {hint, cause});
	}
}

/** Tells a truncated file, an encrypted one and one of another kind apart (https://www.sqlite.org/fileformat2.html#the_database_header). */
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
		const wanted = pageSize * header.readUInt32BE(28);
		if (size < wanted) {
			return new MigrError('database', `${name} is truncated: it should have ${wanted} bytes and has ${size}`, {
				hint: 'put a backup back (lite-migr restore), or save what is left with the .recover command of the sqlite3 shell',
				cause,
			});
		}
		return fileFailure(cause, file) ?? new MigrError('database', `${name} is damaged`, {cause});
	}
	const start = header.subarray(0, length);
	const isText = start.every((byte) => byte >= 32 || byte === 9 || byte === 10 || byte === 13);
	const kind = isText ? 'a text file' : size % 512 === 0 ? 'encrypted, or no database at all' : 'a file of another kind';
	return new MigrError('database', `${name} is not a SQLite database: it looks like ${kind}`, {
		hint: isText
			? 'check db_path in migrate.toml, or --db'
			: 'check db_path in migrate.toml, or --db\nif it was a database before, put a backup back (lite-migr restore)',
		cause,
	});
}
