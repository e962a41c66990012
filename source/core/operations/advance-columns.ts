import {columnsIn} from '../ddl/expression.ts';
import {type ColumnParts, readTable, withoutReadColumn, withReadColumn} from '../ddl/read.ts';
import {renderColumn, renderTable} from '../ddl/render.ts';
import {nameKey, sameName} from '../schema/identifiers.ts';
import {indexesOf} from '../schema/lookup.ts';
import type {Check, Schema, Table} from '../schema/schema.ts';
import {isNamedBehindColumns, withColumn, withoutColumn} from './definition-text.ts';
import {cannotApply} from './fit.ts';
import type {DropColumn} from './operation.ts';

/** Returns the table defined by `sql`, which was derived from the table's own definition. */
export function withText(table: Table, sql: string): Table {
	return {...readTable(sql), source: table.source};
}

/**
 * Returns the table with one more column after the others, and the constraints of its definition.
 *
 * @param definition the text that the parts were read from
 */
export function addColumn(table: Table, definition: string, parts: ColumnParts): Table {
	const {column, ...brought} = parts;
	const rendered = renderColumn(column, brought);
	return (definition === rendered ? withReadColumn(table, definition, parts) : undefined) ?? withText(table, withColumn(table.sql, rendered));
}

/**
 * Returns the table without a column. Constraints that only involve this column are dropped with it.
 * Throws if anything else uses the column, as SQLite does (https://www.sqlite.org/lang_altertable.html#altertabdropcol).
 */
export function dropColumn(schema: Schema, table: Table, operation: DropColumn): Table {
	const column = table.columns.find(({name}) => sameName(name, operation.column));
	if (column === undefined) throw cannotApply(operation, `there is no column ${table.name}.${operation.column}`);
	const user = whatUses(schema, table, column.name);
	if (user !== undefined) {
		throw cannotApply(
			operation,
			`${user} still uses ${table.name}.${column.name}`,
			`drop that first, or state the whole definition: op.changeTable('${table.name}', …)`,
		);
	}
	const isAbout = (columns: readonly string[]) => columns.length === 1 && sameName(columns[0] as string, column.name);
	const isChecked = (check: Check) => columnsIn(check.expression.text, table.name).includes(nameKey(column.name));
	const isNamed = table.checks.some(isChecked);
	const rest = isNamed || column !== table.columns.at(-1) ? undefined : withoutReadColumn(table);
	if (rest !== undefined) return rest;
	const isLoose =
		isNamedBehindColumns(table.sql, column.name) ||
		table.checks.some((check) => isChecked(check) && check.column !== undefined && !sameName(check.column, column.name));
	if (!isLoose) return withText(table, withoutColumn(table.sql, column.name));
	const remaining = {
		...table,
		columns: table.columns.filter((other) => other !== column),
		uniques: table.uniques.filter(({columns}) => !isAbout(columns.map(({name}) => name))),
		checks: table.checks.filter((check) => !isChecked(check)),
		foreignKeys: table.foreignKeys.filter(({columns}) => !isAbout(columns)),
	};
	return {...remaining, sql: renderTable(remaining)};
}

/** Returns what else needs the column, such as `index user_name` or `UNIQUE (a, b)`. */
function whatUses(schema: Schema, table: Table, column: string): string | undefined {
	const key = nameKey(column);
	const names = (columns: readonly string[]) => columns.some((name) => nameKey(name) === key);
	if (table.columns.length === 1) return `${table.name}, which has no other column,`;
	if (names(table.primaryKey?.columns.map(({name}) => name) ?? [])) return 'the primary key';
	for (const {columns} of table.uniques) {
		if (columns.length > 1 && names(columns.map(({name}) => name))) return `UNIQUE (${columns.map(({name}) => name).join(', ')})`;
	}
	for (const {columns} of table.foreignKeys) if (columns.length > 1 && names(columns)) return `FOREIGN KEY (${columns.join(', ')})`;
	for (const {expression} of table.checks) {
		const others = columnsIn(expression.text, table.name).filter(
			(name) => name !== key && table.columns.some((other) => nameKey(other.name) === name),
		);
		if (columnsIn(expression.text, table.name).includes(key) && others.length > 0) return `CHECK (${expression.text})`;
	}
	for (const {name, generated} of table.columns) {
		if (generated !== undefined && nameKey(name) !== key && columnsIn(generated.expression.text, table.name).includes(key))
			return `the generated column ${name}`;
	}
	for (const index of indexesOf(schema, table.name)) {
		const texts = [...index.columns.map(({expression}) => expression.text), index.where?.text ?? ''];
		if (texts.some((text) => columnsIn(text, table.name).includes(key))) return `index ${index.name}`;
	}
	return undefined;
}
