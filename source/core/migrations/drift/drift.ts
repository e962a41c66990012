import type {SchemaRow} from '../../ddl/read.ts';
import {MigrError} from '../../errors.ts';
import {historyTable} from '../../runtime/history-table.ts';
import {sameName} from '../../schema/identifiers.ts';
import type {Schema} from '../../schema/schema.ts';
import type {Database} from '../../sqlite/database.ts';
import {schemaOf, storedRows} from '../../sqlite/introspect.ts';
import type {MigrationFile} from '../files/list.ts';
import {withSingleQuotes} from '../files/readable-schema.ts';
import {managedSchema} from '../history/managed-schema.ts';
import type {ProjectState} from '../history/state.ts';
import {type BuiltSchema, builtSchema} from '../replay/built-schema.ts';
import {type SchemaDifference, schemaDifferences} from '../replay/schema-differences.ts';

/** How a database differs from its migrations. */
export interface Drift {
	/** Objects that are missing from the database, are not in any migration, or were changed. Empty if nothing drifted. */
	readonly differences: readonly SchemaDifference[];
	/** The schema that the applied migrations build, without bookkeeping and ignored objects. Absent if it cannot be determined. */
	readonly expected?: Schema | undefined;
	/** The schema of the database, without the same objects. */
	readonly actual: Schema;
	/** Why drift cannot be determined: a migration file is missing or broken. Absent if it was determined. */
	readonly unknown?: string | undefined;
}

export interface DriftOptions {
	readonly ignore?: readonly string[];
	/** What the applied migrations build, if it is known already. */
	readonly built?: BuiltSchema | undefined;
}

/** Compares the database with what its applied migrations build from scratch. Finds objects that no migration covers or that were changed by hand. */
export async function findDrift(db: Database, state: ProjectState, {ignore = [], built}: DriftOptions = {}): Promise<Drift> {
	const rows = storedRows(db);
	const actual = () => managedSchema(schemaOf(rows), ignore);
	if (state.missing.length > 0) return drift({differences: [], unknown: `the files of ${state.missing.join(', ')} are missing`}, actual);
	const found = await ifKnown(async () => built ?? (await builtSchema(state.source, appliedFiles(state))));
	if (found instanceof MigrError) return drift({differences: [], unknown: found.message}, actual);
	const expected = () => managedSchema(found.schema, ignore);
	// The same text has the same meaning, so most databases need not be read any further.
	return drift({differences: isSameText(found.rows, rows) ? [] : realDifferences(expected(), actual())}, actual, expected);
}

/** Returns the differences in meaning. A baseline writes the strings of an old file in single quotes, which is not a difference. */
function realDifferences(expected: Schema, actual: Schema): readonly SchemaDifference[] {
	const differences = schemaDifferences(expected, actual);
	return differences.length === 0 ? differences : schemaDifferences(withSingleQuotes(expected), withSingleQuotes(actual));
}

/** Returns the files of the applied migrations, in the order they were applied. */
export function appliedFiles({files, applied}: Pick<ProjectState, 'files' | 'applied'>): readonly MigrationFile[] {
	const byName = new Map(files.map((file) => [file.name, file]));
	return applied.flatMap(({name}) => byName.get(name) ?? []);
}

function drift(facts: Pick<Drift, 'differences' | 'unknown'>, actual: () => Schema, expected?: () => Schema): Drift {
	return {
		...facts,
		get actual() {
			return actual();
		},
		get expected() {
			return expected?.();
		},
	};
}

async function ifKnown<T>(work: () => Promise<T>): Promise<T | MigrError> {
	try {
		return await work();
	} catch (error) {
		if (error instanceof MigrError) return error;
		throw error;
	}
}

/** True if a database has exactly these definitions, and the history table. */
function isSameText(expected: readonly SchemaRow[], actual: readonly SchemaRow[]): boolean {
	const open = new Map(expected.map((row) => [row.sql, row]));
	for (const {type, name, sql} of actual) {
		if (type === 'table' && sameName(name, historyTable)) continue;
		const row = open.get(sql);
		if (row?.type !== type || row.name !== name) return false;
		open.delete(sql);
	}
	return open.size === 0;
}
