import {mendDoubleQuotedStrings} from '../ddl/quoted-strings.ts';
import {dependencyOrder} from '../diff/dependency-order.ts';
import {nameKey, sameName} from '../schema/identifiers.ts';
import {findTable, indexesOf, triggersOf} from '../schema/lookup.ts';
import type {Schema, Table} from '../schema/schema.ts';

/** A schema as a model file in SQL: every object by the text that is stored, with its own indexes and triggers behind each table. */
export function pulledSql(schema: Schema): string {
	const tables = dependencyOrder(schema.tables, (table, other) => table.foreignKeys.some(({parent}) => sameName(parent, other.name)));
	const views = dependencyOrder(schema.views, (view, other) => view.mentions.includes(nameKey(other.name)));
	const blocks = [
		...tables.map((table) => [tableText(table), ...indexesOf(schema, table).map((index) => mended(index.sql, schema, index.table))]),
		...schema.virtualTables.map(({sql}) => [sql]),
		...views.map((view) => [view.sql, ...triggersOf(schema, view).map(({sql}) => sql)]),
		...tables.map((table) => triggersOf(schema, table).map(({sql}) => sql)),
	];
	return blocks
		.filter((block) => block.length > 0)
		.map((block) => block.map((sql) => `${sql};\n`).join(''))
		.join('\n');
}

/** A string that an old schema has in double quotes could not be created again. */
function tableText(table: Table): string {
	return mendDoubleQuotedStrings(
		table.sql,
		table.columns.map(({name}) => name),
	);
}

function mended(sql: string, schema: Schema, table: string): string {
	return mendDoubleQuotedStrings(sql, findTable(schema, table)?.columns.map(({name}) => name) ?? []);
}
