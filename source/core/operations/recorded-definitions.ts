import type {Schema} from '../schema/schema.ts';
import {advanceIfPossible} from './advance.ts';
import type {Operation} from './operation.ts';
import {hashIn} from './written-for.ts';

/** Operations that record what they were written for, and the schemas after them. */
export interface RecordedOperations {
	readonly operations: readonly Operation[];
	readonly after: readonly Schema[];
}

/**
 * The same operations, each `changeTable` with the definitions that its table has when it is reached.
 *
 * @param schemas those that the operations must fit: one, or if the database at hand differs from what the migrations make, both
 */
export function recordDefinitions(schemas: readonly Schema[], operations: readonly Operation[]): RecordedOperations {
	let current = schemas;
	const recorded = operations.map((operation) => {
		const {table} = operation.kind === 'changeTable' ? operation : {table: undefined};
		const from = table === undefined ? [] : [...new Set(current.flatMap((schema) => hashIn(schema, table) ?? []))];
		current = current.flatMap((schema) => advanceIfPossible(schema, operation) ?? []);
		return from.length === 0 ? operation : {...operation, from};
	});
	return {operations: recorded, after: current};
}
