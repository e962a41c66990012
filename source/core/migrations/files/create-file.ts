import {constants, copyFileSync, linkSync, mkdirSync, unlinkSync, writeFileSync} from 'node:fs';
import {join} from 'node:path';
import {MigrError} from '../../errors.ts';
import {fileProblem} from '../../text/file-problem.ts';
import {listMigrations} from './list.ts';
import {newMigrationName, requireMigrationName, squashName} from './names.ts';
import type {MigrationFormat} from './write.ts';

export interface CreatedFile {
	/** Without extension. */
	readonly name: string;
	readonly path: string;
}

/**
 * Puts a new migration file into the folder, whole or not at all, and never over another one: two that are made in the same second by two
 * processes get two names.
 *
 * @param applied names that the database knows, so that the new one sorts behind them even where their files are missing
 */
export function createMigrationFile(
	directory: string,
	name: string,
	format: MigrationFormat,
	text: string,
	now: Date,
	applied: readonly string[] = [],
): CreatedFile {
	requireMigrationName(name);
	return createWhole(directory, text, format, () => newMigrationName(name, now, [...listMigrations(directory).map((file) => file.name), ...applied]));
}

/** Puts a squashed migration into the folder, at the place of the last of its parts. */
export function createSquashFile(directory: string, name: string, lastPart: string, text: string): CreatedFile {
	requireMigrationName(name);
	const fullName = squashName(name, lastPart);
	return createWhole(directory, text, 'ts', () => {
		if (!listMigrations(directory).some((file) => file.name === fullName)) return fullName;
		throw new MigrError('usage', `there is a migration ${fullName} already`, {location: {file: directory}, hint: 'choose another name'});
	});
}

/** @param nameNow gives the name, anew each time that somebody else has taken it meanwhile */
function createWhole(directory: string, text: string, format: MigrationFormat, nameNow: () => string): CreatedFile {
	const temporary = join(directory, `.${crypto.randomUUID()}.tmp`);
	try {
		mkdirSync(directory, {recursive: true});
		writeFileSync(temporary, text);
		for (;;) {
			const name = nameNow();
			const path = join(directory, `${name}.${format}`);
			try {
				putInPlace(temporary, path);
				return {name, path};
			} catch (error) {
				if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
			}
		}
	} catch (cause) {
		if (cause instanceof MigrError) throw cause;
		throw new MigrError('files', `the migration cannot be written: ${fileProblem(cause)}`, {
			location: {file: directory},
			hint: 'check the rights on the folder and the space on the disk',
			cause,
		});
	} finally {
		removeIfThere(temporary);
	}
}

/** A link, unlike a rename, fails where the name is taken; not every file system has links. */
function putInPlace(temporary: string, path: string): void {
	try {
		linkSync(temporary, path);
	} catch (error) {
		if ((error as NodeJS.ErrnoException).code === 'EEXIST') throw error;
		copyFileSync(temporary, path, constants.COPYFILE_EXCL);
	}
}

function removeIfThere(path: string): void {
	try {
		unlinkSync(path);
	} catch (error) {
		if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
	}
}
