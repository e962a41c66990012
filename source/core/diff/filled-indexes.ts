import {rebuildOf} from '../operations/full-text.ts';
import type {Operation} from '../operations/operation.ts';
import {findTable} from '../schema/lookup.ts';
import type {Schema} from '../schema/schema.ts';

/**
 * Returns the operations that fill new full-text indexes over existing rows. They run last, after everything that changes these rows.
 *
 * @param created the operations that create the new objects of `to`
 * @param before the schema after its renames, without other changes
 * @param after the schema after `created`
 */
export function filledIndexes(created: readonly Operation[], before: Schema, after: Schema, to: Schema): readonly Operation[] {
	if (before.tables.length === 0 || to.virtualTables.length === 0) return [];
	const added = to.virtualTables.filter(({sql}) => created.some((operation) => operation.kind === 'createTable' && operation.sql === sql));
	const rows = {...after, tables: after.tables.filter(({name}) => findTable(before, name) !== undefined), views: to.views};
	return added.flatMap((table) => rebuildOf(table, rows) ?? []);
}
