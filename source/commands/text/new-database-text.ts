import {basename, extname} from 'node:path';
import type {MigrError} from '../../core/errors.ts';
import {clean} from '../../core/text/clean.ts';
import {nearPlaces} from '../../core/text/near-places.ts';
import {locationText} from './error-text.ts';

/** A reason why the migrations cannot build a new database: the location, the problem and suggested fixes. */
export interface NewDatabaseProblem {
	readonly place: string;
	readonly message: string;
	readonly details: readonly string[];
	/** One fix per element. */
	readonly fixes: readonly string[];
}

/**
 * Formats an error as a reason why the migrations cannot build a new database.
 *
 * @param applied names of applied migrations: if their files are edited, they must be recorded again
 */
export function newDatabaseProblem({message, location, details, hint}: MigrError, applied: readonly string[], cwd: string): NewDatabaseProblem {
	const file = location?.file;
	const name = file === undefined ? undefined : basename(file, extname(file));
	const isApplied = name !== undefined && applied.includes(name);
	return {
		place: locationText(location, cwd),
		message: clean(nearPlaces(message, cwd)),
		details: details.map((line) => clean(nearPlaces(line, cwd))),
		fixes: [
			...(hint === undefined ? [] : hint.split('\n').map((line) => nearPlaces(line, cwd))),
			...(isApplied
				? [`after editing the file, run lite-migr baseline ${clean(name)}: it compares the result with the database and records the file`]
				: []),
		],
	};
}

/** The fix for migrations that cannot build a new database, if they should not be edited. */
export const acceptHint = 'if you never build a new database from these migrations, set new_databases = false in migrate.toml';
