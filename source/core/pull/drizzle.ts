import {orderByNames} from '../operations/order-by-names.ts';
import {nameKey} from '../schema/identifiers.ts';
import {parentsOf} from '../schema/lookup.ts';
import type {Schema, Trigger, View, VirtualTable} from '../schema/schema.ts';
import {tableSource} from './drizzle-table.ts';
import {viewColumns, viewSource} from './drizzle-view.ts';
import {customTypeSources, startWriting, type Unsaid, type Writing} from './drizzle-writing.ts';

export type {Unsaid} from './drizzle-writing.ts';

/** A schema as a file of Drizzle models. */
export interface PulledDrizzle {
	/** The TypeScript file. */
	readonly text: string;
	/** What drizzle-orm has no kind of object for: it belongs into an `.sql` file beside. */
	readonly rest: readonly (VirtualTable | View | Trigger)[];
	/** What is missing or comes out differently in the tables of the file. */
	readonly unsaid: readonly Unsaid[];
}

/**
 * Writes a schema as models for drizzle-orm, so that reading them again gives the same schema but for what `unsaid` names. `generation` is that of
 * the drizzle-orm in the project (`0`: 0.45, `1`: 1.0), since the two make different things of the same words.
 *
 * Throws MigrError('database') where the schema has views and cannot be built in memory to find their columns.
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
		unsaid: writing.unsaid,
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
