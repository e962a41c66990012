import {cursorOver, isWord} from '../ddl/cursor.ts';
import {namesIn} from '../ddl/expression.ts';
import {readColumn} from '../ddl/read.ts';
import {advanceLineages, type Lineage, plainLineage, textsOf} from '../operations/lineage.ts';
import type {AddColumn, ChangeTable, DropColumn} from '../operations/operation.ts';
import {substituteColumns} from '../operations/substitute.ts';
import {nameKey, quoted} from '../schema/identifiers.ts';
import {findTable} from '../schema/lookup.ts';
import type {Schema, Table} from '../schema/schema.ts';

/** An operation on a table's definition, and the schema before and after it. */
export interface DefinitionChange {
	readonly operation: AddColumn | DropColumn | ChangeTable;
	readonly before: Schema;
	readonly after: Schema;
}

/**
 * The fills of a table whose changes are made as one, over the row before the first of them; undefined where the rows would not become what the
 * changes make of them one after the other: a column that is dropped and comes back, a default that is given and then changed, a value that is
 * converted twice.
 *
 * @param table the table before the first of the changes
 */
export function foldedFills(table: Table, changes: readonly DefinitionChange[]): ReadonlyMap<string, string> | undefined {
	const [first] = changes;
	const last = changes.at(-1);
	if (first === undefined || last === undefined) return new Map();
	if (changes.length === 1) return fillsOf(first);
	const key = nameKey(table.name);
	const stepwise = new Map([[key, plainLineage(table)]]);
	const fills = new Map<string, string>();
	for (const [index, {operation, before, after}] of changes.entries()) {
		const lineage = stepwise.get(key) as Lineage;
		if (operation.kind === 'dropColumn') fills.delete(nameKey(operation.column));
		for (const [column, fill] of fillsOf({operation})) {
			const text = index === 0 ? fill : overFirstRow(fill, table, lineage, findTable(before, table.name) as Table);
			if (text === undefined) return undefined;
			fills.set(column, text);
		}
		advanceLineages(stepwise, operation, before, after);
	}
	const atOnce = new Map([[key, plainLineage(table)]]);
	const whole: ChangeTable = {kind: 'changeTable', table: table.name, sql: '', fill: Object.fromEntries(fills)};
	advanceLineages(atOnce, whole, first.before, last.after);
	const reached = (findTable(last.after, table.name) as Table).columns.filter(({generated}) => generated === undefined);
	const valueIn = (lineages: ReadonlyMap<string, Lineage>, name: string) => lineages.get(key)?.values.get(nameKey(name))?.sql;
	return reached.every(({name}) => valueIn(stepwise, name) === valueIn(atOnce, name)) ? fills : undefined;
}

function fillsOf({operation}: Pick<DefinitionChange, 'operation'>): ReadonlyMap<string, string> {
	switch (operation.kind) {
		case 'changeTable':
			return new Map(Object.entries(operation.fill).map(([column, fill]) => [nameKey(column), fill]));
		case 'addColumn':
			return operation.fill === undefined ? new Map() : new Map([[nameKey(readColumn(operation.definition).column.name), operation.fill]]);
		case 'dropColumn':
			return new Map();
	}
}

/** A fill over a row that changes before it have made, as one over the row before them; undefined where that cannot be told. */
function overFirstRow(fill: string, {name: table}: Table, {values}: Lineage, before: Table): string | undefined {
	// A subquery has columns of its own, which the row's cannot be told from.
	if (cursorOver(fill).tokens.some((token) => isWord(token, 'SELECT'))) return undefined;
	const named = new Set(namesIn(fill));
	const isUntold = ({name}: {readonly name: string}) => named.has(nameKey(name)) && !values.has(nameKey(name));
	if (before.columns.some(isUntold)) return undefined;
	const changed = [...textsOf(values)].filter(([name, sql]) => nameKey(sql) !== nameKey(`${quoted(table)}.${quoted(name)}`));
	return substituteColumns(fill, table, new Map(changed));
}
