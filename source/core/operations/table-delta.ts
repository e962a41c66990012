import {columnsIn} from '../ddl/expression.ts';
import {columnAffinity} from '../schema/affinity.ts';
import {areKeysWrittenTheSame, isRowidKeyWrittenTheSame, isWrittenTheSame} from '../schema/equality.ts';
import {sameName} from '../schema/identifiers.ts';
import {findColumn} from '../schema/lookup.ts';
import {impliesNotNull, normalCheck, normalColumn, normalForeignKey, normalPrimaryKey, normalUnique} from '../schema/normal-form.ts';
import type {Check, Column, ForeignKey, Schema, Table, Unique} from '../schema/schema.ts';
import {orderByNames} from './order-by-names.ts';

/** The differences in meaning between two states of a table. Columns are paired by name, because renames are applied before. */
export interface TableDelta {
	readonly added: readonly Column[];
	readonly dropped: readonly Column[];
	readonly changed: readonly ColumnDelta[];
	/** True if the key differs in anything except AUTOINCREMENT and its name. */
	readonly primaryKey: boolean;
	/** True if only the name of the constraint differs. */
	readonly primaryKeyName: boolean;
	readonly autoincrement: boolean;
	readonly uniques: ListDelta<Unique>;
	readonly checks: ListDelta<Check>;
	readonly foreignKeys: ListDelta<ForeignKey>;
	readonly strict: boolean;
	readonly withoutRowid: boolean;
}

export interface ListDelta<T> {
	readonly added: readonly T[];
	readonly dropped: readonly T[];
}

export interface ColumnDelta {
	readonly before: Column;
	readonly after: Column;
	readonly type: boolean;
	/** True if the affinity changes, so stored values may be converted. */
	readonly affinity: boolean;
	readonly notNull: 'set' | 'dropped' | 'changed' | undefined;
	readonly default: boolean;
	readonly collate: boolean;
	readonly generated: boolean;
}

/** One state of a table with its schema. The meaning of a foreign key depends on its parent. */
export interface TableState {
	readonly table: Table;
	readonly schema: Schema;
}

/** Returns the columns that are only in `after`, in an order that allows adding them: each after the columns it depends on. */
export function addedColumns(after: Table, before: Table): readonly Column[] {
	const added = onlyAddsColumns(before, after)
		? after.columns.slice(before.columns.length)
		: after.columns.filter(({name}) => findColumn(before, name) === undefined);
	if (added.length < 2) return added;
	const checks = (column: Column) => after.checks.filter((check) => check.column !== undefined && sameName(check.column, column.name));
	return orderByNames(added, (column) => [
		...columnsIn(column.generated?.expression.text ?? '', after.name),
		...checks(column).flatMap(({expression}) => columnsIn(expression.text, after.name)),
	]);
}

/** True if a table has the columns of another one in the same order, and perhaps more after them, which is the usual case. */
function onlyAddsColumns(before: Table, after: Table): boolean {
	return before.columns.every(({name}, index) => name === after.columns[index]?.name);
}

/** Returns the differences between two states of a table. Caches the last result, because the hazards, the planner and the preview need the same one. */
export function tableDelta(before: TableState, after: TableState): TableDelta {
	const last = deltas.get(before.table);
	if (last?.after.table === after.table && last.before.schema === before.schema && last.after.schema === after.schema) return last.delta;
	const delta = deltaOf(before, after);
	deltas.set(before.table, {before, after, delta});
	return delta;
}

const deltas = new WeakMap<Table, {readonly before: TableState; readonly after: TableState; readonly delta: TableDelta}>();

function deltaOf(before: TableState, after: TableState): TableDelta {
	const isOtherKey =
		!isRowidKeyWrittenTheSame(before.table.primaryKey, after.table.primaryKey) &&
		(keyOf(before) !== keyOf(after) || before.table.primaryKey?.rowidAlias !== after.table.primaryKey?.rowidAlias);
	const onlyAdds = onlyAddsColumns(before.table, after.table);
	// What NOT NULL and a type mean also depends on these properties of the table.
	const isSameContext = !isOtherKey && before.table.strict === after.table.strict && before.table.withoutRowid === after.table.withoutRowid;
	return {
		added: addedColumns(after.table, before.table),
		dropped: onlyAdds ? [] : before.table.columns.filter(({name}) => findColumn(after.table, name) === undefined),
		changed: after.table.columns.flatMap((column, index) => {
			const old = onlyAdds ? before.table.columns[index] : findColumn(before.table, column.name);
			const delta =
				old === undefined || (isSameContext && isWrittenTheSame(old, column)) ? undefined : columnDelta(old, column, before.table, after.table);
			return delta === undefined ? [] : [delta];
		}),
		primaryKey: isOtherKey,
		primaryKeyName: !isOtherKey && before.table.primaryKey?.name !== after.table.primaryKey?.name,
		autoincrement: (before.table.primaryKey?.autoincrement ?? false) !== (after.table.primaryKey?.autoincrement ?? false),
		uniques: listDelta(before.table.uniques, after.table.uniques, (unique, isBefore) => normalUnique(unique, isBefore ? before.table : after.table)),
		checks: listDelta(before.table.checks, after.table.checks, normalCheck),
		foreignKeys: areKeysWrittenTheSame(before.table.foreignKeys, after.table.foreignKeys)
			? noDelta
			: listDelta(before.table.foreignKeys, after.table.foreignKeys, (key, isBefore) =>
					isBefore ? normalForeignKey(key, before.table, before.schema) : normalForeignKey(key, after.table, after.schema),
				),
		strict: before.table.strict !== after.table.strict,
		withoutRowid: before.table.withoutRowid !== after.table.withoutRowid,
	};
}

function keyOf({table}: TableState): string {
	if (table.primaryKey === undefined) return '';
	const {name: _, ...key} = table.primaryKey;
	return normalPrimaryKey({...key, autoincrement: false}, table);
}

function columnDelta(before: Column, after: Column, tableBefore: Table, tableAfter: Table): ColumnDelta | undefined {
	const [was, is] = [normalColumn(before, tableBefore), normalColumn(after, tableAfter)];
	const delta: ColumnDelta = {
		before,
		after,
		type: was.type !== is.type,
		affinity: columnAffinity(before.type, tableBefore.strict) !== columnAffinity(after.type, tableAfter.strict),
		notNull: notNullDelta([was.notNull, is.notNull], impliesNotNull(before, tableBefore), impliesNotNull(after, tableAfter)),
		default: was.default !== is.default,
		collate: was.collate !== is.collate,
		generated: was.generated !== is.generated,
	};
	return delta.type || delta.notNull !== undefined || delta.default || delta.collate || delta.generated ? delta : undefined;
}

/** Compares NOT NULL. If a key already forbids NULL, an explicit NOT NULL makes no difference unless it has a conflict clause. */
function notNullDelta([was, is]: readonly [string, string], wasImplied: boolean, isImplied: boolean): ColumnDelta['notNull'] {
	const before = was === '' && wasImplied ? 'not null ' : was;
	const after = is === '' && isImplied ? 'not null ' : is;
	if (before === after) return undefined;
	return before === '' ? 'set' : after === '' ? 'dropped' : 'changed';
}

const noDelta = {added: [], dropped: []};

function listDelta<T>(before: readonly T[], after: readonly T[], normal: (item: T, isBefore: boolean) => string): ListDelta<T> {
	if (before.length === 0 && after.length === 0) return noDelta;
	const was = before.map((item) => normal(item, true));
	const is = after.map((item) => normal(item, false));
	return {
		added: after.filter((_, index) => !was.includes(is[index] as string)),
		dropped: before.filter((_, index) => !is.includes(was[index] as string)),
	};
}
