import {readFileSync} from 'node:fs';
import {resolve} from 'node:path';
import {type Config, configFor} from '../core/config/config.ts';
import {MigrError} from '../core/errors.ts';
import {type FoundTargets, findTargets} from '../core/migrations/fleet/find-targets.ts';
import {projectAt} from '../core/migrations/project.ts';
import {fileProblem} from '../core/text/file-problem.ts';
import type {DatabaseFlags} from './fleet-flags.ts';
import type {Context} from './line/command.ts';

/** A project with several databases, as the command line names them. */
export interface Fleet {
	/** The settings of the project. The database in it is not used. */
	readonly project: Config;
	/** One configuration for each database. */
	readonly configs: readonly Config[];
	readonly skipped: FoundTargets['skipped'];
}

/** The names of databases that a command line contains. */
type NamedIn = Pick<Context, 'cwd' | 'environment'> & {readonly flags: Pick<Context['flags'], 'config'> & DatabaseFlags};

/** The context of a command that takes several databases. */
export type FleetContext = Pick<Context, 'cwd' | 'environment' | 'readInput'> & {readonly flags: Context['flags'] & DatabaseFlags};

/**
 * Finds the databases of a command.
 *
 * @throws MigrError `usage` if a pattern or the list names no database, or `config` like `projectAt`
 */
export async function fleetOf(context: FleetContext): Promise<Fleet> {
	return fleetIn(context, context.flags.dbList === '-' ? await context.readInput() : undefined);
}

/**
 * Finds the databases of a command.
 *
 * @param input the text of stdin, if the list of databases is read from it
 * @throws MigrError like `fleetOf`
 */
export function fleetIn({flags, cwd, environment}: NamedIn, input?: string): Fleet {
	const {databases: named = [], dbList, config} = flags;
	const list = input ?? (dbList === undefined ? undefined : readList(resolve(cwd, dbList)));
	const {databases, skipped} = findTargets({named, list, cwd});
	// The settings for any file are those for all files.
	const project = projectAt({cwd, config, db: 'fleet.db', environment});
	// A copy, because process.env cannot be passed to a thread.
	const options = {cwd, environment: {...environment}};
	return {project, configs: databases.map((db) => configFor(project, db, options)), skipped};
}

function readList(file: string): string {
	try {
		return readFileSync(file, 'utf8');
	} catch (cause) {
		throw new MigrError('usage', `the list of databases cannot be read: ${fileProblem(cause)}`, {location: {file}, cause});
	}
}
