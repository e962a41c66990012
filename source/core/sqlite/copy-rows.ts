import {setImmediate as breathe} from 'node:timers/promises';
import type {SqlValue} from '../operations/operation.ts';
import {copyStatement} from '../plan/rewrite-phases.ts';
import type {Copy, CopyKey, RewriteStep} from '../plan/step.ts';
import {quoted} from '../schema/identifiers.ts';
import type {StepContext, StepProgress} from './step-context.ts';
import {StepError} from './step-error.ts';
import {cancelledError} from './transaction.ts';

type CopyRun = AsyncGenerator<StepProgress, number, void>;

/** How long a batch should take: short enough for smooth progress and a quick Ctrl-C, long enough to add no noticeable overhead. */
const batchMilliseconds = 75;
const firstBatch = 5000;

/**
 * Copies the rows of a table into its successor, in SQL alone (https://www.sqlite.org/lang_altertable.html#otheralter, step 5). Copies ranges of
 * ascending rowids if the table has a rowid, ranges of the key if it is WITHOUT ROWID, and everything in one statement otherwise. Signals are handled
 * between ranges.
 *
 * Yields progress and returns the number of copied rows.
 *
 * @param total the number of rows in the table
 */
export async function* copyRows(context: StepContext, step: RewriteStep, total: number): CopyRun {
	const {db, signal} = context;
	const {copy} = step;
	const from = quoted(step.table);
	if (copy.key !== undefined) return yield* copyByKey(context, step, copy.key, total);
	if (copy.range === undefined) return db.run(copyStatement(step, ' NOT INDEXED'));
	// An INSERT without rows would add a counter of 0 for a table with AUTOINCREMENT.
	if (total > 0 && total <= firstBatch) {
		const copied = db.run(copyStatement(step, ' NOT INDEXED'));
		yield {phase: 'copy', done: copied, total};
		return copied;
	}
	const next = nextOf(from, copy.range);
	const insertRange = copyStatement(step, ` NOT INDEXED WHERE ${copy.range} BETWEEN ? AND ?`);
	let done = 0;
	let batch = firstBatch;
	let first = db.value(`SELECT min(${copy.range}) FROM ${from}`) as SqlValue;
	while (first !== null) {
		if (signal?.aborted === true) throw cancelledError(signal);
		const started = performance.now();
		const last = db.value(next.last, first, batch - 1) ?? (db.value(`SELECT max(${copy.range}) FROM ${from}`) as SqlValue);
		done += db.run(insertRange, first, last);
		first = db.value(next.first, last) ?? null;
		yield {phase: 'copy', done, total};
		await breathe();
		batch = nextBatch(batch, performance.now() - started);
	}
	return done;
}

/**
 * Copies rows in the order of the key, one batch after the last copied row. The key of that row is read from the end of the new table. Finding it in
 * the old table would need a second pass over the rows.
 */
async function* copyByKey({db, signal}: StepContext, step: RewriteStep, {columns, descending}: CopyKey, total: number): CopyRun {
	const order = (isBackwards: boolean) => columns.map((column) => `${column}${descending === isBackwards ? '' : ' DESC'}`).join(', ');
	const shown = columns.flatMap((column) => [`typeof(${column}) = 'text'`, `iif(typeof(${column}) = 'text', CAST(${column} AS BLOB), ${column})`]);
	const lastOne = `SELECT ${shown.join(', ')} FROM ${quoted(step.temporaryName)} ORDER BY ${order(true)} LIMIT 1`;
	let done = 0;
	let batch = firstBatch;
	for (let last: readonly SqlValue[] | undefined; ; last = db.tuples(lastOne)[0]) {
		if (signal?.aborted === true) throw cancelledError(signal);
		const started = performance.now();
		const values = last?.filter((_, index) => index % 2 === 1) ?? [];
		// Text is bound as its exact bytes, even if they are not valid characters. The unary plus removes the affinity of the CAST.
		const marks = values.map((_, index) => (last?.[2 * index] === 1 ? '+CAST(? AS TEXT)' : '?'));
		const after = last === undefined ? '' : ` WHERE (${columns.join(', ')}) ${descending ? '<' : '>'} (${marks.join(', ')})`;
		const copied = db.run(copyStatement(step, `${after} ORDER BY ${order(false)} LIMIT ?`), ...values, batch);
		done += copied;
		if (copied > 0) yield {phase: 'copy', done, total};
		if (copied < batch) return done;
		await breathe();
		batch = nextBatch(batch, performance.now() - started);
	}
}

function nextOf(from: string, rowid: NonNullable<Copy['range']>): {readonly first: string; readonly last: string} {
	return {
		first: `SELECT ${rowid} FROM ${from} NOT INDEXED WHERE ${rowid} > ? ORDER BY ${rowid} LIMIT 1`,
		last: `SELECT ${rowid} FROM ${from} NOT INDEXED WHERE ${rowid} >= ? ORDER BY ${rowid} LIMIT 1 OFFSET ?`,
	};
}

function nextBatch(batch: number, milliseconds: number): number {
	const factor = Math.min(4, Math.max(0.25, batchMilliseconds / Math.max(milliseconds, 0.1)));
	return Math.round(Math.min(1_000_000, Math.max(100, batch * factor)));
}

/** Checks that every row was copied. The copy uses OR ABORT, so no conflict clause of the new table can drop a row. This check proves it. */
export function checkCopied(step: RewriteStep, copied: number, arrived: number, total: number): void {
	if (copied === total && arrived === total) return;
	throw new StepError('guard', `${total - arrived} of ${total} rows of ${step.table} were lost in the copy`, 'copying rows', {
		location: {table: step.table},
		hint: 'report this bug with the definition of the table',
	});
}
