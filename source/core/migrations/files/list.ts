import {lstatSync, readdirSync, readFileSync} from 'node:fs';
import {basename, extname, resolve} from 'node:path';
import {MigrError} from '../../errors.ts';
import {sha256Of} from '../../text/digest.ts';
import {fileProblem} from '../../text/file-problem.ts';
import {firstBadLine} from '../../text/utf8.ts';

/** A migration file that was read, but not loaded. */
export interface MigrationFile {
	/** The file's name without its extension. Migrations are ordered by it. */
	readonly name: string;
	readonly path: string;
	/** `wrangler`: a file that `wrangler d1 migrations apply` runs. */
	readonly kind: 'ts' | 'sql' | 'py' | 'wrangler';
	readonly text: string;
	readonly checksum: string;
	/** The first line that is not UTF-8. Absent if the file is valid UTF-8; otherwise `text` contains replacement characters. */
	readonly badLine?: number | undefined;
	/** The file with the downgrade, if it is a separate file. */
	readonly downgrade?: SqlText | undefined;
}

/** The text of a file. */
export type SqlText = Pick<MigrationFile, 'path' | 'text' | 'badLine'>;

const kinds: Readonly<Record<string, MigrationFile['kind']>> = {
	'.ts': 'ts',
	'.mts': 'ts',
	'.cts': 'ts',
	'.js': 'ts',
	'.mjs': 'ts',
	'.cjs': 'ts',
	'.sql': 'sql',
	'.py': 'py',
};

/** Returns the kind of a migration file by its extension. */
export function kindOf(file: string): MigrationFile['kind'] | undefined {
	return kinds[extname(file).toLowerCase()];
}

/**
 * Lists the migration files of a folder, in order. Empty if the folder does not exist. Skips folders, files of other kinds, and files whose name starts
 * with `.` or `_`, such as code that migrations share.
 *
 * @throws MigrError `migration` for a migration file whose name does not start with a number, for two files with the same name, and for `.up.sql` and
 * `.down.sql` files
 */
export function listMigrations(directory: string): readonly MigrationFile[] {
	const files = filesIn(directory)
		.filter((file) => kindOf(file) !== undefined && !/^[._]|\.d\.[mc]?ts$/.test(file))
		.flatMap((file): readonly MigrationFile[] => {
			const path = resolve(directory, file);
			if (!/^\d/.test(file)) {
				throw new MigrError('migration', `${file} is not a migration: its name does not start with a time`, {
					location: {file: path},
					hint: 'rename it, for example to 20261122_175200_add_orders.ts; files whose name starts with _ are skipped',
				});
			}
			requireNoHalf(file, path);
			const read = readText(path);
			if (read === undefined) return [];
			return [{...read, name: basename(file, extname(file)), kind: kindOf(file) ?? 'ts', checksum: checksumOf(read.text)}];
		})
		.sort((a, b) => (a.name < b.name ? -1 : a.name > b.name ? 1 : 0));
	const double = files.find((file, index) => files[index + 1]?.name === file.name);
	if (double !== undefined) {
		throw new MigrError('migration', `there are two migrations named ${double.name}`, {
			location: {file: double.path},
			hint: 'rename or remove one of them',
		});
	}
	return files;
}

/** Rejects files of tools with two files per migration. Those tools run only one of the two. */
export function requireNoHalf(file: string, path: string): void {
	const half = /\.(up|down)\.sql$/i.exec(file)?.[1]?.toLowerCase();
	if (half === undefined) return;
	throw new MigrError('migration', `${file} is one half of another tool's migration, and both halves would run as upgrades`, {
		location: {file: path},
		hint: `to import a folder of .up.sql and .down.sql files, move it out of migrations_dir and run lite-migr baseline --from FOLDER\nto convert only this one, put both halves into one file, below -- upgrade and -- downgrade`,
	});
}

/** Returns the SHA-256 of a file's text. Ignores line endings and trailing whitespace, which editors and git may change. */
export function checksumOf(text: string): string {
	return sha256Of(hasStrayWhitespace(text) ? withoutStrayWhitespace(text) : text.trimEnd());
}

/** True if the checksum of a text ignores whitespace in it, other than at its end. */
export function hasStrayWhitespace(text: string): boolean {
	return /[^\S\n]\n|[\r\ufeff]/.test(text);
}

function withoutStrayWhitespace(text: string): string {
	const lines = text.replace(/^\ufeff/, '').split(/\r\n|\r|\n/);
	return lines
		.map((line) => line.trimEnd())
		.join('\n')
		.trimEnd();
}

/** Returns the names of the files in the folder. Empty if it does not exist. @throws MigrError if it cannot be read */
export function filesIn(directory: string): readonly string[] {
	try {
		return readdirSync(directory, {withFileTypes: true})
			.filter((entry) => !entry.isDirectory())
			.map(({name}) => name);
	} catch (cause) {
		const {code} = cause as NodeJS.ErrnoException;
		if (code === 'ENOENT') return [];
		if (code === 'ENOTDIR') {
			throw new MigrError('config', 'migrations_dir is a file, not a folder', {
				location: {file: directory},
				hint: 'check migrations_dir in migrate.toml',
				cause,
			});
		}
		throw new MigrError('files', `the migrations folder cannot be read: ${fileProblem(cause)}`, {
			location: {file: directory},
			hint: "check the folder's permissions, and migrations_dir in migrate.toml",
			cause,
		});
	}
}

/**
 * Returns the text of a file that its folder lists. Undefined if another process has removed the file in the meantime.
 *
 * @throws MigrError `files` if the file cannot be read
 */
export function readText(path: string): SqlText | undefined {
	try {
		const bytes = readFileSync(path);
		return {path, text: bytes.toString('utf8'), badLine: firstBadLine(bytes)};
	} catch (cause) {
		const isMissing = (cause as NodeJS.ErrnoException).code === 'ENOENT';
		// A file that exists again was created after it was removed.
		if (isMissing && lstatSync(path, {throwIfNoEntry: false})?.isSymbolicLink() !== true) return undefined;
		throw new MigrError('files', `a migration cannot be read: ${isMissing ? 'the target of its symbolic link does not exist' : fileProblem(cause)}`, {
			location: {file: path},
			hint: isMissing ? 'remove the link, or restore its target' : `check the permissions of ${path}`,
			cause,
		});
	}
}
