import {nameInExpression} from '../ddl/expression.ts';
import {renderColumn} from '../ddl/render.ts';
import {advanceIfPossible} from '../operations/advance.ts';
import {forbidsNull, needsValue} from '../operations/needs-value.ts';
import type {Operation} from '../operations/operation.ts';
import {renameQualifier, substituteColumns} from '../operations/substitute.ts';
import {addedColumns} from '../operations/table-delta.ts';
import {sameTable} from '../schema/equality.ts';
import {identifier, nameKey, sameName} from '../schema/identifiers.ts';
import {findTable} from '../schema/lookup.ts';
import type {Column, Schema, Table} from '../schema/schema.ts';
import type {Answers} from './answers.ts';
import {fillFlag} from './flags.ts';
import type {FillQuestion} from './question.ts';

export interface TableOperations {
	readonly operations: readonly Operation[];
	readonly questions: readonly FillQuestion[];
}

/** From the name that a column had to the one that it has when the table changes. */
export interface ColumnRename {
	readonly column: string;
	readonly to: string;
}

/**
 * The operations that make a table what its model says, renames aside: columns added and dropped one by one where that is all,
 * otherwise the whole definition.
 *
 * @param state the schema so far, with renames made and changed indexes dropped
 * @param names the names that the table had and has, for the flags that name it
 * @param renames the columns' renames, so that a fill may use old names
 */
export function tableOperations(
	state: Schema,
	after: Table,
	to: Schema,
	names: readonly string[],
	renames: readonly ColumnRename[],
	answers: Answers,
): TableOperations {
	const before = findTable(state, after.name) as Table;
	if (sameTable(before, after, state, to)) return {operations: [], questions: []};
	const existing = (column: Column) => before.columns.find(({name}) => sameName(name, column.name));
	const fills = new Map<string, string>();
	const questions: FillQuestion[] = [];
	for (const column of after.columns) {
		const old = existing(column);
		const takesFill = old === undefined || isTightened(before, old, after, column);
		const fill = takesFill ? answers.fill(names, column.name) : undefined;
		if (fill !== undefined) fills.set(column.name, withNewNames(fill, names, renames));
		else if (old === undefined && needsValue(after, column)) questions.push(fillQuestion(before.name, column.name, true));
	}
	const added = addedColumns(after, before);
	const dropped = before.columns.filter(({name}) => !after.columns.some((column) => sameName(column.name, name)));
	const oneByOne: readonly Operation[] = [
		// Before the drops: a fill may be made of what is dropped.
		...added.map((column): Operation => {
			const fill = fills.get(column.name);
			return {kind: 'addColumn', table: before.name, definition: renderColumn(column, after), ...(fill === undefined ? {} : {fill})};
		}),
		...dropped.map(({name}): Operation => ({kind: 'dropColumn', table: before.name, column: name})),
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

function isTightened(before: Table, old: Column, after: Table, column: Column): boolean {
	return (
		(!forbidsNull(before, old) && forbidsNull(after, column)) ||
		old.type.toUpperCase() !== column.type.toUpperCase() ||
		(column.generated === undefined && old.generated !== undefined)
	);
}

/** A fill is over the old row and written with the names that were in force then: by the time it runs they are renamed. */
function withNewNames(fill: string, names: readonly string[], renames: readonly ColumnRename[]): string {
	const [oldTable, newTable] = [names[0] as string, names.at(-1) as string];
	const renamed = new Map(renames.map(({column, to}) => [nameKey(column), nameInExpression(to)]));
	const moved = sameName(oldTable, newTable) ? fill : renameQualifier(fill, oldTable, identifier(newTable));
	return renamed.size === 0 ? moved : substituteColumns(moved, newTable, renamed);
}

function leadsTo(state: Schema, operations: readonly Operation[], after: Table, to: Schema): boolean {
	if (operations.length === 0) return false;
	// A constraint may still name a dropped column: then only the whole definition says it.
	const reached = operations.reduce<Schema | undefined>((schema, operation) => schema && advanceIfPossible(schema, operation), state);
	const table = reached && findTable(reached, after.name);
	return reached !== undefined && table !== undefined && sameTable(table, after, reached, to);
}
