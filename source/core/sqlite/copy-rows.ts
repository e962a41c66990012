import {setImmediate as breathe} from 'node:timers/promises';
import type {SqlValue} from '../operations/operation.ts';
import {copyStatement} from '../plan/statements.ts';
import type {Copy, CopyKey, RewriteStep} from '../plan/step.ts';
import {quoted} from '../schema/identifiers.ts';
import type {StepContext, StepProgress} from './step-context.ts';
import {StepError} from './step-error.ts';
import {cancelled} from './transaction.ts';

type CopyRun = AsyncGenerator<StepProgress, number, void>;

/** How long a batch should take: short enough for a smooth bar and a quick Ctrl-C, long enough to cost nothing. */
const batchMilliseconds = 75;
const firstBatch = 5000;

/**
 * Copies the rows of a table into its successor, in SQL alone (https://www.sqlite.org/lang_altertable.html#otheralter, step 5): in ranges of
 * ascending rowids where the table has one, or of its key where it is WITHOUT ROWID, otherwise in one statement. Between two ranges signals are handled.
 *
 * Yields progress; returns the number of rows that were copied. `total` is only used for the progress.
 */
export async function* copyRows(context: StepContext, step: RewriteStep, total: number): CopyRun {
	const {db, signal} = context;
	const {copy} = step;
	const from = quoted(step.table);
	if (copy.key !== undefined) return yield* copyByKey(context, step, copy.key, total);
	if (copy.range === undefined) return db.run(copyStatement(step, ' NOT INDEXED'));
	const next = nextOf(from, copy.range);
	const insertRange = copyStatement(step, ` NOT INDEXED WHERE ${copy.range} BETWEEN ? AND ?`);
	let done = 0;
	let batch = firstBatch;
	let first = db.value(`SELECT min(${copy.range}) FROM ${from}`) as SqlValue;
	while (first !== null) {
		if (signal?.aborted === true) throw cancelled(signal);
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
 * In the order of the key, each time as many rows as come behind the last one that has arrived. The key of that one is read from the new table, where
 * it stands at the end: to look for it in the old one would be a second pass over its rows.
 */
async function* copyByKey({db, signal}: StepContext, step: RewriteStep, {columns, descending}: CopyKey, total: number): CopyRun {
	const order = (isBackwards: boolean) => columns.map((column) => `${column}${descending === isBackwards ? '' : ' DESC'}`).join(', ');
	const shown = columns.flatMap((column) => [`typeof(${column}) = 'text'`, `iif(typeof(${column}) = 'text', CAST(${column} AS BLOB), ${column})`]);
	const lastOne = `SELECT ${shown.join(', ')} FROM ${quoted(step.temporary)} ORDER BY ${order(true)} LIMIT 1`;
	let done = 0;
	let batch = firstBatch;
	for (let last: readonly SqlValue[] | undefined; ; last = db.tuples(lastOne)[0]) {
		if (signal?.aborted === true) throw cancelled(signal);
		const started = performance.now();
		const values = last?.filter((_, index) => index % 2 === 1) ?? [];
		// The bytes of a text are given back as they are, also where they are no valid characters; the sign takes the affinity of the CAST away.
		const marks = values.map((_, index) => (last?.[2 * index] === 1 ? '+CAST(? AS TEXT)' : '?'));
		const behind = last === undefined ? '' : ` WHERE (${columns.join(', ')}) ${descending ? '<' : '>'} (${marks.join(', ')})`;
		const copied = db.run(copyStatement(step, `${behind} ORDER BY ${order(false)} LIMIT ?`), ...values, batch);
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

/** Every row must have arrived. The copy says OR ABORT, so that no conflict clause of the new table drops one; this is the proof. */
export function checkCopied(step: RewriteStep, copied: number, arrived: number, total: number): void {
	if (copied === total && arrived === total) return;
	throw new StepError('guard', `${total - arrived} of ${total} rows of ${step.table} were lost in the copy`, 'copying rows', {
		location: {table: step.table},
		hint: 'please report it with the definition of the table',
	});
}
