import {nameOf} from '../ddl/lexer.ts';
import {readIndex, readTable, readTrigger} from '../ddl/read.ts';
import {type RewritePhase, rewritePhases} from '../plan/rewrite-phases.ts';
import type {RewriteStep} from '../plan/step.ts';
import {nameKey} from '../schema/identifiers.ts';
import {checkCopied, copyRows} from './copy-rows.ts';
import type {Database} from './database.ts';
import {explainConstraint} from './explain-constraint.ts';
import {indexProgress} from './index-progress.ts';
import {attachIndexes, type DetachedIndex, type DetachedIndexes, detachIndexes, minRowsToKeep} from './keep-indexes.ts';
import {missingInCopy, orStandIn} from './stand-in.ts';
import {readStatistics, writeStatistics} from './statistics.ts';
import type {StepContext, StepProgress} from './step-context.ts';
import {attempt, stepError} from './step-error.ts';
import {alterTable} from './suspended-indexes.ts';
import {countRows, indexFacts} from './table-facts.ts';
import {cancelledError} from './transaction.ts';

/**
 * Rewrites a table phase by phase (`plan/rewrite-phases.ts`). Copies the rows in batches, keeps indexes of a large table that stay valid, and keeps the
 * statistics of ANALYZE for the table.
 *
 * Returns the number of rows.
 *
 * @throws StepError, or MigrError `cancelled`. The caller then rolls back, which also restores `legacy_alter_table`.
 */
export async function* rewrite(context: StepContext, planned: RewriteStep): AsyncGenerator<StepProgress, number, void> {
	const {db, keepIndexesFrom = minRowsToKeep} = context;
	const step = withStoredTriggers(db, planned);
	const total = countRows(db, step.table);
	const isLarge = total >= keepIndexesFrom;
	const statistics = readStatistics(db, step.table);
	let kept: DetachedIndexes = new Map();
	for (const {phase, statements} of rewritePhases(step)) {
		if (phase === 'copy') yield* copyIfPossible(context, step, total);
		else if (phase === 'indexes') yield* restoreIndexes(context, step, kept, total);
		else {
			if (phase === 'drop' && (isLarge || step.indexes.some(namesCollation)))
				kept = attempt(db.path, 'keeping indexes', () => detachIndexes(db, step, {rows: total, isLarge}));
			for (const sql of statements) {
				const work = () => attempt(db.path, describePhase(phase, sql), () => (phase === 'rename' ? alterTable(db, sql) : db.exec(sql)));
				orStandIn(context, sql, undefined, work);
			}
		}
	}
	writeStatistics(db, step.object, statistics);
	return total;
}

/** True if an index may have a collation that only another program has. */
function namesCollation(sql: string): boolean {
	return /\bcollate\b/i.test(sql);
}

/** Describes a phase that executes its statements unchanged. */
function describePhase(phase: Exclude<RewritePhase['phase'], 'copy' | 'indexes'>, sql: string): string {
	switch (phase) {
		case 'create':
			return 'creating the new table';
		case 'sequence':
			return 'carrying over the AUTOINCREMENT counter';
		case 'drop':
			// Foreign keys are off. Otherwise this would delete the rows of children.
			return 'dropping the old table';
		case 'legacyOn':
		case 'rename':
		case 'legacyOff':
			return 'renaming the new table';
		case 'triggers':
			return `recreating trigger ${readTrigger(sql).name}`;
	}
}

/**
 * Returns the step with its triggers as they are currently stored. A rename before the copy may have rewritten the names in them, which the plan could
 * not know. If the copy itself renames columns, the trigger text comes from the plan.
 */
export function withStoredTriggers(db: Database, step: RewriteStep): RewriteStep {
	if (step.triggers.length === 0 || step.renamesColumns === true) return step;
	const stored = new Map(
		db
			.tuples("SELECT name, sql FROM sqlite_schema WHERE type = 'trigger' AND tbl_name = ? COLLATE NOCASE", step.table)
			.map(([name, sql]) => [nameKey(String(name)), String(sql)]),
	);
	return {...step, triggers: step.triggers.map((sql) => stored.get(nameKey(readTrigger(sql).name)) ?? sql)};
}

/** Kilobytes of page cache for a copy into a table with its own indexes (UNIQUE or PRIMARY KEY), whose entries arrive in random order. */
const copyCache = 32_000;
/** Kilobytes of page cache for building an index. SQLite sorts in pieces of this size, and pieces that fit into the CPU cache sort faster (measured). */
const indexCache = 4000;
/** With fewer rows, nothing is sorted in pieces, and another cache would only have to be filled again. */
const sortedInPieces = 10_000;

/** Copies the rows. In a copy of the schema without rows, a missing function or collation does not matter. */
async function* copyIfPossible(context: StepContext, step: RewriteStep, total: number): AsyncGenerator<StepProgress, void, void> {
	try {
		yield* copy(context, step, total);
	} catch (error) {
		if (total > 0 || missingInCopy(context, error) === undefined) throw error;
	}
}

async function* copy(context: StepContext, step: RewriteStep, total: number): AsyncGenerator<StepProgress, void, void> {
	const {db} = context;
	const before = total < sortedInPieces ? undefined : setCache(db, indexFacts(db, step.temporaryName).size > 0 ? copyCache : indexCache);
	try {
		const copied = yield* copyRows(context, step, total);
		checkCopied(step, copied, countRows(db, step.temporaryName), total);
	} catch (error) {
		const columns = step.copy.columns.map((column, at) => ({name: nameOf(column), sql: step.copy.expressions[at] ?? 'NULL'}));
		const source = {table: step.table, temporary: step.temporaryName, columns, definition: readTable(step.createSql)};
		throw stepError(db.path, 'copying rows', error, (cause) => explainConstraint(db, cause, 'copying rows', source));
	} finally {
		if (before !== undefined) setCache(db, before);
	}
}

/** Builds the indexes, except for those that were kept. Their order stays the same. */
async function* restoreIndexes(
	context: StepContext,
	{indexes, object}: RewriteStep,
	kept: DetachedIndexes,
	total: number,
): AsyncGenerator<StepProgress, void, void> {
	const {db, signal} = context;
	const waiting: DetachedIndex[] = [];
	const attach = () => attempt(db.path, 'keeping indexes', () => attachIndexes(db, object, waiting.splice(0)));
	for (const sql of indexes) {
		const index = kept.get(nameKey(readIndex(sql).name));
		if (index !== undefined) {
			waiting.push(index);
			continue;
		}
		attach();
		if (signal?.aborted === true) throw cancelledError(signal);
		yield indexProgress(db, sql, object, total);
		orStandIn(context, sql, undefined, () => buildIndex(db, sql, object, total));
		yield {phase: 'index', done: total, total};
	}
	attach();
}

/**
 * Builds an index. If it is unique and there are duplicates, the error shows them.
 *
 * @param rows the number of rows in the table
 */
export function buildIndex(db: Database, sql: string, table: string, rows: number): void {
	const doing = `building index ${readIndex(sql).name}`;
	const before = rows < sortedInPieces ? undefined : setCache(db, indexCache);
	try {
		attempt(
			db.path,
			doing,
			() => db.exec(sql),
			(error) => explainConstraint(db, error, doing, {table, columns: [], index: sql}),
		);
	} finally {
		if (before !== undefined) setCache(db, before);
	}
}

/** Sets the page cache in kilobytes and returns the previous value: kilobytes, or negative pages if it was set in pages. */
function setCache(db: Database, kilobytes: number): number {
	const before = -Number(db.value('PRAGMA cache_size'));
	db.exec(`PRAGMA cache_size = ${-kilobytes}`);
	return before;
}
