import {nameKey} from './identifiers.ts';
import {ObjectList} from './object-list.ts';
import type {Column, ForeignKey, Index, Schema, SchemaObject, Table, Trigger, View, VirtualTable} from './schema.ts';

/** Finds objects by name, case-insensitively. Schemas are immutable, so the index of each list is built once. */

type ListName = keyof Schema;

/** The lists of a schema, as `replacedIn` changes them. */
type Lists = {readonly [Name in ListName]: ObjectList<SchemaObject>};

const listsOf = new WeakMap<Schema, Lists>();
const listOf = new WeakMap<readonly SchemaObject[], ObjectList<SchemaObject>>();
const columnIndexes = new WeakMap<Table, ReadonlyMap<string, Column>>();

function listIn<Name extends ListName>(schema: Schema, name: Name): ObjectList<Schema[Name][number]> {
	const lists = listsOf.get(schema);
	if (lists !== undefined) return lists[name] as ObjectList<Schema[Name][number]>;
	const objects: readonly SchemaObject[] = schema[name];
	let list = listOf.get(objects);
	if (list === undefined) {
		list = new ObjectList(objects);
		listOf.set(objects, list);
	}
	return list as ObjectList<Schema[Name][number]>;
}

/**
 * Returns the schema with one object replaced. Adds `now` at the end of its list if `old` is undefined, and removes `old` if `now` is undefined. The arrays
 * of the new schema are created when they are read.
 */
export function replacedIn<Name extends ListName>(
	schema: Schema,
	name: Name,
	old: Schema[Name][number] | undefined,
	now: Schema[Name][number] | undefined,
): Schema {
	const lists: Lists = {
		tables: listIn(schema, 'tables'),
		virtualTables: listIn(schema, 'virtualTables'),
		indexes: listIn(schema, 'indexes'),
		views: listIn(schema, 'views'),
		triggers: listIn(schema, 'triggers'),
		[name]: listIn(schema, name).replaced(old, now),
	};
	const changed = Object.defineProperties({}, arrays) as Schema;
	listsOf.set(changed, lists);
	return changed;
}

/** The lists of such a schema as its own properties, so that it can be spread like any other. All schemas share the functions. */
const arrays: PropertyDescriptorMap = Object.fromEntries(
	(['tables', 'virtualTables', 'indexes', 'views', 'triggers'] as const).map((name) => {
		const get = function (this: Schema): readonly SchemaObject[] {
			return (listsOf.get(this) as Lists)[name].array;
		};
		return [name, {get, enumerable: true}];
	}),
);

/** Returns the schema without some objects of one kind. */
export function withoutIn<Name extends ListName>(schema: Schema, name: Name, objects: readonly Schema[Name][number][]): Schema {
	return objects.reduce<Schema>((rest, object) => replacedIn(rest, name, object, undefined), schema);
}

export function findTable(schema: Schema, name: string): Table | undefined {
	return listIn(schema, 'tables').find(name);
}

export function findVirtualTable(schema: Schema, name: string): VirtualTable | undefined {
	return listIn(schema, 'virtualTables').find(name);
}

export function findIndex(schema: Schema, name: string): Index | undefined {
	return listIn(schema, 'indexes').find(name);
}

export function findView(schema: Schema, name: string): View | undefined {
	return listIn(schema, 'views').find(name);
}

export function findTrigger(schema: Schema, name: string): Trigger | undefined {
	return listIn(schema, 'triggers').find(name);
}

/** With fewer columns, looking at each is as fast as an index, which takes memory for each table. */
const minIndexed = 16;

export function findColumn(table: Table, name: string): Column | undefined {
	if (table.columns.length < minIndexed) {
		for (const column of table.columns) if (column.name === name) return column;
		return findByKey(table, name);
	}
	let columns = columnIndexes.get(table);
	if (columns === undefined) {
		columns = new Map(table.columns.map((column) => [nameKey(column.name), column]));
		columnIndexes.set(table, columns);
	}

	return columns.get(nameKey(name));
}

function findByKey({columns}: Table, name: string): Column | undefined {
	const key = nameKey(name);
	return columns.findLast((column) => column.name.length === key.length && nameKey(column.name) === key);
}

/** Returns the indexes on a table, in the schema's order. `table` is a table or its name. */
export function indexesOf(schema: Schema, table: string | {readonly name: string}): readonly Index[] {
	return listIn(schema, 'indexes').on(typeof table === 'string' ? table : table.name);
}

/** Returns the triggers on a table or view, in the schema's order. The second argument is the object or its name. */
export function triggersOf(schema: Schema, tableOrView: string | {readonly name: string}): readonly Trigger[] {
	return listIn(schema, 'triggers').on(typeof tableOrView === 'string' ? tableOrView : tableOrView.name);
}

/** Returns the tables with foreign keys that name a table, in the schema's order. */
export function referrersOf(schema: Schema, table: string): readonly Table[] {
	return listIn(schema, 'tables').on(table);
}

/** Returns the tables that a table refers to, by their names in lower case. */
export function parentsOf({foreignKeys}: Pick<Table, 'foreignKeys'>): readonly string[] {
	return foreignKeys.map(({parent}) => nameKey(parent));
}

/** Returns the columns that a foreign key refers to: those it names, otherwise the primary key of its parent. Empty if the parent has no primary key. */
export function parentColumnsOf({parentColumns}: ForeignKey, parent: Table | undefined): readonly string[] {
	return parentColumns.length > 0 ? parentColumns : (parent?.primaryKey?.columns.map(({name}) => name) ?? []);
}
