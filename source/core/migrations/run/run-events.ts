import type {Operation} from '../../operations/operation.ts';
import type {Step, Strategy} from '../../plan/step.ts';
import type {Database} from '../../sqlite/database.ts';
import {eventLoopTurn} from '../../sqlite/event-loop.ts';
import {countRows} from '../../sqlite/table-facts.ts';
import {plural} from '../../text/numbers.ts';
import type {ApplyEvent} from '../event.ts';
import {type Performed, type PerformOptions, perform} from '../replay/perform.ts';

/** The result of one migration, with its time. */
export interface Executed extends Performed {
	readonly durationMs: number;
	/** A text for users: `user: rewrite of 12,403 rows; post: instant`. */
	readonly summary: string;
}

/** Performs the operations of one migration, and yields events for each step. */
export async function* performWithEvents(
	db: Database,
	migration: {readonly name: string; readonly operations: readonly Operation[]; readonly steps: readonly Step[]; readonly transaction: boolean},
	options: PerformOptions,
): AsyncGenerator<ApplyEvent, Executed, void> {
	const started = performance.now();
	const {name, transaction} = migration;
	yield {type: 'migrationStart', migration: name, steps: migration.steps.length, ...(transaction ? {} : {outsideTransaction: true})};
	const performing = perform(db, migration.operations, {...options, migration: name});
	const done: {readonly step: Step; readonly rows: number | null}[] = [];
	let stepStarted = started;
	let next = await performing.next();
	for (; next.done !== true; next = await performing.next()) {
		const event = next.value;
		const elapsedMs = Math.round(performance.now() - stepStarted);
		if (event.kind === 'stepStart') {
			stepStarted = performance.now();
			const {strategy, object, summary, reason} = event.step;
			const steps = Math.max(migration.steps.length, event.number);
			yield {type: 'stepStart', migration: name, step: event.number, steps, strategy, object, summary, reason, rows: rowsOf(db, event.step)};
		} else if (event.kind === 'progress') {
			yield {type: 'progress', migration: name, step: event.number, ...event.progress, elapsedMs};
		} else {
			done.push(event);
			await eventLoopTurn();
			yield {type: 'stepDone', migration: name, step: event.number, durationMs: elapsedMs, rows: event.rows};
		}
	}
	return {...next.value, durationMs: Math.round(performance.now() - started), summary: summaryOf(done)};
}

const readsRows: ReadonlySet<Strategy> = new Set(['scan', 'index', 'rewrite', 'drop']);

function rowsOf(db: Database, {strategy, table}: Step): number | null {
	return table !== undefined && readsRows.has(strategy) ? countRows(db, table) : null;
}

const weight: Readonly<Record<Strategy, number>> = {instant: 0, index: 1, scan: 2, data: 3, drop: 4, rewrite: 5};

/** Returns the weight of a step. An index on an empty table, usually a new one, counts as free. */
function weightOf({step: {strategy}, rows}: {readonly step: Step; readonly rows: number | null}): number {
	return strategy === 'index' && rows === 0 ? 0 : weight[strategy];
}

/** Returns one entry per object, with its most expensive step. */
function summaryOf(done: readonly {readonly step: Step; readonly rows: number | null}[]): string {
	const costliest = new Map<string, {readonly step: Step; readonly rows: number | null}>();
	for (const entry of done) {
		const about = entry.step.strategy === 'data' ? entry.step.object : (entry.step.table ?? entry.step.object);
		const known = costliest.get(about);
		if (known === undefined || weightOf(entry) > weightOf(known)) costliest.set(about, entry);
	}
	return [...costliest].map(([about, {step, rows}]) => `${about}: ${phraseOf(step, rows)}`).join('; ');
}

function phraseOf({strategy, summary}: Step, rows: number | null): string {
	const some = rows === null ? '' : plural(rows, 'row');
	switch (strategy) {
		case 'instant':
			return 'instant';
		case 'scan':
			return `scan of ${some}`;
		case 'index':
			return some === '' ? summary : `${summary} over ${some}`;
		case 'rewrite':
			return `rewrite of ${some}`;
		case 'drop':
			return `drop of ${some}`;
		case 'data':
			return rows === null ? 'done' : `${some} changed`;
	}
}
