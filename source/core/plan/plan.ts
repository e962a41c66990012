import type {Hazard} from '../operations/hazard.ts';
import {hazardsOf} from '../operations/hazards.ts';
import type {Operation} from '../operations/operation.ts';
import {sameSchema} from '../schema/equality.ts';
import {nameKey, sameName} from '../schema/identifiers.ts';
import {findColumn, findTable} from '../schema/lookup.ts';
import type {Schema, Table} from '../schema/schema.ts';
import {arrange, type TableItem} from './arrange.ts';
import {automaticIndexes} from './automatic-indexes.ts';
import {changesSchema} from './changes-schema.ts';
import {type Features, featuresOf, portableFeatures} from './features.ts';
import {type PlacedOperation, renamesFirst} from './renames-first.ts';
import {requireFillsFit} from './require-fills.ts';
import {rewrittenBy} from './rewritten.ts';
import {simpleStep} from './simple-steps.ts';
import type {Step} from './step.ts';
import {tableSteps} from './table-steps.ts';

export interface Plan {
	readonly steps: readonly Step[];
	readonly hazards: readonly Hazard[];
	/** The schema after the steps. */
	readonly target: Schema;
	/** Views and triggers whose text SQLite may rewrite when a rename is executed: of these only the names are known beforehand. */
	readonly rewritten: readonly string[];
	/**
	 * How many of the operations the steps carry out. Fewer than were given where an `execute` changes the schema: what it makes of it
	 * only SQLite can tell, so the schema must be read again and the rest planned from there.
	 */
	readonly planned: number;
}

export interface PlanOptions {
	/** `sqlite_version()` of the SQLite that will run the steps; the newest known when left out. */
	readonly sqliteVersion?: string;
	/** True for steps that other programs run as plain SQL: no edits of stored definitions, and no ALTER newer than 3.35. */
	readonly portable?: boolean;
}

/**
 * The steps that carry out a list of operations on a schema, each the cheapest safe way, with all changes of one table folded together.
 *
 * @throws MigrError `plan` if an operation does not fit the schema that it meets, or a fill reads what is no longer there
 */
export function plan(from: Schema, operations: readonly Operation[], options: PlanOptions = {}): Plan {
	const features = options.portable === true ? portableFeatures(options.sqliteVersion) : featuresOf(options.sqliteVersion);
	const barrier = operations.findIndex((operation) => operation.kind === 'execute' && changesSchema(operation.sql));
	const planned = barrier === -1 ? operations : operations.slice(0, barrier + 1);
	requireFillsFit(from, planned);
	const {steps, target} = cheapestSteps(from, planned, features);
	return {
		steps,
		hazards: hazardsOf(from, planned),
		target,
		rewritten: rewrittenBy(from, planned),
		planned: planned.length,
	};
}

interface Carried {
	readonly steps: readonly Step[];
	readonly target: Schema;
	/** How often a table is copied that was copied before. */
	readonly repeated: number;
}

/** The operations in the order in which they are written, unless renames between them are all that keeps several copies of a table from being one. */
function cheapestSteps(from: Schema, operations: readonly Operation[], features: Features): Carried {
	const asWritten = stepsFor(
		from,
		operations.map((operation, place) => ({operation, places: [place]})),
		features,
	);
	if (asWritten.repeated === 0) return asWritten;
	const moved = stepsFor(from, renamesFirst(from, operations), features);
	return moved.repeated < asWritten.repeated && sameSchema(moved.target, asWritten.target) ? moved : asWritten;
}

function stepsFor(from: Schema, operations: readonly PlacedOperation[], features: Features): Carried {
	const {items, target} = arrange(from, operations);
	const reordered = new Set<string>();
	const copied = new Set<string>();
	let repeated = 0;
	const steps = items.flatMap((item) => {
		if (item.kind === 'single') {
			const {operation} = item;
			if (operation.kind === 'renameTable') {
				for (const names of [reordered, copied]) if (names.delete(nameKey(operation.table))) names.add(nameKey(operation.to));
			}
			return simpleStep(operation, item.index, item.before);
		}
		const key = nameKey(item.table);
		const {steps: made, keepsOrder} = tableSteps(item, {features, target, isReordered: reordered.has(key)});
		if (!keepsOrder) reordered.delete(key);
		else if (leavesOrder(item)) reordered.add(key);
		if (made.some(({strategy}) => strategy === 'rewrite')) {
			if (copied.has(key)) repeated += 1;
			copied.add(key);
		}
		return made;
	});
	return {steps, target, repeated};
}

/** True where changes in place leave columns or keys stored in another order than the new definition has them. */
function leavesOrder({table, before, after}: TableItem): boolean {
	const [was, is] = [findTable(before, table) as Table, findTable(after, table) as Table];
	const kept = was.columns.filter(({name}) => findColumn(is, name) !== undefined);
	const added = is.columns.filter(({name}) => findColumn(was, name) === undefined);
	const isMoved = [...kept, ...added].some(({name}, index) => !sameName(name, is.columns[index]?.name ?? ''));
	return isMoved || automaticIndexes(was).join('\n') !== automaticIndexes(is).join('\n');
}
