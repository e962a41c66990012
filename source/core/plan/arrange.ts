import {readIndex} from '../ddl/read.ts';
import {advance} from '../operations/advance.ts';
import {fillsOf, isAlteration, isOverOneRow} from '../operations/alteration.ts';
import {type FillReads, readsOf} from '../operations/fill-reads.ts';
import {nameTaken} from '../operations/fit.ts';
import type {Operation, RenameColumn} from '../operations/operation.ts';
import {touchedBy} from '../operations/touched-by.ts';
import {nameKey, sameName} from '../schema/identifiers.ts';
import {findIndex, findTable, findTrigger, findView, findVirtualTable, triggersOf} from '../schema/lookup.ts';
import type {Schema, Table, Trigger} from '../schema/schema.ts';
import {type DefinitionChange, type Folding, foldedWith, foldingOf} from './fold-values.ts';
import {whyNotRenamed} from './refused-renames.ts';
import type {PlacedOperation} from './renames-first.ts';

/** A unit of planning: a single operation, or all changes of one table and its indexes. */
export type Item = SingleItem | TableItem;

export interface SingleItem {
	readonly kind: 'single';
	readonly index: number;
	readonly operation: Operation;
	/** The schema before the operation. */
	readonly before: Schema;
}

export interface TableItem {
	readonly kind: 'table';
	/** The table's name. */
	readonly table: string;
	/** The schema before the first and after the last of the changes. `before` has the new names from `renames`. */
	readonly before: Schema;
	readonly after: Schema;
	/** Column renames that SQLite refuses, so the copy applies them. */
	readonly renames: Renames | undefined;
	/** Triggers of the table when the changes are made. */
	readonly triggers: readonly Trigger[];
	readonly fills: ReadonlyMap<string, string>;
	readonly operations: readonly number[];
}

/** The table as stored, and the schema before and after its columns are renamed. */
export interface Renames {
	readonly stored: Table;
	readonly before: Schema;
	readonly after: Schema;
	readonly reason: string;
}

interface OpenTable {
	kind: 'table';
	table: string;
	before: Schema;
	after: Schema;
	renames: Renames | undefined;
	triggers: readonly Trigger[];
	fills: ReadonlyMap<string, string>;
	/** The combined changes of the definition. */
	folding: Folding | undefined;
	operations: number[];
	/** Old and new names of other tables that were renamed, or whose columns were renamed, since the group was opened. */
	passed: Set<string>;
	/** The tables and columns that the fills read in other tables. */
	reads: readonly FillReads[];
}

/**
 * Returns the operations in planning order: as given, but with all changes of one table moved to the position of the first one. The operations in
 * between involve other tables, so the result is the same. If they involve the same table, a new item begins. A fill that reads another table finds it
 * in the state that the operations before the fill leave.
 */
export function arrange(from: Schema, operations: readonly PlacedOperation[]): {readonly items: readonly Item[]; readonly target: Schema} {
	const items: (SingleItem | OpenTable)[] = [];
	const open = new Map<string, OpenTable>();
	let schema = from;
	for (const {operation, places} of operations) {
		const before = schema;
		schema = advance(before, operation);
		const table = tableOf(before, operation, open);
		if (table !== undefined) {
			if (operation.kind === 'renameColumn' && !isAllRenames(open.get(nameKey(table)))) closeWhatIsConcerned(open, operation, before);
			let group = open.get(nameKey(table));
			const change = definitionChange(operation, before, schema);
			let folding = change === undefined ? group?.folding : group?.folding === undefined ? foldingOf(change) : foldedWith(group.folding, change);
			const isUnfit = folding === undefined && change !== undefined;
			const reads = readsOfOperation(operation, before);
			const mayFold = group !== undefined && !isUnfit && !isNameTakenThen(group, operation) && !refersToPassed(group, schema);
			if (group === undefined || !mayFold || !isUnseen(operation, reads, group, items)) {
				group = opened(table, before, schema);
				open.set(nameKey(table), group);
				items.push(group);
				folding = change === undefined ? undefined : foldingOf(change);
			}
			group.folding = folding;
			if (reads.length > 0) group.reads = [...group.reads, ...reads];
			group.fills = folding?.fills ?? group.fills;
			group.after = schema;
			group.operations.push(...places);
			if (operation.kind === 'renameColumn') renameInCopy(group, operation, before, schema);
			continue;
		}
		const single: SingleItem = {kind: 'single', index: places[0] as number, operation, before};
		if (!isDropBeforeAll(operation, before, items, open)) {
			closeWhatIsConcerned(open, operation, before);
			items.push(single);
			continue;
		}
		// An object that is dropped anyway could make an ALTER fail, so it is dropped first.
		const first = items.findIndex((item) => item.kind === 'table' && open.get(nameKey(item.table)) === item);
		items.splice(first, 0, single);
		for (const group of open.values()) group.triggers = group.triggers.filter((trigger) => !isDropped(operation, trigger));
	}
	return {items, target: schema};
}

function opened(table: string, before: Schema, after: Schema): OpenTable {
	return {
		kind: 'table',
		table,
		before,
		after,
		renames: undefined,
		triggers: triggersOf(before, table),
		fills: new Map(),
		folding: undefined,
		operations: [],
		passed: new Set(),
		reads: [],
	};
}

/** Returns what the fills of an operation read in other tables. */
function readsOfOperation(operation: Operation, before: Schema): readonly FillReads[] {
	if (!isAlteration(operation)) return [];
	return [...fillsOf(operation).values()].filter((fill) => !isOverOneRow(fill)).map((fill) => readsOf(fill, operation.table, before));
}

/**
 * True if no fill is affected when an operation is moved to its group: the items after the group neither change what the operation reads nor read what
 * the operation changes.
 */
function isUnseen(operation: Operation, reads: readonly FillReads[], group: OpenTable, items: readonly (SingleItem | OpenTable)[]): boolean {
	const isChange = isAlteration(operation) || operation.kind === 'renameColumn';
	if (reads.length === 0 && !isChange) return true;
	const between = items.slice(items.lastIndexOf(group) + 1);
	if (reads.length > 0 && between.some((item) => namesChangedBy(item).some((name) => reads.some((read) => read.has(nameKey(name)))))) return false;
	return !(isChange && between.some((item) => isReading(item, operation.table)));
}

function isReading(item: SingleItem | OpenTable, name: string): boolean {
	return item.kind === 'table' && item.reads.some((read) => read.has(nameKey(name)));
}

/** Returns the tables and views that an item creates, changes or drops. Indexes do not change what a fill reads. */
function namesChangedBy(item: SingleItem | OpenTable): readonly string[] {
	if (item.kind === 'single') return touchedBy(item.operation);
	return item.folding === undefined && item.renames === undefined ? [] : [item.table];
}

/** True if the copy applies a rename because SQLite refuses it. The copy then applies every rename of the table. */
function isRenamedInCopy(table: Table, operation: RenameColumn, group: OpenTable | undefined): boolean {
	if (group?.renames !== undefined && isAllRenames(group)) return true;
	return whyNotRenamed(table, operation.column, operation.to) !== undefined;
}

/** True if the table has only been renamed so far. */
function isAllRenames(group: OpenTable | undefined): boolean {
	return group === undefined || (group.renames !== undefined && group.after === group.renames.after);
}

function renameInCopy(group: OpenTable, operation: RenameColumn, before: Schema, after: Schema): void {
	const table = findTable(before, group.table) as Table;
	const reason = group.renames?.reason ?? whyNotRenamed(table, operation.column, operation.to) ?? '';
	group.renames = {stored: group.renames?.stored ?? table, before: group.renames?.before ?? before, after, reason};
	group.before = after;
	group.triggers = triggersOf(after, group.table);
}

/** True if the table now refers to a table that was renamed later. At the position of the group, the reference would mean a different table. */
function refersToPassed({passed, table}: OpenTable, after: Schema): boolean {
	return passed.size > 0 && (findTable(after, table)?.foreignKeys.some(({parent}) => passed.has(nameKey(parent))) ?? false);
}

/** True for an index whose name another object still uses at the position of the group. That object is dropped in between. */
function isNameTakenThen({before}: OpenTable, operation: Operation): boolean {
	if (operation.kind !== 'createIndex') return false;
	const {name, table} = readIndex(operation.sql);
	const taken = nameTaken(before, name);
	return taken !== undefined && !(taken.kind === 'index' && sameName(taken.table, table));
}

/** Returns the table whose columns, constraints or indexes an operation changes. */
function tableOf(before: Schema, operation: Operation, open: ReadonlyMap<string, OpenTable>): string | undefined {
	switch (operation.kind) {
		case 'renameColumn': {
			const table = findTable(before, operation.table);
			return table !== undefined && isRenamedInCopy(table, operation, open.get(nameKey(table.name))) ? table.name : undefined;
		}
		case 'addColumn':
		case 'dropColumn':
		case 'changeTable':
			return findTable(before, operation.table)?.name;
		case 'createIndex':
			return findTable(before, readIndex(operation.sql).table)?.name;
		case 'dropIndex': {
			const index = findIndex(before, operation.index);
			return index === undefined ? undefined : findTable(before, index.table)?.name;
		}
		default:
			return undefined;
	}
}

function definitionChange(operation: Operation, before: Schema, after: Schema): DefinitionChange | undefined {
	return isAlteration(operation) ? {operation, before, after} : undefined;
}

/** True for a drop of a view, trigger or virtual table that has existed since before the first change that can still be moved. */
function isDropBeforeAll(
	operation: Operation,
	now: Schema,
	items: readonly (SingleItem | OpenTable)[],
	open: ReadonlyMap<string, OpenTable>,
): boolean {
	const first = items.findIndex((item) => item.kind === 'table' && open.get(nameKey(item.table)) === item);
	if (first === -1) return false;
	const isThere = ({before}: {readonly before: Schema}) => {
		switch (operation.kind) {
			case 'dropView':
				return findView(before, operation.view) !== undefined && triggersOf(now, operation.view).every(({name}) => findTrigger(before, name));
			case 'dropTrigger':
				return findTrigger(before, operation.trigger) !== undefined;
			case 'dropTable':
				return findVirtualTable(before, operation.table) !== undefined;
			default:
				return false;
		}
	};
	const name = operation.kind === 'dropView' ? operation.view : operation.kind === 'dropTable' ? operation.table : undefined;
	if (name !== undefined && items.slice(first).some((item) => isReading(item, name))) return false;
	return items.slice(first).every(isThere);
}

function isDropped(operation: Operation, trigger: Trigger): boolean {
	return operation.kind === 'dropTrigger' && sameName(operation.trigger, trigger.name);
}

/**
 * Closes groups, so that later changes of a table are not moved before this operation. `renames-first.ts` explains which renames can be moved, and
 * why.
 */
function closeWhatIsConcerned(open: Map<string, OpenTable>, operation: Operation, before: Schema): void {
	switch (operation.kind) {
		case 'execute':
		case 'run':
		case 'dropView':
		case 'dropTrigger':
			open.clear();
			return;
		case 'renameTable':
		case 'renameColumn': {
			const names = operation.kind === 'renameTable' ? [operation.table, operation.to] : [operation.table];
			for (const group of open.values()) for (const name of names) group.passed.add(nameKey(name));
			closeRelated(open, operation.table, before);
			return;
		}
		case 'dropTable':
			// A full-text index can only be dropped while its table has the columns that it names.
			if (findVirtualTable(before, operation.table) !== undefined) open.clear();
			open.delete(nameKey(operation.table));
			return;
		default:
			return;
	}
}

function closeRelated(open: Map<string, OpenTable>, table: string, before: Schema): void {
	for (const key of [...open.keys()]) if (isConcerned(before, key, nameKey(table))) open.delete(key);
}

/** True for the renamed table itself and for tables that refer to it, because the text of their foreign keys changes. */
function isConcerned(schema: Schema, table: string, renamed: string): boolean {
	return table === renamed || (findTable(schema, table)?.foreignKeys.some(({parent}) => nameKey(parent) === renamed) ?? false);
}
