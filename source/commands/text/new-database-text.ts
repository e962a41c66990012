import {basename, extname} from 'node:path';
import type {MigrError} from '../../core/errors.ts';
import {clean} from '../../core/text/clean.ts';
import {nearPlaces} from '../../core/text/near-places.ts';
import {locationText} from './error-text.ts';

/** A reason why no new database can be built from the migrations: where it is, what it is, and what to do about it. */
export interface NewDatabaseProblem {
	readonly place: string;
	readonly message: string;
	readonly details: readonly string[];
	/** One fix per element. */
	readonly fixes: readonly string[];
}

/** @param applied names of applied migrations: if their files are edited, they must be recorded again */
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

/** What can be done about migrations that build no new database, apart from editing them. */
export const acceptHint = 'if no new database is ever built from these migrations, write new_databases = false into migrate.toml';
