import {readStatement} from '../ddl/read.ts';
import {renderColumn} from '../ddl/render.ts';
import {columnAffinity} from '../schema/affinity.ts';
import {sameTable} from '../schema/equality.ts';
import {identifier, sameName} from '../schema/identifiers.ts';
import {isInPrimaryKey} from '../schema/key-columns.ts';
import {findIndex, findTable, findTrigger, findView, findVirtualTable, indexesOf, triggersOf} from '../schema/lookup.ts';
import type {Column, Schema, Table} from '../schema/schema.ts';
import {advance, advanceIfPossible, isIdle} from './advance.ts';
import {tableFor} from './fit.ts';
import {rebuildOf} from './full-text.ts';
import type {AddColumn, ChangeTable, DropColumn, Operation} from './operation.ts';
import {rowidOf} from './rowid.ts';
import {automaticRefills} from './stale-indexes.ts';

/**
 * Returns the operations that undo one operation. `before` is the schema before that operation. Dropped rows and values cannot be restored. `execute`
 * and `run` have no reverse.
 */
export function reverse(before: Schema, operation: Operation): readonly Operation[] {
	if (isIdle(before, operation)) return [];
	switch (operation.kind) {
		case 'createTable':
		case 'createIndex':
		case 'createView':
		case 'createTrigger':
			return [dropOf(before, operation)];
		case 'dropTable':
			return recreated(before, operation.table);
		case 'renameTable':
			return [{kind: 'renameTable', table: operation.to, to: tableFor(before, operation).name}];
		case 'renameColumn':
			return [{kind: 'renameColumn', table: operation.table, column: operation.to, to: nameOfColumn(before, operation)}];
		case 'addColumn':
			return [takenBack(before, operation)];
		case 'dropColumn':
			return [addedAgain(before, operation)];
		case 'changeTable':
			return [
				changedBack(before, operation),
				...(operation.dropsIndexes === true ? indexesOf(before, operation.table).map(({sql}): Operation => ({kind: 'createIndex', sql})) : []),
			];
		case 'dropIndex':
			return (findIndex(before, operation.index) === undefined ? [] : [findIndex(before, operation.index)]).map((index) => ({
				kind: 'createIndex',
				sql: index?.sql as string,
			}));
		case 'dropView': {
			const view = findView(before, operation.view);
			const triggers = triggersOf(before, operation.view).map(({sql}): Operation => ({kind: 'createTrigger', sql}));
			return view === undefined ? [] : [{kind: 'createView', sql: view.sql}, ...triggers];
		}
		case 'dropTrigger': {
			const trigger = findTrigger(before, operation.trigger);
			return trigger === undefined ? [] : [{kind: 'createTrigger', sql: trigger.sql}];
		}
		case 'execute':
		case 'run':
			return [];
	}
}

/** Returns the operations that undo a list of operations, last first. Full-text indexes whose rows they change are filled at the end. */
export function reverseAll(before: Schema, operations: readonly Operation[]): readonly Operation[] {
	const undone: (readonly Operation[])[] = [];
	let schema = before;
	for (const operation of operations) {
		undone.unshift(reverse(schema, operation));
		schema = advance(schema, operation);
	}
	const back = undone.flat();
	const refilled = automaticRefills(schema, back);
	return [...back.filter((one) => !refilled.some(({sql}) => one.kind === 'execute' && one.sql === sql)), ...refilled];
}

type Create = Extract<Operation, {readonly kind: 'createTable' | 'createIndex' | 'createView' | 'createTrigger'}>;

function dropOf(before: Schema, operation: Create): Operation {
	// Fails if the operation does not fit the schema.
	advance(before, operation);
	const name = readStatement(operation.sql)?.name as string;
	switch (operation.kind) {
		case 'createTable':
			return {kind: 'dropTable', table: name};
		case 'createIndex':
			return {kind: 'dropIndex', index: name};
		case 'createView':
			return {kind: 'dropView', view: name};
		case 'createTrigger':
			return {kind: 'dropTrigger', trigger: name};
	}
}

function recreated(before: Schema, name: string): readonly Operation[] {
	const virtual = findVirtualTable(before, name);
	if (virtual !== undefined) {
		const rebuild = rebuildOf(virtual, before);
		return [{kind: 'createTable', sql: virtual.sql}, ...(rebuild === undefined ? [] : [rebuild])];
	}
	const table = findTable(before, name);
	if (table === undefined) return [];
	return [
		{kind: 'createTable', sql: table.sql},
		...indexesOf(before, name).map(({sql}): Operation => ({kind: 'createIndex', sql})),
		...triggersOf(before, name).map(({sql}): Operation => ({kind: 'createTrigger', sql})),
	];
}

function nameOfColumn(
	before: Schema,
	operation: {readonly kind: 'renameColumn'; readonly table: string; readonly column: string; readonly to: string},
): string {
	return tableFor(before, operation).columns.find(({name}) => sameName(name, operation.column))?.name ?? operation.column;
}

/** Drops only the column if that restores the table. If a key was added with it, restores the whole definition. */
function takenBack(before: Schema, operation: AddColumn): Operation {
	const table = tableFor(before, operation);
	const after = advance(before, operation);
	const column = tableFor(after, operation).columns.at(-1) as Column;
	const dropped: Operation = {kind: 'dropColumn', table: table.name, column: column.name};
	const restored = advanceIfPossible(after, dropped);
	if (restored !== undefined && sameTable(tableFor(restored, operation), table, restored, before)) return dropped;
	return {kind: 'changeTable', table: table.name, sql: table.sql, fill: {}};
}

/** Adds the column at the end if that restores the table, because the column order does not matter. Otherwise states the whole definition. */
function addedAgain(before: Schema, operation: DropColumn): Operation {
	const table = tableFor(before, operation);
	const column = table.columns.find(({name}) => sameName(name, operation.column)) as Column;
	const fill = neutralFill(table, column, tableFor(advance(before, operation), operation));
	const added: Operation = {kind: 'addColumn', table: table.name, definition: renderColumn(column, table), ...(fill === undefined ? {} : {fill})};
	const restored = advanceIfPossible(advance(before, operation), added);
	if (restored !== undefined && sameTable(tableFor(restored, operation), table, restored, before)) return added;
	return {kind: 'changeTable', table: table.name, sql: table.sql, fill: fill === undefined ? {} : {[column.name]: fill}};
}

function changedBack(before: Schema, operation: ChangeTable): Operation {
	const table = tableFor(before, operation);
	const now = tableFor(advance(before, operation), operation);
	const fills = table.columns
		.filter(({name}) => !now.columns.some((column) => sameName(column.name, name)))
		.flatMap((column) => {
			const fill = neutralFill(table, column, now);
			return fill === undefined ? [] : [[column.name, fill]];
		});
	return {kind: 'changeTable', table: table.name, sql: table.sql, fill: Object.fromEntries(fills)};
}

const neutral = {INTEGER: '0', REAL: '0.0', NUMERIC: '0', TEXT: "''", BLOB: "x''"} as const;

/**
 * Returns a fill for rows whose value was dropped, if the column needs one: an existing parent under a foreign key, the rowid if values must be
 * unique, otherwise zero or empty. Undefined if NULL or the default is enough. `now` is the table that contains the rows.
 */
function neutralFill(table: Table, column: Column, now: Table): string | undefined {
	const isKey = isInPrimaryKey(table, column);
	if (column.generated !== undefined || column.default !== undefined || (column.notNull === undefined && !isKey)) return undefined;
	const foreignKey = table.foreignKeys.find(({columns}) => columns.length === 1 && sameName(columns[0] as string, column.name));
	const parentColumn = foreignKey?.parentColumns[0];
	if (foreignKey !== undefined && parentColumn !== undefined)
		return `(SELECT min(${identifier(parentColumn)}) FROM ${identifier(foreignKey.parent)})`;
	const affinity = columnAffinity(column.type, table.strict);
	const mustDiffer = isKey || table.uniques.some(({columns}) => columns.length === 1 && sameName((columns[0] as {name: string}).name, column.name));
	if (mustDiffer) {
		const rowid = rowidOf(now);
		if (rowid === undefined) return affinity === 'TEXT' ? 'hex(randomblob(16))' : 'random()';
		return affinity === 'TEXT' ? `CAST(${rowid} AS TEXT)` : rowid;
	}
	return neutral[affinity];
}
