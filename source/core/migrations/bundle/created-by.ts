import {nameKey} from '../../schema/identifiers.ts';
import type {Schema} from '../../schema/schema.ts';
import type {WriteRecord} from '../effects/write-record.ts';
import type {Creators} from './loss-checks.ts';

/** The migrations that created tables and columns, by their current names. Null if they may have existed before. */
export class CreatedBy implements Creators {
	readonly #tables = new Map<string, string | null>();
	readonly #columns = new Map<string, string | null>();

	table(name: string): string | undefined {
		return this.#tables.get(nameKey(name)) ?? undefined;
	}

	column(table: string, column: string): string | undefined {
		return this.#columns.get(keyOf(table, column)) ?? undefined;
	}

	/**
	 * Returns the same after a migration. A table that replaces another one under the same name counts as that one. A new column of a table that has lost
	 * columns may have their values, so it counts as old as the table.
	 *
	 * @param migration null if its tables may have existed before it
	 */
	after({names, droppedColumns}: WriteRecord, {tables, virtualTables}: Schema, migration: string | null): CreatedBy {
		const next = new CreatedBy();
		for (const {name, columns} of [...tables, ...virtualTables.map(({name}) => ({name, columns: []}))]) {
			const tracked = names.find(name);
			const origin = tracked?.origin ?? tracked?.replaces ?? null;
			const creator = origin === null ? migration : (this.#tables.get(nameKey(origin)) ?? null);
			const mayCarry = tracked !== undefined && (tracked.replaces !== null || droppedColumns.has(tracked));
			next.#tables.set(nameKey(name), creator);
			for (const column of columns) {
				const old = tracked?.replaces === null ? tracked.columns.get(nameKey(column.name))?.origin : column.name;
				const known = origin === null || old === undefined ? undefined : this.#columns.get(keyOf(origin, old));
				next.#columns.set(keyOf(name, column.name), known !== undefined ? known : mayCarry ? creator : migration);
			}
		}
		return next;
	}
}

function keyOf(table: string, column: string): string {
	return JSON.stringify([nameKey(table), nameKey(column)]);
}
