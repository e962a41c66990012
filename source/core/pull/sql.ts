import {orderByNames} from '../operations/order-by-names.ts';
import {indexesOf, parentsOf, triggersOf} from '../schema/lookup.ts';
import type {Schema} from '../schema/schema.ts';

/** Returns a schema as an SQL model file. Each object is written as stored. Indexes follow their table, and triggers come last. */
export function pulledSql(schema: Schema): string {
	const tables = orderByNames(schema.tables, parentsOf);
	const views = orderByNames(schema.views, ({mentions}) => mentions);
	const blocks = [
		...tables.map((table) => [table, ...indexesOf(schema, table)].map(({sql}) => sql)),
		...schema.virtualTables.map(({sql}) => [sql]),
		...views.map((view) => [view.sql, ...triggersOf(schema, view).map(({sql}) => sql)]),
		...tables.map((table) => triggersOf(schema, table).map(({sql}) => sql)),
	];
	return blocks
		.filter((block) => block.length > 0)
		.map((block) => block.map((sql) => `${sql};\n`).join(''))
		.join('\n');
}
