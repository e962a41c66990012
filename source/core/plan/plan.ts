import {changesSchema} from '../ddl/statements/changes-schema.ts';
import type {Hazard} from '../operations/hazard.ts';
import {hazardsOf} from '../operations/hazards.ts';
import type {Operation} from '../operations/operation.ts';
import {sameSchema} from '../schema/equality.ts';
import {nameKey, sameName} from '../schema/identifiers.ts';
import {findColumn, findTable} from '../schema/lookup.ts';
import type {Schema, Table} from '../schema/schema.ts';
import {arrange, type TableItem} from './arrange.ts';
import {automaticIndexes} from './automatic-indexes.ts';
import {type Features, featuresOf, portableFeatures} from './features.ts';
import {type PlacedOperation, renamesFirst} from './renames-first.ts';
import {requireFillsFit} from './require-fills.ts';
import {temporaryLookingNames} from './rewrite.ts';
import {rewrittenBy} from './rewritten.ts';
import {simpleStep} from './simple-steps.ts';
import type {Step} from './step.ts';
import {tableSteps} from './table-steps.ts';

/** The steps that apply a list of operations to a schema. */
export interface Plan {
	readonly steps: readonly Step[];
	readonly hazards: readonly Hazard[];
	/** The schema after the steps. */
	readonly target: Schema;
	/** Views and triggers whose text SQLite may rewrite when a rename is executed. Only their names are known in advance. */
	readonly rewritten: readonly string[];
	/**
	 * The number of operations that the steps execute. Fewer than given if an `execute` changes the schema: only SQLite knows the result, so the schema must
	 * be read again and the remaining operations planned from there.
	 */
	readonly planned: number;
}

/** The options of a plan. */
export interface PlanOptions {
	/** `sqlite_version()` of the SQLite that will run the steps. Default: the newest known version. */
	readonly sqliteVersion?: string;
	/** True for steps that other programs run as plain SQL: no edits of stored definitions, and no ALTER newer than 3.35. */
	readonly portable?: boolean;
}

/**
 * Plans the steps that apply a list of operations to a schema in the cheapest safe way. Combines all changes of one table.
 *
 * @throws MigrError `plan` if an operation does not fit the schema, or a fill reads a table or column that no longer exists
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
	/** The number of copies of tables that were copied before. */
	readonly repeated: number;
}

/** Plans the operations in the given order. If renames split the changes of a table into several copies, tries to move the renames to the front. */
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
	let names: ReadonlySet<string> | undefined;
	const temporaryNames = () => {
		names ??= temporaryLookingNames(
			from,
			operations.map(({operation}) => operation),
		);
		return names;
	};
	const reordered = new Set<string>();
	const copied = new Set<string>();
	let repeated = 0;
	const steps = items.flatMap((item) => {
		if (item.kind === 'single') {
			const {operation} = item;
			if (operation.kind === 'renameTable') {
				for (const names of [reordered, copied]) if (names.delete(nameKey(operation.table))) names.add(nameKey(operation.to));
			}
			return simpleStep(operation, item.index, item.before, from);
		}
		const key = nameKey(item.table);
		const {steps: created, keepsOrder} = tableSteps(item, {features, target, isReordered: reordered.has(key), temporaryNames});
		if (!keepsOrder) reordered.delete(key);
		else if (leavesOrder(item)) reordered.add(key);
		if (created.some(({strategy}) => strategy === 'rewrite')) {
			if (copied.has(key)) repeated += 1;
			copied.add(key);
		}
		return created;
	});
	return {steps, target, repeated};
}

/** True if changes in place leave columns or keys stored in a different order than in the new definition. */
function leavesOrder({table, before, after}: TableItem): boolean {
	const [was, is] = [findTable(before, table) as Table, findTable(after, table) as Table];
	const onlyAdds = was.columns.every(({name}, index) => name === is.columns[index]?.name);
	return (!onlyAdds && isMoved(was, is)) || automaticIndexes(was).join('\n') !== automaticIndexes(is).join('\n');
}

function isMoved(was: Table, is: Table): boolean {
	const kept = was.columns.filter(({name}) => findColumn(is, name) !== undefined);
	const added = is.columns.filter(({name}) => findColumn(was, name) === undefined);
	return [...kept, ...added].some(({name}, index) => !sameName(name, is.columns[index]?.name ?? ''));
}
