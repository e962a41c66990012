import type {Config} from '../../core/config/config.ts';
import {MigrError} from '../../core/errors.ts';
import {loadMigrations, projectMigrations} from '../../core/migrations/files/source.ts';
import {projectState} from '../../core/migrations/history/state.ts';
import {baseSchema} from '../../core/migrations/replay/comparison-base.ts';
import {replayFromNothing} from '../../core/migrations/replay/replay.ts';
import {plan} from '../../core/plan/plan.ts';
import {preview} from '../../core/plan/preview.ts';
import type {Database} from '../../core/sqlite/database.ts';
import {localSqliteVersion} from '../../core/sqlite/driver/choose.ts';
import type {ListedMigration, MigrationDetails} from '../services.ts';
import {withRows} from './changes.ts';

/** Returns all migrations, applied or pending, in the order they run. */
export function historyOf(config: Config, db: Database | undefined): readonly ListedMigration[] {
	const {applied, pending, edited, missing, renamed} = projectState(projectMigrations(config), db);
	const names = new Map(renamed.map(({from, to}) => [to, from]));
	return [
		...applied.map(
			({name, appliedAt, durationMs, toolVersion}): ListedMigration => ({
				...(names.has(name) ? {renamedFrom: names.get(name) as string} : {}),
				name,
				appliedAt,
				durationMs,
				toolVersion,
				state: missing.includes(name) ? 'missing' : edited.includes(name) ? 'edited' : 'applied',
			}),
		),
		...pending.map(({file}): ListedMigration => ({name: file.name, state: 'pending', appliedAt: null, durationMs: null, toolVersion: null})),
	];
}

/**
 * Returns the changes of a migration. For a pending one, they are relative to the database. For an applied one, they are relative to the schema that
 * the migrations before it build from scratch.
 */
export async function migrationOf(config: Config, db: Database | undefined, name: string): Promise<MigrationDetails> {
	const {source, files, pending} = projectState(projectMigrations(config), db);
	const file = files.find((candidate) => candidate.name === name);
	if (file === undefined) return {name, path: null, changes: [], file: '', hasDowngrade: false};
	const migration = await ifKnown(() => source.load(file));
	const changes = await ifKnown(async () => {
		const before = pending.some((one) => one.file.name === name)
			? (await baseSchema({db, migrations: source})).pending.migrations.find((one) => one.name === name)?.before
			: (
					await replayFromNothing(
						await loadMigrations(
							source,
							files.filter((candidate) => candidate.name < name),
						),
					)
				).schema;
		if (before === undefined || migration === undefined) return undefined;
		return withRows(
			preview(
				before,
				migration.upgrade,
				plan(before, migration.upgrade, {portable: config.remote !== undefined, sqliteVersion: localSqliteVersion()}),
			),
			() => null,
		);
	});
	return {name, path: file.path, changes: changes ?? [], file: file.text, hasDowngrade: migration?.downgrade !== undefined};
}

/** Returns undefined on a MigrError: the database had tables before its first migration, or a file cannot be read or does not fit. */
async function ifKnown<T>(find: () => Promise<T>): Promise<T | undefined> {
	try {
		return await find();
	} catch (error) {
		if (error instanceof MigrError) return undefined;
		throw error;
	}
}
