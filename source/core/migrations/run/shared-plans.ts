import type {Schema} from '../../schema/schema.ts';
import type {Database} from '../../sqlite/database.ts';
import {folderNames} from '../backup/backup-files.ts';
import type {FolderNames} from '../backup/folder-names.ts';
import type {AppliedMigration} from '../files/migration.ts';
import type {MigrationSource} from '../files/source.ts';
import {isAdopted} from '../history/history.ts';
import type {ProjectState} from '../history/state.ts';
import {freshPlanner, type Planner, rememberingPlanner} from '../replay/planner.ts';
import type {PreparedState} from './prepared-run.ts';

/** The data that runs on several databases with the same options share. A run on one database has its own. */
export interface SharedPlans {
	/** The files of the runs. */
	readonly migrations: MigrationSource;
	readonly planner: Planner;
	/** The names in the folders of the backups. Undefined if they are read for each backup. */
	readonly backups: FolderNames | undefined;
	/** Checks a state before its migrations are loaded. @throws MigrError to refuse all databases in this state */
	allow(request: StateRequest): Promise<void>;
	/** Returns the prepared run for a database with this history and schema. Calls `prepare` for the first one. */
	prepare(applied: readonly AppliedMigration[], present: Schema, prepare: () => Promise<PreparedState>): Promise<PreparedState>;
}

/** Returns the plans of a run on one database, which shares nothing. */
export function ownPlans(migrations: MigrationSource): SharedPlans {
	return {migrations, planner: freshPlanner, backups: undefined, allow: async () => {}, prepare: (_applied, _present, prepare) => prepare()};
}

/**
 * Returns plans for runs on many databases. Databases with the same history and schema are prepared once, so the files are also read once: a migration
 * that is added or edited in the meantime is not part of these runs.
 *
 * @param allow see `SharedPlans`
 */
export function sharedPlans(migrations: MigrationSource, allow: (request: StateRequest) => Promise<void> = async () => {}): SharedPlans {
	const planner = rememberingPlanner();
	const states = new WeakMap<Schema, Map<string, PreparedState>>();
	return {
		migrations: {...migrations, forget() {}},
		planner,
		backups: folderNames(),
		allow,
		async prepare(applied, present, prepare) {
			const history = historyText(applied);
			const known = states.get(present)?.get(history);
			if (known !== undefined) return known;
			const prepared = await prepare();
			// The schema is remembered only as long as the planner remembers its text.
			states.set(present, (states.get(present) ?? new Map()).set(history, prepared));
			return prepared;
		},
	};
}

/** A state with something to do. */
export interface StateRequest {
	readonly state: ProjectState;
	/** A database in this state. */
	readonly db: Database;
}

/** Returns everything in a history that a run depends on. */
function historyText(applied: readonly AppliedMigration[]): string {
	return JSON.stringify(applied.map((row) => [row.name, row.checksum, isAdopted(row), row.downgrade]));
}
