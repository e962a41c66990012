import {nameKey} from './identifiers.ts';
import type {Column, Index, Schema, Table, Trigger, View, VirtualTable} from './schema.ts';

/**
 * Finding things by name, without regard to case. Schemas are immutable, so what a lookup needs is computed once for each.
 */
interface Lookup {
	readonly tables: ReadonlyMap<string, Table>;
	readonly virtualTables: ReadonlyMap<string, VirtualTable>;
	readonly indexes: ReadonlyMap<string, Index>;
	readonly views: ReadonlyMap<string, View>;
	readonly triggers: ReadonlyMap<string, Trigger>;
	readonly indexesByTable: ReadonlyMap<string, readonly Index[]>;
	readonly triggersByTable: ReadonlyMap<string, readonly Trigger[]>;
}

const lookups = new WeakMap<Schema, Lookup>();
const columnLookups = new WeakMap<Table, ReadonlyMap<string, Column>>();

function lookup(schema: Schema): Lookup {
	const known = lookups.get(schema);
	if (known !== undefined) return known;
	const made: Lookup = {
		tables: byName(schema.tables),
		virtualTables: byName(schema.virtualTables),
		indexes: byName(schema.indexes),
		views: byName(schema.views),
		triggers: byName(schema.triggers),
		indexesByTable: Map.groupBy(schema.indexes, (index) => nameKey(index.table)),
		triggersByTable: Map.groupBy(schema.triggers, (trigger) => nameKey(trigger.table)),
	};
	lookups.set(schema, made);
	return made;
}

function byName<T extends {readonly name: string}>(objects: readonly T[]): Map<string, T> {
	return new Map(objects.map((object) => [nameKey(object.name), object]));
}

export function findTable(schema: Schema, name: string): Table | undefined {
	return lookup(schema).tables.get(nameKey(name));
}

export function findVirtualTable(schema: Schema, name: string): VirtualTable | undefined {
	return lookup(schema).virtualTables.get(nameKey(name));
}

export function findIndex(schema: Schema, name: string): Index | undefined {
	return lookup(schema).indexes.get(nameKey(name));
}

export function findView(schema: Schema, name: string): View | undefined {
	return lookup(schema).views.get(nameKey(name));
}

export function findTrigger(schema: Schema, name: string): Trigger | undefined {
	return lookup(schema).triggers.get(nameKey(name));
}

export function findColumn(table: Table, name: string): Column | undefined {
	let columns = columnLookups.get(table);
	if (columns === undefined) {
		columns = byName(table.columns);
		columnLookups.set(table, columns);
	}

	return columns.get(nameKey(name));
}

/** The indexes on a table, in the schema's order; `table` is a table or its name. */
export function indexesOf(schema: Schema, table: string | {readonly name: string}): readonly Index[] {
	return lookup(schema).indexesByTable.get(nameKey(typeof table === 'string' ? table : table.name)) ?? [];
}

/** The triggers on a table or view, in the schema's order; the second argument is the object or its name. */
export function triggersOf(schema: Schema, tableOrView: string | {readonly name: string}): readonly Trigger[] {
	return lookup(schema).triggersByTable.get(nameKey(typeof tableOrView === 'string' ? tableOrView : tableOrView.name)) ?? [];
}
