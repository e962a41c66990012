import {sameName} from './identifiers.ts';
import {findColumn, findIndex, findTable, findTrigger, findView, findVirtualTable} from './lookup.ts';
import {
	type NormalColumn,
	normalChecks,
	normalColumn,
	normalForeignKeys,
	normalIndex,
	normalPrimaryKey,
	normalTrigger,
	normalUniques,
	normalView,
	normalVirtualTable,
} from './normal-form.ts';
import {
	type Column,
	emptySchema,
	type ForeignKey,
	type Index,
	type PrimaryKey,
	type Schema,
	type Table,
	type Trigger,
	type View,
	type VirtualTable,
} from './schema.ts';

/** True if both schemas mean the same: each contains every object of the other, in any order and spelling. */
export function sameSchema(a: Schema, b: Schema): boolean {
	return (
		haveSame(
			a.tables,
			b.tables,
			(table) => findTable(b, table.name),
			(x, y) => sameTable(x, y, a, b),
		) &&
		haveSame(
			a.indexes,
			b.indexes,
			(index) => findIndex(b, index.name),
			(x, y) => sameIndex(x, y, a, b),
		) &&
		haveSame(a.views, b.views, (view) => findView(b, view.name), sameView) &&
		haveSame(a.triggers, b.triggers, (trigger) => findTrigger(b, trigger.name), sameTrigger) &&
		haveSame(a.virtualTables, b.virtualTables, (virtualTable) => findVirtualTable(b, virtualTable.name), sameVirtualTable)
	);
}

function haveSame<T>(a: readonly T[], b: readonly T[], find: (object: T) => T | undefined, same: (x: T, y: T) => boolean): boolean {
	if (a.length !== b.length) return false;
	return a.every((object) => {
		const other = find(object);
		return other !== undefined && same(object, other);
	});
}

/** True if two tables mean the same, ignoring the order of columns and constraints. The schemas resolve foreign keys without columns. */
export function sameTable(a: Table, b: Table, schemaA: Schema = emptySchema, schemaB: Schema = emptySchema): boolean {
	if (a === b && (schemaA === schemaB || refersToSame(a, schemaA, schemaB))) return true;
	if (!sameName(a.name, b.name) || a.columns.length !== b.columns.length || a.strict !== b.strict || a.withoutRowid !== b.withoutRowid) return false;
	return sameConstraints(a, b, schemaA, schemaB) && a.columns.every((column, index) => hasSameColumn(column, index, a, b));
}

/** True if the parents of a table, whose keys its foreign keys may refer to, are the same objects in both schemas. */
function refersToSame({name, foreignKeys}: Table, schemaA: Schema, schemaB: Schema): boolean {
	return foreignKeys.every(
		({parent, parentColumns}) => parentColumns.length > 0 || sameName(parent, name) || findTable(schemaA, parent) === findTable(schemaB, parent),
	);
}

function sameConstraints(a: Table, b: Table, schemaA: Schema, schemaB: Schema): boolean {
	return (
		sameKey(a, b) &&
		sameTexts(normalUniques(a), normalUniques(b)) &&
		sameTexts(normalChecks(a), normalChecks(b)) &&
		(areKeysWrittenTheSame(a.foreignKeys, b.foreignKeys) || sameTexts(normalForeignKeys(a, schemaA), normalForeignKeys(b, schemaB)))
	);
}

/** True if two lists have the same foreign keys in the same order, and each names the columns of its parent, so that it means the same in any schema. */
export function areKeysWrittenTheSame(a: readonly ForeignKey[], b: readonly ForeignKey[]): boolean {
	return a.length === b.length && a.every((key, index) => isKeyWrittenTheSame(key, b[index]));
}

function isKeyWrittenTheSame(a: ForeignKey, b: ForeignKey | undefined): boolean {
	return (
		b !== undefined &&
		a.parentColumns.length > 0 &&
		a.name === b.name &&
		a.parent === b.parent &&
		a.onDelete === b.onDelete &&
		a.onUpdate === b.onUpdate &&
		a.match === b.match &&
		a.deferred === b.deferred &&
		sameTexts(a.columns, b.columns) &&
		sameTexts(a.parentColumns, b.parentColumns)
	);
}

function sameKey(a: Table, b: Table): boolean {
	return isRowidKeyWrittenTheSame(a.primaryKey, b.primaryKey) || keyText(a) === keyText(b);
}

/** True if both keys are the rowid and have the same definition. Other keys also depend on the collations of their columns. */
export function isRowidKeyWrittenTheSame(a: PrimaryKey | undefined, b: PrimaryKey | undefined): boolean {
	if (a === undefined || b === undefined || !a.rowidAlias || !b.rowidAlias) return false;
	return a.name === b.name && a.autoincrement === b.autoincrement && a.onConflict === b.onConflict && a.columns[0]?.name === b.columns[0]?.name;
}

function keyText(table: Table): string {
	return table.primaryKey === undefined ? '' : normalPrimaryKey(table.primaryKey, table);
}

/** Columns are usually at the same position and written in the same way, so that is tried first. The keys of the tables were compared before. */
function hasSameColumn(column: Column, index: number, table: Table, other: Table): boolean {
	const atIndex = other.columns[index];
	const counterpart = atIndex !== undefined && atIndex.name === column.name ? atIndex : findColumn(other, column.name);
	if (counterpart === undefined) return false;
	return isWrittenTheSame(column, counterpart) || sameNormalColumn(normalColumn(column, table), normalColumn(counterpart, other));
}

/** True if two columns have the same definition, so they mean the same in tables with the same keys and options. */
export function isWrittenTheSame(a: Column, b: Column): boolean {
	return (
		a.name === b.name &&
		a.type === b.type &&
		(a.notNull === undefined) === (b.notNull === undefined) &&
		a.notNull?.onConflict === b.notNull?.onConflict &&
		a.default?.normal === b.default?.normal &&
		a.collate === b.collate &&
		a.generated?.stored === b.generated?.stored &&
		a.generated?.expression.normal === b.generated?.expression.normal
	);
}

/** True if two columns mean the same. The tables determine whether NOT NULL is implied. Ignores keys and references. */
export function sameColumn(a: Column, b: Column, tableA?: Table, tableB?: Table): boolean {
	const nowhere = {strict: false, withoutRowid: false};
	return sameNormalColumn(normalColumn(a, tableA ?? nowhere), normalColumn(b, tableB ?? nowhere));
}

function sameNormalColumn(a: NormalColumn, b: NormalColumn): boolean {
	return (
		a.name === b.name &&
		a.type === b.type &&
		a.notNull === b.notNull &&
		a.default === b.default &&
		a.collate === b.collate &&
		a.generated === b.generated
	);
}

function sameTexts(a: readonly string[], b: readonly string[]): boolean {
	return a.length === b.length && a.every((text, index) => text === b[index]);
}

/** True if two indexes mean the same. The schemas contain their tables, whose columns have collations. */
export function sameIndex(a: Index, b: Index, schemaA: Schema = emptySchema, schemaB: Schema = emptySchema): boolean {
	const [tableA, tableB] = [findTable(schemaA, a.table), findTable(schemaB, b.table)];
	if (a === b && tableA === tableB) return true;
	return isIndexWrittenTheSame(a, b, tableA, tableB) || normalIndex(a, schemaA) === normalIndex(b, schemaB);
}

/** True if two indexes have the same definition, and their columns the same collations. */
function isIndexWrittenTheSame(a: Index, b: Index, tableA: Table | undefined, tableB: Table | undefined): boolean {
	if (a.name !== b.name || a.table !== b.table || a.unique !== b.unique || a.where?.normal !== b.where?.normal) return false;
	if (a.columns.length !== b.columns.length) return false;
	return a.columns.every((one, index) => {
		const other = b.columns[index];
		if (other === undefined || one.column !== other.column || one.collate !== other.collate || one.descending !== other.descending) return false;
		if (one.expression.normal !== other.expression.normal) return false;
		if (one.column === undefined || one.collate !== undefined) return true;
		return collationIn(tableA, one.column) === collationIn(tableB, one.column);
	});
}

function collationIn(table: Table | undefined, column: string): string | undefined {
	return table === undefined ? undefined : findColumn(table, column)?.collate;
}

export function sameView(a: View, b: View): boolean {
	return a === b || normalView(a) === normalView(b);
}

export function sameTrigger(a: Trigger, b: Trigger): boolean {
	return a === b || normalTrigger(a) === normalTrigger(b);
}

export function sameVirtualTable(a: VirtualTable, b: VirtualTable): boolean {
	return a === b || normalVirtualTable(a) === normalVirtualTable(b);
}
