import {tokenize, tokenName} from '../ddl/lexer.ts';
import {readIndex, readTable, readTrigger} from '../ddl/read.ts';
import type {RewriteStep} from '../plan/step.ts';
import {nameKey, quoted} from '../schema/identifiers.ts';
import {checkCopied, copyRows} from './copy-rows.ts';
import type {Database} from './database.ts';
import {explainConstraint} from './explain-constraint.ts';
import {readStatistics, writeStatistics} from './statistics.ts';
import type {StepContext, StepProgress} from './step-context.ts';
import {attempt, stepError} from './step-error.ts';
import {countRows, indexFacts} from './table-facts.ts';
import {cancelledError} from './transaction.ts';

/**
 * Rewrites a table by the procedure of https://www.sqlite.org/lang_altertable.html#otheralter. The comments give its step numbers. Steps 1, 2 and
 * 10 to 12 belong to the transaction (`transaction.ts`) and the run.
 *
 * Returns the number of rows.
 *
 * @throws StepError, or MigrError `cancelled`. The caller then rolls back.
 */
export async function* rewrite(context: StepContext, planned: RewriteStep): AsyncGenerator<StepProgress, number, void> {
	const {db} = context;
	const step = withStoredTriggers(db, planned);
	const total = countRows(db, step.table);
	// Step 3 is done by the planner, which knows the indexes and triggers of the table. Step 4:
	attempt(db.path, 'creating the new table', () => db.exec(step.createSql));
	// Step 5:
	yield* copy(context, step, total);
	const statistics = readStatistics(db, step.table);
	const mark = step.carrySequence ? db.value('SELECT seq FROM sqlite_sequence WHERE name = ? COLLATE NOCASE', step.table) : undefined;
	// Step 6. Foreign keys are off. Otherwise this would delete the rows of children.
	attempt(db.path, 'dropping the old table', () => db.exec(`DROP TABLE ${quoted(step.table)}`));
	// Step 7:
	attempt(db.path, 'renaming the new table', () => renameQuietly(db, step.temporaryName, step.object));
	if (mark !== undefined && mark !== null) carrySequence(db, step.object, mark);
	// Step 8:
	yield* buildIndexes(context, step, total);
	for (const trigger of step.triggers) {
		attempt(db.path, `recreating trigger ${readTrigger(trigger).name}`, () => db.exec(trigger));
	}
	writeStatistics(db, step.object, statistics);
	return total;
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
const indexCache = 2000;

async function* copy(context: StepContext, step: RewriteStep, total: number): AsyncGenerator<StepProgress, void, void> {
	const {db} = context;
	const before = setCache(db, indexFacts(db, step.temporaryName).size > 0 ? copyCache : indexCache);
	try {
		const copied = yield* copyRows(context, step, total);
		checkCopied(step, copied, countRows(db, step.temporaryName), total);
	} catch (error) {
		const columns = step.copy.columns.map((column, at) => ({name: unquoted(column), sql: step.copy.expressions[at] ?? 'NULL'}));
		const source = {table: step.table, temporary: step.temporaryName, columns, definition: readTable(step.createSql)};
		throw stepError(db.path, 'copying rows', error, (cause) => explainConstraint(db, cause, 'copying rows', source));
	} finally {
		setCache(db, before);
	}
}

async function* buildIndexes({db, signal}: StepContext, step: RewriteStep, total: number): AsyncGenerator<StepProgress, void, void> {
	for (const sql of step.indexes) {
		if (signal?.aborted === true) throw cancelledError(signal);
		yield {phase: 'index', done: 0, total};
		buildIndex(db, sql, step.object);
		yield {phase: 'index', done: total, total};
	}
}

/** Builds an index. If it is unique and there are duplicates, the error shows them. */
export function buildIndex(db: Database, sql: string, table: string): void {
	const doing = `building index ${readIndex(sql).name}`;
	const before = setCache(db, indexCache);
	try {
		attempt(
			db.path,
			doing,
			() => db.exec(sql),
			(error) => explainConstraint(db, error, doing, {table, columns: [], index: sql}),
		);
	} finally {
		setCache(db, before);
	}
}

/** Sets the page cache in kilobytes and returns the previous value: kilobytes, or negative pages if it was set in pages. */
function setCache(db: Database, kilobytes: number): number {
	const before = -Number(db.value('PRAGMA cache_size'));
	db.exec(`PRAGMA cache_size = ${-kilobytes}`);
	return before;
}

/** Renames a table without changing the text of other objects: views, triggers and foreign keys already name the final table. */
function renameQuietly(db: Database, from: string, to: string): void {
	db.exec('PRAGMA legacy_alter_table = ON');
	try {
		db.exec(`ALTER TABLE ${quoted(from)} RENAME TO ${quoted(to)}`);
	} finally {
		db.exec('PRAGMA legacy_alter_table = OFF');
	}
}

/** Keeps the AUTOINCREMENT counter, so used ids are never reused (https://www.sqlite.org/autoinc.html). If the new table has a counter row, the rename already renamed it. */
function carrySequence(db: Database, table: string, mark: string | number | bigint | Uint8Array): void {
	const changed = db.run('UPDATE sqlite_sequence SET seq = max(seq, ?) WHERE name = ?', mark, table);
	if (changed === 0) db.run('INSERT INTO sqlite_sequence (name, seq) VALUES (?, ?)', table, mark);
}

function unquoted(column: string): string {
	const [token] = tokenize(column);
	return token === undefined ? column : tokenName(token);
}
