import {readSchema, type SchemaRow} from '../ddl/read.ts';
import {nameKey} from '../schema/identifiers.ts';
import {findTable, findView, indexesOf, replacedIn, triggersOf} from '../schema/lookup.ts';
import type {Schema, Table} from '../schema/schema.ts';
import type {Database} from './database.ts';
import type {ParkedSchema} from './parked-schema.ts';

/** Returns the rows of https://www.sqlite.org/schematab.html in the order the objects were created. */
export function schemaRows(db: Database): readonly SchemaRow[] {
	return rowsFrom(db.tuples('SELECT type, name, sql FROM sqlite_schema ORDER BY rowid'));
}

function rowsFrom(tuples: readonly (readonly unknown[])[]): readonly SchemaRow[] {
	return tuples.map(([type, name, sql]) => ({type: type as string, name: name as string, sql: sql as string | null}));
}

/** Returns the rows of a database that belong to a schema: without the internal objects and automatic indexes of SQLite. */
export function storedRows(db: Database): readonly SchemaRow[] {
	return schemaRows(db).filter(({name, sql}) => sql !== null && !/^sqlite_/i.test(name));
}

/**
 * Reads the schema of a database from the stored CREATE statements alone, because the pragmas omit half of it. Removes comments about old names,
 * which come from a model and say nothing about the database.
 */
export function introspect(db: Database): Schema {
	return schemaOf(schemaRows(db));
}

/** Returns the schema with these rows of `sqlite_schema`, as `introspect` reads it. */
export function schemaOf(rows: readonly SchemaRow[]): Schema {
	const schema = readSchema(rows);
	return schema.tables.some(isAnnotated) ? {...schema, tables: schema.tables.map(withoutOldNames)} : schema;
}

/**
 * Reads the schema again after changes of a few tables and views: only their definitions, indexes and triggers are read. Everything else is taken from
 * the schema that was read before. A new object comes last in its list, as in the database. A changed one keeps its place.
 *
 * @param owners the tables and views, in lower case. None of them is a virtual table or one of its shadow tables.
 * @param parked the rows that are removed temporarily. Rows that are read are restored.
 */
export function introspectAgain(db: Database, before: Schema, owners: ReadonlySet<string>, parked?: ParkedSchema): Schema {
	// Each of them looks at all rows.
	if (owners.size > maxOwners) {
		parked?.restore();
		return introspect(db);
	}
	let schema = before;
	for (const owner of owners) {
		parked?.restoreTable(owner);
		const rows = db.tuples('SELECT type, name, sql FROM sqlite_schema WHERE tbl_name = ? COLLATE NOCASE ORDER BY rowid', owner);
		const now = schemaOf(rowsFrom(rows));
		schema = withObjects(schema, 'tables', list(findTable(schema, owner)), now.tables);
		schema = withObjects(schema, 'indexes', indexesOf(schema, owner), now.indexes);
		schema = withObjects(schema, 'views', list(findView(schema, owner)), now.views);
		schema = withObjects(schema, 'triggers', triggersOf(schema, owner), now.triggers);
	}
	return schema;
}

const maxOwners = 16;

function list<T>(object: T | undefined): readonly T[] {
	return object === undefined ? [] : [object];
}

/** Returns the schema with the old objects of one table or view replaced by the new ones of the same name. */
function withObjects<Name extends keyof Schema>(
	schema: Schema,
	name: Name,
	old: readonly Schema[Name][number][],
	now: readonly Schema[Name][number][],
): Schema {
	const added = new Map(now.map((object) => [nameKey(object.name), object]));
	let result = schema;
	for (const object of old) {
		const other = added.get(nameKey(object.name));
		added.delete(nameKey(object.name));
		if (other !== object) result = replacedIn(result, name, object, other);
	}
	for (const object of added.values()) result = replacedIn(result, name, undefined, object);
	return result;
}

/** True for a table with comments about old names, which a database does not have. */
export function isAnnotated({renamedFrom, columns}: Table): boolean {
	return renamedFrom !== undefined || columns.some((column) => column.renamedFrom !== undefined);
}

/** Tables without comments about old names, so a definition that is read again is the same object. */
const plain = new WeakMap<Table, Table>();

function withoutOldNames(table: Table): Table {
	if (!isAnnotated(table)) return table;
	const known = plain.get(table);
	if (known !== undefined) return known;
	const {renamedFrom: _, ...rest} = table;
	const without: Table = {...rest, columns: table.columns.map(({renamedFrom: _old, ...column}) => column)};
	plain.set(table, without);
	return without;
}
