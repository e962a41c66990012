import {readIndex} from '../ddl/read.ts';
import {hasSubquery, readSubqueries} from '../ddl/subqueries.ts';
import {nameKey, sameName} from '../schema/identifiers.ts';
import {findTable, findVirtualTable, indexesOf, referrersOf} from '../schema/lookup.ts';
import type {ForeignKey, Schema, Table} from '../schema/schema.ts';
import {advance, isIdle} from './advance.ts';
import {hasNoOwnRows} from './full-text.ts';
import type {Hazard} from './hazard.ts';
import {indexHazards} from './hazards-of-keys.ts';
import {referenceHazards} from './hazards-of-references.ts';
import {dropsWithoutLineage, tableHazards} from './hazards-of-table.ts';
import {advanceLineages, type Lineage, lineagesOf} from './lineage.ts';
import type {Operation} from './operation.ts';
import {TableNames} from './table-names.ts';

/**
 * Returns the data that a list of operations may lose or change, and what it may fail on. Derived from the schema alone, in the names of `from`.
 * After an `execute` or `run` the contents of the rows are unknown, so only drops are reported from there on.
 */
export function hazardsOf(from: Schema, operations: readonly Operation[]): readonly Hazard[] {
	const last = known.get(operations);
	if (last?.from === from) return last.hazards;
	const hazards = hazardsIn(from, operations);
	known.set(operations, {from, hazards});
	return hazards;
}

/** The differ and the planner query the same list one after the other. */
const known = new WeakMap<readonly Operation[], {readonly from: Schema; readonly hazards: readonly Hazard[]}>();

function hazardsIn(from: Schema, operations: readonly Operation[]): readonly Hazard[] {
	const hazards: Hazard[] = [];
	const lineages = lineagesOf(from);
	const changes: Changes = {changedBy: new Map(), keysUnchanged: new Set(), dropped: new Set()};
	const inKeys = new Set(from.tables.flatMap(namesInKeys));
	const hasStatements = operations.some(({kind}) => kind === 'execute' || kind === 'run');
	const names = hasStatements ? new TableNames(from) : undefined;
	let schema = from;
	for (const [index, operation] of operations.entries()) {
		if (isIdle(schema, operation)) continue;
		const after = advance(schema, operation);
		const table = tableOf(operation);
		const before = {schema, lineage: table === undefined ? undefined : lineages.get(nameKey(table))};
		advanceLineages(lineages, operation, schema, after);
		const found = hazardsOfOne(from, operation, index, before, {
			schema: after,
			lineage: table === undefined ? undefined : lineages.get(nameKey(table)),
		});
		hazards.push(...(names !== undefined && before.lineage === undefined ? found.flatMap((hazard) => inFirstNames(names, hazard)) : found));
		names?.advance(operation);
		recordChange(changes, operation, index, () => leavesKeysUnchanged(operation, schema, after, inKeys));
		schema = after;
	}
	const {changedBy, keysUnchanged} = changes;
	const keysChangedIn = new Set([...changedBy.keys()].filter((name) => !keysUnchanged.has(name)));
	hazards.push(...referenceHazards({from, to: schema, lineages, changedBy, keysChangedIn}));
	return hazards.map(withReads).sort((a, b) => a.operation - b.operation);
}

/** Adds the other tables that the SQL of the hazard reads. Changes in them change the result. */
function withReads(hazard: Hazard): Hazard {
	if (!('where' in hazard)) return hazard;
	const texts = [hazard.where, 'from' in hazard ? hazard.from : '', 'to' in hazard ? hazard.to : '', ...hazard.distinct].filter(
		(text) => text !== '' && hasSubquery(text),
	);
	const names = new Set(texts.flatMap((text) => readSubqueries(text).tables.map(({name}) => name)));
	return names.size === 0 ? hazard : {...hazard, reads: [...names]};
}

/** Translates a drop found after a statement to the names at the start. Tables and columns that the operations created have no rows to lose. */
function inFirstNames(names: TableNames, hazard: Hazard): readonly Hazard[] {
	const tracked = names.find(hazard.table);
	if (tracked === undefined || tracked.origin === null) return [];
	if (hazard.kind !== 'dropColumn') return [{...hazard, table: tracked.origin}];
	const column = tracked.columns.get(nameKey(hazard.column));
	return column === undefined ? [] : [{...hazard, table: tracked.origin, column: column.origin}];
}

interface State {
	readonly schema: Schema;
	/** The lineage of the table that the operation is about. */
	readonly lineage: Lineage | undefined;
}

/** Returns the table whose rows an operation is about: unlike `touchedBy`, the table of a new index too, and only one name of a renamed table. */
function tableOf(operation: Operation): string | undefined {
	if (operation.kind === 'createIndex') return readIndex(operation.sql).table;
	return 'table' in operation ? operation.table : undefined;
}

/** By the current names of tables, in lower case. */
interface Changes {
	/** The operation that last changed a table. */
	readonly changedBy: Map<string, number>;
	/** Changed tables whose changes affect no foreign key. */
	readonly keysUnchanged: Set<string>;
	/** Dropped tables. If another table gets the name, foreign keys find other parents. */
	readonly dropped: Set<string>;
}

function recordChange({changedBy, keysUnchanged, dropped}: Changes, operation: Operation, index: number, leavesKeys: () => boolean): void {
	if (operation.kind === 'renameTable') {
		const [name, to] = [nameKey(operation.table), nameKey(operation.to)];
		const last = changedBy.get(name);
		const wasUnchanged = keysUnchanged.delete(name);
		changedBy.delete(name);
		if (last !== undefined) changedBy.set(to, last);
		if (wasUnchanged && !dropped.has(to)) keysUnchanged.add(to);
	}
	if (operation.kind === 'dropTable') {
		dropped.add(nameKey(operation.table));
		keysUnchanged.delete(nameKey(operation.table));
	}
	if (operation.kind !== 'changeTable' && operation.kind !== 'addColumn') return;
	const name = nameKey(operation.table);
	if (dropped.has(name) || (changedBy.has(name) && !keysUnchanged.has(name)) || !leavesKeys()) keysUnchanged.delete(name);
	else keysUnchanged.add(name);
	changedBy.set(name, index);
}

/** Returns the names of columns in the foreign keys of a table, its own and those of its parents, in lower case. */
function namesInKeys({foreignKeys}: Table): readonly string[] {
	return foreignKeys.flatMap(({columns, parentColumns}) => [...columns, ...parentColumns].map(nameKey));
}

/**
 * True for a new column that is part of no foreign key. Keys then find the same parents as before.
 *
 * @param inKeys the names of the columns in the foreign keys at the start, in lower case. The keys of tables that change otherwise are checked anyway, and
 * a rename does not free a name that a key contains.
 */
function leavesKeysUnchanged(operation: Operation, before: Schema, after: Schema, inKeys: ReadonlySet<string>): boolean {
	if (operation.kind !== 'addColumn') return false;
	const [was, is] = [findTable(before, operation.table), findTable(after, operation.table)];
	const column = is?.columns.at(-1);
	if (was === undefined || is === undefined || column === undefined) return false;
	if (was.foreignKeys.length !== is.foreignKeys.length || was.primaryKey !== is.primaryKey) return false;
	if (!inKeys.has(nameKey(column.name))) return true;
	const isNamed = ({columns, parent, parentColumns}: ForeignKey, table: Table) =>
		(table === is && columns.some((name) => sameName(name, column.name))) ||
		(sameName(parent, is.name) && parentColumns.some((name) => sameName(name, column.name)));
	return ![is, ...referrersOf(after, is.name)].some((table) => table.foreignKeys.some((key) => isNamed(key, table)));
}

/** @param from the schema at the start: the definition of a virtual table keeps the names from before a rename */
function hazardsOfOne(from: Schema, operation: Operation, index: number, before: State, after: State): readonly Hazard[] {
	switch (operation.kind) {
		case 'dropTable': {
			const virtual = findVirtualTable(before.schema, operation.table);
			if (virtual !== undefined && (hasNoOwnRows(virtual, before.schema) || hasNoOwnRows(virtual, from))) return [];
			const table = findTable(before.schema, operation.table) ?? virtual;
			return [{kind: 'dropTable', operation: index, table: before.lineage?.origin.name ?? table?.name ?? operation.table}];
		}
		case 'addColumn':
		case 'dropColumn':
		case 'changeTable': {
			const [was, is] = [findTable(before.schema, operation.table), findTable(after.schema, operation.table)];
			if (was === undefined || is === undefined) return [];
			if (before.lineage === undefined || after.lineage === undefined) return dropsWithoutLineage(was, is, index);
			return tableHazards({
				operation: index,
				before: {table: was, schema: before.schema, lineage: before.lineage},
				after: {table: is, schema: after.schema, lineage: after.lineage},
				indexes: indexesOf(after.schema, is.name),
				addsColumn: operation.kind === 'addColumn',
			});
		}
		case 'createIndex': {
			const created = readIndex(operation.sql);
			const table = findTable(after.schema, created.table);
			if (table === undefined || after.lineage === undefined) return [];
			return indexHazards(created, {table, lineage: after.lineage}, {operation: index, table: after.lineage.origin.name});
		}
		default:
			return [];
	}
}
