import {basename, dirname} from 'node:path';
import {MigrError} from '../errors.ts';
import {type Advice, advice, theOption} from '../text/advice.ts';
import {clean} from '../text/clean.ts';
import {fileProblem} from '../text/file-problem.ts';
import {isError} from '../text/thrown.ts';
import {lockHolders} from './lock-holder.ts';

/** Returns the extended result code of an SQLite error, such as `SQLITE_CONSTRAINT_UNIQUE` (https://www.sqlite.org/rescode.html). */
export function sqliteCode(error: unknown): string | undefined {
	const code = isError(error) && 'code' in error ? error.code : undefined;
	return typeof code === 'string' && code.startsWith('SQLITE_') ? code : undefined;
}

const paths = new WeakMap<object, string>();

/** Records which database an error is about. Only the first call for an error counts. */
export function notePath(error: unknown, path: string): void {
	if (typeof error === 'object' && error !== null && !paths.has(error)) paths.set(error, path);
}

/**
 * Explains an error that is not a bug: a damaged, locked or read-only database file, or a file or folder that the system refuses to open. Returns
 * undefined for everything else, which is a bug.
 */
export function knownFailure(error: unknown): MigrError | undefined {
	if (error instanceof MigrError) return error;
	if (typeof error !== 'object' || error === null) return undefined;
	const database = paths.get(error);
	if (database !== undefined && database !== ':memory:') return fileFailure(error, database);
	return systemFailure(error);
}

/** System errors that no program can prevent. */
const refusals = ['EROFS', 'ENOSPC', 'EDQUOT', 'EACCES', 'EPERM', 'EMFILE', 'ENFILE', 'EIO', 'ENOTDIR', 'EISDIR', 'ENAMETOOLONG'];

function systemFailure(error: object): MigrError | undefined {
	const {code, path, syscall} = error as {readonly code?: unknown; readonly path?: unknown; readonly syscall?: unknown};
	if (typeof code !== 'string' || typeof path !== 'string' || syscall === undefined || !refusals.includes(code)) return undefined;
	return new MigrError('files', `cannot use ${path}: ${fileProblem(error)}`, {
		hint: 'check the permissions of the file and its folder, and the free space on the disk',
		cause: error,
	});
}

export function isBusy(error: unknown): boolean {
	return /^SQLITE_(BUSY|LOCKED)/.test(sqliteCode(error) ?? '');
}

/**
 * Explains a problem with the file: a lock, a full disk, a read-only file, damage.
 * Returns undefined for errors that are not about the file, such as a failed constraint or a wrong statement.
 */
export function fileFailure(error: unknown, path: string): MigrError | undefined {
	const code = sqliteCode(error);
	if (code === undefined) return undefined;
	const [kind, message, hint] = explain(code, path, (error as Error).message) ?? [];
	return kind === undefined || message === undefined ? undefined : new MigrError(kind, message, {hint, cause: error});
}

function explain(code: string, path: string, message: string): [MigrError['code'], string, string | Advice] | undefined {
	const name = basename(path);
	const folder = dirname(path);
	// Unlike SQLITE_BUSY, this is a conflict within one connection.
	if (code === 'SQLITE_LOCKED') {
		return ['locked', `a statement of this connection is still reading ${name}`, 'finish or leave the loop over its rows, then run it again'];
	}
	if (/^SQLITE_(BUSY|LOCKED)/.test(code)) {
		const holders = lockHolders(path);
		return [
			'locked',
			`${name} is locked by ${holders.length === 0 ? 'another process' : holders.join(', ')}`,
			advice`wait for that process to finish, or set a longer ${{command: 'wait in migrate.toml', program: 'timeout with the option wait'}}`,
		];
	}
	if (code === 'SQLITE_NOTADB') {
		return ['database', `${name} is not a SQLite database, or it is encrypted`, advice`check ${theOption.database}`];
	}
	const [, object, unsafe] = /^malformed database schema \((.+)\) - unsafe use of (.+)$/s.exec(message) ?? [];
	if (object !== undefined && unsafe !== undefined) {
		return [
			'database',
			`the definition of ${clean(object)} uses ${clean(unsafe)}, which SQLite does not allow in a schema that it does not trust`,
			'change or drop the definition in the program that created it',
		];
	}
	if (code.startsWith('SQLITE_CORRUPT')) {
		const schema = message.startsWith('malformed database schema') ? `: ${message}` : '';
		return [
			'database',
			`${name} is damaged${schema}`,
			'restore a backup with lite-migr restore, or recover the remaining data with the .recover command of the sqlite3 shell',
		];
	}
	if (code === 'SQLITE_FULL' || (code === 'SQLITE_IOERR_WRITE' && /full|space/i.test(message))) {
		return diskFull(path);
	}
	if (code === 'SQLITE_READONLY_DIRECTORY') return readOnlyFolder(folder);
	if (code.startsWith('SQLITE_READONLY')) return ['files', `${name} is read-only`, `give this user write permission for ${path}`];
	if (code.startsWith('SQLITE_CANTOPEN')) {
		return ['files', `${name} or its journal cannot be opened`, `check the permissions of ${path} and its folder`];
	}
	if (code.startsWith('SQLITE_IOERR'))
		return ['files', `reading or writing ${name} failed (${code})`, 'check the disk, its free space and the limits of this process'];
	if (code === 'SQLITE_PERM' || code === 'SQLITE_AUTH') return ['files', `no permission to use ${name}`, `check the permissions of ${path}`];
	return undefined;
}

function diskFull(path: string): ['files', string, string] {
	return [
		'files',
		`the disk is full: ${basename(path)} could not be written`,
		`free some disk space for ${dirname(path)}, then run the command again`,
	];
}

/** Explains why the system could not write a file. Returns undefined for everything except a full disk. */
export function writeFailure(error: unknown, path: string): MigrError | undefined {
	const {code} = (error ?? {}) as {readonly code?: unknown};
	if (code !== 'ENOSPC' && code !== 'EDQUOT') return undefined;
	const [kind, message, hint] = diskFull(path);
	return new MigrError(kind, message, {hint, cause: error});
}

export function readOnlyFolder(folder: string): ['files', string, string] {
	return [
		'files',
		`the folder ${folder} is read-only, but SQLite needs to create its journal in the same folder as the database`,
		`give this user write permission for ${folder}`,
	];
}
