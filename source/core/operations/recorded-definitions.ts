import type {Schema} from '../schema/schema.ts';
import {advanceIfPossible} from './advance.ts';
import type {Operation} from './operation.ts';
import {hashIn} from './written-for.ts';

/** Operations with the definitions they were written for, and the schemas after them. */
export interface RecordedOperations {
	readonly operations: readonly Operation[];
	readonly after: readonly Schema[];
}

/**
 * Returns the operations, each `changeTable` with the definition that its table has at that point.
 *
 * @param schemas the schemas that the operations must fit: one, or two if the database differs from its migrations
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
