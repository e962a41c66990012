import {namesIn} from '../ddl/expression.ts';
import {readSubqueries} from '../ddl/subqueries.ts';
import {type Alteration, fillsOf, isOverOneRow} from '../operations/alteration.ts';
import {columnLookup, readsOf, sourceOf} from '../operations/fill-reads.ts';
import {advanceLineages, type Lineage, plainLineage} from '../operations/lineage.ts';
import type {ChangeTable} from '../operations/operation.ts';
import {changedRow, overOldRow} from '../operations/over-old-row.ts';
import {nameKey, quoted, sameName} from '../schema/identifiers.ts';
import {findColumn, findTable} from '../schema/lookup.ts';
import type {Column, Schema, Table} from '../schema/schema.ts';

/** An operation on the definition of a table, and the schema before and after it. */
export interface DefinitionChange {
	readonly operation: Alteration;
	readonly before: Schema;
	readonly after: Schema;
}

/** Changes of one table that are applied together. */
export interface Folding {
	/** The first change, before which the rows are unchanged. */
	readonly first: DefinitionChange;
	/** Expressions over the row before the first change, by column in lower case. */
	readonly fills: ReadonlyMap<string, string>;
	/** The lineage of the rows if the changes are applied one after the other. Undefined while there is only one. */
	readonly stepwise: ReadonlyMap<string, Lineage> | undefined;
}

export function foldingOf(first: DefinitionChange): Folding {
	return {first, fills: fillsOf(first.operation), stepwise: undefined};
}

/**
 * Adds a change. Returns undefined if applying all changes together would result in different values than applying them one after the other.
 * Examples: a column that is dropped and added again, a default that is set and then changed, a value that is converted twice.
 */
export function foldedWith({first, fills: before, stepwise: known}: Folding, change: DefinitionChange): Folding | undefined {
	const table = findTable(first.before, first.operation.table) as Table;
	const key = nameKey(table.name);
	const stepwise = new Map(known ?? advanced(table, first.operation, first.before, first.after));
	const fills = new Map(before);
	if (change.operation.kind === 'dropColumn') fills.delete(nameKey(change.operation.column));
	for (const [column, fill] of fillsOf(change.operation)) {
		const text = overFirstRow(fill, table, stepwise.get(key) as Lineage, findTable(change.before, table.name) as Table, change.before);
		if (text === undefined) return undefined;
		fills.set(column, text);
	}
	advanceLineages(stepwise, change.operation, change.before, change.after);
	if (isNewColumn(change, table)) return {first, fills, stepwise};
	const whole: ChangeTable = {kind: 'changeTable', table: table.name, sql: '', fill: Object.fromEntries(fills)};
	const atOnce = advanced(table, whole, first.before, change.after);
	const reached = (findTable(change.after, table.name) as Table).columns.filter(({generated}) => generated === undefined);
	const valueIn = (lineages: ReadonlyMap<string, Lineage>, name: string) => lineages.get(key)?.values.get(nameKey(name))?.sql;
	return reached.every(({name}) => valueIn(stepwise, name) === valueIn(atOnce, name)) ? {first, fills, stepwise} : undefined;
}

/** True for a new column without a fill. It has the same value either way, and no other stored value depends on it. */
function isNewColumn({operation, after}: DefinitionChange, first: Table): boolean {
	if (operation.kind !== 'addColumn' || operation.fill !== undefined) return false;
	const column = findTable(after, operation.table)?.columns.at(-1);
	return column !== undefined && findColumn(first, column.name) === undefined;
}

function advanced(table: Table, operation: Alteration, before: Schema, after: Schema): ReadonlyMap<string, Lineage> {
	const lineages = new Map([[nameKey(table.name), plainLineage(table)]]);
	advanceLineages(lineages, operation, before, after);
	return lineages;
}

/** Translates a fill over a row that earlier changes have modified to the row before them. Returns undefined if that is impossible. */
function overFirstRow(fill: string, {name: table}: Table, {origin, values}: Lineage, before: Table, schema: Schema): string | undefined {
	if (!isOverOneRow(fill)) {
		const read = ownColumns(fill, table, schema);
		const isAsStored = ({name}: Column) => {
			const value = values.get(nameKey(name));
			return value?.isPlain === true && sameName(value.origin?.name ?? '', name);
		};
		return read !== 'all' && before.columns.every((column) => !read.has(nameKey(column.name)) || isAsStored(column)) ? fill : undefined;
	}
	const named = new Set(namesIn(fill));
	const isUntold = ({name}: {readonly name: string}) => named.has(nameKey(name)) && !values.has(nameKey(name));
	if (before.columns.some(isUntold)) return undefined;
	const row = changedRow(before, origin, values);
	const isUnchanged = (name: string) => {
		const value = row.value(name);
		return value === undefined || (value.comparesAlike && nameKey(value.sql) === nameKey(`${quoted(table)}.${quoted(name)}`));
	};
	if ([...named].every(isUnchanged)) return fill;
	const {sql} = overOldRow(fill, row);
	return isOverOneRow(sql) ? sql : undefined;
}

/** Returns the columns of the filled table that a fill with subqueries may read, from the filled row or from other rows, in lower case. */
function ownColumns(fill: string, table: string, schema: Schema): ReadonlySet<string> | 'all' {
	const ofOtherRows = readsOf(fill, table, schema).get(nameKey(table)) ?? new Set();
	if (ofOtherRows === 'all') return 'all';
	const has = columnLookup(schema);
	const ofOwnRow = readSubqueries(fill).columns.filter((column) => sourceOf(column, [table], has).isOwn);
	return new Set([...ofOtherRows, ...ofOwnRow.map(({name}) => nameKey(name))]);
}
