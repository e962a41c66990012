import {readStatement} from '../ddl/read.ts';
import {columnAffinity} from '../schema/affinity.ts';
import {nameKey, sameName} from '../schema/identifiers.ts';
import {isRowidAlias, isRowidName, rowidNames} from '../schema/key-columns.ts';
import {findColumn, findTable, findView, findVirtualTable} from '../schema/lookup.ts';
import type {Column, Schema, Table} from '../schema/schema.ts';
import {advance} from './advance.ts';
import {externalContent, rebuildOf, rebuiltBy, selectiveTrigger} from './full-text.ts';
import type {AddColumn, ChangeTable, DropColumn, Execute, Operation} from './operation.ts';

/** Columns whose values may change, in lower case. `rowid` means the rowid, regardless of the columns. */
type Changed = Set<string>;

/**
 * Returns the statements that fill the full-text indexes again whose rows operations change. A rewrite runs no triggers, so an index over the rows of
 * another table would keep its old entries, and SQLite reports it as damaged (https://www.sqlite.org/fts5.html#external_content_tables).
 */
export function refilledIndexes(before: Schema, operations: readonly Operation[]): readonly Execute[] {
	if (!before.virtualTables.some((table) => externalContent(table) !== undefined)) return [];
	const changes = new Map<string, Changed>();
	const replaced = new Set<string>();
	let schema = before;
	for (const operation of operations) {
		const next = advance(schema, operation);
		follow(changes, operation, schema, next);
		const name = newNameIn(operation, before);
		if (name !== undefined) replaced.add(nameKey(name));
		schema = next;
	}
	if (changes.size + replaced.size === 0) return [];
	return schema.virtualTables.flatMap((table) => {
		const external = externalContent(table);
		if (external === undefined) return [];
		const {content, columns, rowid = 'rowid'} = external;
		const source = findTable(schema, content);
		const names = source === undefined ? namesBehind(schema, content) : new Set([nameKey(content)]);
		// A new index is filled when it is created.
		const isReplaced = findVirtualTable(before, table.name) !== undefined && [...names].some((name) => replaced.has(name));
		const isStale =
			source === undefined
				? [...changes].some(([name, changed]) => names.has(name) && viewsRead(schema, names, findTable(schema, name), changed))
				: [keyIn(source, rowid), ...columns].some((name) => hasChanged(source, changes.get(nameKey(content)), name));
		return isReplaced || isStale ? (rebuildOf(table, schema) ?? []) : [];
	});
}

/**
 * Returns the statements that can be part of a migration without a question. An index whose triggers add only some rows would have all rows afterwards, so
 * the run only reports that it keeps its old entries.
 */
export function automaticRefills(before: Schema, operations: readonly Operation[]): readonly Execute[] {
	return refilledIndexes(before, operations).filter((fill) => {
		const index = findVirtualTable(before, rebuiltBy(fill) ?? '');
		return index === undefined || selectiveTrigger(index, before) === undefined;
	});
}

/** Returns the name of a table or view that has other rows after an operation: a new one, or a renamed one. */
function newNameIn(operation: Operation, first: Schema): string | undefined {
	if (operation.kind === 'renameTable') return sameName(operation.table, operation.to) ? undefined : operation.to;
	if (operation.kind !== 'createTable' && operation.kind !== 'createView') return undefined;
	const object = readStatement(operation.sql);
	// A view is often dropped and created again because something else changes.
	const isAgain = object?.kind === 'view' && findView(first, object.name)?.select.normal === object.select.normal;
	return isAgain ? undefined : object?.name;
}

/** Records the changes of an operation, and follows renames. */
function follow(changes: Map<string, Changed>, operation: Operation, before: Schema, after: Schema): void {
	if (!('table' in operation)) return;
	const key = nameKey(operation.table);
	const known = changes.get(key);
	switch (operation.kind) {
		case 'renameTable':
		case 'dropTable':
			changes.delete(key);
			if (known !== undefined && operation.kind === 'renameTable') changes.set(nameKey(operation.to), known);
			return;
		case 'renameColumn':
			if (known?.delete(nameKey(operation.column)) === true) known.add(nameKey(operation.to));
			return;
		case 'addColumn':
		case 'dropColumn':
		case 'changeTable': {
			const [was, is] = [findTable(before, operation.table), findTable(after, operation.table)];
			if (was === undefined || is === undefined) return;
			const found = changesIn(operation, was, is);
			if (found.size > 0) changes.set(key, new Set([...(known ?? []), ...found]));
		}
	}
}

function changesIn(operation: AddColumn | DropColumn | ChangeTable, was: Table, is: Table): Changed {
	const columns = is.columns.filter((column) => !keepsValues(column, was, is)).map(({name}) => nameKey(name));
	const filled = operation.kind === 'changeTable' ? Object.keys(operation.fill).map(nameKey) : [];
	const changed = new Set([...columns, ...filled]);
	if (!keepsRowids(was, is, filled)) changed.add('rowid');
	return changed;
}

function keepsRowids(was: Table, is: Table, filled: readonly string[]): boolean {
	if (was.withoutRowid || is.withoutRowid) return was.withoutRowid === is.withoutRowid;
	// A column can use the name, which then no longer means the rowid.
	if (rowidNames.some((name) => (findColumn(was, name) === undefined) !== (findColumn(is, name) === undefined))) return false;
	const alias = is.columns.find((column) => isRowidAlias(is, column));
	if (alias === undefined) return true;
	if (filled.includes(nameKey(alias.name))) return false;
	// A new key without values gets the rowids, unless another column has them.
	return findColumn(was, alias.name) === undefined ? was.primaryKey?.rowidAlias !== true : isRowidAlias(was, alias);
}

/** True if a column without a fill has the same values before and after. */
function keepsValues(column: Column, was: Table, is: Table): boolean {
	const old = findColumn(was, column.name);
	return (
		old !== undefined &&
		columnAffinity(old.type, was.strict) === columnAffinity(column.type, is.strict) &&
		old.generated?.expression.normal === column.generated?.expression.normal
	);
}

/** Returns `rowid` for every name of the rowid. */
function keyIn(source: Table, name: string): string {
	const column = findColumn(source, name);
	const isRowid = column === undefined ? isRowidName(name) : isRowidAlias(source, column);
	return isRowid ? 'rowid' : name;
}

/** True if the values of a column may have changed. Those of a generated column depend on all others. */
function hasChanged(source: Table, changed: Changed | undefined, name: string): boolean {
	if (changed === undefined) return false;
	return changed.has(nameKey(name)) || findColumn(source, name)?.generated !== undefined;
}

/** Returns the names that a view may read from, also through other views, in lower case: tables, views and columns. */
function namesBehind(schema: Schema, view: string): ReadonlySet<string> {
	const names = new Set([nameKey(view)]);
	// A set can grow while it is read.
	for (const name of names) for (const mentioned of findView(schema, name)?.mentions ?? []) names.add(mentioned);
	return names;
}

/** True if views may read one of the changed columns of a table. `*` and NATURAL JOIN read columns that no view names. */
function viewsRead(schema: Schema, names: ReadonlySet<string>, table: Table | undefined, changed: Changed): boolean {
	const isNamed = [...changed].some((column) => column === 'rowid' || names.has(column));
	if (isNamed || table === undefined || table.columns.some(({generated}) => generated !== undefined)) return true;
	return [...names].some((name) => /\*|\bnatural\b/i.test(findView(schema, name)?.select.text ?? ''));
}
