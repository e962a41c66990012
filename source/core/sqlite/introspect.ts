import {readSchema} from '../ddl/read.ts';
import type {Schema} from '../schema/schema.ts';
import type {Database} from './database.ts';

/** A row of https://www.sqlite.org/schematab.html. */
export interface SchemaRow {
	readonly type: string;
	readonly name: string;
	readonly sql: string | null;
}

/** The rows of `sqlite_schema` in the order in which the objects were made, those without text (automatic indexes) included. */
export function schemaRows(db: Database): readonly SchemaRow[] {
	return db.all('SELECT type, name, sql FROM sqlite_schema ORDER BY rowid') as readonly unknown[] as readonly SchemaRow[];
}

/** The schema of a database, read from the stored CREATE statements alone: the pragmas leave half of it out. */
export function introspect(db: Database): Schema {
	return readSchema(schemaRows(db).filter((row): row is SchemaRow & {readonly sql: string} => row.sql !== null));
}
