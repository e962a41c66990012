import {basename} from 'node:path';
import {MigrError} from '../../errors.ts';
import {advice} from '../../text/advice.ts';
import {clean} from '../../text/clean.ts';
import type {ProjectState} from './state.ts';

/** Returns the error for a database with migrations that are newer than all files. An older version of a program must not use it. */
export function databaseNewer({files, applied, missing}: ProjectState, database: string): MigrError {
	const last = files.at(-1)?.name ?? '';
	return new MigrError('databaseNewer', `${clean(basename(database))} is newer than this program: the last migration here is ${clean(last)}`, {
		details: [`applied to the database, and not here: ${missing.map(clean).join(', ')}`],
		hint: advice`update the program, or get the files of these migrations, for example from git\nto undo them with the downgrades stored in the database, run ${{command: wayBack(applied, missing), program: programWayBack(applied, missing)}}`,
	});
}

/** Returns the command that undoes the migrations without a file. */
export function wayBack(applied: ProjectState['applied'], missing: readonly string[]): string {
	const stay = lastWithFile(applied, missing);
	return stay === undefined ? `lite-migr downgrade --steps ${applied.length}` : `lite-migr downgrade --to ${stay.name}`;
}

function programWayBack(applied: ProjectState['applied'], missing: readonly string[]): string {
	const stay = lastWithFile(applied, missing);
	return `a downgrade with ${stay === undefined ? `steps: ${applied.length}` : `to: '${stay.name}'`}`;
}

/** Returns the migration before the first one without a file. */
function lastWithFile(applied: ProjectState['applied'], missing: readonly string[]): ProjectState['applied'][number] | undefined {
	return applied[applied.findIndex(({name}) => missing.includes(name)) - 1];
}
