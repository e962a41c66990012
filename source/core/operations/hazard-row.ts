import {columnAffinity} from '../schema/affinity.ts';
import {nameKey, quoted} from '../schema/identifiers.ts';
import {findColumn} from '../schema/lookup.ts';
import {normalCollation} from '../schema/normal-form.ts';
import type {Column, Index, Schema, Table} from '../schema/schema.ts';
import {storedAs} from './conversion.ts';
import type {ComputedValue} from './hazard.ts';
import type {Lineage, ValueTexts} from './lineage.ts';
import type {TracedValue} from './traced-value.ts';

/** One change of a table's definition, with the lineage of its rows before and after. */
export interface TableChange {
	readonly operation: number;
	readonly before: TableWithLineage;
	readonly after: TableWithLineage;
	/** Indexes on the table after the change. */
	readonly indexes: readonly Index[];
	/** True for ADD COLUMN, which adds the last column. */
	readonly addsColumn?: boolean;
}

export interface TableWithLineage {
	readonly table: Table;
	readonly schema: Schema;
	readonly lineage: Lineage;
}

/** The location of a hazard. */
export interface HazardPlace {
	readonly operation: number;
	/** The table's name before the migration. */
	readonly table: string;
}

export function placeOf({operation, before}: TableChange): HazardPlace {
	return {operation, table: before.lineage.origin.name};
}

/** Returns the column values for use in an expression over the new row. Adds the collation of the new column if the old one may not have had it. */
export function expressionTexts({table, lineage}: Pick<TableWithLineage, 'table' | 'lineage'>): ValueTexts {
	const mayCollate = lineage.origin.columns.some(({collate}) => collate !== undefined);
	return new Map(
		table.columns.flatMap((column) => {
			const value = lineage.values.get(nameKey(column.name));
			return value === undefined ? [] : [[nameKey(column.name), collated(value, column, mayCollate)]];
		}),
	);
}

/** Returns the value of a column under its own name, or undefined if it cannot be determined. */
export function madeValue({table, lineage}: Pick<TableWithLineage, 'table' | 'lineage'>, name: string, collate?: string): ComputedValue | undefined {
	const column = findColumn(table, name);
	const value = lineage.values.get(nameKey(name));
	if (column === undefined || value === undefined) return undefined;
	const mayCollate = lineage.origin.columns.some((other) => other.collate !== undefined);
	const affinity = columnAffinity(column.type, table.strict);
	const isConverted = value.sql !== value.raw && value.sql === storedAs(value.raw, affinity);
	// SQLite reads these as values even if they name a column of a subquery, so the column is renamed.
	const shown = /^(true|false)$/i.test(column.name) ? `the ${column.name}` : column.name;
	const self = quoted(shown);
	const compared = collate === undefined ? collated({...value, sql: self}, column, mayCollate) : `${self} COLLATE ${quoted(collate)}`;
	return {name: shown, raw: isConverted ? value.raw : value.sql, stored: isConverted ? storedAs(self, affinity) : self, compared};
}

function collated({sql, origin, isPlain}: TracedValue, column: Column, mayCollate: boolean): string {
	const expected = normalCollation(column.collate);
	const has = isPlain ? normalCollation(origin?.collate) : mayCollate ? undefined : 'binary';
	return has === expected ? sql : `${sql} COLLATE ${quoted(column.collate ?? 'BINARY')}`;
}

/** Returns the columns whose values, or whose meaning in a comparison, the change alters, in lower case. */
export function touchedColumns({before, after}: TableChange): ReadonlySet<string> {
	const touched = after.table.columns.filter((column) => {
		const key = nameKey(column.name);
		const old = findColumn(before.table, column.name);
		if (old === undefined) return true;
		if (before.lineage.values.get(key)?.sql !== after.lineage.values.get(key)?.sql) return true;
		if (normalCollation(old.collate) !== normalCollation(column.collate)) return true;
		return columnAffinity(old.type, before.table.strict) !== columnAffinity(column.type, after.table.strict);
	});
	return new Set(touched.map(({name}) => nameKey(name)));
}
