import {doubleQuotedStrings, fixDoubleQuotedStrings, readIndex, readTable} from '../../ddl/read.ts';
import type {Operation} from '../../operations/operation.ts';
import {touchedBy} from '../../operations/touched-by.ts';
import {nameKey} from '../../schema/identifiers.ts';
import {findTable} from '../../schema/lookup.ts';
import type {Schema, Table} from '../../schema/schema.ts';

/**
 * Returns the schema with all string literals in single quotes. SQLite still reads old definitions with double-quoted string literals, but does not
 * create such an object, and refuses renames in a schema that contains one (https://www.sqlite.org/quirks.html#dblquote).
 */
export function fixedStrings(schema: Schema): Schema {
	if (!schema.tables.some(hasStrings) && !schema.indexes.some((index) => hasStringsOf(schema, index))) return schema;
	return {
		...schema,
		tables: schema.tables.map((table) => (hasStrings(table) ? readTable(fixDoubleQuotedStrings(table.sql, columnsOf(table))) : table)),
		indexes: schema.indexes.map((index) => {
			const table = findTable(schema, index.table);
			return table !== undefined && hasStringsOf(schema, index) ? readIndex(fixDoubleQuotedStrings(index.sql, columnsOf(table))) : index;
		}),
	};
}

/** Returns operations that fix double-quoted string literals. They must run before renames, for all tables that the operations change. */
export function fixesBefore(from: Schema, operations: readonly Operation[]): readonly Operation[] {
	if (!operations.some(({kind}) => kind === 'renameTable' || kind === 'renameColumn')) return [];
	const changed = new Set(operations.flatMap(touchedBy).map(nameKey));
	return from.tables
		.filter((table) => changed.has(nameKey(table.name)) && hasStrings(table))
		.map((table): Operation => ({kind: 'changeTable', table: table.name, sql: fixDoubleQuotedStrings(table.sql, columnsOf(table)), fill: {}}));
}

function hasStrings(table: Table): boolean {
	return doubleQuotedStrings(table).length > 0;
}

function hasStringsOf(schema: Schema, index: Schema['indexes'][number]): boolean {
	const table = findTable(schema, index.table);
	return table !== undefined && doubleQuotedStrings(index, table).length > 0;
}

function columnsOf(table: Table): readonly string[] {
	return table.columns.map(({name}) => name);
}
