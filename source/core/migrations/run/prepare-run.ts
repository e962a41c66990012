import {cursorOver} from '../../ddl/cursor.ts';
import {nameOf} from '../../ddl/lexer.ts';
import {MigrError} from '../../errors.ts';
import type {Operation} from '../../operations/operation.ts';
import type {Step} from '../../plan/step.ts';
import {nameKey} from '../../schema/identifiers.ts';
import type {Schema} from '../../schema/schema.ts';
import type {Database} from '../../sqlite/database.ts';
import {introspect} from '../../sqlite/introspect.ts';
import {statementFacts} from '../../sqlite/statement.ts';
import {defaultBackupDir} from '../backup/backup-files.ts';
import type {PreflightEvent} from '../event.ts';
import {listMigrations, type MigrationFile} from '../files/list.ts';
import {loadMigrations} from '../files/load.ts';
import type {AppliedMigration, Migration} from '../files/migration.ts';
import type {Finding} from '../finding.ts';
import {readApplied} from '../history/history.ts';
import {alreadyBeyond, selectMigrations} from '../history/select.ts';
import {type ProjectState, stateOf} from '../history/state.ts';
import {type ForeignKeyViolations, foreignKeyViolations} from '../preflight/foreign-key-check.ts';
import {type Preflight, preflight} from '../preflight/preflight.ts';
import {checkOrder} from '../replay/order.ts';
import type {MigrationRun, ReplayedMigration} from '../replay/replay.ts';
import {replayPending} from '../replay/replay-pending.ts';
import type {ApplyOptions} from './apply-options.ts';
import type {Target} from './apply-target.ts';
import {bytesForRewrites, databaseBytes, freeBytes} from './disk-space.ts';

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
}

/** By these a change by another connection is noticed (https://www.sqlite.org/pragma.html#pragma_data_version). */
export interface DatabaseVersion {
	/** Another one after every commit of another connection. */
	readonly data: number;
	/** Another one after every change of the schema. */
	readonly schema: number;
}

export function versionOf(db: Database): DatabaseVersion {
	// In this order: reading the schema's version begins the snapshot.
	const schema = Number(db.value('PRAGMA schema_version'));
	return {data: Number(db.value('PRAGMA data_version')), schema};
}

/** Somebody else's commit must not come in between: the history would then not fit the schema. */
function readAtOnce(db: Database): {readonly applied: readonly AppliedMigration[]; readonly present: Schema; readonly version: DatabaseVersion} {
	return inSnapshot(db, () => ({applied: readApplied(db), present: introspect(db), version: versionOf(db)}));
}

function inSnapshot<T>(db: Database, read: () => T): T {
	if (db.inTransaction) return read();
	db.exec('BEGIN');
	try {
		return read();
	} finally {
		db.exec('COMMIT');
	}
}

/** What the rows say to a run. */
export interface Examined {
	readonly preflight: Preflight;
	readonly event: PreflightEvent;
	readonly takesBackup: boolean;
	/** Foreign keys that were broken before, of the tables whose rows the run touches. */
	readonly violations: ForeignKeyViolations;
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
		return {state, files, migrations: [], present, version, notices: beyond === undefined ? [] : [beyond]};
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
	const {migrations} = await replayPending(present, runs, state, {portable});
	return {
		state,
		files,
		present,
		version,
		notices,
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

/** Looks at the rows that are there, by SQL alone; undefined where the database is no longer the one that was prepared for. */
export function examine(options: ApplyOptions, target: Pick<Target, 'db' | 'isNew'>, prepared: PreparedRun): Examined | undefined {
	const {db} = target;
	const isLocked = db.inTransaction;
	return inSnapshot(db, () => {
		const {data, schema} = versionOf(db);
		// Under the lock rows may have changed since, but not the schema.
		const isSame = schema === prepared.version.schema && (isLocked || data === prepared.version.data);
		return isSame ? examineRows(options, target, prepared) : undefined;
	});
}

function examineRows(options: ApplyOptions, {db, isNew}: Pick<Target, 'db' | 'isNew'>, {present, migrations}: PreparedRun): Examined {
	const violations = foreignKeyViolations(db, present, tablesWithNewRows(migrations, operationsOf(migrations)));
	const found = preflight({db, present, runs: migrations, replayed: migrations, violations});
	const takesBackup = !isNew && options.dryRun !== true && wantsBackup(options.backup, db, migrations, found.findings);
	const bytesFree = freeBytes(options.database);
	const bytesNeeded = bytesForRewrites(db, present, migrations, bytesFree) + (takesBackup ? databaseBytes(db) : 0);
	const event: PreflightEvent = {type: 'preflight', findings: found.findings, bytesNeeded, bytesFree};
	return {preflight: found, event, takesBackup, violations};
}

function wantsBackup(mode: ApplyOptions['backup'], db: Database, migrations: readonly PreparedMigration[], findings: readonly Finding[]): boolean {
	if (mode === 'never' || Number(db.value('SELECT count(*) FROM sqlite_schema')) === 0) return false;
	if (mode === 'always' || findings.some(({destructive}) => destructive)) return true;
	return migrations.some(({steps, transaction}) => !transaction || steps.some(isRisky));
}

function isRisky(step: Step): boolean {
	if (step.kind === 'execute')
		return ['UPDATE', 'DELETE', 'REPLACE', 'DROP'].includes(statementFacts(step.operation.sql).verb) || removesRows(step.operation.sql);
	return step.kind === 'run' || step.strategy === 'rewrite' || step.strategy === 'drop';
}

function removesRows(sql: string): boolean {
	return statementFacts(sql).removesFrom !== undefined;
}

export function backupFolder(options: ApplyOptions): string {
	return options.backupDir ?? defaultBackupDir(options.database);
}

/**
 * Tables whose rows the steps may change so that a foreign key breaks, in lower case, under every name that they have in the run. An instant step
 * changes no row, and an edit has scanned them.
 */
export function tablesWithNewRows(
	migrations: readonly {readonly steps: readonly Step[]}[],
	operations: readonly Operation[],
): ReadonlySet<string> | 'all' {
	const tables = new Set<string>();
	for (const step of migrations.flatMap(({steps}) => steps)) {
		if (step.kind === 'run') return 'all';
		if (step.kind === 'execute') for (const token of cursorOver(step.operation.sql).tokens) tables.add(nameKey(nameOf(token)));
		else if (step.strategy === 'rewrite' || step.strategy === 'drop')
			for (const name of [step.table, step.object]) if (name !== undefined) tables.add(nameKey(name));
	}
	const renames = operations.filter((operation) => operation.kind === 'renameTable').map(({table, to}) => [nameKey(table), nameKey(to)] as const);
	for (const [from, to] of renames.toReversed()) if (tables.has(to)) tables.add(from);
	for (const [from, to] of renames) if (tables.has(from)) tables.add(to);
	return tables;
}

/** What all of them do, in order. */
export function operationsOf(migrations: readonly {readonly operations: readonly Operation[]}[]): readonly Operation[] {
	return migrations.flatMap(({operations}) => operations);
}
