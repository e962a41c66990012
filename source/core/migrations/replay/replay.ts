import {type ErrorLocation, MigrError, restated} from '../../errors.ts';
import type {Hazard} from '../../operations/hazard.ts';
import type {Operation} from '../../operations/operation.ts';
import type {Step} from '../../plan/step.ts';
import {emptySchema, type Schema} from '../../schema/schema.ts';
import type {Database} from '../../sqlite/database.ts';
import {introspect} from '../../sqlite/introspect.ts';
import {memoryCopy} from '../../sqlite/memory-copy.ts';
import {reassertSettings} from '../../sqlite/transaction.ts';
import type {Migration} from '../files/migration.ts';
import {placeOfBrokenDefinition} from './broken-definition.ts';
import {hiddenHazards} from './hidden-hazards.ts';
import {type PerformOptions, perform} from './perform.ts';

/** One direction of a migration. */
export interface MigrationRun {
	readonly name: string;
	readonly path: string;
	readonly operations: readonly Operation[];
}

export interface ReplayedMigration {
	readonly name: string;
	readonly before: Schema;
	readonly after: Schema;
	readonly steps: readonly Step[];
	/** In the names of `before`. */
	readonly hazards: readonly Hazard[];
}

export interface Replay {
	readonly schema: Schema;
	readonly migrations: readonly ReplayedMigration[];
}

export function upgradesOf(migrations: readonly Migration[]): readonly MigrationRun[] {
	return migrations.map(({name, path, upgrade}) => ({name, path, operations: upgrade}));
}

export interface ReplayOptions extends Pick<PerformOptions, 'portable'> {
	/** Called before each step with the copy that it is about to change. */
	readonly onStep?: ((migration: string, db: Database, step: Step) => void) | undefined;
}

/**
 * What migrations make of a schema: they are really executed, on a copy of it in memory without rows. Code (`op.run`) and statements about rows are
 * passed over, since they must not change the schema.
 *
 * @throws MigrError with file and line where a migration does not fit the schema that it meets
 */
export async function replay(from: Schema, runs: readonly MigrationRun[], {portable = false, onStep}: ReplayOptions = {}): Promise<Replay> {
	if (runs.length === 0) return {schema: from, migrations: []};
	const db = memoryCopy(from);
	try {
		db.exec('PRAGMA foreign_keys = OFF; BEGIN');
		// A copy may spell what it holds in another order; from here on it is the truth.
		let schema = introspect(db);
		const migrations: ReplayedMigration[] = [];
		for (const run of runs) {
			const performing = perform(db, run.operations, {portable, schemaOnly: true, reassert: () => reassertSettings(db)});
			let next = await named(run, () => performing.next());
			while (next.done !== true) {
				if (next.value.kind === 'stepStart') onStep?.(run.name, db, next.value.step);
				next = await named(run, () => performing.next());
			}
			const {steps, hazards, after} = next.value;
			migrations.push({
				name: run.name,
				before: schema,
				after,
				steps,
				hazards: [...hazards, ...hiddenHazards(schema, after, run.operations, hazards)],
			});
			schema = after;
		}
		return {schema, migrations};
	} finally {
		db.close();
	}
}

/** All migrations on an empty database. */
export async function replayFromNothing(migrations: readonly Migration[]): Promise<Replay> {
	return replay(emptySchema, upgradesOf(migrations));
}

/** An error that does not say where it comes from gets the migration's file. */
async function named<T>(run: MigrationRun, work: () => Promise<T>): Promise<T> {
	try {
		return await work();
	} catch (error) {
		if (!(error instanceof MigrError) || error.location?.file !== undefined) throw error;
		throw restated(error, {location: placeIn(run, error)});
	}
}

function placeIn({operations, path}: MigrationRun, {code, location = {}}: MigrError): ErrorLocation {
	const place = code === 'syntax' ? placeOfBrokenDefinition(operations, location) : undefined;
	return place ?? {...location, file: path};
}
