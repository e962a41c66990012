import {randomUUID} from 'node:crypto';
import {linkSync, mkdirSync, unlinkSync, writeFileSync} from 'node:fs';
import {join} from 'node:path';
import {MigrError} from '../errors.ts';
import {listMigrations} from './list.ts';
import {newMigrationName, requireMigrationName} from './names.ts';
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
	const temporary = join(directory, `.${name}.${randomUUID()}.tmp`);
	try {
		mkdirSync(directory, {recursive: true});
		writeFileSync(temporary, text, {flag: 'w'});
		for (;;) {
			const existing = [...listMigrations(directory).map((file) => file.name), ...applied];
			const fullName = newMigrationName(name, now, existing);
			const path = join(directory, `${fullName}.${format}`);
			try {
				// A link, unlike a rename, fails where the name is taken.
				linkSync(temporary, path);
				return {name: fullName, path};
			} catch (error) {
				if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
			}
		}
	} catch (cause) {
		if (cause instanceof MigrError) throw cause;
		throw new MigrError('files', `the migration cannot be written: ${(cause as Error).message}`, {
			location: {file: directory},
			hint: 'check the rights on the folder and the space on the disk',
			cause,
		});
	} finally {
		removeIfThere(temporary);
	}
}

function removeIfThere(path: string): void {
	try {
		unlinkSync(path);
	} catch (error) {
		if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
	}
}
