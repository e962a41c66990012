import {tokenName} from '../ddl/lexer.ts';
import {readStatement} from '../ddl/read.ts';
import {type ColumnUse, readSubqueries, type SelectScope} from '../ddl/subqueries.ts';
import {advance} from '../operations/advance.ts';
import {type Alteration, fillsOf, isAlteration, isOverOneRow} from '../operations/alteration.ts';
import {cannotApply} from '../operations/fit.ts';
import type {Operation} from '../operations/operation.ts';
import {nameKey, sameName} from '../schema/identifiers.ts';
import {findColumn, findTable, findView, findVirtualTable} from '../schema/lookup.ts';
import type {Schema} from '../schema/schema.ts';

/** The names that earlier operations dropped or renamed, in lower case. */
interface Lost {
	readonly tables: Set<string>;
	readonly views: Set<string>;
	/** Columns by the table's current name. */
	readonly columns: Map<string, Set<string>>;
}

/**
 * Checks that no fill reads a table or column that an earlier operation dropped or renamed. SQLite might find a different column with that name: in
 * `(SELECT s FROM o)` without a column `o.s`, it uses `s` of the filled row.
 *
 * @throws MigrError `plan` that names the column
 */
export function requireFillsFit(from: Schema, operations: readonly Operation[]): void {
	const isReading = (operation: Operation) => isAlteration(operation) && [...fillsOf(operation).values()].some((fill) => !isOverOneRow(fill));
	const last = operations.findLastIndex(isReading);
	const lost: Lost = {tables: new Set(), views: new Set(), columns: new Map()};
	let schema = from;
	for (const operation of operations.slice(0, last + 1)) {
		if (isAlteration(operation)) {
			for (const [column, fill] of fillsOf(operation)) if (!isOverOneRow(fill)) requireFits(operation, column, fill, schema, lost);
		}
		const after = advance(schema, operation);
		note(lost, operation, schema, after);
		schema = after;
	}
}

/** Records what an operation removes or restores. `touchedBy` does not distinguish these, and does not name columns. */
function note({tables, views, columns}: Lost, operation: Operation, before: Schema, after: Schema): void {
	switch (operation.kind) {
		case 'createTable':
		case 'createView': {
			const name = nameKey(readStatement(operation.sql)?.name ?? '');
			tables.delete(name);
			views.delete(name);
			columns.delete(name);
			return;
		}
		case 'dropTable':
			tables.add(nameKey(operation.table));
			return;
		case 'dropView':
			views.add(nameKey(operation.view));
			return;
		case 'renameTable': {
			const [name, to] = [nameKey(operation.table), nameKey(operation.to)];
			const known = columns.get(name);
			columns.delete(name);
			columns.delete(to);
			if (known !== undefined) columns.set(to, known);
			tables.add(name).delete(to);
			return;
		}
		case 'addColumn':
		case 'dropColumn':
		case 'renameColumn':
		case 'changeTable': {
			const [was, is] = [findTable(before, operation.table), findTable(after, operation.table)];
			const known = columns.get(nameKey(operation.table)) ?? new Set<string>();
			columns.set(nameKey(operation.table), known);
			for (const {name} of was?.columns ?? []) known.add(nameKey(name));
			for (const {name} of is?.columns ?? []) known.delete(nameKey(name));
			return;
		}
		default:
	}
}

function requireFits(operation: Alteration, column: string, fill: string, schema: Schema, lost: Lost): void {
	const {tables, columns} = readSubqueries(fill);
	const missing =
		tables.find(({name}) => [lost.tables, lost.views].some((names) => names.has(nameKey(name))) && !isThere(schema, name))?.name ??
		columns.flatMap((use) => lostColumn(use, schema, lost) ?? [])[0];
	if (missing === undefined) return;
	throw cannotApply(
		operation,
		`the fill of ${operation.table}.${column} reads ${missing}, which an earlier operation drops or renames`,
		lost.views.has(nameKey(missing))
			? 'read the tables of the view instead'
			: `move this operation before the one that changes ${missing}, or use the new name`,
	);
}

function isThere(schema: Schema, name: string): boolean {
	return [findTable, findVirtualTable, findView].some((find) => find(schema, name) !== undefined);
}

/** Returns the column, such as `o.s`, if its table had it earlier and no longer has it. */
function lostColumn({name, qualifier, scope}: ColumnUse, schema: Schema, lost: Lost): string | undefined {
	for (let at: SelectScope | undefined = scope; at !== undefined; at = at.outer) {
		const tables = qualifier === undefined ? at.tables : at.tables.filter((table) => sameName(table.alias ?? table.name, tokenName(qualifier)));
		const known = tables.map((table) => findTable(schema, table.name));
		// The columns of a view or a virtual table are unknown.
		if (at.isOpen || known.some((table) => table === undefined || findColumn(table, name) !== undefined)) return undefined;
		const table = tables.find((one) => lost.columns.get(nameKey(one.name))?.has(nameKey(name)));
		if (table !== undefined) return `${table.name}.${name}`;
		if (qualifier !== undefined && tables.length > 0) return undefined;
	}
	return undefined;
}
