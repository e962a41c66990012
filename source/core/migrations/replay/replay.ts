import {type ErrorLocation, MigrError, restated} from '../../errors.ts';
import type {Hazard} from '../../operations/hazard.ts';
import type {Operation} from '../../operations/operation.ts';
import {TableNames, type TrackedTable} from '../../operations/table-names.ts';
import type {Step} from '../../plan/step.ts';
import {nameKey} from '../../schema/identifiers.ts';
import {emptySchema, type Schema} from '../../schema/schema.ts';
import type {ScriptStep} from '../../script/step-facts.ts';
import type {Database} from '../../sqlite/database.ts';
import {introspect} from '../../sqlite/introspect.ts';
import {memoryCopy} from '../../sqlite/memory-copy.ts';
import {parkedSchema} from '../../sqlite/parked-schema.ts';
import {dropTemporaryObjects} from '../../sqlite/temporary-objects.ts';
import {reassertSettings} from '../../sqlite/transaction.ts';
import {StatementWatch} from '../effects/statement-watch.ts';
import type {WriteRecord} from '../effects/write-record.ts';
import type {Migration} from '../files/migration.ts';
import {placeOfBrokenDefinition} from './broken-definition.ts';
import {isMerelyCopied} from './merely-copied.ts';
import {observeStep} from './observe-step.ts';
import {type Performed, type PerformOptions, type PlacedHazard, perform} from './perform.ts';
import {checkReadAgain} from './target-check.ts';

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
	/** The steps as planned, as in `Performed`. */
	readonly planned: readonly Step[] | undefined;
	/** The same steps with the facts that a script needs. Empty unless the replay is portable. */
	readonly scriptSteps: readonly ScriptStep[];
	readonly hazards: readonly Hazard[];
	/** The same hazards, with the names of their tables before the whole replay. */
	readonly placed: readonly PlacedHazard[];
	/** Tables that earlier migrations change, by their names before the whole replay, in lower case. */
	readonly changedEarlier: Pick<ReadonlySet<string>, 'has'> | 'all';
	/** Tables that its statements may remove rows or values from, by their names before the whole replay. */
	readonly mayLose: readonly string[];
}

/** Table names in lower case, or 'all' if code may change any table. */
export type Tables = ReadonlySet<string> | 'all';

export interface Replay {
	readonly schema: Schema;
	readonly migrations: readonly ReplayedMigration[];
	/** Tables whose rows may change, by their names before the replay. */
	readonly touched: Tables;
	/** True if statements or code may change or delete existing rows. */
	readonly changesRows: boolean;
	/** Like `changesRows`, but also for rows that an earlier migration of the same run has inserted into a new table. */
	readonly changesNewRows: boolean;
	/** Every rename of a table, by operations and by statements. */
	readonly renames: TableNames['renames'];
}

export function upgradesOf(migrations: readonly Migration[]): readonly MigrationRun[] {
	return migrations.map(({name, path, upgrade}) => ({name, path, operations: upgrade}));
}

export interface ReplayOptions extends Pick<PerformOptions, 'portable' | 'planner' | 'hasExtension' | 'before' | 'parked' | 'isComparedLater'> {
	/** Called before each step, with the copy that the step changes. */
	readonly onStep?: ((migration: string, db: Database, step: Step) => void) | undefined;
	/** Called with the copy after the last migration. Not called if there are no migrations. */
	readonly onDone?: ((db: Database) => void) | undefined;
}

/**
 * Executes migrations on a copy of a schema in memory, without rows, and returns the resulting schema. Code (`op.run`) and statements about rows are
 * skipped, because they must not change the schema.
 *
 * @throws MigrError with file and line if a migration does not fit the schema
 */
export async function replay(
	from: Schema,
	runs: readonly MigrationRun[],
	{portable = false, planner, hasExtension, onStep, onDone}: Omit<ReplayOptions, 'before' | 'parked' | 'isComparedLater'> = {},
): Promise<Replay> {
	if (runs.length === 0) return {schema: from, migrations: [], touched: new Set(), changesRows: false, changesNewRows: false, renames: []};
	const db = memoryCopy(from);
	try {
		db.exec('PRAGMA foreign_keys = OFF; BEGIN');
		// The order of objects in the copy may differ, so the schema is read from the copy.
		let schema = introspect(db);
		const watch = new StatementWatch(db, new TableNames(schema));
		const parked = portable || onStep !== undefined ? undefined : parkedSchema(db);
		const migrations: ReplayedMigration[] = [];
		/** The first migration that changes a table, by the table's name before the replay. */
		const firstChange = new Map<string, number>();
		for (const run of runs) {
			const number = migrations.length;
			for (const table of originsOf(watch.record.takeChanged())) if (!firstChange.has(table)) firstChange.set(table, number - 1);
			const isEarlier = (table: string) => (firstChange.get(table) ?? number) < number;
			const changedEarlier = watch.record.isUnknown ? ('all' as const) : {has: isEarlier};
			const {scriptSteps, performed} = await replayRun(db, run, watch, {
				portable,
				...(planner === undefined ? {} : {planner}),
				hasExtension,
				before: schema,
				onStep,
				parked,
				isComparedLater: true,
			});
			migrations.push({
				...replayed(run, schema, performed, watch),
				before: schema,
				scriptSteps,
				changedEarlier,
			});
			schema = performed.after;
		}
		parked?.restore();
		const read = introspect(db);
		checkReadAgain(read, schema);
		onDone?.(db);
		return {
			schema: read,
			migrations,
			touched: watch.record.isUnknown ? 'all' : originsOf(watch.record.touched),
			changesRows: changesRows(watch.record, ({origin}) => origin !== null),
			changesNewRows: changesRows(watch.record, () => true),
			renames: watch.record.names.renames,
		};
	} finally {
		db.close();
	}
}

export interface ReplayedRun {
	readonly performed: Performed;
	/** The steps with the facts that a script needs. Empty unless the replay is portable. */
	readonly scriptSteps: readonly ScriptStep[];
}

/**
 * Executes one direction of a migration in the open transaction of a copy without rows. Code and statements about rows are skipped.
 *
 * @throws MigrError with file and line if the migration does not fit the schema
 */
export async function replayRun(
	db: Database,
	run: MigrationRun,
	watch: StatementWatch,
	{portable = false, planner, hasExtension, before, onStep, parked, isComparedLater = false}: Omit<ReplayOptions, 'onDone'>,
): Promise<ReplayedRun> {
	const performing = perform(db, run.operations, {
		portable,
		...(planner === undefined ? {} : {planner}),
		watch,
		migration: run.name,
		schemaOnly: true,
		hasExtension,
		parked,
		isComparedLater,
		before,
		reassert: () => reassertSettings(db),
	});
	const scriptSteps: ScriptStep[] = [];
	let next = await named(run, () => performing.next());
	while (next.done !== true) {
		if ('step' in next.value && next.value.kind === 'stepStart') {
			onStep?.(run.name, db, next.value.step);
			const {step} = next.value;
			if (portable) scriptSteps.push(await named(run, async () => observeStep(db, step)));
		}
		next = await named(run, () => performing.next());
	}
	if (next.value.steps.some(({kind}) => kind === 'execute')) dropTemporaryObjects(db);
	return {performed: next.value, scriptSteps};
}

function replayed(
	{name, operations}: MigrationRun,
	before: Schema,
	{steps, planned, hazards, after}: Performed,
	{record}: StatementWatch,
): Omit<ReplayedMigration, 'before' | 'scriptSteps' | 'changedEarlier'> {
	const losers = [...record.losersOf(name)].filter((table) => !isMerelyCopied(table, {name, operations, before, after}, record));
	return {
		name,
		after,
		steps,
		planned,
		hazards: hazards.map(({hazard}) => hazard),
		placed: hazards,
		mayLose: losers.flatMap(({origin}) => origin ?? []),
	};
}

function originsOf(tables: Iterable<TrackedTable>): ReadonlySet<string> {
	return new Set([...tables].flatMap(({origin}) => (origin === null ? [] : [nameKey(origin)])));
}

function changesRows(
	{written, droppedTables, droppedColumns, copiedAfterStatements, droppedAfterStatements, isUnknown}: WriteRecord,
	hasRows: (table: TrackedTable) => boolean,
): boolean {
	if (copiedAfterStatements.size + droppedAfterStatements.size > 0 || isUnknown) return true;
	if ([...droppedTables.keys(), ...droppedColumns.keys()].some(hasRows)) return true;
	return [...written].some(([table, {isAppend}]) => !isAppend && hasRows(table));
}

/** Replays migrations on an empty database. */
export async function replayFromNothing(migrations: readonly Migration[]): Promise<Replay> {
	return replay(emptySchema, upgradesOf(migrations));
}

/** Adds the file of the migration to errors without a file. */
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
