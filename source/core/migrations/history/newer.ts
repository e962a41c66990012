import {basename} from 'node:path';
import {MigrError} from '../../errors.ts';
import {clean} from '../../text/clean.ts';
import type {ProjectState} from './state.ts';

/** The error about a database that has migrations newer than all files: an older version of the program must not run on it. */
export function databaseNewer({files, applied, missing}: ProjectState, database: string): MigrError {
	const last = files.at(-1)?.name ?? '';
	return new MigrError('databaseNewer', `${clean(basename(database))} is newer than this program: the last migration here is ${clean(last)}`, {
		details: [`applied to the database, and not here: ${missing.map(clean).join(', ')}`],
		hint: `update the program, or get the files of these migrations, for example from git\nto undo them with the downgrades stored in the database, run ${wayBack(applied, missing)}`,
	});
}

/** The command that undoes what is not known here. */
export function wayBack(applied: ProjectState['applied'], missing: readonly string[]): string {
	const first = applied.findIndex(({name}) => missing.includes(name));
	const stay = applied[first - 1];
	return stay === undefined ? `lite-migr downgrade --steps ${applied.length}` : `lite-migr downgrade --to ${stay.name}`;
}
