import {readStatement} from '../../ddl/read.ts';
import {changesSchema} from '../../ddl/statements/changes-schema.ts';
import {statementFacts} from '../../ddl/statements/statement-facts.ts';
import {changedOwners} from '../../operations/changed-owners.ts';
import type {Hazard} from '../../operations/hazard.ts';
import type {Operation} from '../../operations/operation.ts';
import {TableNames} from '../../operations/table-names.ts';
import type {Plan} from '../../plan/plan.ts';
import type {Step} from '../../plan/step.ts';
import {sameTable} from '../../schema/equality.ts';
import {nameKey} from '../../schema/identifiers.ts';
import {findTable} from '../../schema/lookup.ts';
import type {Schema} from '../../schema/schema.ts';
import type {Database} from '../../sqlite/database.ts';
import {executeStep} from '../../sqlite/execute-step.ts';
import {introspectAgain, isAnnotated} from '../../sqlite/introspect.ts';
import type {ParkedSchema} from '../../sqlite/parked-schema.ts';
import {withStoredTriggers} from '../../sqlite/rewrite.ts';
import type {StepContext, StepProgress, StepRun, StepWait} from '../../sqlite/step-context.ts';
import {requireVisible} from '../../sqlite/temporary-objects.ts';
import {StatementWatch} from '../effects/statement-watch.ts';
import {freshPlanner, type Planner} from './planner.ts';
import {isSameSchema, withHistoryOf} from './shared-objects.ts';
import {errorOf, requireExtensions} from './step-failure.ts';
import {withStoredText} from './stored-text.ts';

export interface PerformOptions {
	readonly signal?: AbortSignal | undefined;
	/** The name of the migration, which is recorded with its statements. */
	readonly migration?: string;
	/** True for a replay on a copy without rows: `run` and statements about rows are skipped. */
	readonly schemaOnly?: boolean;
	/** For a copy: see `StepContext`. */
	readonly hasExtension?: StepContext['hasExtension'];
	/** True to plan only plain statements that any SQLite since 3.35 can run. */
	readonly portable?: boolean;
	/**
	 * Restores the guard's settings, in case a statement of the migration changed one. Called before steps planned by lite-migr, and at the end.
	 * Between plain statements the settings of the migration are kept.
	 */
	readonly reassert?: () => void;
	/** Tracks what statements and code write, and the names of all tables. */
	readonly watch?: StatementWatch;
	/** Reads schemas and plans the operations. Default: a planner that remembers nothing. */
	readonly planner?: Planner;
	/** Replaces `executeStep`, which executes a step in the open transaction. */
	readonly execute?: typeof executeStep;
	/** Removes rows from `sqlite_schema` while the steps run. The caller restores them. Undefined if anything may read the schema between the steps. */
	readonly parked?: ParkedSchema | undefined;
	/** True if the caller compares the whole schema with the result at the end. Plain changes are then not read again one by one. */
	readonly isComparedLater?: boolean;
	/** The current schema, if it was read before. */
	readonly before?: Schema | undefined;
	/** A run of the same operations on a copy. Its steps are used if the schema is the same. */
	readonly replayed?: (Pick<Performed, 'planned' | 'before' | 'after'> & {readonly placed: Performed['hazards']}) | undefined;
}

export type PerformEvent =
	| {readonly kind: 'stepStart'; readonly step: Step; readonly number: number}
	| StepProgress
	| StepWait
	| {readonly kind: 'stepDone'; readonly step: Step; readonly number: number; readonly rows: number | null};

/** The steps that ran, and the results. */
export interface Performed {
	readonly steps: readonly Step[];
	/** The steps as they were planned. Undefined if the operations were planned in several parts. */
	readonly planned: readonly Step[] | undefined;
	/** `operation` is an index into the whole list. For tables that an earlier statement changed, contains only drops. */
	readonly hazards: readonly PlacedHazard[];
	readonly before: Schema;
	readonly after: Schema;
}

/** A hazard with the original name of its table, which finds the table in the database before the run. */
export interface PlacedHazard {
	readonly hazard: Hazard;
	/** Null for a table or column that was created since then, which has no earlier rows to lose. */
	readonly origin: HazardOrigin | null;
}

export interface HazardOrigin {
	readonly table: string;
	readonly column: string | null;
	/** Other tables that decide which rows are affected, such as the parent of a foreign key. Null for a table that was created since then. */
	readonly related: readonly (string | null)[];
}

/**
 * Plans the operations of one migration for the current schema, executes the steps in the open transaction, and checks that the schema is the planned
 * one. If a statement may change the schema, the remaining operations are planned again after it.
 *
 * @throws MigrError with the file and line of the failed operation, and the caller must roll back
 */
export async function* perform(
	db: Database,
	operations: readonly Operation[],
	options: PerformOptions = {},
): AsyncGenerator<PerformEvent, Performed, void> {
	const {planner = freshPlanner, parked} = options;
	const before = options.before ?? planner.introspect(db);
	const {watch = new StatementWatch(db, new TableNames(before))} = options;
	const known = options.replayed?.planned !== undefined && isSameSchema(before, options.replayed.before) ? options.replayed : undefined;
	const steps: Step[] = [];
	const hazards: PlacedHazard[] = [];
	let schema = before;
	let first: readonly Step[] | undefined = [];
	/** True if a statement or code may have changed a setting of the connection. */
	let isDirty = false;
	/** True after a statement or code. It may have created a temporary table, which hides a table of the same name. */
	let hasStatements = false;
	/** True after a statement or code, like `hasStatements`, and before its part is complete. */
	let mayHide = false;
	const reassert = () => {
		if (isDirty) options.reassert?.();
		isDirty = false;
	};
	const planned = (from: Schema, rest: readonly Operation[]) =>
		planner.plan(from, rest, {sqliteVersion: db.sqliteVersion, portable: options.portable === true});
	let parts = 0;
	for (let at = 0; at < operations.length; parts++) {
		const rest = at === 0 ? operations : operations.slice(at);
		const part = known === undefined ? planned(schema, rest) : undefined;
		const count = part?.planned ?? operations.length;
		for (const hazard of part?.hazards ?? []) {
			const {kind, table} = hazard;
			if (at > 0 && kind !== 'dropTable' && kind !== 'dropColumn' && !isUntouched(table, before, schema)) continue;
			hazards.push({hazard: {...hazard, operation: hazard.operation + at}, origin: originOf(hazard, watch.record.names)});
		}
		const start = steps.length;
		for (const one of part?.steps ?? known?.planned ?? []) {
			if (one.kind === 'rewrite') parked?.restore();
			const step = one.kind === 'rewrite' ? withStoredTriggers(db, one) : one;
			const number = steps.push(step);
			if (step.table !== undefined) parked?.beforeQuery(step.table);
			yield {kind: 'stepStart', step, number};
			watch.record.beforeStep(options.migration ?? '', step);
			const isUserCode = step.kind === 'execute' || step.kind === 'run';
			if (isUserCode) isDirty = true;
			else reassert();
			const run = execute(db, step, {...options, watch});
			const result = yield* located(rest, step, mayHide && !isUserCode ? ifVisible(db, step, run, parked) : run);
			mayHide ||= isUserCode;
			watch.record.afterStep(step, rest);
			yield {kind: 'stepDone', step, number, rows: result.rows};
		}
		const previous = schema;
		const done = rest.slice(0, count);
		hasStatements ||= done.some(({kind}) => kind === 'execute' || kind === 'run');
		const isPlain = !hasStatements && done.every(isPlainChange) && steps.slice(start).every(({kind}) => kind === 'statements');
		if (options.isComparedLater === true && isPlain) {
			schema = known === undefined ? withStoredText(db, (part as Plan).target, done, parked) : withHistoryOf(previous, known.after);
		} else {
			schema = schemaAfter(db, previous, done, steps.slice(start), options);
			const last = rest[count - 1];
			if (last?.kind !== 'execute' || !changesSchema(last.sql)) {
				if (known === undefined || !isSameSchema(schema, known.after)) planner.check(part ?? planned(previous, rest), schema);
			}
		}
		if (parts === 0) first = part?.steps ?? known?.planned;
		at += count;
	}
	reassert();
	return {steps, planned: parts <= 1 ? first : undefined, hazards: known?.placed ?? hazards, before, after: schema};
}

/** True for an operation after which SQLite stores the planned definition: it creates a table or an index, or adds a column. */
function isPlainChange(operation: Operation): boolean {
	if (operation.kind === 'createTable') {
		const table = readStatement(operation.sql);
		return table?.kind === 'table' && !isAnnotated(table);
	}
	return operation.kind === 'createIndex' || operation.kind === 'addColumn';
}

/** Reads the schema after steps. A copy of a table, or a statement about rows, may change any part of it. */
function schemaAfter(
	db: Database,
	before: Schema,
	operations: readonly Operation[],
	steps: readonly Step[],
	{schemaOnly = false, planner = freshPlanner, parked}: PerformOptions,
): Schema {
	const owners = steps.some(({kind}) => kind === 'rewrite') ? undefined : changedOwners(before, operations, {runsStatements: !schemaOnly});
	if (owners === undefined) parked?.restore();
	return owners === undefined ? planner.introspect(db) : introspectAgain(db, before, owners, parked);
}

function originOf(hazard: Hazard, names: TableNames): HazardOrigin | null {
	const tracked = names.find(hazard.table);
	if (tracked === undefined || tracked.origin === null) return null;
	const related = relatedTo(hazard).map((table) => {
		const other = names.find(table);
		return other === undefined ? table : other.origin;
	});
	if (hazard.kind !== 'dropColumn') return {table: tracked.origin, column: null, related};
	const column = tracked.columns.get(nameKey(hazard.column));
	return column === undefined ? null : {table: tracked.origin, column: column.origin, related};
}

function relatedTo(hazard: Hazard): readonly string[] {
	if (!('where' in hazard)) return [];
	return [...('foreignKey' in hazard ? [hazard.foreignKey.parent] : []), ...(hazard.reads ?? [])];
}

function isUntouched(table: string, before: Schema, now: Schema): boolean {
	const [was, is] = [findTable(before, table), findTable(now, table)];
	return was !== undefined && is !== undefined && sameTable(was, is, before, now);
}

async function* execute(
	db: Database,
	step: Step,
	{signal, schemaOnly, hasExtension, watch, parked, execute: run = executeStep}: PerformOptions & {readonly watch: StatementWatch},
): StepRun {
	if (step.kind !== 'statements') parked?.restore();
	if (schemaOnly === true && isAboutRows(step)) {
		if (step.kind === 'run') watch.record.assumeAnything();
		else if (step.kind === 'execute') requireExtensions(watch.assume(step.operation.sql, step.operation.parameters), step, hasExtension);
		return {rows: null};
	}
	return yield* run(step, {db, observer: watch, signal, parked, ...(schemaOnly === true ? {isCopy: true, hasExtension} : {})});
}

function isAboutRows(step: Step): boolean {
	if (step.kind === 'run') return true;
	if (step.kind !== 'execute' || changesSchema(step.operation.sql)) return false;
	const {kind, name} = statementFacts(step.operation.sql);
	return !(kind === 'pragma' && /^(legacy_alter_table|writable_schema)$/i.test(name ?? ''));
}

/** Executes a step if no temporary object of an earlier statement hides what it names. */
async function* ifVisible(db: Database, step: Step, run: StepRun, parked: PerformOptions['parked']): StepRun {
	requireVisible(db, step, parked);
	return yield* run;
}

async function* located(operations: readonly Operation[], step: Step, run: StepRun): StepRun {
	try {
		return yield* run;
	} catch (error) {
		throw errorOf(error, operations, step);
	}
}
