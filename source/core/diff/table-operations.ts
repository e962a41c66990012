import {columnsIn} from '../ddl/expression.ts';
import {renderColumn} from '../ddl/render.ts';
import {advanceIfPossible} from '../operations/advance.ts';
import {fillsOf, isAlteration, isOverOneRow} from '../operations/alteration.ts';
import {forbidsNull, needsValue} from '../operations/needs-value.ts';
import type {Operation} from '../operations/operation.ts';
import {addedColumns} from '../operations/table-delta.ts';
import {sameTable} from '../schema/equality.ts';
import {identifier, nameKey} from '../schema/identifiers.ts';
import {findColumn, findTable} from '../schema/lookup.ts';
import type {Column, Schema, Table} from '../schema/schema.ts';
import type {Answers} from './answers.ts';
import {fillFlag} from './flags.ts';
import type {FillQuestion} from './question.ts';

export interface TableOperations {
	readonly operations: readonly Operation[];
	readonly questions: readonly FillQuestion[];
}

/**
 * Returns the operations that turn a table into its model, except renames. Adds and drops columns one by one if that is enough. Otherwise states the
 * whole definition.
 *
 * @param state the schema so far, after renames and drops of changed indexes
 * @param names the old and the new name of the table, for the flags that name it
 * @param spelled translates a fill, which may use old names, to the names that are valid when it runs
 */
export function tableOperations(
	state: Schema,
	after: Table,
	to: Schema,
	names: readonly string[],
	spelled: (fill: string) => string,
	answers: Answers,
): TableOperations {
	const before = findTable(state, after.name) as Table;
	// A reference without columns changes its meaning with the key of the parent. The definition stays the same.
	if (sameTable(before, after, state, to) || sameTable(before, after, to, to)) return {operations: [], questions: []};
	const fills = new Map<string, string>();
	const questions: FillQuestion[] = [];
	for (const column of after.columns) {
		const old = findColumn(before, column.name);
		const takesFill = answers.hasFills && (old === undefined || isTightened(before, old, after, column));
		const fill = takesFill ? answers.fill(names, column.name) : undefined;
		if (fill !== undefined) fills.set(column.name, spelled(fill));
		else if (old === undefined && needsValue(after, column)) questions.push(fillQuestion(before.name, column.name, true));
	}
	const added = addedColumns(after, before);
	const dropped = before.columns.filter(({name}) => findColumn(after, name) === undefined);
	const oneByOne: readonly Operation[] = [
		// Before the drops, because a fill may read a dropped column.
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

/**
 * Returns the operations that add the new columns whose fills read other tables, one by one. Those tables then still have the columns they will lose.
 *
 * @throws MigrError `plan` if such a column cannot be added on its own
 */
export function earlyColumns(state: Schema, {operations}: TableOperations, after: Table): readonly Operation[] {
	const before = findTable(state, after.name) as Table;
	const fills = fillsIn(operations);
	const isEarly = (column: Column) => !isOverOneRow(fills.get(nameKey(column.name)) ?? '0');
	const early = addedColumns(after, before).filter(isEarly);
	return early.map((column): Operation => {
		const fill = fills.get(nameKey(column.name)) as string;
		return {kind: 'addColumn', table: before.name, definition: earlyDefinition(column, before, after, fills), fill};
	});
}

/** Returns the definition of an early column. It must neither convert nor reject a value that the final definition accepts. */
function earlyDefinition(column: Column, before: Table, after: Table, fills: ReadonlyMap<string, string>): string {
	// Types mean something else in a STRICT table. ANY there, and no type elsewhere, keep every value.
	if (before.strict !== after.strict) return before.strict ? `${identifier(column.name)} ANY` : identifier(column.name);
	const isFinal = ({name, type, generated}: Column) => {
		const old = findColumn(before, name);
		const fill = fills.get(nameKey(name));
		if (old === undefined) return fill !== undefined && !isOverOneRow(fill);
		return fill === undefined && old.type.toUpperCase() === type.toUpperCase() && (old.generated ?? generated) === undefined;
	};
	// A CHECK that names a column without its final values is added together with them.
	const later = new Set(after.columns.filter((one) => one.name !== column.name && !isFinal(one)).map(({name}) => nameKey(name)));
	const checks = after.checks.filter(({expression}) => !columnsIn(expression.text, after.name).some((name) => later.has(name)));
	return renderColumn(column, {...after, checks});
}

/** Returns the operations without the fills of columns that `earlyColumns` has added. */
export function withoutEarlyFills({operations}: TableOperations, early: readonly Operation[]): readonly Operation[] {
	const filled = fillsIn(early);
	return operations.map((operation) => {
		if (operation.kind !== 'changeTable') return operation;
		const fill = Object.entries(operation.fill).filter(([column]) => !filled.has(nameKey(column)));
		return {...operation, fill: Object.fromEntries(fill)};
	});
}

function fillsIn(operations: readonly Operation[]): ReadonlyMap<string, string> {
	return new Map(operations.flatMap((operation) => (isAlteration(operation) ? [...fillsOf(operation)] : [])));
}

/**
 * Creates the question for the value of rows that have none.
 *
 * @param value the default of the column in the models, which is likely what these rows should get
 */
export function fillQuestion(table: string, column: string, isNew: boolean, value?: string): FillQuestion {
	return {
		kind: 'fill',
		id: `fill:${table}.${column}`,
		table,
		column,
		isNew,
		message: isNew
			? `${table}.${column} is new and NOT NULL: what value should existing rows get?`
			: `${table}.${column} becomes NOT NULL, but some rows have no value`,
		...(value === undefined ? {} : {default: value}),
		flags: [...(value === undefined ? [] : [fillFlag(table, column, value)]), fillFlag(table, column)],
	};
}

function isTightened(before: Table, old: Column, after: Table, column: Column): boolean {
	return (
		(!forbidsNull(before, old) && forbidsNull(after, column)) ||
		old.type.toUpperCase() !== column.type.toUpperCase() ||
		(column.generated === undefined && old.generated !== undefined)
	);
}

function leadsTo(state: Schema, operations: readonly Operation[], after: Table, to: Schema): boolean {
	if (operations.length === 0) return false;
	// If a constraint still names a dropped column, only the whole definition can express the change.
	const reached = operations.reduce<Schema | undefined>((schema, operation) => schema && advanceIfPossible(schema, operation), state);
	const table = reached && findTable(reached, after.name);
	return reached !== undefined && table !== undefined && sameTable(table, after, reached, to);
}
