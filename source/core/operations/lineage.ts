import {columnsIn} from '../ddl/expression.ts';
import {type Affinity, columnAffinity} from '../schema/affinity.ts';
import {nameKey, quoted, sameName} from '../schema/identifiers.ts';
import {isRowidAlias} from '../schema/key-columns.ts';
import {findColumn, findTable} from '../schema/lookup.ts';
import type {Column, Schema, Table} from '../schema/schema.ts';
import {AddedValues} from './added-values.ts';
import {fillsOf, isOverOneRow} from './alteration.ts';
import {converts, storedAs} from './conversion.ts';
import {isForMissing, readsOwn} from './fill-meaning.ts';
import {readsOf} from './fill-reads.ts';
import {rebuiltBy} from './full-text.ts';
import type {Operation} from './operation.ts';
import {changedRow, overOldRow} from './over-old-row.ts';
import {rowidOf} from './rowid.ts';
import type {TracedValue} from './traced-value.ts';

/** The origin of the rows of a table at some point of a migration. */
export interface Lineage {
	/** The table before the migration. */
	readonly origin: Table;
	/** Values by the column's current name in lower case. Contains no entry for a column whose value cannot be determined. */
	readonly values: ReadonlyMap<string, TracedValue>;
}

/** Lineages by the table's current name in lower case. Has no entry if the migration created the table, or if `execute` or `run` may have changed its rows. */
export interface Lineages {
	get(table: string): Lineage | undefined;
}

/** Lineages that operations advance. */
export interface ChangingLineages extends Lineages {
	set(table: string, lineage: Lineage): unknown;
	delete(table: string): unknown;
	clear(): void;
}

/** The SQL of each value, by the column's current name in lower case. */
export type ValueTexts = ReadonlyMap<string, string>;

/** Returns the lineages before a migration. They are looked up when they are needed, because most migrations change few tables. */
export function lineagesOf(schema: Schema): ChangingLineages {
	const changed = new Map<string, Lineage | undefined>();
	let isCleared = false;
	const unchanged = (name: string) => {
		const table = isCleared ? undefined : findTable(schema, name);
		return table === undefined ? undefined : plainLineage(table);
	};
	return {
		get: (name) => (changed.has(name) ? changed.get(name) : unchanged(name)),
		set: (name, lineage) => changed.set(name, lineage),
		delete: (name) => changed.set(name, undefined),
		clear() {
			isCleared = true;
			changed.clear();
		},
	};
}

/** Returns the lineage of a table before the migration. */
export function plainLineage(origin: Table): Lineage {
	return {
		origin,
		// Computed lazily, because it is not needed for most tables.
		get values() {
			return plainValues(origin);
		},
	};
}

const unchangedValues = new WeakMap<Table, ReadonlyMap<string, TracedValue>>();

function plainValues(table: Table): ReadonlyMap<string, TracedValue> {
	const known = unchangedValues.get(table);
	if (known !== undefined) return known;
	const values = new Map(
		table.columns.map((column): [string, TracedValue] => {
			const sql = `${quoted(table.name)}.${quoted(column.name)}`;
			return [nameKey(column.name), {sql, raw: sql, origin: column, isPlain: true}];
		}),
	);
	unchangedValues.set(table, values);
	return values;
}

/** Advances the lineages by one operation that turned the schema `before` into `after`. */
export function advanceLineages(lineages: ChangingLineages, operation: Operation, before: Schema, after: Schema): void {
	switch (operation.kind) {
		case 'execute':
			if (rebuiltBy(operation) === undefined) lineages.clear();
			return;
		case 'run':
			lineages.clear();
			return;
		case 'dropTable':
		case 'renameTable': {
			const lineage = lineages.get(nameKey(operation.table));
			lineages.delete(nameKey(operation.table));
			if (lineage !== undefined && operation.kind === 'renameTable') lineages.set(nameKey(operation.to), lineage);
			return;
		}
		case 'renameColumn':
			changeValues(lineages, operation.table, ({values}) => {
				const renamed = new Map(values);
				const value = renamed.get(nameKey(operation.column));
				renamed.delete(nameKey(operation.column));
				if (value !== undefined) renamed.set(nameKey(operation.to), value);
				return renamed;
			});
			return;
		case 'addColumn':
		case 'dropColumn':
		case 'changeTable': {
			const [was, is] = [findTable(before, operation.table), findTable(after, operation.table)];
			if (was === undefined || is === undefined) return;
			const fills = fillsOf(operation);
			const isStored = (fill: string) => isOverStoredRows(fill, operation.table, before, lineages);
			const change = (lineage: Lineage) => changedValues({lineage, before: was, after: is, fills, isStored});
			if (operation.kind === 'addColumn' && fills.size === 0 && changesNoOther(was, is)) {
				addValue(lineages, operation.table, is);
				return;
			}
			if (fills.size > 0) changeValues(lineages, operation.table, change);
			else changeValuesLater(lineages, operation.table, change);
			return;
		}
		default:
	}
}

/** True for a fill whose subqueries only read tables, including its own, that are unchanged since before the migration. */
function isOverStoredRows(fill: string, table: string, schema: Schema, lineages: Lineages): boolean {
	const names = [table, ...readsOf(fill, table, schema).keys()];
	return names.every((name) => {
		const [now, lineage] = [findTable(schema, name), lineages.get(nameKey(name))];
		return now !== undefined && lineage !== undefined && isUnchanged(lineage, now);
	});
}

function isUnchanged({origin, values}: Lineage, now: Table): boolean {
	const isPlain = ({name}: Column) => {
		const value = values.get(nameKey(name));
		return value?.isPlain === true && value.origin !== undefined && sameName(value.origin.name, name);
	};
	return sameName(origin.name, now.name) && origin.columns.length === now.columns.length && now.columns.every(isPlain);
}

function changeValues(lineages: ChangingLineages, table: string, change: (lineage: Lineage) => ReadonlyMap<string, TracedValue>): void {
	const lineage = lineages.get(nameKey(table));
	if (lineage !== undefined) lineages.set(nameKey(table), {origin: lineage.origin, values: change(lineage)});
}

/** Like `changeValues`, for values that depend on no other table. They are computed when they are needed, because most changes endanger no rows. */
function changeValuesLater(lineages: ChangingLineages, table: string, change: (lineage: Lineage) => ReadonlyMap<string, TracedValue>): void {
	const lineage = lineages.get(nameKey(table));
	if (lineage !== undefined) lineages.set(nameKey(table), new LaterLineage(lineage, change));
}

/** True if adding the last column changes no other value. An expression may already use its name: as a string in double quotes, or as the rowid. */
function changesNoOther(before: Table, after: Table): boolean {
	const column = after.columns.at(-1);
	if (column === undefined || column.generated !== undefined || after.primaryKey !== before.primaryKey) return false;
	return before.columns.every(({generated}) => generated === undefined || !nameKey(generated.expression.text).includes(nameKey(column.name)));
}

function addValue(lineages: ChangingLineages, table: string, after: Table): void {
	const lineage = lineages.get(nameKey(table));
	const column = after.columns.at(-1);
	if (lineage === undefined || column === undefined) return;
	const value = defaultValue(column, columnAffinity(column.type, after.strict));
	const before = () => lineage.values;
	lineages.set(nameKey(table), {origin: lineage.origin, values: new AddedValues({before, table: after, value})});
}

class LaterLineage implements Lineage {
	readonly origin: Table;
	readonly #before: Lineage;
	readonly #change: (lineage: Lineage) => ReadonlyMap<string, TracedValue>;
	#values: ReadonlyMap<string, TracedValue> | undefined;

	constructor(before: Lineage, change: (lineage: Lineage) => ReadonlyMap<string, TracedValue>) {
		this.origin = before.origin;
		this.#before = before;
		this.#change = change;
	}

	/** Computes the values of the lineages before this one first, one by one: a migration can add thousands of columns, too many for recursion. */
	get values(): ReadonlyMap<string, TracedValue> {
		const open: LaterLineage[] = [];
		for (let lineage: Lineage = this; lineage instanceof LaterLineage && lineage.#values === undefined; lineage = lineage.#before) open.push(lineage);
		for (const lineage of open.reverse()) lineage.#values = lineage.#change(lineage.#before);
		return this.#values as ReadonlyMap<string, TracedValue>;
	}
}

interface Change {
	readonly lineage: Lineage;
	readonly before: Table;
	readonly after: Table;
	readonly fills: ReadonlyMap<string, string>;
	/** True for a fill with subqueries that can be evaluated on the rows as stored before the migration. */
	readonly isStored: (fill: string) => boolean;
}

function changedValues(change: Change): ReadonlyMap<string, TracedValue> {
	const values = new Map<string, TracedValue>();
	for (const [index, column] of change.after.columns.entries()) {
		const value = column.generated === undefined ? storedValue(change, column, index) : undefined;
		if (value !== undefined) values.set(nameKey(column.name), value);
	}
	// A generated column may depend on another one. Each pass resolves the columns whose parts were resolved before.
	let waiting = change.after.columns.filter(({generated}) => generated !== undefined);
	for (let count = -1; count !== waiting.length; ) {
		count = waiting.length;
		waiting = waiting.filter((column) => {
			const value = generatedValue(change, column, values);
			if (value !== undefined) values.set(nameKey(column.name), value);
			return value === undefined;
		});
	}
	return values;
}

/** Returns the value that a rewrite copies into the column, or the existing value. */
function storedValue({lineage, before, after, fills, isStored}: Change, column: Column, index: number): TracedValue | undefined {
	const was = lineage.values.get(nameKey(column.name));
	const old = before.columns[index] === column ? column : findColumn(before, column.name);
	const fill = fills.size === 0 ? undefined : fills.get(nameKey(column.name));
	const affinity = columnAffinity(column.type, after.strict);
	if (fill !== undefined) {
		const isAlone = isOverOneRow(fill);
		if (!isAlone && !isStored(fill)) return undefined;
		const given = isAlone ? `(${overOldRow(fill, changedRow(before, lineage.origin, lineage.values)).sql})` : `(${fill}\n)`;
		const keepsExisting = old !== undefined && isForMissing(fill, before.name, old, column);
		if (keepsExisting && was === undefined) return undefined;
		const raw = keepsExisting ? `coalesce(${was?.sql}, ${given})` : given;
		const own = keepsExisting ? 'kept' : old === undefined ? undefined : readsOwn(fill, before.name, column) ? 'converted' : 'replaced';
		return {sql: storedAs(raw, affinity), raw, isPlain: false, origin: was?.origin, own};
	}
	if (old !== undefined) {
		if (old === column && before.strict === after.strict && was?.raw === was?.sql) return was;
		if (was === undefined || !converts(columnAffinity(old.type, before.strict), affinity)) return was && {...was, raw: was.sql};
		return {sql: storedAs(was.sql, affinity), raw: was.sql, isPlain: false, origin: was.origin};
	}
	return isRowidAlias(after, column) ? ownRowid(lineage) : defaultValue(column, affinity);
}

/** Returns the value of a new column without a fill. */
function defaultValue(column: Column, affinity: Affinity): TracedValue {
	const raw = column.default === undefined ? 'NULL' : `(${column.default.text})`;
	return {sql: storedAs(raw, affinity), raw, isPlain: false};
}

/** Returns the value of a new column that is the rowid: the old rowid of the row. */
function ownRowid({origin}: Lineage): TracedValue | undefined {
	const rowid = rowidOf(origin);
	const sql = `${quoted(origin.name)}.${rowid}`;
	return rowid === undefined ? undefined : {sql, raw: sql, isPlain: false};
}

function generatedValue({lineage, before, after}: Change, column: Column, values: ReadonlyMap<string, TracedValue>): TracedValue | undefined {
	const expression = column.generated?.expression;
	if (expression === undefined) return undefined;
	const parts = columnsIn(expression.text, after.name).filter((name) => findColumn(after, name) !== undefined);
	if (parts.some((name) => !values.has(name))) return undefined;
	const old = findColumn(before, column.name);
	const was = lineage.values.get(nameKey(column.name));
	const affinity = columnAffinity(column.type, after.strict);
	// ANY has a different meaning in a STRICT table.
	const isAsItWas =
		old?.generated?.expression.normal === expression.normal &&
		old.type.toUpperCase() === column.type.toUpperCase() &&
		columnAffinity(old.type, before.strict) === affinity;
	const row = changedRow(after, lineage.origin, values);
	if (isAsItWas && was?.isPlain === true && parts.every((name) => row.value(name)?.comparesAlike)) return was;
	const raw = `(${overOldRow(expression.text, row).sql})`;
	return {sql: storedAs(raw, affinity), raw, isPlain: false, origin: was?.origin};
}
