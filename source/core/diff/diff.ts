import {advance, advanceAll} from '../operations/advance.ts';
import {nameTaken} from '../operations/fit.ts';
import type {Hazard} from '../operations/hazard.ts';
import {hazardsOf} from '../operations/hazards.ts';
import type {Operation} from '../operations/operation.ts';
import {sameTable} from '../schema/equality.ts';
import {nameKey, sameName} from '../schema/identifiers.ts';
import {findTable, findTrigger, findView} from '../schema/lookup.ts';
import type {Schema, Table} from '../schema/schema.ts';
import {answersFrom, type Decision} from './answers.ts';
import {dependencyOrder} from './dependency-order.ts';
import {withoutIgnored} from './ignore.ts';
import {droppedObjects, type TableFates} from './objects.ts';
import {type PairedColumns, pairColumns} from './pair-columns.ts';
import {pairTables, type TablePair} from './pair-tables.ts';
import {type Decisions, noDecisions, type Question} from './question.ts';
import {orderRenames} from './renames.ts';
import {tableOperations} from './table-operations.ts';

export interface Diff {
	/** In the order in which they are to be carried out. While questions are open: without what they are about. */
	readonly operations: readonly Operation[];
	readonly questions: readonly Question[];
	readonly hazards: readonly Hazard[];
	/** Decisions that answered nothing: mistyped, or stale. */
	readonly unused: readonly Decision[];
}

interface ComparedPair extends TablePair {
	readonly columns: PairedColumns;
	/** True while a rename or a drop in it is undecided; nothing of it is changed until then. */
	readonly open: boolean;
}

/** The operations that make a database of the schema `from` one of the schema `to`, what has to be asked first, and what may go wrong. Pure. */
export function diff(from: Schema, to: Schema, decisions: Decisions = noDecisions): Diff {
	const answers = answersFrom(decisions);
	const ours = withoutIgnored(from, decisions.ignore, to);
	const tables = pairTables(ours, to, answers);
	const pairs = tables.pairs.map((pair): ComparedPair => {
		const columns = pairColumns(pair, ours, answers);
		return {...pair, columns, open: columns.questions.length > 0};
	});
	const isNameTaken = (table: Table) => namesOf(to).some((name) => sameName(name, table.name));
	const dropsFirst = dropsOf(tables.dropped.filter(isNameTaken));
	const withFreeNames = advanceAll(ours, dropsFirst);
	const renames = renameOperations(withFreeNames, pairs);
	const renamed = advanceAll(withFreeNames, renames);
	const objects = droppedObjects(renamed, to, fatesOf(renamed, to, pairs, tables.dropped), answers);

	const state = {schema: ours, operations: [] as Operation[]};
	const carryOut = (operations: readonly Operation[]) => {
		for (const operation of operations) {
			state.schema = advance(state.schema, operation);
			state.operations.push(operation);
		}
	};
	carryOut(objects.operations);
	carryOut(dropsFirst);
	carryOut(renames);
	carryOut(createdTables(state.schema, to, tables.added));
	const fillQuestions: Question[] = [];
	for (const pair of pairs.filter(({open}) => !open)) {
		const changed = tableOperations(state.schema, pair.after, to, [pair.before.name, pair.after.name], pair.columns.renames, answers);
		carryOut(changed.operations);
		fillQuestions.push(...changed.questions);
	}
	carryOut(dropsOf(tables.dropped.filter((table) => !isNameTaken(table))));
	const open = new Set(pairs.filter((pair) => pair.open).map(({after}) => nameKey(after.name)));
	carryOut(createdObjects(state.schema, to, open));
	return {
		operations: state.operations,
		questions: [...tables.questions, ...pairs.flatMap(({columns}) => columns.questions), ...objects.questions, ...fillQuestions],
		hazards: hazardsOf(ours, state.operations),
		unused: answers.unused(),
	};
}

function renameOperations(from: Schema, pairs: readonly ComparedPair[]): readonly Operation[] {
	const ofTables = orderRenames(
		pairs.filter(({before, after}) => before.name !== after.name).map(({before, after}) => ({from: before.name, to: after.name})),
		namesOf(from),
	).map((rename): Operation => ({kind: 'renameTable', table: rename.from, to: rename.to}));
	const ofColumns = pairs
		.filter(({open}) => !open)
		.flatMap(({before, after, columns}) =>
			orderRenames(
				columns.renames.map(({column, to}) => ({from: column, to})),
				before.columns.map(({name}) => name),
			).map((rename): Operation => ({kind: 'renameColumn', table: after.name, column: rename.from, to: rename.to})),
		);
	return [...ofTables, ...ofColumns];
}

/** The names that share the namespace of tables. */
function namesOf(schema: Schema): readonly string[] {
	return [...schema.tables, ...schema.virtualTables, ...schema.indexes, ...schema.views].map(({name}) => name);
}

function fatesOf(renamed: Schema, to: Schema, pairs: readonly ComparedPair[], dropped: readonly Table[]): TableFates {
	const known = new Set([...pairs.filter(({open}) => !open).map(({after}) => nameKey(after.name)), ...renamed.views.map(({name}) => nameKey(name))]);
	const owners = [...renamed.indexes, ...renamed.triggers].map(({table}) => nameKey(table));
	const isAltered = ({before, after, columns}: ComparedPair) =>
		before.name !== after.name || columns.renames.length > 0 || !sameTable(findTable(renamed, after.name) ?? before, after, renamed, to);
	return {
		leftOut: new Set(owners.filter((name) => !known.has(name))),
		altered: dropped.length > 0 || pairs.some((pair) => !pair.open && isAltered(pair)),
	};
}

function dropsOf(dropped: readonly Table[]): readonly Operation[] {
	return dropped.map(({name}) => ({kind: 'dropTable', table: name}));
}

/** New tables, parents first, then virtual tables, which may stand on them; without those whose name is taken while a question is open. */
function createdTables(state: Schema, to: Schema, added: readonly Table[]): readonly Operation[] {
	const ordered = dependencyOrder(added, (table, other) => table.foreignKeys.some(({parent}) => sameName(parent, other.name)));
	return [...ordered, ...to.virtualTables].filter(({name}) => nameTaken(state, name) === undefined).map(({sql}) => ({kind: 'createTable', sql}));
}

/** What the models have and the schema does not yet. */
function createdObjects(state: Schema, to: Schema, open: ReadonlySet<string>): readonly Operation[] {
	const stands = ({table}: {readonly table: string}) =>
		!open.has(nameKey(table)) && (findTable(state, table) !== undefined || findView(to, table) !== undefined);
	const views = to.views.filter(({name}) => nameTaken(state, name) === undefined);
	return [
		...to.indexes
			.filter((index) => nameTaken(state, index.name) === undefined && stands(index))
			.map(({sql}): Operation => ({kind: 'createIndex', sql})),
		...dependencyOrder(views, (view, other) => view.mentions.includes(nameKey(other.name))).map(({sql}): Operation => ({kind: 'createView', sql})),
		...to.triggers
			.filter((trigger) => findTrigger(state, trigger.name) === undefined && stands(trigger))
			.map(({sql}): Operation => ({kind: 'createTrigger', sql})),
	];
}
