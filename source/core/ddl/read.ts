import {MigrError} from '../errors.ts';
import {nameKey} from '../schema/identifiers.ts';
import type {Index, Schema, SchemaObject, Source, Table, Trigger, View, VirtualTable} from '../schema/schema.ts';
import {cursorOver, isWord, peek} from './cursor.ts';
import {readIndex as readIndexAnew} from './read-index.ts';
import {readTable} from './read-table.ts';
import {readTrigger} from './read-trigger.ts';
import {readView} from './read-view.ts';
import {readVirtualTable} from './read-virtual-table.ts';
import {shadowTablesOf} from './shadow-tables.ts';

export {doubleQuotedStrings, fixDoubleQuotedStrings} from './quoted-strings.ts';
export {type ColumnParts, readColumn, readTable, withoutReadColumn, withReadColumn} from './read-table.ts';
export {readTrigger} from './read-trigger.ts';
export {readView} from './read-view.ts';
export {readVirtualTable} from './read-virtual-table.ts';
export {knowsShadowsOf, shadowTablesOf} from './shadow-tables.ts';

/**
 * Reads a CREATE statement of a table, index, view, trigger or virtual table. Returns undefined for every other statement.
 *
 * Throws MigrError('syntax') with the location in the text, or in the file if `source` says where the text begins.
 */
export function readStatement(sql: string, source?: Source): SchemaObject | undefined {
	const known = source === undefined ? statements.get(sql) : undefined;
	if (known !== undefined) return known;
	const object = readAnew(sql, source);
	if (source === undefined && object !== undefined) keep(sql, object);
	return object;
}

/** Reads a CREATE INDEX statement: https://www.sqlite.org/lang_createindex.html. Throws MigrError('syntax'). */
export function readIndex(sql: string, source?: Source): Index {
	const known = source === undefined ? statements.get(sql) : undefined;
	return known?.kind === 'index' ? known : readIndexAnew(sql, source);
}

/**
 * Statements by text. The differ, the planner and a run read those of operations again and again. A database is read again after every change, and most
 * of its objects are unchanged or have the text of an operation.
 */
const statements = new Map<string, SchemaObject>();
const maxStatements = 20_000;

function keep(sql: string, object: SchemaObject): void {
	if (statements.size >= maxStatements) statements.clear();
	statements.set(sql, object);
}

function readAnew(sql: string, source: Source | undefined): SchemaObject | undefined {
	const head = /^[\t-\r ]*create[\t-\r ]+(?:temp(?:orary)?[\t-\r ]+)?(table|index|unique|view|trigger|virtual)[\t-\r ]/i.exec(sql);
	const kind = head?.[1] ?? kindAfterComments(sql, source);
	switch (kind?.toUpperCase()) {
		case 'TABLE':
			return readTable(sql, source);
		case 'INDEX':
		case 'UNIQUE':
			return readIndexAnew(sql, source);
		case 'VIEW':
			return readView(sql, source);
		case 'TRIGGER':
			return readTrigger(sql, source);
		case 'VIRTUAL':
			return readVirtualTable(sql, source);
		default:
			return undefined;
	}
}

/** Returns the word for the kind of object, in a statement that has comments before it. */
function kindAfterComments(sql: string, source: Source | undefined): string | undefined {
	const cursor = cursorOver(sql, source);
	if (!isWord(peek(cursor), 'CREATE')) return undefined;
	const next = isWord(peek(cursor, 1), 'TEMP') || isWord(peek(cursor, 1), 'TEMPORARY') ? 2 : 1;
	return peek(cursor, next)?.kind === 'word' ? peek(cursor, next)?.text : undefined;
}

/** A row of sqlite_schema (https://www.sqlite.org/schematab.html). */
export interface SchemaRow {
	readonly type: string;
	readonly name: string;
	readonly sql: string | null;
}

/**
 * Reads the schema from the rows of sqlite_schema. Omits SQLite's internal objects (`sqlite_…`, automatic indexes) and the shadow tables of virtual
 * tables. Throws MigrError('syntax') with the name of the object if a definition cannot be read.
 */
export function readSchema(rows: readonly SchemaRow[]): Schema {
	const objects: SchemaObject[] = [];
	for (const row of rows) {
		if (row.sql === null || /^sqlite_/i.test(row.name)) continue;
		const object = readRow(row, row.sql);
		if (object !== undefined) objects.push(object);
	}

	const schema = schemaOf(objects);
	return withoutShadows(schema, schema.virtualTables);
}

/** Returns the schema without the shadow tables of these virtual tables. */
export function withoutShadows(schema: Schema, virtualTables: readonly VirtualTable[]): Schema {
	if (virtualTables.length === 0) return schema;
	const names = schema.tables.map((table) => table.name);
	const shadows = new Set(virtualTables.flatMap((virtualTable) => shadowTablesOf(virtualTable, names)));
	return {
		...schema,
		tables: schema.tables.filter((table) => !shadows.has(table.name)),
		indexes: schema.indexes.filter((index) => !isOn(index, shadows)),
	};
}

function readRow(row: SchemaRow, sql: string): SchemaObject | undefined {
	const before = statements.get(sql);
	if (before !== undefined) return before;
	try {
		const object = readAnew(sql, undefined);
		if (object !== undefined) keep(sql, object);
		return object;
	} catch (error) {
		if (!(error instanceof MigrError)) throw error;
		const {line, column} = error.location ?? {};
		throw new MigrError('syntax', `cannot read the definition of ${row.type} ${row.name} in the database: ${error.message}`, {
			location: {
				line,
				column,
				...(row.type === 'table' ? {table: row.name} : {}),
			},
			hint: error.hint,
			cause: error,
		});
	}
}

function isOn(index: Index, tables: ReadonlySet<string>): boolean {
	return tables.has(index.table) || [...tables].some((table) => nameKey(table) === nameKey(index.table));
}

/** Sorts objects into a schema, keeping their order. */
export function schemaOf(objects: readonly SchemaObject[]): Schema {
	const tables: Table[] = [];
	const virtualTables: VirtualTable[] = [];
	const indexes: Index[] = [];
	const views: View[] = [];
	const triggers: Trigger[] = [];
	for (const object of objects) {
		if (object.kind === 'table') tables.push(object);
		else if (object.kind === 'virtualTable') virtualTables.push(object);
		else if (object.kind === 'index') indexes.push(object);
		else if (object.kind === 'view') views.push(object);
		else triggers.push(object);
	}

	return {tables, virtualTables, indexes, views, triggers};
}
