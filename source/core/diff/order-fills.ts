import {MigrError} from '../errors.ts';
import {fillsOf, isAlteration, isOverOneRow} from '../operations/alteration.ts';
import {type FillReads, readsColumn, readsOf} from '../operations/fill-reads.ts';
import type {Operation} from '../operations/operation.ts';
import {tableDelta} from '../operations/table-delta.ts';
import {nameKey} from '../schema/identifiers.ts';
import {findColumn, findTable} from '../schema/lookup.ts';
import type {Schema, Table} from '../schema/schema.ts';

/** All changes of a table, or a part of them. */
export interface TableChanges {
	readonly table: Table;
	/** `fills`: only new columns whose fill reads other tables. `rest`: everything else, after them. */
	readonly which: 'all' | 'fills' | 'rest';
}

/** What the fills of a table's changes read, and how the changes affect its columns. */
interface Change {
	readonly table: Table;
	/** By column: the tables and columns that its fill reads. */
	readonly reads: ReadonlyMap<string, FillReads>;
	readonly added: readonly string[];
	/** Columns that are dropped or whose values change. */
	readonly lost: readonly string[];
}

/**
 * Returns the tables in an order where each fill still finds the columns that it reads in other tables, and finds new ones filled. If two tables read
 * columns from each other, both first get their new columns and lose the old ones afterwards. Otherwise keeps the given order.
 *
 * @param changes the new tables, with the operations that lead to them from `state`
 * @throws MigrError `usage` if fills read each other's results
 */
export function orderByFills(
	changes: readonly {readonly table: Table; readonly operations: readonly Operation[]}[],
	state: Schema,
	to: Schema,
): readonly TableChanges[] {
	const all = changes.map(({table, operations}) => changeOf(table, operations, state, to));
	if (all.every(({reads}) => reads.size === 0)) return changes.map(({table}) => ({table, which: 'all'}));
	const ordered: TableChanges[] = [];
	let waiting: readonly TableChanges[] = all.map(({table}) => ({table, which: 'all'}));
	const changeFor = new Map(all.map((change) => [change.table, change]));
	const isReader = (table: Table) => (changeFor.get(table)?.reads.size ?? 0) > 0;
	for (let isSplit = false; waiting.length > 0; ) {
		// Most tables have no fill that reads another one. Only the readers decide about their order.
		const readers = waiting.filter(({table}) => isReader(table));
		const next = waiting.find((part) =>
			(isReader(part.table) ? waiting : readers).every((other) => other === part || !mustPrecede(other, part, changeFor)),
		);
		if (next !== undefined) {
			ordered.push(next);
			waiting = waiting.filter((part) => part !== next);
		} else if (isSplit) throw circle(waiting, changeFor);
		else {
			isSplit = true;
			waiting = waiting.flatMap((part) => split(part, changeFor.get(part.table) as Change));
		}
	}
	return ordered;
}

function changeOf(table: Table, operations: readonly Operation[], state: Schema, to: Schema): Change {
	const fills = operations.flatMap((operation) => (isAlteration(operation) ? [...fillsOf(operation)] : []));
	const reads = fills
		.filter(([, fill]) => !isOverOneRow(fill))
		.map(([column, fill]): [string, FillReads] => [column, readsOf(fill, table.name, state, to)]);
	const before = findTable(state, table.name) ?? table;
	const delta = tableDelta({table: before, schema: state}, {table, schema: to});
	const filled = new Set(fills.map(([column]) => column));
	const changed = before.columns.filter(({name}) => filled.has(nameKey(name)) && findColumn(table, name) !== undefined);
	const converted = delta.changed.filter(({affinity, generated}) => affinity || generated);
	return {
		table,
		reads: new Map(reads),
		added: delta.added.map(({name}) => name),
		lost: [...delta.dropped, ...changed, ...converted.map((column) => column.before)].map(({name}) => name),
	};
}

type Changes = ReadonlyMap<Table, Change>;

/** True if the first part must be made before the second one. */
function mustPrecede(first: TableChanges, second: TableChanges, changes: Changes): boolean {
	if (first.table === second.table) return first.which === 'fills';
	const [one, other] = [changes.get(first.table) as Change, changes.get(second.table) as Change];
	// The first part reads columns that the second one removes, or the second reads columns that the first one adds.
	const losesRead = second.which !== 'fills' && readsIn(first, one).some((reads) => readsColumn(reads, other.table.name, other.lost));
	if (losesRead) return true;
	return readsIn(second, other).some(
		(reads) => readsAdded(reads, one) && addsIn(first, one).some((name) => readsColumn(reads, one.table.name, [name])),
	);
}

/** False for `SELECT *` from a table with lost columns. It is unclear whether it should include the new columns, unless all old ones are kept. */
function readsAdded(reads: FillReads, {table, lost}: Change): boolean {
	return reads.get(nameKey(table.name)) !== 'all' || lost.length === 0;
}

function isEarly(name: string, {reads, added}: Change): boolean {
	return reads.has(nameKey(name)) && added.some((column) => nameKey(column) === nameKey(name));
}

function readsIn({which}: TableChanges, change: Change): readonly FillReads[] {
	return [...change.reads].flatMap(([column, reads]) => (which === 'all' || (which === 'fills') === isEarly(column, change) ? [reads] : []));
}

function addsIn({which}: TableChanges, change: Change): readonly string[] {
	return change.added.filter((name) => which === 'all' || (which === 'fills') === isEarly(name, change));
}

function split(part: TableChanges, change: Change): readonly TableChanges[] {
	const {table} = part;
	return change.added.some((name) => isEarly(name, change))
		? [
				{table, which: 'fills'},
				{table, which: 'rest'},
			]
		: [part];
}

function circle(waiting: readonly TableChanges[], changes: Changes): MigrError {
	const filled = waiting.flatMap((part) => {
		const change = changes.get(part.table) as Change;
		return [...change.reads.keys()]
			.filter((column) => part.which === 'all' || (part.which === 'fills') === isEarly(column, change))
			.map((column) => `${part.table.name}.${column}`);
	});
	return new MigrError('usage', `the fills of ${filled.join(' and ')} depend on each other's changes, so none of them can run first`, {
		hint: 'make one of these changes in an earlier migration',
	});
}
