import type {Schema} from '../../schema/schema.ts';
import type {DatabaseVersion} from '../../sqlite/database-version.ts';
import type {SelectedMigration} from '../history/select.ts';
import type {ProjectState} from '../history/state.ts';
import type {ReplayedMigration, Tables} from '../replay/replay.ts';
import type {LoadedRun} from './load-selected.ts';

/** One migration of a run, with the results of its replay. */
export interface PreparedMigration extends LoadedRun, ReplayedMigration {}

/** A run before anything is written, as far as it depends only on the history and the schema of the database. */
export interface PreparedState {
	readonly state: ProjectState;
	readonly files: readonly SelectedMigration[];
	readonly migrations: readonly PreparedMigration[];
	/** The schema before the run. */
	readonly present: Schema;
	readonly notices: readonly string[];
	/** Tables whose rows may change, by their current names. */
	readonly touched: Tables;
	/** True if statements or code may change or delete existing rows. */
	readonly changesRows: boolean;
	/** Like `changesRows`, but also for rows that an earlier migration of the same run has inserted into a new table. */
	readonly changesNewRows: boolean;
}

/** A run on one database before anything is written. */
export interface PreparedRun extends PreparedState {
	/** The version that the database had when state and schema were read. */
	readonly version: DatabaseVersion;
}
