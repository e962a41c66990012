import type {Operation} from '../../operations/operation.ts';
import type {Step} from '../../plan/step.ts';
import {mostExpensive, type Strategy} from '../../plan/strategy.ts';
import type {Database} from '../../sqlite/database.ts';
import {eventLoopTurnIfDue} from '../../sqlite/event-loop.ts';
import {countRows} from '../../sqlite/table-facts.ts';
import {waitText} from '../../sqlite/wait-text.ts';
import {count, plural} from '../../text/numbers.ts';
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
	const done: DoneStep[] = [];
	let stepStarted = started;
	let step = 0;
	let next = await performing.next();
	for (; next.done !== true; next = await performing.next()) {
		const event = next.value;
		const elapsedMs = Math.round(performance.now() - stepStarted);
		if ('lock' in event) yield {type: 'notice', message: waitText(event.lock), lock: event.lock};
		else if ('phase' in event) yield {type: 'progress', migration: name, step, ...event, elapsedMs};
		else if (event.kind === 'stepStart') {
			stepStarted = performance.now();
			step = event.number;
			const {strategy, object, summary, reason} = event.step;
			const steps = Math.max(migration.steps.length, step);
			yield {type: 'stepStart', migration: name, step, steps, strategy, object, summary, reason, rows: rowsOf(db, event.step)};
		} else {
			done.push(event);
			await eventLoopTurnIfDue();
			yield {type: 'stepDone', migration: name, step, durationMs: elapsedMs, rows: event.rows};
		}
	}
	return {...next.value, durationMs: Math.round(performance.now() - started), summary: summaryOf(done)};
}

const readsRows: ReadonlySet<Strategy> = new Set(['scan', 'index', 'rewrite', 'drop']);

function rowsOf(db: Database, {strategy, table}: Step): number | null {
	return table !== undefined && readsRows.has(strategy) ? countRows(db, table) : null;
}

interface DoneStep {
	readonly step: Step;
	readonly rows: number | null;
}

/** The number of objects that are named if the same was done to all of them. */
const mostNamed = 5;

/**
 * Returns one entry per object, with its most expensive step. An index on an empty table, usually a new one, counts as free. If the same was done to
 * many objects, only the first one is named.
 */
function summaryOf(done: readonly DoneStep[]): string {
	const byObject = Map.groupBy(done, ({step}) => (step.strategy === 'data' ? step.object : (step.table ?? step.object)));
	const costOf = ({step: {strategy}, rows}: DoneStep) => (strategy === 'index' && rows === 0 ? 'instant' : strategy);
	const entries = Array.from(byObject, ([object, steps]) => {
		const {step, rows} = mostExpensive(steps, costOf) as DoneStep;
		return {object, phrase: phraseOf(step, rows)};
	});
	const byPhrase = Map.groupBy(entries, ({phrase}) => phrase);
	return entries
		.flatMap((entry) => {
			const same = byPhrase.get(entry.phrase) ?? [];
			if (same.length <= mostNamed) return [entry];
			return entry === same[0] ? [{...entry, object: `${entry.object} and ${count(same.length - 1)} more`}] : [];
		})
		.map(({object, phrase}) => `${object}: ${phrase}`)
		.join('; ');
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
