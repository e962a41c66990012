import {orderByNames} from '../operations/order-by-names.ts';
import {nameKey} from '../schema/identifiers.ts';
import {parentsOf} from '../schema/lookup.ts';
import type {Schema, Trigger, View, VirtualTable} from '../schema/schema.ts';
import {tableSource} from './drizzle-table.ts';
import {viewColumns, viewSource} from './drizzle-view.ts';
import {customTypeSources, type Limitation, startWriting, type Writing} from './drizzle-writing.ts';

export type {Limitation} from './drizzle-writing.ts';

/** A schema as a Drizzle model file. */
export interface PulledDrizzle {
	/** The TypeScript file. */
	readonly text: string;
	/** Objects that drizzle-orm does not support. They go into a separate `.sql` file. */
	readonly rest: readonly (VirtualTable | View | Trigger)[];
	/** Features of the tables that are missing or different in the file. */
	readonly limitations: readonly Limitation[];
}

/**
 * Writes a schema as drizzle-orm models. Reading them again gives the same schema, except for the features in `limitations`. `generation` is the
 * drizzle-orm version of the project (0 for 0.45, 1 for 1.0), since the two interpret some calls differently.
 *
 * @throws MigrError `database` if the schema has views and cannot be built in memory to find their columns
 */
export function pulledDrizzle(schema: Schema, generation: 0 | 1): PulledDrizzle {
	const writing = startWriting(schema, generation);
	const tables = orderByNames(schema.tables, parentsOf);
	const views = schema.views.filter((view) => view.columns.length === 0);
	const columns = viewColumns(schema);
	const sources = [
		...tables.map((table) => tableSource(writing, table)),
		...views.map((view) => viewSource(writing, view, columns.get(nameKey(view.name)) ?? [])),
	];
	return {
		text: `${[imports(writing), customTypeSources(writing).join('\n'), ...sources].filter((part) => part !== '').join('\n\n')}\n`,
		rest: [...schema.virtualTables, ...schema.views.filter((view) => view.columns.length > 0), ...schema.triggers],
		limitations: writing.limitations,
	};
}

function imports(writing: Writing): string {
	const list = (names: Iterable<string>): string =>
		[...names]
			.sort()
			.map((name) => (name === 'AnySQLiteColumn' ? `type ${name}` : name))
			.join(', ');
	return [
		...(writing.orm.size === 0 ? [] : [`import {${list(writing.orm)}} from 'drizzle-orm';`]),
		...(writing.core.size === 0 ? [] : [`import {${list(writing.core)}} from 'drizzle-orm/sqlite-core';`]),
	].join('\n');
}
