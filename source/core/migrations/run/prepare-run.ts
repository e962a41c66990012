import {MigrError} from '../../errors.ts';
import type {Schema} from '../../schema/schema.ts';
import type {Database} from '../../sqlite/database.ts';
import {introspect} from '../../sqlite/introspect.ts';
import {listMigrations, type MigrationFile} from '../files/list.ts';
import {loadMigrations} from '../files/load.ts';
import type {AppliedMigration, Migration} from '../files/migration.ts';
import {readApplied} from '../history/history.ts';
import {alreadyBeyond, selectMigrations} from '../history/select.ts';
import {type ProjectState, stateOf} from '../history/state.ts';
import {checkOrder} from '../replay/order.ts';
import type {MigrationRun, ReplayedMigration, Tables} from '../replay/replay.ts';
import {replayPending} from '../replay/replay-pending.ts';
import type {ApplyOptions} from './apply-options.ts';
import type {Target} from './apply-target.ts';
import {type DatabaseVersion, inSnapshot, versionOf} from './database-version.ts';

/** One migration of a run, with what a replay found out about it. */
export interface PreparedMigration extends MigrationRun, ReplayedMigration {
	readonly checksum: string;
	readonly transaction: boolean;
	/** False where the file has no way down. */
	readonly canUndo: boolean;
}

/** A run before anything is written. */
export interface PreparedRun {
	readonly state: ProjectState;
	readonly files: readonly MigrationFile[];
	readonly migrations: readonly PreparedMigration[];
	/** The schema that it begins with. */
	readonly present: Schema;
	/** The version that the database had when state and schema were read. */
	readonly version: DatabaseVersion;
	readonly notices: readonly string[];
	/** Tables whose rows may be other rows afterwards, by their names now. */
	readonly touched: Tables;
	/** True if statements or code may change or remove existing rows. */
	readonly changesRows: boolean;
}

/** Somebody else's commit must not come in between: the history would then not fit the schema. */
function readAtOnce(db: Database): {readonly applied: readonly AppliedMigration[]; readonly present: Schema; readonly version: DatabaseVersion} {
	return inSnapshot(db, () => ({applied: readApplied(db), present: introspect(db), version: versionOf(db)}));
}

/**
 * Reads the state, loads and replays what is to run. Throws MigrError where something does not fit, is edited, missing or
 * out of order. `portable`: planned in plain statements that other programs can run.
 */
export async function prepareRun(options: ApplyOptions, {db}: Pick<Target, 'db'>, portable = false): Promise<PreparedRun> {
	const {applied, present, version} = readAtOnce(db);
	const state = stateOf(listMigrations(options.migrationsDir), applied);
	const files = selectMigrations(state, options);
	if (files.length > 0 || options.direction === 'upgrade') requireUnedited(state, options);
	if (files.length === 0) {
		const beyond = alreadyBeyond(state, options);
		const notices = beyond === undefined ? [] : [beyond];
		return {state, files, migrations: [], present, version, notices, touched: new Set(), changesRows: false};
	}
	const notices =
		options.direction === 'upgrade'
			? await checkOrder(
					state,
					files.map(({name}) => name),
				)
			: [];
	const loaded = await loadMigrations(files);
	const runs = loaded.map((migration) => runOf(migration, options));
	const {migrations, touched, changesRows} = await replayPending(present, runs, state, {portable});
	return {
		state,
		files,
		present,
		version,
		notices,
		touched,
		changesRows,
		migrations: migrations.map((replayed, index) => ({
			...replayed,
			...(runs[index] as MigrationRun),
			checksum: loaded[index]?.checksum ?? '',
			transaction: loaded[index]?.transaction ?? true,
			canUndo: loaded[index]?.downgrade !== undefined,
		})),
	};
}

function runOf({name, path, format, upgrade, downgrade}: Migration, {direction}: ApplyOptions): MigrationRun {
	if (direction === 'upgrade') return {name, path, operations: upgrade};
	if (downgrade !== undefined) return {name, path, operations: downgrade};
	throw new MigrError('migration', `${name} has no way down`, {
		location: {file: path},
		hint: `write: ${writtenDowngrades[format]}; lite-migr restore puts a backup back`,
	});
}

const writtenDowngrades: Readonly<Record<Migration['format'], string>> = {
	ts: 'export function downgrade(op: MigrationBuilder) { … }',
	sql: '-- downgrade, and below it the statements that undo it',
	py: 'def downgrade(op): …',
};

function requireUnedited({edited, missing}: ProjectState, {confirmEdited}: ApplyOptions): void {
	if (confirmEdited === true || edited.length + missing.length === 0) return;
	const told = [
		...(edited.length > 0 ? [`changed since: ${edited.join(', ')}`] : []),
		...(missing.length > 0 ? [`missing: ${missing.join(', ')}`] : []),
	];
	throw new MigrError('answerNeeded', 'files of applied migrations are not what they were', {
		details: told,
		hint: 'bring them back from version control; where the change is meant, confirm it: --yes',
	});
}
