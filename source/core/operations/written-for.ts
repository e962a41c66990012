import {MigrError} from '../errors.ts';
import {findTable} from '../schema/lookup.ts';
import type {Schema} from '../schema/schema.ts';
import {clean} from '../text/clean.ts';
import type {ChangeTable, Execute, Operation, WrittenFor} from './operation.ts';
import {isOneOf, tableHash} from './table-hash.ts';

/** A change written for a different definition of its table. The table has been changed since then, by another migration or outside lite-migr. */
export class ChangedTableError extends MigrError {
	readonly table: string;
	readonly from: readonly string[];

	constructor({table, from}: WrittenFor, operation: Operation) {
		super('plan', `${operation.kind}: ${clean(table)} is not the table that this change was written for`, {
			location: {...operation.origin, table},
			hint: 'remove the migration and run lite-migr create <name> again: it would undo the changes made since then',
		});
		this.table = table;
		this.from = from;
	}
}

/**
 * Checks that a change was written for the current definition of its table. Ignores a missing table.
 *
 * @throws ChangedTableError if a changed table has a different definition
 */
export function requireWrittenFor(schema: Schema, operation: ChangeTable | Execute): void {
	for (const one of writtenFor(operation)) {
		const table = findTable(schema, one.table);
		if (table !== undefined && !isOneOf(one.from, table, schema)) throw new ChangedTableError(one, operation);
	}
}

function writtenFor(operation: ChangeTable | Execute): readonly WrittenFor[] {
	if (operation.kind === 'execute') return operation.writtenFor ?? [];
	return operation.from === undefined ? [] : [{table: operation.table, from: operation.from}];
}

/** Returns the hash of a table by its name, or undefined if the table does not exist. */
export function hashIn(schema: Schema, name: string): string | undefined {
	const table = findTable(schema, name);
	return table === undefined ? undefined : tableHash(table, schema);
}
