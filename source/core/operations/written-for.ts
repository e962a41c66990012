import {MigrError} from '../errors.ts';
import {findTable} from '../schema/lookup.ts';
import type {Schema} from '../schema/schema.ts';
import {clean} from '../text/clean.ts';
import type {ChangeTable, Execute, Operation, WrittenFor} from './operation.ts';
import {isOneOf, tableHash} from './table-hash.ts';

/** A change of a table that was written for another definition of it: another migration, or someone outside lite-migr, has changed it. */
export class ChangedTableError extends MigrError {
	readonly table: string;
	readonly from: readonly string[];

	constructor({table, from}: WrittenFor, operation: Operation) {
		super('plan', `${operation.kind}: ${clean(table)} is not the table that this change was written for`, {
			location: {...operation.origin, table},
			hint: 'it would undo what was changed since: remove the migration and run lite-migr create again',
		});
		this.table = table;
		this.from = from;
	}
}

/**
 * A table that is missing is not an error here.
 *
 * @throws ChangedTableError if a table that the operation changes is not one that it was written for
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

/** The hash of a table by its name; undefined if there is no such table. */
export function hashIn(schema: Schema, name: string): string | undefined {
	const table = findTable(schema, name);
	return table === undefined ? undefined : tableHash(table, schema);
}
