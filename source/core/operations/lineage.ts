import {readColumn} from '../ddl/read.ts';
import {nameKey, quoted, sameName} from '../schema/identifiers.ts';
import {findTable} from '../schema/lookup.ts';
import type {Column, Schema} from '../schema/schema.ts';
import type {Operation} from './operation.ts';
import {substituteColumns} from './substitute.ts';

/** For each value of a table as it is at some point of a migration: what it is made of, as SQL over the row that stands in the database before it. */
export interface Lineage {
	/** The table's name before the migration. */
	readonly table: string;
	/** By the column's present name, in lower case. A column that is missing gets its value in a way that cannot be told. */
	readonly values: ReadonlyMap<string, string>;
}

/** By the table's present name, in lower case. A table that is missing was made by the migration, or its rows were changed by `execute` or `run`. */
export type Lineages = ReadonlyMap<string, Lineage>;

export function lineagesOf(schema: Schema): Lineages {
	return new Map(
		schema.tables.map((table) => [
			nameKey(table.name),
			{table: table.name, values: new Map(table.columns.map(({name}) => [nameKey(name), `${quoted(table.name)}.${quoted(name)}`]))},
		]),
	);
}

/** The lineages after one operation that was made on the schema `before` and gave `after`. */
export function advanceLineages(lineages: Lineages, operation: Operation, before: Schema, after: Schema): Lineages {
	switch (operation.kind) {
		case 'execute':
		case 'run':
			return new Map();
		case 'dropTable':
		case 'renameTable':
			return renamed(lineages, operation.table, operation.kind === 'renameTable' ? operation.to : undefined);
		case 'renameColumn':
			return withValues(lineages, operation.table, (values) => {
				const value = values.get(nameKey(operation.column));
				values.delete(nameKey(operation.column));
				if (value !== undefined) values.set(nameKey(operation.to), value);
			});
		case 'dropColumn':
			return withValues(lineages, operation.table, (values) => values.delete(nameKey(operation.column)));
		case 'addColumn': {
			const {column} = readColumn(operation.definition);
			return withValues(lineages, operation.table, (values) => setValue(values, column, operation.fill, operation.table, false));
		}
		case 'changeTable': {
			const old = findTable(before, operation.table);
			const changed = findTable(after, operation.table);
			return withValues(lineages, operation.table, (values) => {
				const was = new Map(values);
				for (const name of was.keys()) if (!changed?.columns.some((column) => nameKey(column.name) === name)) values.delete(name);
				for (const column of changed?.columns ?? []) {
					const kept = old?.columns.find(({name}) => sameName(name, column.name));
					const fill = Object.entries(operation.fill).find(([name]) => sameName(name, column.name))?.[1];
					if (kept === undefined || fill !== undefined)
						setValue(values, column, fill, operation.table, kept !== undefined && kept.type === column.type, was);
				}
			});
		}
		default:
			return lineages;
	}
}

/** The value that a column gets: its fill, otherwise its default, otherwise NULL. A fill of a column that keeps its type only stands in for NULL. */
function setValue(
	values: Map<string, string>,
	column: Column,
	fill: string | undefined,
	table: string,
	isForNull: boolean,
	row: ReadonlyMap<string, string> = values,
): void {
	const key = nameKey(column.name);
	const expression = column.generated?.expression.text ?? fill ?? column.default?.text ?? 'NULL';
	const value = `(${substituteColumns(expression, table, row)})`;
	const old = row.get(key);
	values.set(key, isForNull && old !== undefined ? `coalesce(${old}, ${value})` : value);
}

function renamed(lineages: Lineages, table: string, to: string | undefined): Lineages {
	const result = new Map(lineages);
	const lineage = result.get(nameKey(table));
	result.delete(nameKey(table));
	if (lineage !== undefined && to !== undefined) result.set(nameKey(to), lineage);
	return result;
}

function withValues(lineages: Lineages, table: string, change: (values: Map<string, string>) => void): Lineages {
	const lineage = lineages.get(nameKey(table));
	if (lineage === undefined) return lineages;
	const values = new Map(lineage.values);
	change(values);
	return new Map(lineages).set(nameKey(table), {...lineage, values});
}
