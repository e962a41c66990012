import {readSchema, type SchemaRow} from '../ddl/read.ts';
import type {Schema} from '../schema/schema.ts';
import type {Database} from './database.ts';

/** The rows of https://www.sqlite.org/schematab.html in the order in which the objects were made. */
export function schemaRows(db: Database): readonly SchemaRow[] {
	return db.all('SELECT type, name, sql FROM sqlite_schema ORDER BY rowid') as readonly unknown[] as readonly SchemaRow[];
}

/** The schema of a database, read from the stored CREATE statements alone: the pragmas leave half of it out. */
export function introspect(db: Database): Schema {
	return readSchema(schemaRows(db));
}
