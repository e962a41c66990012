import {MigrError} from '../errors.ts';
import {findIndex, findTable, findView, findVirtualTable, replacedIn} from '../schema/lookup.ts';
import type {Schema, SchemaObject, Table} from '../schema/schema.ts';
import type {Operation} from './operation.ts';

/** Returns the table that an operation names. @throws MigrError `plan` if it does not exist or is a virtual table */
export function tableFor(schema: Schema, operation: Operation & {readonly table: string}): Table {
	const table = findTable(schema, operation.table);
	if (table !== undefined) return table;
	if (findVirtualTable(schema, operation.table) !== undefined) {
		throw cannotApply(operation, `${operation.table} is a virtual table: it can be created and dropped, not changed`);
	}
	throw cannotApply(operation, `there is no table ${operation.table}`);
}

/** Creates an error about an operation that does not fit the schema. */
export function cannotApply(operation: Operation, message: string, hint?: string): MigrError {
	return new MigrError('plan', `${operation.kind}: ${message}`, {
		location: operation.origin,
		hint,
	});
}

export function replaceTable(schema: Schema, table: Table): Schema {
	return replacedIn(schema, 'tables', findTable(schema, table.name), table);
}

/** Returns the object that uses a name. Tables, virtual tables, indexes and views share one namespace. Triggers have their own. */
export function nameTaken(schema: Schema, name: string): SchemaObject | undefined {
	return findTable(schema, name) ?? findVirtualTable(schema, name) ?? findIndex(schema, name) ?? findView(schema, name);
}
