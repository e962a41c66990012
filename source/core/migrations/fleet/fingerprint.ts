import {tableHash} from '../../operations/table-hash.ts';
import {nameKey} from '../../schema/identifiers.ts';
import {normalIndex, normalTrigger, normalView, normalVirtualTable} from '../../schema/normal-form.ts';
import type {Schema} from '../../schema/schema.ts';
import {managedSchema} from '../history/managed-schema.ts';
import {shortHash} from '../plan-id.ts';

const known = new WeakMap<Schema, string>();

/**
 * Returns a hash of the meaning of a schema, in 8 hex characters. Schemas that differ only in the order and the spelling of their objects have the
 * same one. Bookkeeping tables are not part of it.
 */
export function fingerprint(schema: Schema): string {
	const before = known.get(schema);
	if (before !== undefined) return before;
	const managed = managedSchema(schema);
	const hash = shortHash(
		[
			...managed.tables.map((table) => `table ${nameKey(table.name)} ${tableHash(table, managed)}`),
			...managed.virtualTables.map((table) => `virtual table ${normalVirtualTable(table)}`),
			...managed.indexes.map((index) => `index ${normalIndex(index, managed)}`),
			...managed.views.map((view) => `view ${normalView(view)}`),
			...managed.triggers.map((trigger) => `trigger ${normalTrigger(trigger)}`),
		].toSorted(),
	);
	known.set(schema, hash);
	return hash;
}
