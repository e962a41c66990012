import {readTable} from '../../ddl/read.ts';
import {renderTable} from '../../ddl/render.ts';
import {nameKey, sameName} from '../../schema/identifiers.ts';
import {findColumn, findIndex, findTable} from '../../schema/lookup.ts';
import {normalCheck} from '../../schema/normal-form.ts';
import type {Check, Column, ForeignKey, Index, Schema, Table, Unique} from '../../schema/schema.ts';

/**
 * Returns the models with the parts of the database that Drizzle cannot express, so that they are not a difference: STRICT, WITHOUT ROWID,
 * collations, deferred foreign keys, conflict clauses, that a CHECK has no name, and in drizzle-orm 0 also the names of keys, and whether UNIQUE is a
 * constraint or an index.
 */
export function withSettledDrizzle(models: Schema, from: Schema): Schema {
	const removed = new Set<Index>();
	const tables = models.tables.map((table) => {
		const before =
			table.writtenIn === undefined || table.writtenIn === 'prisma'
				? undefined
				: (findTable(from, table.renamedFrom ?? table.name) ?? findTable(from, table.name));
		return before === undefined ? table : settled(table, before, models, from, removed);
	});
	if (removed.size === 0 && tables.every((table, index) => table === models.tables[index])) return models;
	return {...models, tables, indexes: models.indexes.filter((index) => !removed.has(index))};
}

function settled(table: Table, before: Table, models: Schema, from: Schema, removed: Set<Index>): Table {
	const hasNames = table.writtenIn !== 'drizzle 0';
	const uniques = hasNames ? table.uniques : [...table.uniques, ...uniquesOf(table, before, models, from, removed)];
	const changed: Table = {
		...table,
		columns: table.columns.map((column) => settledColumn(column, findColumn(before, column.renamedFrom ?? column.name))),
		foreignKeys: table.foreignKeys.map((key) => settledKey(key, before, hasNames)),
		checks: settledChecks(table, before),
		uniques,
		...(table.primaryKey === undefined || hasNames ? {} : {primaryKey: settledPrimaryKey(table.primaryKey, before)}),
		strict: before.strict,
		withoutRowid: before.withoutRowid,
	};
	const {sql} = readTable(renderTable(changed));
	return sql === table.sql ? table : {...changed, sql};
}

function settledColumn(column: Column, before: Column | undefined): Column {
	if (before === undefined || !sameName(column.type, before.type)) return column;
	const notNull = column.notNull === undefined || before.notNull === undefined ? column.notNull : before.notNull;
	return {...column, ...(notNull === undefined ? {} : {notNull}), ...(before.collate === undefined ? {} : {collate: before.collate})};
}

type PrimaryKey = NonNullable<Table['primaryKey']>;

function settledPrimaryKey(key: PrimaryKey, {primaryKey: before}: Table): PrimaryKey {
	if (before === undefined || !sameColumns(key.columns, before.columns)) return key;
	return {...key, name: before.name, ...(before.onConflict === undefined ? {} : {onConflict: before.onConflict})};
}

/** Removes the name of each CHECK that has none in the database. Drizzle requires a name. A CHECK that already has its name there is left alone. */
function settledChecks({checks}: Table, before: Table): readonly Check[] {
	const unnamed = before.checks.filter(({name}) => name === undefined).map(normalCheck);
	const isNamedBefore = (check: Check) =>
		before.checks.some(({name}) => name !== undefined && check.name !== undefined && sameName(name, check.name));
	return checks.map((check) => {
		const {name: _, ...rest} = check;
		const at = check.name === undefined || isNamedBefore(check) ? -1 : unnamed.indexOf(normalCheck(rest));
		if (at === -1) return check;
		unnamed.splice(at, 1);
		return rest;
	});
}

/** Copies the name and the deferral of the foreign key with the same columns, parent and actions. */
function settledKey(key: ForeignKey, before: Table, hasNames: boolean): ForeignKey {
	const same = before.foreignKeys.find(
		(other) =>
			sameName(other.parent, key.parent) &&
			sameNames(other.columns, key.columns) &&
			(other.parentColumns.length === 0 || sameNames(other.parentColumns, key.parentColumns)) &&
			other.onDelete === key.onDelete &&
			other.onUpdate === key.onUpdate,
	);
	if (same === undefined) return key;
	return {...key, ...(hasNames ? {} : {name: same.name}), deferred: same.deferred, match: same.match};
}

/** Returns the UNIQUE constraints of the database that the models state as unique indexes, and records those indexes as removed. */
function uniquesOf(table: Table, before: Table, models: Schema, from: Schema, removed: Set<Index>): readonly Unique[] {
	return before.uniques.filter((unique) => {
		if (table.uniques.some((other) => sameColumns(other.columns, unique.columns))) return false;
		const index = models.indexes.find(
			(each) => sameName(each.table, table.name) && !removed.has(each) && isIndexOf(each, unique) && findIndex(from, each.name) === undefined,
		);
		if (index !== undefined) removed.add(index);
		return index !== undefined;
	});
}

function isIndexOf({unique, columns, where}: Index, {columns: keys}: Unique): boolean {
	return (
		unique &&
		where === undefined &&
		sameNames(
			columns.map(({column}) => column ?? ''),
			keys.map(({name}) => name),
		)
	);
}

function sameColumns(a: readonly {readonly name: string}[], b: readonly {readonly name: string}[]): boolean {
	return sameNames(
		a.map(({name}) => name),
		b.map(({name}) => name),
	);
}

function sameNames(a: readonly string[], b: readonly string[]): boolean {
	return a.length === b.length && a.every((name, index) => nameKey(name) === nameKey(b[index] ?? ''));
}
