import {readStatement} from '../ddl/read.ts';
import {nameKey} from '../schema/identifiers.ts';
import type {Schema} from '../schema/schema.ts';
import {externalContent, showsOtherTables} from './full-text.ts';
import type {Operation} from './operation.ts';

/**
 * How to read this file: operations and statements rename, drop and recreate tables, so a name alone does not identify the rows of a table.
 * `TableNames` follows each table from a starting point through all its names. One object represents one table for as long as it exists: a table of
 * the same name that is created after a drop is another object, whose origin is null.
 */
export interface TrackedTable {
	/** The table's name at the start, or null for a table created since then. */
	readonly origin: string | null;
	/** The original name of the dropped table that this one replaces under the same name, after a rewrite written by hand. */
	readonly replaces: string | null;
	/** The table's current name, or the last one if it was dropped. */
	readonly now: string;
	readonly isVirtual: boolean;
	/** False for a full-text index over the rows of another table, which can be built again, and for a virtual table that only shows other tables. */
	readonly storesRows: boolean;
	readonly isDropped: boolean;
	/** True if rows were copied into a new definition, which may have changed their rowids. */
	readonly isRewritten: boolean;
	/** Columns by current name in lower case. Contains no columns added since the start. Empty for virtual tables. */
	readonly columns: ReadonlyMap<string, TrackedColumn>;
}

export interface TrackedColumn {
	/** The column's name at the start. */
	readonly origin: string;
	readonly now: string;
	/** True if a fill of an operation computes its values. */
	readonly isComputed: boolean;
}

type Mutable<T> = {-readonly [K in keyof T]: T[K]};

/** The tables of a database, by their current names. Updated in place as operations and statements are executed. */
export class TableNames {
	readonly #now = new Map<string, Mutable<TrackedTable>>();
	/** Original names of dropped tables, by both their original and their last name. */
	readonly #dropped = new Map<string, string>();

	constructor({tables, virtualTables}: Pick<Schema, 'tables' | 'virtualTables'>) {
		for (const {name, columns} of tables) this.#put(name, name, false, new Map(columns.map((column) => [nameKey(column.name), plain(column.name)])));
		for (const table of virtualTables)
			this.#put(table.name, table.name, true, new Map(), externalContent(table) === undefined && !showsOtherTables(table));
	}

	/** Every rename of a table so far, from the old name to the new one. */
	readonly renames: (readonly [from: string, to: string])[] = [];

	/** Returns the table that has this name now. */
	find(name: string): TrackedTable | undefined {
		return this.#now.get(nameKey(name));
	}

	/** Returns the table that replaces a dropped table from the start. */
	replacementOf(origin: string): TrackedTable | undefined {
		return this.all().find(({replaces}) => replaces === origin);
	}

	/** Returns every existing table. */
	all(): readonly TrackedTable[] {
		return [...this.#now.values()];
	}

	/** Advances by one operation that lite-migr executes itself. Ignores statements and code of a migration. */
	advance(operation: Operation): void {
		switch (operation.kind) {
			case 'createTable': {
				const created = readStatement(operation.sql);
				if (created !== undefined) this.add(created.name, created.kind === 'virtualTable');
				return;
			}
			case 'renameTable':
				this.rename(operation.table, operation.to);
				return;
			case 'dropTable':
				this.drop(operation.table);
				return;
			case 'renameColumn':
				this.changeColumns(operation.table, (columns) => renamedColumn(columns, operation.column, operation.to));
				return;
			case 'dropColumn':
				this.changeColumns(operation.table, (columns) => without(columns, operation.column));
				return;
			case 'changeTable': {
				const changed = readStatement(operation.sql);
				if (changed?.kind === 'table') this.#changeTable(operation.table, changed.columns, operation.fill);
				return;
			}
			default:
				return;
		}
	}

	/** Adds a table created since the start. Does nothing if the name exists (IF NOT EXISTS). */
	add(name: string, isVirtual: boolean): void {
		if (!this.#now.has(nameKey(name))) this.#put(null, name, isVirtual, new Map());
	}

	rename(from: string, to: string): void {
		const table = this.#now.get(nameKey(from));
		if (table === undefined) return;
		this.renames.push([table.now, to]);
		this.#now.delete(nameKey(from));
		table.now = to;
		this.#now.set(nameKey(to), table);
		this.#replace(table);
	}

	drop(name: string): void {
		const table = this.#now.get(nameKey(name));
		if (table === undefined) return;
		table.isDropped = true;
		this.#now.delete(nameKey(name));
		const {origin} = table;
		if (origin === null) return;
		for (const key of [nameKey(origin), nameKey(name)]) {
			this.#dropped.set(key, origin);
			const again = this.#now.get(key);
			if (again !== undefined) this.#replace(again);
		}
	}

	#replace(table: Mutable<TrackedTable>): void {
		const origin = this.#dropped.get(nameKey(table.now));
		if (table.origin === null && table.replaces === null && origin !== undefined) table.replaces = origin;
	}

	changeColumns(name: string, change: (columns: Columns) => Columns): void {
		const table = this.#now.get(nameKey(name));
		if (table !== undefined) table.columns = change(table.columns);
	}

	/** Records that the rows of a table were copied. */
	rewritten(name: string): void {
		const table = this.#now.get(nameKey(name));
		if (table !== undefined) table.isRewritten = true;
	}

	#changeTable(name: string, columns: readonly {readonly name: string}[], fill: Readonly<Record<string, string>>): void {
		const kept = new Set(columns.map((column) => nameKey(column.name)));
		const filled = new Set(Object.keys(fill).map(nameKey));
		this.changeColumns(
			name,
			(before) =>
				new Map([...before].filter(([key]) => kept.has(key)).map(([key, column]) => [key, filled.has(key) ? {...column, isComputed: true} : column])),
		);
	}

	#put(origin: string | null, now: string, isVirtual: boolean, columns: Columns, storesRows = true): void {
		const table: Mutable<TrackedTable> = {origin, replaces: null, now, isVirtual, storesRows, isDropped: false, isRewritten: false, columns};
		this.#now.set(nameKey(now), table);
		this.#replace(table);
	}
}

type Columns = ReadonlyMap<string, TrackedColumn>;

function plain(name: string): TrackedColumn {
	return {origin: name, now: name, isComputed: false};
}

/** Returns the columns with one of them renamed. A column added since the start has no entry, under either name. */
export function renamedColumn(columns: Columns, from: string, to: string): Columns {
	const column = columns.get(nameKey(from));
	const others = without(without(columns, from), to);
	return column === undefined ? others : new Map([...others, [nameKey(to), {...column, now: to}]]);
}

/** Returns the columns without one of them. */
export function without(columns: Columns, name: string): Columns {
	return new Map([...columns].filter(([key]) => key !== nameKey(name)));
}
