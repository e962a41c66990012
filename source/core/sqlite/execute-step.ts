import {statementFacts} from '../ddl/statements/statement-facts.ts';
import type {StatementsStep, Step} from '../plan/step.ts';
import type {Strategy} from '../plan/strategy.ts';
import {identifier, quoted} from '../schema/identifiers.ts';
import {editSchema} from './edit-schema.ts';
import {executeStatement} from './execute-statement.ts';
import {explainConstraint} from './explain-constraint.ts';
import {indexProgress, statementProgress} from './index-progress.ts';
import type {SchemaChange} from './parked-schema.ts';
import {buildIndex, rewrite} from './rewrite.ts';
import {runCode} from './run-code.ts';
import {orStandIn} from './stand-in.ts';
import type {StepContext, StepProgress, StepRun} from './step-context.ts';
import {attempt} from './step-error.ts';
import {alterTable} from './suspended-indexes.ts';
import {columnFacts, countRows} from './table-facts.ts';
import {cancelledError} from './transaction.ts';

/**
 * Executes one step inside the transaction that the caller began with `beginGuarded`. Foreign keys must be off. Yields progress, lets the event loop
 * turn in between, and returns the result.
 *
 * @throws StepError, which names the activity and shows the offending rows, or MigrError `cancelled`. The caller then rolls back.
 */
export async function* executeStep(step: Step, context: StepContext): StepRun {
	if (context.signal?.aborted === true) throw cancelledError(context.signal);
	if (step.kind !== 'statements') context.parked?.restore();
	switch (step.kind) {
		case 'statements':
			return yield* statements(step, context);
		case 'editSchema':
			return {rows: yield* editSchema(context, step)};
		case 'rewrite':
			return {rows: yield* rewrite(context, step)};
		case 'execute': {
			const progress = statementProgress(context.db, step.operation.sql);
			if (progress !== undefined) yield progress;
			return orStandIn(context, step.operation.sql, {rows: null}, () => executeStatement(context, step));
		}
		case 'run':
			return await runCode(context, step);
	}
}

/** The progress phase of each strategy. DROP COLUMN is a single statement that writes every row. */
const phases: Readonly<Partial<Record<Strategy, StepProgress['phase']>>> = {index: 'index', scan: 'scan', rewrite: 'copy'};

async function* statements(step: StatementsStep, context: StepContext): StepRun {
	const {db, signal, isCopy = false, parked} = context;
	const phase = phases[step.strategy];
	const table = step.table;
	if (table !== undefined) parked?.beforeQuery(table);
	// The progress in a copy is not shown.
	const isCounted = table !== undefined && !isCopy && (phase !== undefined || step.strategy === 'drop');
	const rows = isCounted ? countRows(db, table) : null;
	for (const sql of step.statements) {
		if (signal?.aborted === true) throw cancelledError(signal);
		const change = plainChange(sql, table);
		if (change === undefined) parked?.restore();
		else parked?.beforeChange(change, table);
		const isIndex = phase === 'index' && statementFacts(sql).verb === 'CREATE';
		if (isIndex) yield indexProgress(db, sql, table ?? step.object, rows ?? 0);
		else if (phase !== undefined) yield {phase, done: 0, total: rows ?? 0};
		try {
			orStandIn(context, sql, undefined, () => {
				if (isIndex) buildIndex(db, sql, table ?? step.object, rows ?? 0);
				else runStatement(step, sql, {db});
			});
		} catch (error) {
			parked?.restore();
			throw error;
		}
		if (phase !== undefined) yield {phase, done: rows ?? 0, total: rows ?? 0};
	}
	return {rows};
}

/** Returns the kind of a statement that creates a table, or that changes only `table` and its indexes. Undefined for all others. */
function plainChange(sql: string, table: string | undefined): SchemaChange | undefined {
	const [, what] = /^\s*create\s+(table|index|unique\s+index)\s/i.exec(sql) ?? [];
	if (table === undefined) return what?.toLowerCase() === 'table' ? 'create' : undefined;
	if (what !== undefined) return 'create';
	return sql.startsWith(`ALTER TABLE ${identifier(table)} ADD COLUMN `) ? 'addColumn' : undefined;
}

function runStatement(step: StatementsStep, sql: string, {db}: StepContext): void {
	const doing = step.summary;
	const isAlter = statementFacts(sql).verb === 'ALTER';
	attempt(
		db.path,
		doing,
		() => (isAlter ? alterTable(db, sql) : db.exec(sql)),
		(error) => {
			if (step.table === undefined) return undefined;
			const columns = columnFacts(db, step.table).map(({name}) => ({name: String(name), sql: quoted(String(name))}));
			return explainConstraint(db, error, doing, {table: step.table, columns});
		},
	);
}
