import type {Hazard} from '../operations/hazard.ts';
import {hazardsOf} from '../operations/hazards.ts';
import type {Operation} from '../operations/operation.ts';
import {nameKey, sameName} from '../schema/identifiers.ts';
import {findColumn, findTable} from '../schema/lookup.ts';
import type {Schema, Table} from '../schema/schema.ts';
import {arrange, type Item, type TableItem} from './arrange.ts';
import {automaticIndexes} from './automatic-indexes.ts';
import {changesSchema} from './changes-schema.ts';
import {type Features, featuresOf, portable} from './features.ts';
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
 * @throws MigrError `plan` where an operation does not fit the schema that it meets
 */
export function plan(from: Schema, operations: readonly Operation[], options: PlanOptions = {}): Plan {
	const features = options.portable === true ? portable : featuresOf(options.sqliteVersion);
	const barrier = operations.findIndex((operation) => operation.kind === 'execute' && changesSchema(operation.sql));
	const planned = barrier === -1 ? operations : operations.slice(0, barrier + 1);
	const {items, target} = arrange(from, planned);
	return {
		steps: stepsOf(items, features, target),
		hazards: hazardsOf(from, planned),
		target,
		rewritten: rewrittenBy(from, planned),
		planned: planned.length,
	};
}

function stepsOf(items: readonly Item[], features: Features, target: Schema): readonly Step[] {
	const reordered = new Set<string>();
	return items.flatMap((item) => {
		if (item.kind === 'table') {
			const key = nameKey(item.table);
			const steps = tableSteps(item, {features, target, isReordered: reordered.has(key)});
			if (steps.some(({kind}) => kind === 'rewrite')) reordered.delete(key);
			else if (leavesOrder(item)) reordered.add(key);
			return steps;
		}
		if (item.operation.kind === 'renameTable' && reordered.delete(nameKey(item.operation.table))) reordered.add(nameKey(item.operation.to));
		return simpleStep(item.operation, item.index, item.before);
	});
}

/** True where changes in place leave columns or keys stored in another order than the new definition has them. */
function leavesOrder({table, before, after}: TableItem): boolean {
	const [was, is] = [findTable(before, table) as Table, findTable(after, table) as Table];
	const kept = was.columns.filter(({name}) => findColumn(is, name) !== undefined);
	const added = is.columns.filter(({name}) => findColumn(was, name) === undefined);
	const isMoved = [...kept, ...added].some(({name}, index) => !sameName(name, is.columns[index]?.name ?? ''));
	return isMoved || automaticIndexes(was).join('\n') !== automaticIndexes(is).join('\n');
}
