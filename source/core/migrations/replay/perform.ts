import {readIndex} from '../../ddl/read.ts';
import {type ErrorLocation, MigrError, restated} from '../../errors.ts';
import type {Hazard} from '../../operations/hazard.ts';
import type {Operation, OperationOrigin} from '../../operations/operation.ts';
import {changesSchema} from '../../plan/changes-schema.ts';
import {plan} from '../../plan/plan.ts';
import type {Step} from '../../plan/step.ts';
import {sameTable} from '../../schema/equality.ts';
import {nameKey} from '../../schema/identifiers.ts';
import {findTable} from '../../schema/lookup.ts';
import type {Schema} from '../../schema/schema.ts';
import type {Database} from '../../sqlite/database.ts';
import {executeStep} from '../../sqlite/execute-step.ts';
import {introspect} from '../../sqlite/introspect.ts';
import {missingExtension, missingExtensionHint} from '../../sqlite/missing-extension.ts';
import {withStoredTriggers} from '../../sqlite/rewrite.ts';
import {statementFacts} from '../../sqlite/statement.ts';
import type {StepProgress, StepResult} from '../../sqlite/step-context.ts';
import {StepError} from '../../sqlite/step-error.ts';
import {clean} from '../../text/clean.ts';
import {callText} from '../files/call-text.ts';
import {checkTarget} from './target-check.ts';

export interface PerformOptions {
	readonly signal?: AbortSignal;
	/** True for a replay on a copy without rows: `run` and statements about rows are passed over. */
	readonly schemaOnly?: boolean;
	/** Plans plain statements only, that any SQLite since 3.35 can run. */
	readonly portable?: boolean;
	/**
	 * Puts the guard's settings in force again, in case a statement of the migration changed one: before steps that lite-migr has planned, and at
	 * the end. Between plain statements they stay as the migration set them.
	 */
	readonly reassert?: () => void;
	/** Executes a step in another way than inside the open transaction. */
	readonly execute?: typeof executeStep;
}

export type PerformEvent =
	| {readonly kind: 'stepStart'; readonly step: Step; readonly number: number}
	| {readonly kind: 'progress'; readonly number: number; readonly progress: StepProgress}
	| {readonly kind: 'stepDone'; readonly step: Step; readonly number: number; readonly rows: number | null};

/** What was done, and found out on the way. */
export interface Performed {
	readonly steps: readonly Step[];
	/** In the names of `before`; `operation` counts in the whole list. Without those that are about what statements of the migration have made of a table. */
	readonly hazards: readonly Hazard[];
	/** Tables from which statements of the migration say themselves that they remove rows. */
	readonly removesFrom: readonly string[];
	readonly before: Schema;
	readonly after: Schema;
}

/**
 * Plans the operations of one migration against the schema that it finds, executes the steps in the open transaction, and checks that the schema
 * has become what was planned. After a statement of the migration that changes the schema in a way only SQLite knows, the rest is planned anew.
 *
 * @throws MigrError with the file and line of the operation that failed; the caller rolls back
 */
export async function* perform(
	db: Database,
	operations: readonly Operation[],
	options: PerformOptions = {},
): AsyncGenerator<PerformEvent, Performed, void> {
	const before = introspect(db);
	const steps: Step[] = [];
	const hazards: Hazard[] = [];
	const removesFrom = new Set<string>();
	let schema = before;
	for (let at = 0; at < operations.length; ) {
		const rest = operations.slice(at);
		const planned = plan(schema, rest, {sqliteVersion: db.sqliteVersion, portable: options.portable === true});
		hazards.push(
			...planned.hazards
				.filter(({table}) => at === 0 || isUntouched(table, before, schema))
				.map((hazard) => ({...hazard, operation: hazard.operation + at})),
		);
		for (const one of planned.steps) {
			const step = one.kind === 'rewrite' ? withStoredTriggers(db, one) : one;
			const number = steps.push(step);
			yield {kind: 'stepStart', step, number};
			const result = yield* located(rest, step, execute(db, step, number, options));
			for (const table of result.removesFrom) removesFrom.add(table);
			yield {kind: 'stepDone', step, number, rows: result.rows};
		}
		schema = introspect(db);
		const last = rest[planned.planned - 1];
		if (last?.kind !== 'execute' || !changesSchema(last.sql)) checkTarget(planned, schema);
		at += planned.planned;
	}
	options.reassert?.();
	return {steps, hazards, removesFrom: [...removesFrom], before, after: schema};
}

function isUntouched(table: string, before: Schema, now: Schema): boolean {
	const [was, is] = [findTable(before, table), findTable(now, table)];
	return was !== undefined && is !== undefined && sameTable(was, is, before, now);
}

type StepRun = AsyncGenerator<PerformEvent, StepResult, void>;

async function* execute(
	db: Database,
	step: Step,
	number: number,
	{signal, schemaOnly, reassert, execute: run = executeStep}: PerformOptions,
): StepRun {
	if (schemaOnly === true && isAboutRows(step)) return {rows: null, removesFrom: []};
	if (step.kind !== 'execute') reassert?.();
	const running = run(step, {db, ...(signal === undefined ? {} : {signal}), ...(schemaOnly === true ? {isCopy: true} : {})});
	for (let next = await running.next(); ; next = await running.next()) {
		if (next.done === true) return next.value;
		yield {kind: 'progress', number, progress: next.value};
	}
}

function isAboutRows(step: Step): boolean {
	if (step.kind === 'run') return true;
	if (step.kind !== 'execute' || changesSchema(step.operation.sql)) return false;
	const {kind, name} = statementFacts(step.operation.sql);
	return !(kind === 'pragma' && /^(legacy_alter_table|writable_schema)$/i.test(name ?? ''));
}

/** Adds to an error where in the migration the operation stands, and what was being done. */
async function* located(operations: readonly Operation[], step: Step, run: StepRun): StepRun {
	try {
		return yield* run;
	} catch (error) {
		if (!(error instanceof MigrError) || error.code === 'cancelled') throw error;
		const operation = culpritOf(operations, step);
		const doing = error instanceof StepError ? error.doing : step.summary;
		throw restated(error, {
			...hintFor(error),
			location: placeOf(operation?.origin, error.location),
			details: [`${operation === undefined ? step.object : callText(operation)}: ${doing}`, ...error.details],
		});
	}
}

/** The operation that a step is most likely about: the changes of one table are planned together, and its indexes with them. */
function culpritOf(operations: readonly Operation[], step: Step): Operation | undefined {
	const planned = step.operations.map((index) => operations[index]).filter((operation) => operation !== undefined);
	const found = planned.find((operation) => {
		if (step.strategy === 'index') return indexOf(operation) === nameKey(step.object);
		return (step.strategy === 'scan' || step.strategy === 'rewrite') && operation.kind === 'changeTable';
	});
	return found ?? planned[0] ?? operations[0];
}

function indexOf(operation: Operation): string | undefined {
	if (operation.kind === 'dropIndex') return nameKey(operation.index);
	return operation.kind === 'createIndex' ? nameKey(readIndex(operation.sql).name) : undefined;
}

/** A line that is told without a file counts from the statement's own first one. */
function placeOf(origin: OperationOrigin | undefined, location: ErrorLocation = {}): ErrorLocation {
	const {line, column: _, ...rest} = location;
	if (origin?.line === undefined || line === undefined || location.file !== undefined) return {...origin, ...location};
	return {...rest, ...origin, line: origin.line + line - 1};
}

/** An ALTER reads the whole schema, and fails on what was broken before: https://www.sqlite.org/lang_altertable.html#altertabrename. */
function hintFor({hint, message}: MigrError): {readonly hint?: string} {
	if (hint !== undefined) return {hint};
	const missing = missingExtension(message);
	if (missing !== undefined) return {hint: missingExtensionHint(missing)};
	const [, kind, name] = /^error in (table|index|view|trigger) (.+?)(?: after (?:rename|drop column|add column))?: /.exec(message) ?? [];
	if (name === undefined) return {};
	if (kind === 'view' || kind === 'trigger') {
		const drop = `op.drop${kind === 'view' ? 'View' : 'Trigger'}('${clean(name)}')`;
		return {hint: `${kind} ${clean(name)} is broken, and SQLite then renames and drops nothing: mend it, or drop it first with ${drop}`};
	}
	return {
		hint: `the definition of ${kind} ${clean(name)} is one that SQLite no longer takes: mend it first with op.${kind === 'table' ? 'changeTable' : 'dropIndex and op.createIndex'}`,
	};
}
