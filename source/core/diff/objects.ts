import {hasNoOwnRows, selectiveTrigger, showsOtherTables} from '../operations/full-text.ts';
import type {Operation} from '../operations/operation.ts';
import {sameIndex, sameTrigger, sameView, sameVirtualTable} from '../schema/equality.ts';
import {nameKey, sameName} from '../schema/identifiers.ts';
import {findIndex, findTable, findTrigger, findView, findVirtualTable} from '../schema/lookup.ts';
import {normalIndex, normalTrigger, normalView} from '../schema/normal-form.ts';
import type {Index, Schema, Trigger, View, VirtualTable} from '../schema/schema.ts';
import type {Answers} from './answers.ts';
import {dropFlag, ignoreFlag} from './flags.ts';
import type {DropObjectQuestion} from './question.ts';

export interface ObjectDrops {
	/** Drops of triggers, views, indexes and virtual tables that are not in the models or will be recreated. */
	readonly operations: readonly Operation[];
	readonly questions: readonly DropObjectQuestion[];
}

/** The facts about tables that the differ needs for dependent objects. */
export interface TableFates {
	/** Tables (by their name after renames) that are dropped or have an open question. Their indexes and triggers are not compared. */
	readonly omitted: ReadonlySet<string>;
	/** Those of `omitted` with an open question about a column, and no rename yet. The columns that the models have stay, and so do indexes on them. */
	readonly open: ReadonlySet<string>;
	/** True if any table is altered. Then no view or trigger that names a dropped view may be left. */
	readonly altered: boolean;
	/** Old names of renamed tables. */
	readonly renamedTables: ReadonlySet<string>;
	/** Old names of renamed columns, with the old and new names of their table. */
	readonly renamedColumns: readonly ColumnsOf[];
	/** Dropped columns, with the old and new names of their table. */
	readonly droppedColumns: readonly ColumnsOf[];
	/** Tables that are dropped after all others have changed. */
	readonly droppedTables: ReadonlySet<string>;
}

interface ColumnsOf {
	readonly tables: readonly string[];
	readonly columns: readonly string[];
}

/**
 * Returns the triggers, views, indexes and virtual tables to drop before the tables change.
 *
 * @param from the schema after its renames
 * @param original the schema before its renames, with the names that the definition of a virtual table contains
 */
export function droppedObjects(from: Schema, original: Schema, to: Schema, fates: TableFates, answers: Answers): ObjectDrops {
	const questions: DropObjectQuestion[] = [];
	const consents = (object: DropObjectQuestion['object'], name: string, message: string): boolean => {
		if (answers.dropsObject(name) || answers.allowDrops) return true;
		questions.push({kind: 'drop', id: `drop:${name}`, table: name, object, message, flags: [dropFlag(name), ignoreFlag(name)]});
		return false;
	};
	const gone = (kind: string, name: string) => `${kind} ${name} is in the database and not in the models`;
	const isOmitted = ({table}: {readonly table: string}) => fates.omitted.has(nameKey(table));

	const isRenamed = namelessTexts(to);
	const isIndependent = (index: Index) =>
		fates.open.has(nameKey(index.table)) &&
		index.where === undefined &&
		index.columns.every(({column}) => column !== undefined) &&
		!losesColumn(index, to) &&
		!isRenamed('index', normalIndex({...index, name: ''}, to)) &&
		!isRenamedWithTable(index, to, fates);
	const indexes = from.indexes.filter((index) => {
		const target = findIndex(to, index.name);
		if (isOmitted(index)) {
			// Asked together with the questions about columns, instead of after their answers.
			if (target === undefined && isIndependent(index)) consents('index', index.name, gone('index', index.name));
			return false;
		}
		if (target !== undefined) return !sameIndex(index, target, from, to);
		return (
			answers.dropsObject(index.name) ||
			isRenamed('index', normalIndex({...index, name: ''}, to)) ||
			isRenamedWithTable(index, to, fates) ||
			losesColumn(index, to) ||
			consents('index', index.name, gone('index', index.name))
		);
	});
	const views = from.views.filter((view) => {
		const target = findView(to, view.name);
		if (target !== undefined) return !sameView(view, target);
		return isRenamed('view', normalView({...view, name: ''})) || consents('view', view.name, gone('view', view.name));
	});
	const goneViews = new Set(views.map(({name}) => nameKey(name)).filter((name) => findView(to, name) === undefined));
	const triggers = from.triggers.filter((trigger) => {
		if (isOmitted(trigger)) return false;
		const target = findTrigger(to, trigger.name);
		if (target !== undefined) return !sameTrigger(trigger, target);
		const goesAlong = goneViews.has(nameKey(trigger.table));
		return (
			goesAlong || isRenamed('trigger', normalTrigger({...trigger, name: ''})) || consents('trigger', trigger.name, gone('trigger', trigger.name))
		);
	});
	const virtualTables = from.virtualTables.filter((table) => {
		const target = findVirtualTable(to, table.name);
		if (target !== undefined && sameVirtualTable(table, target)) return false;
		const isRebuilt = target !== undefined && hasNoOwnRows(table, original) && hasNoOwnRows(target, to);
		const selective = isRebuilt && !showsOtherTables(table) ? (selectiveTrigger(table, original) ?? selectiveTrigger(target, to)) : undefined;
		if (isRebuilt && selective === undefined) return true;
		const message =
			target === undefined
				? gone('virtual table', table.name)
				: selective !== undefined
					? `full-text index ${table.name} changes, and is built again from all rows; trigger ${selective.name} adds or removes only some of them`
					: `virtual table ${table.name} changes, which SQLite can only do by dropping it with its rows`;
		return consents('virtualTable', table.name, message);
	});
	const suspended = fates.altered ? inTheWay(from, {views, triggers, virtualTables}, fates) : {views, triggers};
	const dropped = new Set(suspended.views.map(({name}) => nameKey(name)));
	const dropsWithView = ({table}: Trigger) => dropped.has(nameKey(table));
	return {
		operations: [
			...suspended.triggers.filter((trigger) => !dropsWithView(trigger)).map(({name}): Operation => ({kind: 'dropTrigger', trigger: name})),
			...suspended.views.map(({name}): Operation => ({kind: 'dropView', view: name})),
			...indexes.map(({name}): Operation => ({kind: 'dropIndex', index: name})),
			...virtualTables.map(({name}): Operation => ({kind: 'dropTable', table: name})),
		],
		questions,
	};
}

/**
 * Returns a lookup for the indexes, views and triggers of the models without their names: an equal object with a different name was renamed. Built
 * lazily.
 */
function namelessTexts(to: Schema): (kind: 'index' | 'view' | 'trigger', text: string) => boolean {
	let texts: ReadonlySet<string> | undefined;
	return (kind, text) => {
		texts ??= new Set([
			...to.indexes.map((index) => `index ${normalIndex({...index, name: ''}, to)}`),
			...to.views.map((view) => `view ${normalView({...view, name: ''})}`),
			...to.triggers.map((trigger) => `trigger ${normalTrigger({...trigger, name: ''})}`),
		]);
		return texts.has(`${kind} ${text}`);
	};
}

/**
 * True if the models have an index with the new name of its table in its name: `_PostToTag_AB_unique` of a table that is now `_LabelToPost`. Its columns
 * may differ, because an index holds no rows of its own.
 */
function isRenamedWithTable({name, table, unique}: Index, to: Schema, {renamedTables}: TableFates): boolean {
	const [key, now] = [nameKey(name), nameKey(table)];
	return [...renamedTables].some((old) => {
		const at = key.indexOf(nameKey(old));
		if (at === -1) return false;
		const target = findIndex(to, key.slice(0, at) + now + key.slice(at + nameKey(old).length));
		return target !== undefined && target.unique === unique && sameName(target.table, table);
	});
}

function losesColumn(index: Index, to: Schema): boolean {
	const table = findTable(to, index.table);
	if (table === undefined) return false;
	return index.columns.some(({column}) => column !== undefined && !table.columns.some(({name}) => sameName(name, column)));
}

interface Dropped {
	readonly views: readonly View[];
	readonly triggers: readonly Trigger[];
	readonly virtualTables: readonly VirtualTable[];
}

/**
 * Adds the views and triggers that must be dropped while tables change, and recreated afterwards. ALTER TABLE checks every view and trigger, and fails
 * if one names a missing object. A rename rewrites those that name the renamed object, even if the models use the old name for something else
 * (https://www.sqlite.org/lang_altertable.html).
 */
function inTheWay(from: Schema, dropped: Dropped, fates: TableFates): Pick<Dropped, 'views' | 'triggers'> {
	const names = new Set([...fates.renamedTables, ...dropped.virtualTables.map(({name}) => nameKey(name))]);
	for (const {name} of dropped.views) names.add(nameKey(name));
	const isNaming = (mentions: readonly string[], own?: string) =>
		mentions.some((name) => names.has(name)) || namesColumn(fates.renamedColumns, mentions, own);
	const views = new Set(dropped.views);
	for (let before = -1; before !== views.size; ) {
		before = views.size;
		for (const view of from.views) {
			if (views.has(view) || !isNaming(view.mentions)) continue;
			views.add(view);
			names.add(nameKey(view.name));
		}
	}
	// A trigger of a table that is dropped later would prevent a column from being dropped before it.
	const outlives = ({table, mentions}: Trigger) => fates.droppedTables.has(nameKey(table)) && namesColumn(fates.droppedColumns, mentions);
	const triggers = from.triggers.filter((trigger) => isNaming(trigger.mentions, trigger.table) || outlives(trigger));
	return {views: [...views], triggers: [...new Set([...dropped.triggers, ...triggers])]};
}

function namesColumn(known: readonly ColumnsOf[], mentions: readonly string[], own?: string): boolean {
	return known.some(
		({tables, columns}) =>
			columns.some((name) => mentions.includes(name)) &&
			tables.some((name) => mentions.includes(name) || (own !== undefined && nameKey(own) === name)),
	);
}
