import {MigrError, restated} from '../../errors.ts';
import {emptySchema, type Schema} from '../../schema/schema.ts';
import type {Database} from '../../sqlite/database.ts';
import {introspect} from '../../sqlite/introspect.ts';
import {loadMigrations} from '../files/load.ts';
import type {Migration} from '../files/migration.ts';
import {managedSchema} from '../history/managed-schema.ts';
import {type ProjectState, projectState} from '../history/state.ts';
import {replayExplained} from './changed-table.ts';
import {type Replay, upgradesOf} from './replay.ts';
import {replayPending} from './replay-pending.ts';

/** What `create`, `diff` and `check` hold the models against. */
export interface Base {
	/** The database and what is pending, without bookkeeping and what is ignored. */
	readonly schema: Schema;
	/** The database as it is, in the same way; absent where there is no file. */
	readonly present?: Schema;
	readonly state: ProjectState;
	/** What the pending migrations do; all of them where there is no database. */
	readonly pending: Replay;
	/** The pending migrations themselves, in the same order. */
	readonly migrations: readonly Migration[];
}

export interface BaseRequest {
	/** Absent where there is no database file: then everything is replayed from nothing. */
	readonly db?: Database | undefined;
	readonly migrationsDir: string;
	/** Names and patterns that the project ignores. */
	readonly ignore?: readonly string[];
}

/**
 * The schema of the database plus its pending migrations, replayed in memory: so `create` works while migrations are pending, and never writes the
 * same change twice.
 *
 * @throws MigrError with file and line where a pending migration cannot be loaded or does not fit
 */
export async function baseSchema({db, migrationsDir, ignore = []}: BaseRequest): Promise<Base> {
	const state = projectState({db, migrationsDir});
	const present = db === undefined ? undefined : introspect(db);
	const {migrations, pending} = await telling(async () => {
		const migrations = await loadMigrations(state.pending.map(({file}) => file));
		const pending =
			present === undefined
				? await replayExplained(emptySchema, upgradesOf(migrations), state)
				: await replayPending(present, upgradesOf(migrations), state);
		return {migrations, pending};
	});
	return {
		schema: managedSchema(pending.schema, ignore),
		...(present === undefined ? {} : {present: managedSchema(present, ignore)}),
		state,
		pending,
		migrations,
	};
}

/** What is told of a migration that stands in the way says what to do about it. */
async function telling<T>(work: () => Promise<T>): Promise<T> {
	try {
		return await work();
	} catch (error) {
		if (!(error instanceof MigrError) || error.hint !== undefined) throw error;
		throw restated(error, {hint: 'this migration is pending, and cannot be applied as it is: mend it, or remove its file'});
	}
}
