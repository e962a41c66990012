import {nameKey} from './identifiers.ts';
import type {Column, ForeignKey, Index, Schema, Table, Trigger, View, VirtualTable} from './schema.ts';

/**
 * Finds objects by name, case-insensitively. Lists are immutable, so the index of each list is built once. A list that differs from another by one
 * object reuses its index, so a thousand operations on a thousand tables take nearly linear time.
 */
interface NameIndex<T> {
	readonly base: ReadonlyMap<string, T>;
	/** Later changes, with undefined for removed objects. */
	readonly changes: ReadonlyMap<string, T | undefined>;
}

interface Named {
	readonly name: string;
}

interface Standing extends Named {
	readonly table: string;
}

const nameIndexes = new WeakMap<readonly Named[], NameIndex<Named>>();
const tableIndexes = new WeakMap<readonly Standing[], ReadonlyMap<string, readonly Standing[]>>();
const columnIndexes = new WeakMap<Table, ReadonlyMap<string, Column>>();

/** With more changes than this, a new index is cheaper than keeping the changes. */
const maxChanges = 64;

function find<T extends Named>(list: readonly T[], name: string): T | undefined {
	if (list.length === 0) return undefined;
	let index = nameIndexes.get(list);
	if (index === undefined) {
		index = {base: byName(list), changes: new Map()};
		nameIndexes.set(list, index);
	}
	const key = nameKey(name);
	return (index.changes.has(key) ? index.changes.get(key) : index.base.get(key)) as T | undefined;
}

/** Returns the list with one object replaced. Adds `now` at the end if `old` is undefined, and removes `old` if `now` is undefined. */
export function replaced<T extends Named>(list: readonly T[], old: T | undefined, now: T | undefined): readonly T[] {
	const result = old === undefined ? list.concat(now ?? []) : list.toSpliced(list.indexOf(old), 1, ...(now === undefined ? [] : [now]));
	const indexed = nameIndexes.get(list);
	if (indexed !== undefined && indexed.changes.size < maxChanges) {
		const changes = new Map(indexed.changes);
		if (old !== undefined) changes.set(nameKey(old.name), undefined);
		if (now !== undefined) changes.set(nameKey(now.name), now);
		nameIndexes.set(result, {base: indexed.base, changes});
	}
	return result;
}

function standingOn<T extends Standing>(list: readonly T[], name: string): readonly T[] {
	if (list.length === 0) return [];
	let index = tableIndexes.get(list);
	if (index === undefined) {
		index = Map.groupBy(list, ({table}) => nameKey(table));
		tableIndexes.set(list, index);
	}
	return (index.get(nameKey(name)) ?? []) as readonly T[];
}

function byName<T extends Named>(objects: readonly T[]): Map<string, T> {
	return new Map(objects.map((object) => [nameKey(object.name), object]));
}

export function findTable(schema: Schema, name: string): Table | undefined {
	return find(schema.tables, name);
}

export function findVirtualTable(schema: Schema, name: string): VirtualTable | undefined {
	return find(schema.virtualTables, name);
}

export function findIndex(schema: Schema, name: string): Index | undefined {
	return find(schema.indexes, name);
}

export function findView(schema: Schema, name: string): View | undefined {
	return find(schema.views, name);
}

export function findTrigger(schema: Schema, name: string): Trigger | undefined {
	return find(schema.triggers, name);
}

export function findColumn(table: Table, name: string): Column | undefined {
	let columns = columnIndexes.get(table);
	if (columns === undefined) {
		columns = byName(table.columns);
		columnIndexes.set(table, columns);
	}

	return columns.get(nameKey(name));
}

/** Returns the indexes on a table, in the schema's order. `table` is a table or its name. */
export function indexesOf(schema: Schema, table: string | {readonly name: string}): readonly Index[] {
	return standingOn(schema.indexes, typeof table === 'string' ? table : table.name);
}

/** Returns the triggers on a table or view, in the schema's order. The second argument is the object or its name. */
export function triggersOf(schema: Schema, tableOrView: string | {readonly name: string}): readonly Trigger[] {
	return standingOn(schema.triggers, typeof tableOrView === 'string' ? tableOrView : tableOrView.name);
}

/** Returns the tables that a table refers to, by their names in lower case. */
export function parentsOf({foreignKeys}: Pick<Table, 'foreignKeys'>): readonly string[] {
	return foreignKeys.map(({parent}) => nameKey(parent));
}

/** Returns the columns that a foreign key refers to: those it names, otherwise the primary key of its parent. Empty if the parent has no primary key. */
export function parentColumnsOf({parentColumns}: ForeignKey, parent: Table | undefined): readonly string[] {
	return parentColumns.length > 0 ? parentColumns : (parent?.primaryKey?.columns.map(({name}) => name) ?? []);
}
