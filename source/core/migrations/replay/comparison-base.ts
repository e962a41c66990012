import {MigrError, restated} from '../../errors.ts';
import {emptySchema, type Schema} from '../../schema/schema.ts';
import type {Database} from '../../sqlite/database.ts';
import {introspect} from '../../sqlite/introspect.ts';
import type {Migration} from '../files/migration.ts';
import {loadMigrations, type MigrationSource} from '../files/source.ts';
import {managedSchema} from '../history/managed-schema.ts';
import {type ProjectState, projectState} from '../history/state.ts';
import {replayExplained} from './changed-table.ts';
import {type Replay, upgradesOf} from './replay.ts';
import {replayPending} from './replay-pending.ts';

/** The state that `create`, `diff` and `check` compare the models with. */
export interface ComparisonBase {
	/** The schema of the database with its pending migrations, without bookkeeping and ignored objects. */
	readonly schema: Schema;
	/** The current schema of the database, without the same objects. Absent if there is no database file. */
	readonly present?: Schema | undefined;
	readonly state: ProjectState;
	/** A replay of the pending migrations. Without a database, all migrations are pending. */
	readonly pending: Replay;
	/** The pending migrations themselves, in the same order. */
	readonly migrations: readonly Migration[];
}

export interface BaseRequest {
	/** Absent if there is no database file. All migrations are then replayed on an empty schema. */
	readonly db?: Database | undefined;
	readonly migrations: MigrationSource;
	/** Names and patterns that the project ignores. */
	readonly ignore?: readonly string[];
}

/**
 * Returns the schema of the database with its pending migrations, which are replayed in memory. So `create` works while migrations are pending, and
 * never writes the same change twice.
 *
 * @throws MigrError with file and line if a pending migration cannot be loaded or does not fit
 */
export async function baseSchema({db, migrations: source, ignore = []}: BaseRequest): Promise<ComparisonBase> {
	const state = projectState(source, db);
	const present = db === undefined ? undefined : introspect(db);
	const {migrations, pending} = await withHint(async () => {
		const migrations = await loadMigrations(
			source,
			state.pending.map(({file}) => file),
		);
		const pending =
			present === undefined
				? await replayExplained(emptySchema, upgradesOf(migrations), state)
				: await replayPending(present, upgradesOf(migrations), state);
		return {migrations, pending};
	});
	const schema = managedSchema(pending.schema, ignore);
	return {
		schema,
		present: present === pending.schema ? schema : present && managedSchema(present, ignore),
		state,
		pending,
		migrations,
	};
}

/** Adds a hint to errors of pending migrations that have none. */
async function withHint<T>(work: () => Promise<T>): Promise<T> {
	try {
		return await work();
	} catch (error) {
		if (!(error instanceof MigrError) || error.hint !== undefined) throw error;
		throw restated(error, {hint: 'fix this pending migration, or remove its file'});
	}
}
