import {rebuildOf} from '../operations/full-text.ts';
import type {Operation} from '../operations/operation.ts';
import {findTable} from '../schema/lookup.ts';
import type {Schema} from '../schema/schema.ts';

/**
 * Full-text indexes that are made over rows that are there get them at the end, behind everything that changes these rows.
 *
 * @param created the operations that make what is new in `to`
 * @param before the schema with its renames made and nothing else
 * @param after the schema behind `created`
 */
export function filledIndexes(created: readonly Operation[], before: Schema, after: Schema, to: Schema): readonly Operation[] {
	if (before.tables.length === 0 || to.virtualTables.length === 0) return [];
	const made = to.virtualTables.filter(({sql}) => created.some((operation) => operation.kind === 'createTable' && operation.sql === sql));
	const rows = {...after, tables: after.tables.filter(({name}) => findTable(before, name) !== undefined), views: to.views};
	return made.flatMap((table) => rebuildOf(table, rows) ?? []);
}
