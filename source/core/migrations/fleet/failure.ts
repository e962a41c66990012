import {basename} from 'node:path';
import {MigrError} from '../../errors.ts';
import {statPath} from '../../sqlite/open.ts';
import type {FailedEvent} from '../event.ts';
import {asProblem} from '../problem.ts';
import type {FleetFailure} from './fleet.ts';

/** Returns an error as the failure of one database. An unknown error is a bug in lite-migr, but must not stop the other databases. */
export function failureOf(error: unknown): FleetFailure {
	const {code, message, hint, details} = asProblem(error);
	return {code, message, hint: hint ?? null, details};
}

/** Returns the failure in the last event of a run. */
export function failureIn({code, message, hint, details, migration}: FailedEvent): FleetFailure {
	return {code, message: migration === null ? message : `${migration} failed: ${message}`, hint, details};
}

/**
 * Checks that a database of a fleet exists and is not empty. A run on one database creates a missing file, but in a list it is more likely a mistake.
 *
 * @throws MigrError `database`
 */
export function requireContent(path: string, direction: string): void {
	const stats = statPath(path);
	const hint = direction === 'upgrade' ? 'to create it as a new database, run lite-migr upgrade' : undefined;
	if (stats === undefined) throw new MigrError('database', `no database at ${path}`, {hint});
	if (stats.size === 0) throw new MigrError('database', `${basename(path)} is empty`, {hint});
}
