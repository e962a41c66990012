import {renameColumnIn} from '../ddl/expression.ts';
import {renderColumn} from '../ddl/render.ts';
import {MigrError} from '../errors.ts';
import {advanceAll} from '../operations/advance.ts';
import {needsValue} from '../operations/needs-value.ts';
import type {Operation} from '../operations/operation.ts';
import {sameTable} from '../schema/equality.ts';
import {nameKey, sameName} from '../schema/identifiers.ts';
import {findTable} from '../schema/lookup.ts';
import type {Column, Schema, Table} from '../schema/schema.ts';
import type {Answers} from './answers.ts';
import {fillFlag} from './flags.ts';
import type {FillQuestion} from './question.ts';

export interface TableOperations {
	readonly operations: readonly Operation[];
	readonly questions: readonly FillQuestion[];
}

/**
 * The operations that make a table what its model says, renames aside: columns added and dropped one by one where that is all,
 * otherwise the whole definition.
 *
 * @param state the schema so far, with renames made and changed indexes dropped
 * @param names all names that the table has had, for the flags that name it
 * @param renames the columns' renames, so that a fill may use old names
 */
export function tableOperations(
	state: Schema,
	after: Table,
	to: Schema,
	names: readonly string[],
	renames: readonly {readonly column: string; readonly to: string}[],
	answers: Answers,
): TableOperations {
	const before = findTable(state, after.name) as Table;
	if (sameTable(before, after, state, to)) return {operations: [], questions: []};
	const existing = (column: Column) => before.columns.find(({name}) => sameName(name, column.name));
	const fills = new Map<string, string>();
	const questions: FillQuestion[] = [];
	for (const column of after.columns) {
		const old = existing(column);
		const takesFill = old === undefined || isTightened(old, column);
		const fill = takesFill ? answers.fill(names, column.name) : undefined;
		if (fill !== undefined) fills.set(column.name, withNewNames(fill, before, renames));
		else if (old === undefined && needsValue(after, column)) questions.push(fillQuestion(before.name, column.name, true));
	}
	const added = after.columns.filter((column) => existing(column) === undefined);
	const dropped = before.columns.filter(({name}) => !after.columns.some((column) => sameName(column.name, name)));
	const oneByOne: readonly Operation[] = [
		...dropped.map(({name}): Operation => ({kind: 'dropColumn', table: before.name, column: name})),
		...added.map((column): Operation => {
			const fill = fills.get(column.name);
			return {kind: 'addColumn', table: before.name, definition: renderColumn(column, after), ...(fill === undefined ? {} : {fill})};
		}),
	];
	const isAll = [...fills.keys()].every((name) => added.some((column) => column.name === name)) && leadsTo(state, oneByOne, after, to);
	const whole: Operation = {kind: 'changeTable', table: before.name, sql: after.sql, fill: Object.fromEntries(fills)};
	return {operations: isAll ? oneByOne : [whole], questions};
}

/** What asks for the value of rows that have none. */
export function fillQuestion(table: string, column: string, isNew: boolean): FillQuestion {
	return {
		kind: 'fill',
		id: `fill:${table}.${column}`,
		table,
		column,
		isNew,
		message: isNew
			? `${table}.${column} is new and NOT NULL: what do the rows that are there get?`
			: `${table}.${column} becomes NOT NULL, and rows have no value`,
		flags: [fillFlag(table, column)],
	};
}

function isTightened(old: Column, column: Column): boolean {
	return (
		(old.notNull === undefined && column.notNull !== undefined) ||
		old.type.toUpperCase() !== column.type.toUpperCase() ||
		(column.generated === undefined && old.generated !== undefined)
	);
}

/** A fill may be written with the names that the columns had: by the time it runs they are renamed. */
function withNewNames(fill: string, table: Table, renames: readonly {readonly column: string; readonly to: string}[]): string {
	return renames.reduce(
		(text, {column, to}) => (table.columns.some(({name}) => nameKey(name) === nameKey(column)) ? text : renameColumnIn(text, table.name, column, to)),
		fill,
	);
}

function leadsTo(state: Schema, operations: readonly Operation[], after: Table, to: Schema): boolean {
	if (operations.length === 0) return false;
	try {
		const reached = advanceAll(state, operations);
		const table = findTable(reached, after.name);
		return table !== undefined && sameTable(table, after, reached, to);
	} catch (error) {
		// A constraint still names a dropped column: then only the whole definition says it.
		if (error instanceof MigrError && error.code === 'plan') return false;
		throw error;
	}
}
