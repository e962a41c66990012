import {nameTaken} from '../operations/fit.ts';
import type {Operation} from '../operations/operation.ts';
import {orderByNames} from '../operations/order-by-names.ts';
import {nameKey} from '../schema/identifiers.ts';
import {findTable, findTrigger, findView, parentsOf} from '../schema/lookup.ts';
import type {Schema, Table} from '../schema/schema.ts';

/** Returns the names of the tables that refer to each table, in lower case. */
export function childrenOf(tables: readonly Table[]): ReadonlyMap<string, readonly string[]> {
	const references = tables.flatMap(({name, foreignKeys}) => foreignKeys.map(({parent}) => ({parent: nameKey(parent), child: nameKey(name)})));
	return new Map([...Map.groupBy(references, ({parent}) => parent)].map(([parent, group]) => [parent, group.map(({child}) => child)]));
}

/** Returns the operations for new tables, parents first. Skips tables whose name is still used because a question is open. */
export function createdTables(state: Schema, added: readonly Table[]): readonly Operation[] {
	const ordered = orderByNames(added, parentsOf);
	return ordered.filter(({name}) => nameTaken(state, name) === undefined).map(({sql}) => ({kind: 'createTable', sql}));
}

/** Returns the operations for objects that the schema does not have yet. Skips objects that read from a table with an open question. */
export function createdObjects(state: Schema, to: Schema, open: ReadonlySet<string>): readonly Operation[] {
	const hasTable = ({table}: {readonly table: string}) =>
		!open.has(nameKey(table)) && (findTable(state, table) !== undefined || findView(to, table) !== undefined);
	const isAsked = ({mentions}: {readonly mentions: readonly string[]}) => mentions.some((name) => open.has(name));
	const views = to.views.filter((view) => nameTaken(state, view.name) === undefined && !isAsked(view));
	return [
		// Virtual tables may read from tables and their new columns. Triggers may write to them.
		...to.virtualTables.filter(({name}) => nameTaken(state, name) === undefined).map(({sql}): Operation => ({kind: 'createTable', sql})),
		...to.indexes
			.filter((index) => nameTaken(state, index.name) === undefined && hasTable(index))
			.map(({sql}): Operation => ({kind: 'createIndex', sql})),
		...orderByNames(views, ({mentions}) => mentions).map(({sql}): Operation => ({kind: 'createView', sql})),
		...to.triggers
			.filter((trigger) => findTrigger(state, trigger.name) === undefined && hasTable(trigger) && !isAsked(trigger))
			.map(({sql}): Operation => ({kind: 'createTrigger', sql})),
	];
}
