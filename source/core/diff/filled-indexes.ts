import {rebuildOf} from '../operations/full-text.ts';
import type {Operation} from '../operations/operation.ts';
import {automaticRefills} from '../operations/stale-indexes.ts';
import {findTable} from '../schema/lookup.ts';
import type {Schema} from '../schema/schema.ts';

/**
 * Returns the operations that fill new full-text indexes over existing rows, and those whose rows change. They run last, after everything that changes
 * these rows.
 *
 * @param operations all operations, from the schema `from` on
 * @param created those that create the new objects of `to`, and come last
 * @param before the schema after its renames, without other changes
 * @param after the schema after `created`
 */
export function filledIndexes(
	{from, operations, created}: {readonly from: Schema; readonly operations: readonly Operation[]; readonly created: readonly Operation[]},
	{before, after, to}: {readonly before: Schema; readonly after: Schema; readonly to: Schema},
): readonly Operation[] {
	if (before.tables.length === 0 || to.virtualTables.length === 0) return [];
	const added = to.virtualTables.filter(({sql}) => created.some((operation) => operation.kind === 'createTable' && operation.sql === sql));
	const rows = {...after, tables: after.tables.filter(({name}) => findTable(before, name) !== undefined), views: to.views};
	const filled = added.flatMap((table) => rebuildOf(table, rows) ?? []);
	const refilled = automaticRefills(from, operations).filter(({sql}) => !filled.some((other) => other.sql === sql));
	return [...filled, ...refilled];
}
