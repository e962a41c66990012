import {tokenName} from '../ddl/lexer.ts';
import {type ColumnUse, readSubqueries, type SelectScope, type TableUse} from '../ddl/subqueries.ts';
import {nameKey, sameName} from '../schema/identifiers.ts';
import {findColumn, findTable, findView, findVirtualTable} from '../schema/lookup.ts';
import type {Schema, View} from '../schema/schema.ts';

/** The tables and columns that a fill reads: columns by table name, all in lower case, or 'all' if every column may be read. */
export type FillReads = ReadonlyMap<string, ReadonlySet<string> | 'all'>;

/** True if the table has the column, undefined if that is unknown. */
export type HasColumn = (table: string, column: string) => boolean | undefined;

/** The possible origins of a column in a fill. */
export interface ColumnSource {
	/** The tables of subqueries that may have it. Exactly one if that is certain. */
	readonly tables: readonly TableUse[];
	/** True if it can be a column of the row that is filled. */
	readonly isOwn: boolean;
}

/** Returns a `HasColumn` over several schemas, because a table may have a column before or after a migration. */
export function columnLookup(...schemas: readonly Schema[]): HasColumn {
	return (name, column) => {
		const tables = schemas.flatMap((schema) => findTable(schema, name) ?? []);
		return tables.length === 0 ? undefined : tables.some((table) => findColumn(table, column) !== undefined);
	};
}

/** Finds the tables that a column belongs to, from the innermost subquery outwards, as SQLite does. Returns all possible tables if in doubt. */
export function sourceOf({name, qualifier, scope}: ColumnUse, own: readonly string[], has: HasColumn): ColumnSource {
	const possible: TableUse[] = [];
	for (let at: SelectScope | undefined = scope; at !== undefined; at = at.outer) {
		if (qualifier !== undefined) {
			const named = at.tables.filter((table) => sameName(table.alias ?? table.name, tokenName(qualifier)));
			if (named.length > 0) return {tables: named, isOwn: false};
			continue;
		}
		const found = at.tables.filter((table) => has(table.name, name) === true);
		const unknown = at.tables.filter((table) => has(table.name, name) === undefined);
		possible.push(...found, ...unknown);
		if (found.length > 0 && !at.isOpen) return {tables: possible, isOwn: false};
	}
	if (qualifier === undefined) return {tables: possible, isOwn: true};
	return {tables: [], isOwn: own.some((table) => sameName(table, tokenName(qualifier)))};
}

/**
 * Returns the tables and columns that the subqueries of a fill read. Follows views to their tables. Empty for a fill that only reads its own row.
 *
 * @param table the table that is filled
 * @param schemas the schemas in which the tables may have their columns
 */
export function readsOf(fill: string, table: string, ...schemas: readonly Schema[]): FillReads {
	const reads = new Map<string, Set<string> | 'all'>();
	const {tables, columns, scopes} = readSubqueries(fill);
	if (tables.length === 0) return reads;
	const put = (name: string, read: readonly string[] | 'all') => {
		const known = reads.get(nameKey(name)) ?? new Set<string>();
		if (read === 'all' || known === 'all') reads.set(nameKey(name), 'all');
		else reads.set(nameKey(name), new Set([...known, ...read.map(nameKey)]));
	};
	for (const {name, isWhole} of tables) put(name, isWhole ? 'all' : []);
	for (const scope of scopes) if (scope.readsAll) for (const {name} of scope.tables) put(name, 'all');
	const has = columnLookup(...schemas);
	for (const column of columns) for (const source of sourceOf(column, [table], has).tables) put(source.name, [column.name]);
	const views = schemas.flatMap((schema) => tables.flatMap(({name}) => findView(schema, name) ?? []));
	for (const view of viewsBehind(views, schemas)) {
		const isAll = view.sql.includes('*');
		for (const name of view.mentions) {
			const isTable = schemas.some((schema) => findTable(schema, name) !== undefined || findVirtualTable(schema, name) !== undefined);
			if (isTable) put(name, isAll ? 'all' : view.mentions);
		}
	}
	return reads;
}

/** Returns the views and all views that they read from. */
function viewsBehind(views: readonly View[], schemas: readonly Schema[]): readonly View[] {
	const found = new Set(views);
	// A set that grows during the iteration also yields the new items.
	for (const view of found) {
		for (const name of view.mentions) {
			for (const source of schemas.flatMap((schema) => findView(schema, name) ?? [])) found.add(source);
		}
	}
	return [...found];
}

/** True if a fill reads one of the columns of a table. */
export function readsColumn(reads: FillReads, table: string, columns: readonly string[]): boolean {
	const read = reads.get(nameKey(table));
	if (read === undefined) return false;
	return read === 'all' ? columns.length > 0 : columns.some((column) => read.has(nameKey(column)));
}
