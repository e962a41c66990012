import {readSchema, type SchemaRow} from '../ddl/read.ts';
import type {Schema, Table} from '../schema/schema.ts';
import type {Database} from './database.ts';

/** Returns the rows of https://www.sqlite.org/schematab.html in the order the objects were created. */
export function schemaRows(db: Database): readonly SchemaRow[] {
	return db.all('SELECT type, name, sql FROM sqlite_schema ORDER BY rowid') as readonly unknown[] as readonly SchemaRow[];
}

/**
 * Reads the schema of a database from the stored CREATE statements alone, because the pragmas omit half of it. Removes comments about old names,
 * which come from a model and say nothing about the database.
 */
export function introspect(db: Database): Schema {
	return schemaOf(schemaRows(db));
}

/** Returns the schema that the rows of `schemaRows` describe. */
export function schemaOf(rows: readonly SchemaRow[]): Schema {
	const schema = readSchema(rows);
	return schema.tables.some(isAnnotated)
		? {...schema, tables: schema.tables.map((table) => (isAnnotated(table) ? withoutOldNames(table) : table))}
		: schema;
}

function isAnnotated({renamedFrom, columns}: Table): boolean {
	return renamedFrom !== undefined || columns.some((column) => column.renamedFrom !== undefined);
}

function withoutOldNames({renamedFrom: _, ...table}: Table): Table {
	return {...table, columns: table.columns.map(({renamedFrom: _old, ...column}) => column)};
}
