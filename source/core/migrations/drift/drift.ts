import {MigrError} from '../../errors.ts';
import type {Schema} from '../../schema/schema.ts';
import type {Database} from '../../sqlite/database.ts';
import {introspect} from '../../sqlite/introspect.ts';
import {loadMigrations} from '../files/load.ts';
import {managedSchema} from '../history/managed-schema.ts';
import type {ProjectState} from '../history/state.ts';
import {replayFromNothing} from '../replay/replay.ts';
import {type SchemaDifference, schemaDifferences} from '../replay/schema-differences.ts';

export interface Drift {
	/** As seen from the migrations: what the database lacks, has in addition, or has otherwise. Empty when nothing drifted. */
	readonly differences: readonly SchemaDifference[];
	/** What the applied migrations make, and what is there; without bookkeeping and what is ignored. Absent where it cannot be known. */
	readonly expected?: Schema;
	readonly actual: Schema;
	/** Why the migrations cannot be replayed, where they cannot: a file is missing or broken. */
	readonly unknown?: string;
}

/** Holds the database against what its applied migrations make from nothing: objects that nobody wrote a migration for, or that were changed by hand. */
export async function findDrift(db: Database, state: ProjectState, ignore: readonly string[] = []): Promise<Drift> {
	const actual = managedSchema(introspect(db), ignore);
	if (state.missing.length > 0) return {differences: [], actual, unknown: `the files of ${state.missing.join(', ')} are missing`};
	try {
		const files = new Map(state.files.map((file) => [file.name, file]));
		const {schema} = await replayFromNothing(await loadMigrations(state.applied.flatMap(({name}) => files.get(name) ?? [])));
		const expected = managedSchema(schema, ignore);
		return {differences: schemaDifferences(expected, actual), expected, actual};
	} catch (error) {
		if (!(error instanceof MigrError)) throw error;
		return {differences: [], actual, unknown: error.message};
	}
}
