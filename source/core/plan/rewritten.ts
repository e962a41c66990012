import {advance} from '../operations/advance.ts';
import type {Operation} from '../operations/operation.ts';
import {nameKey} from '../schema/identifiers.ts';
import type {Schema} from '../schema/schema.ts';

/** Returns the views and triggers that a native rename may rewrite: those that name the renamed object. */
export function rewrittenBy(from: Schema, operations: readonly Operation[]): readonly string[] {
	const names = new Set<string>();
	let schema = from;
	for (const operation of operations) {
		if (operation.kind === 'renameTable' || operation.kind === 'renameColumn') {
			const renamed = nameKey(operation.kind === 'renameTable' ? operation.table : operation.column);
			const isOnIt = ({table}: {readonly table: string}) => nameKey(table) === nameKey(operation.table);
			for (const view of schema.views) if (view.mentions.includes(renamed)) names.add(view.name);
			for (const trigger of schema.triggers) if (trigger.mentions.includes(renamed) || isOnIt(trigger)) names.add(trigger.name);
		}
		schema = advance(schema, operation);
	}
	return [...names];
}
