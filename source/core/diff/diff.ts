import {advance, advanceAll} from '../operations/advance.ts';
import {isOverOneRow} from '../operations/alteration.ts';
import {nameTaken} from '../operations/fit.ts';
import type {Hazard} from '../operations/hazard.ts';
import {hazardsOf} from '../operations/hazards.ts';
import type {Operation, RenameColumn, RenameTable} from '../operations/operation.ts';
import {orderByNames} from '../operations/order-by-names.ts';
import {sameTable} from '../schema/equality.ts';
import {nameKey, sameName} from '../schema/identifiers.ts';
import {isRowidAlias, rowidNames} from '../schema/key-columns.ts';
import {findColumn, findTable} from '../schema/lookup.ts';
import {type Column, emptySchema, type Schema, type Table} from '../schema/schema.ts';
import {answersFrom, type Decision} from './answers.ts';
import {childrenOf, createdObjects, createdTables} from './created-objects.ts';
import {fillWithNewNames, type NewNames} from './fill-names.ts';
import {filledIndexes} from './filled-indexes.ts';
import {withoutIgnored} from './ignore.ts';
import {droppedObjects, type TableFates} from './objects.ts';
import {orderByFills, type TableChanges} from './order-fills.ts';
import {type PairedColumns, pairColumns} from './pair-columns.ts';
import {type PairedTables, pairTables, type TablePair} from './pair-tables.ts';
import {type Decisions, noDecisions, type Question} from './question.ts';
import {orderRenames} from './renames.ts';
import {earlyColumns, type TableOperations, tableOperations, withoutEarlyFills} from './table-operations.ts';

/** The result of a diff. */
export interface Diff {
	/** In the order of execution. While questions are open, without the operations that depend on them. */
	readonly operations: readonly Operation[];
	readonly questions: readonly Question[];
	readonly hazards: readonly Hazard[];
	/** Decisions that answered no question: mistyped, or outdated. */
	readonly unused: readonly Decision[];
}

interface ComparedPair extends TablePair {
	/** Names that answers may use for the table: its current name, and its new name unless another kept table of the database has it. */
	readonly names: readonly string[];
	readonly columns: PairedColumns;
	/** True while a rename or a drop in the table is undecided. The table is not changed until then. */
	readonly open: boolean;
}

/** Returns the operations that turn a database with the schema `from` into one with `to`, the open questions, and the hazards. Pure. */
export function diff(from: Schema, to: Schema, decisions: Decisions = noDecisions): Diff {
	const answers = answersFrom(decisions);
	const ours = withoutIgnored(from, decisions.ignore, to);
	const tables = pairTables(ours, to, answers);
	const kept = new Map(tables.pairs.map(({before}) => [nameKey(before.name), before]));
	const tableNames = new Map(tables.pairs.map(({before, after}) => [nameKey(before.name), nameKey(after.name)]));
	const pairs = tables.pairs.map((pair): ComparedPair => {
		const {before, after} = pair;
		const names = (kept.get(nameKey(after.name)) ?? before) === before ? [before.name, after.name] : [before.name];
		const columns = pairColumns(pair, names, ours, answers, tableNames);
		return {...pair, names, columns, open: columns.questions.length > 0};
	});
	const {free, inTheWay} = withFreeNames(ours, to);
	const renames = renameOperations(free, pairs);
	const columnRenames = Map.groupBy(
		renames.filter((rename) => rename.kind === 'renameColumn'),
		({table}) => table,
	);
	const renamed = advanceAll(free, renames);
	const objects = droppedObjects(together(renamed, inTheWay), ours, to, fatesOf({renamed, to, pairs, renames, columnRenames, tables}), answers);

	const state = {schema: ours, operations: [] as Operation[]};
	const carryOut = (operations: readonly Operation[]) => {
		for (const operation of operations) {
			state.schema = advance(state.schema, operation);
			state.operations.push(operation);
		}
	};
	const fillQuestions: Question[] = [];
	carryOut(objects.operations);
	// An object whose name a table needs must be dropped first, but the drop is not confirmed yet.
	if (namesOf(inTheWay).every((name) => nameTaken(state.schema, name) === undefined)) {
		carryOut(renames);
		carryOut(createdTables(state.schema, tables.added));
		let names: NewNames | undefined;
		const spelled = (pair: ComparedPair) => (fill: string) => {
			names ??= newNames({before: ours, after: renamed, pairs, renames, columnRenames});
			return fillWithNewNames(fill, nameOfPair(pair), names);
		};
		const changesOf = (pair: ComparedPair) => tableOperations(state.schema, pair.after, to, pair.names, spelled(pair), answers);
		const early = new Map<ComparedPair, readonly Operation[]>();
		for (const {pair, which} of orderedPairs(pairs, changesOf, decisions, {state: state.schema, to})) {
			const changed = changesOf(pair);
			if (which === 'fills') {
				const columns = earlyColumns(state.schema, changed, pair.after);
				early.set(pair, columns);
				carryOut(columns);
				continue;
			}
			carryOut(withoutEarlyFills(changed, early.get(pair) ?? []));
			fillQuestions.push(...changed.questions);
		}
		// Children first: with foreign keys on, a parent could not be dropped before its children.
		const children = childrenOf(tables.dropped);
		const dropped = orderByNames(tables.dropped, ({name}) => children.get(nameKey(name)) ?? []);
		carryOut(dropped.map(({name}) => ({kind: 'dropTable', table: nameOfTable(name, renames)})));
		const open = new Set(pairs.filter((pair) => pair.open).flatMap(({before, after}) => [nameKey(before.name), nameKey(after.name)]));
		const created = createdObjects(state.schema, to, open);
		const after = state.schema;
		carryOut(created);
		carryOut(filledIndexes({from: ours, operations: state.operations, created}, {before: renamed, after, to}));
	}
	return {
		operations: state.operations,
		questions: [...tables.questions, ...pairs.flatMap(({columns}) => columns.questions), ...objects.questions, ...fillQuestions],
		hazards: hazardsOf(ours, state.operations),
		unused: answers.unused(),
	};
}

/** Separates the objects of other kinds whose names the tables need. */
function withFreeNames(from: Schema, to: Schema): {readonly free: Schema; readonly inTheWay: Schema} {
	const tables = new Set([...to.tables, ...to.virtualTables].map(({name}) => nameKey(name)));
	const plain = new Set(to.tables.map(({name}) => nameKey(name)));
	const split = <T extends {readonly name: string}>(objects: readonly T[], names: ReadonlySet<string>) => ({
		free: objects.filter(({name}) => !names.has(nameKey(name))),
		inTheWay: objects.filter(({name}) => names.has(nameKey(name))),
	});
	const [indexes, views, virtualTables] = [split(from.indexes, tables), split(from.views, tables), split(from.virtualTables, plain)];
	const isNothing = indexes.inTheWay.length + views.inTheWay.length + virtualTables.inTheWay.length === 0;
	return {
		free: isNothing ? from : {...from, indexes: indexes.free, views: views.free, virtualTables: virtualTables.free},
		inTheWay: {...emptySchema, indexes: indexes.inTheWay, views: views.inTheWay, virtualTables: virtualTables.inTheWay},
	};
}

function together(schema: Schema, {indexes, views, virtualTables}: Schema): Schema {
	if (indexes.length + views.length + virtualTables.length === 0) return schema;
	return {
		...schema,
		indexes: [...schema.indexes, ...indexes],
		views: [...schema.views, ...views],
		virtualTables: [...schema.virtualTables, ...virtualTables],
	};
}

type Rename = RenameTable | RenameColumn;
type RenamesByTable = ReadonlyMap<string, readonly RenameColumn[]>;

function renameOperations(from: Schema, pairs: readonly ComparedPair[]): readonly Rename[] {
	const ofTables = orderRenames(
		pairs.filter(({before, after}) => before.name !== after.name).map(({before, after}) => ({from: before.name, to: after.name})),
		namesOf(from),
	).map((rename): Rename => ({kind: 'renameTable', table: rename.from, to: rename.to}));
	const ofColumns = pairs
		.filter(({open, columns}) => !open && columns.renames.length > 0)
		.flatMap(({before, after, columns}) =>
			orderRenames(
				columns.renames.map(({column, to}) => ({from: column, to})),
				before.columns.map(({name}) => name),
			).map((rename): Rename => ({kind: 'renameColumn', table: after.name, column: rename.from, to: rename.to})),
		);
	return [...ofTables, ...ofColumns];
}

/** Returns the name of a table after all renames. A dropped table may have been renamed to free its name. */
function nameOfTable(name: string, renames: readonly Rename[]): string {
	return renames.reduce((now, rename) => (rename.kind === 'renameTable' && sameName(rename.table, now) ? rename.to : now), name);
}

interface OrderedPair {
	readonly pair: ComparedPair;
	readonly which: TableChanges['which'];
}

/** Returns the tables whose changes are decided, in the order of execution. Fills may read columns that other tables drop. */
function orderedPairs(
	pairs: readonly ComparedPair[],
	changesOf: (pair: ComparedPair) => TableOperations,
	{fills}: Decisions,
	{state, to}: {readonly state: Schema; readonly to: Schema},
): readonly OrderedPair[] {
	const decided = pairs.filter(({open}) => !open);
	if (fills.every(({expression}) => isOverOneRow(expression))) return decided.map((pair) => ({pair, which: 'all'}));
	const changes = decided.map((pair) => ({pair, table: pair.after, operations: changesOf(pair).operations}));
	const pairOf = new Map(decided.map((pair) => [pair.after, pair]));
	return orderByFills(changes, state, to).map(({table, which}) => ({pair: pairOf.get(table) as ComparedPair, which}));
}

function nameOfPair({before, after}: TablePair): {readonly before: string; readonly after: string} {
	return {before: before.name, after: after.name};
}

interface Renamed {
	readonly before: Schema;
	readonly after: Schema;
	readonly pairs: readonly ComparedPair[];
	readonly renames: readonly Rename[];
	readonly columnRenames: RenamesByTable;
}

/** Returns the names that fills may use, with the names that are valid when the fills run. */
function newNames({before, after, pairs, renames, columnRenames}: Renamed): NewNames {
	const tables = before.tables.map(({name}): [string, string] => [name, nameOfTable(name, renames)]).filter(([name, to]) => name !== to);
	return {
		before,
		after,
		tables: new Map(tables.map(([name, to]) => [nameKey(name), to])),
		columns: new Map(
			pairs.map((pair) => [nameKey(pair.before.name), new Map(netRenames(pair, columnRenames).map(({column, to}) => [nameKey(column), to]))]),
		),
	};
}

/** A column's old name, and its name when the table changes. */
interface ColumnRename {
	readonly column: string;
	readonly to: string;
}

/** Returns the old and the new name of each renamed column, including columns that are only renamed to free a name. */
function netRenames({before, after}: TablePair, renames: RenamesByTable): readonly ColumnRename[] {
	const ofTable = renames.get(after.name);
	if (ofTable === undefined) return [];
	return before.columns.flatMap(({name}) => {
		const to = ofTable.reduce((now, rename) => (sameName(rename.column, now) ? rename.to : now), name);
		return to === name ? [] : [{column: name, to}];
	});
}

/** Returns the names in the namespace of tables. */
function namesOf(schema: Schema): readonly string[] {
	return [...schema.tables, ...schema.virtualTables, ...schema.indexes, ...schema.views].map(({name}) => name);
}

interface Situation {
	readonly renamed: Schema;
	readonly to: Schema;
	readonly pairs: readonly ComparedPair[];
	readonly renames: readonly Rename[];
	readonly columnRenames: RenamesByTable;
	readonly tables: PairedTables;
}

function fatesOf({renamed, to, pairs, renames, columnRenames, tables}: Situation): TableFates {
	const known = new Set([...pairs.filter(({open}) => !open).map(({after}) => nameKey(after.name)), ...renamed.views.map(({name}) => nameKey(name))]);
	const owners = [...renamed.indexes, ...renamed.triggers].map(({table}) => nameKey(table));
	const isAltered = ({before, after, columns}: ComparedPair) =>
		before.name !== after.name || columns.renames.length > 0 || !sameTable(findTable(renamed, after.name) ?? before, after, renamed, to);
	return {
		omitted: new Set(owners.filter((name) => !known.has(name))),
		open: new Set(pairs.filter(({open, columns}) => open && columns.renames.length === 0).map(({after}) => nameKey(after.name))),
		altered: tables.dropped.length > 0 || pairs.some((pair) => !pair.open && isAltered(pair)),
		renamedTables: new Set(renames.flatMap((rename) => (rename.kind === 'renameTable' ? [nameKey(rename.table)] : []))),
		renamedColumns: pairs.flatMap((pair) => {
			const columns = netRenames(pair, columnRenames).flatMap(({column}) => [nameKey(column), ...otherNames(pair.before, column)]);
			return columns.length === 0 ? [] : [{tables: [nameKey(pair.before.name), nameKey(pair.after.name)], columns}];
		}),
		droppedColumns: tables.dropped.length === 0 ? [] : pairs.map(droppedColumns),
		droppedTables: new Set(tables.dropped.map(({name}) => nameKey(nameOfTable(name, renames)))),
	};
}

function droppedColumns({before, after, columns}: ComparedPair): {readonly tables: readonly string[]; readonly columns: readonly string[]} {
	const isKept = ({name}: Column) =>
		columns.renames.some(({column}) => sameName(column, name)) ||
		(findColumn(after, name) !== undefined && !columns.renames.some(({to}) => sameName(to, name)));
	return {
		tables: [nameKey(before.name), nameKey(after.name)],
		columns: before.columns.filter((column) => !isKept(column)).map(({name}) => nameKey(name)),
	};
}

/** If the column that is the rowid is renamed, SQLite also replaces the generic rowid names that refer to it. Returns those names. */
function otherNames(table: Table, column: string): readonly string[] {
	return isRowidAlias(table, {name: column}) ? rowidNames : [];
}
