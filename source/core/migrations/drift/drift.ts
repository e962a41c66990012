import {MigrError} from '../../errors.ts';
import type {Schema} from '../../schema/schema.ts';
import type {Database} from '../../sqlite/database.ts';
import {introspect} from '../../sqlite/introspect.ts';
import {loadMigrations} from '../files/source.ts';
import {managedSchema} from '../history/managed-schema.ts';
import type {ProjectState} from '../history/state.ts';
import {replayFromNothing} from '../replay/replay.ts';
import {type SchemaDifference, schemaDifferences} from '../replay/schema-differences.ts';

/** How a database differs from its migrations. */
export interface Drift {
	/** Objects that are missing from the database, are not in any migration, or were changed. Empty if nothing drifted. */
	readonly differences: readonly SchemaDifference[];
	/** The schema that the applied migrations build, without bookkeeping and ignored objects. Absent if it cannot be determined. */
	readonly expected?: Schema;
	/** The schema of the database, without the same objects. */
	readonly actual: Schema;
	/** Why drift cannot be determined: a migration file is missing or broken. Absent if it was determined. */
	readonly unknown?: string;
}

/** Compares the database with what its applied migrations build from scratch. Finds objects that no migration covers or that were changed by hand. */
export async function findDrift(db: Database, state: ProjectState, ignore: readonly string[] = []): Promise<Drift> {
	const actual = managedSchema(introspect(db), ignore);
	if (state.missing.length > 0) return {differences: [], actual, unknown: `the files of ${state.missing.join(', ')} are missing`};
	try {
		const files = new Map(state.files.map((file) => [file.name, file]));
		const {schema} = await replayFromNothing(
			await loadMigrations(
				state.source,
				state.applied.flatMap(({name}) => files.get(name) ?? []),
			),
		);
		const expected = managedSchema(schema, ignore);
		return {differences: schemaDifferences(expected, actual), expected, actual};
	} catch (error) {
		if (!(error instanceof MigrError)) throw error;
		return {differences: [], actual, unknown: error.message};
	}
}
