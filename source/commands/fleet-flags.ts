import {isPattern} from '../core/migrations/fleet/is-pattern.ts';
import type {Context} from './line/command.ts';

/** The flag of the commands that take several databases. They also accept `--db` several times, and patterns in it. */
export const fleetFlags = {
	dbList: {type: 'string', value: 'FILE', help: 'a list of databases, one path, pattern or address per line; - reads it from stdin'},
} as const;

/** The flags of the commands that change several databases. */
export const fleetRunFlags = {
	...fleetFlags,
	jobs: {type: 'number', isCount: true, value: 'N', help: 'several databases: the number of threads (default: one per core, at most 4)'},
	canary: {type: 'number', isCount: true, value: 'N', help: 'several databases: run N of them first, and stop if one of them fails'},
	keepGoing: {type: 'boolean', help: 'several databases: run the others if one of them fails'},
} as const;

/** The flags that name databases. */
export interface DatabaseFlags extends Pick<Context['flags'], 'databases'> {
	readonly dbList?: string | undefined;
}

/** True if the flags name several databases, or may name several: a list, a repeated `--db`, or a pattern that is not the name of a file. */
export function isFleet({databases = [], dbList}: DatabaseFlags, cwd: string): boolean {
	return dbList !== undefined || databases.length > 1 || databases.some((name) => isPattern(name, cwd));
}
