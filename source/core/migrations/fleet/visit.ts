import type {Config} from '../../config/config.ts';
import {MigrError} from '../../errors.ts';
import type {Database} from '../../sqlite/database.ts';
import {statPath} from '../../sqlite/open.ts';
import {type MigrationSource, projectMigrations} from '../files/source.ts';
import {readApplied} from '../history/history.ts';
import {newestName} from '../history/state.ts';
import {type OnLock, openForReading} from '../project.ts';
import {type Planner, rememberingPlanner} from '../replay/planner.ts';
import {failureOf} from './failure.ts';
import {fingerprint} from './fingerprint.ts';
import type {FileState, FleetFailure} from './fleet.ts';

/** One database of a fleet, open for reading. */
export interface Visit {
	readonly config: Config;
	readonly db: Database;
	/** The migrations, which all databases share. */
	readonly migrations: MigrationSource;
	readonly state: FileState;
	/** Calls `read` once for all databases with the same history and schema. */
	once<T>(read: () => Promise<T>): Promise<T>;
}

/** The result of one visit. */
export type Visited<T> = {readonly config: Config; readonly state: FileState} & ({readonly value: T} | {readonly failure: FleetFailure});

/**
 * Opens the databases of a fleet one after the other, and calls `work` for each of them. A database that cannot be read does not stop the others.
 *
 * @param lockFor what to do while another process has locked a database
 * @throws MigrError `cancelled` if the signal of a lock fires
 */
export async function* visitAll<T>(
	configs: readonly Config[],
	work: (visit: Visit) => Promise<T>,
	lockFor: (config: Config) => OnLock = () => ({}),
): AsyncGenerator<Visited<T>, void, void> {
	const planner = rememberingPlanner();
	const sources = new Map<string | undefined, MigrationSource>();
	const remembered = new Map<string, unknown>();
	for (const config of configs) {
		const {wranglerTable} = config;
		const migrations = sources.get(wranglerTable) ?? projectMigrations(config);
		sources.set(wranglerTable, migrations);
		yield await visited(config, {migrations, planner, remembered, lock: lockFor(config)}, work);
	}
}

interface Shared {
	readonly migrations: MigrationSource;
	readonly planner: Planner;
	readonly remembered: Map<string, unknown>;
	readonly lock: OnLock;
}

async function visited<T>(config: Config, {migrations, planner, remembered, lock}: Shared, work: (visit: Visit) => Promise<T>): Promise<Visited<T>> {
	let state: FileState = {at: null, schema: null};
	let db: Database | undefined;
	try {
		if (config.remote === undefined && statPath(config.dbPath) === undefined) throw new MigrError('database', `no database at ${config.dbPath}`);
		db = await openForReading(config, lock);
		db.exec('BEGIN');
		const applied = readApplied(db, config.wranglerTable);
		const present = planner.introspect(db);
		state = {at: newestName(applied), schema: fingerprint(present)};
		const history = JSON.stringify([config.wranglerTable, state.schema, applied.map((row) => [row.name, row.checksum, row.adopted, row.downgrade])]);
		const once = async <R>(read: () => Promise<R>): Promise<R> => {
			if (!remembered.has(history)) remembered.set(history, await read());
			return remembered.get(history) as R;
		};
		return {config, state, value: await work({config, db, migrations, state, once})};
	} catch (error) {
		if (error instanceof MigrError && error.code === 'cancelled') throw error;
		return {config, state, failure: failureOf(error)};
	} finally {
		db?.close();
	}
}
