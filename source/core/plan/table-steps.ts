import {readTable} from '../ddl/read.ts';
import {tableDelta} from '../operations/table-delta.ts';
import {sameIndex, sameTable} from '../schema/equality.ts';
import {identifier, nameKey, sameName} from '../schema/identifiers.ts';
import {findIndex, findTable, indexesOf} from '../schema/lookup.ts';
import type {Index, Table} from '../schema/schema.ts';
import type {TableItem} from './arrange.ts';
import {referenceEdits} from './edit.ts';
import {inPlaceSteps, needsEdit} from './in-place.ts';
import {rewriteStep} from './rewrite.ts';
import type {Step} from './step.ts';
import {inStoredOrder} from './stored-order.ts';
import type {PlanFacts, TableWork} from './table-work.ts';
import {rewriteReasons} from './why-rewrite.ts';

export interface TableSteps {
	readonly steps: readonly Step[];
	/** True if the columns are then stored in the order of the old definition, with new ones at the end. */
	readonly keepsOrder: boolean;
}

/** Returns the steps for all changes of one table and its indexes: in place if SQLite can do all of them in place, otherwise one rewrite. */
export function tableSteps(item: TableItem, facts: PlanFacts): TableSteps {
	const before = findTable(item.before, item.table) as Table;
	const after = findTable(item.after, item.table) as Table;
	const kept = indexesOf(item.after, after.name);
	const staying = new Set(kept.filter((index) => stays(index, item)).map(({name}) => nameKey(name)));
	const gone = indexesOf(item.before, before.name).filter(({name}) => !staying.has(nameKey(name)));
	const made = kept.filter(({name}) => !staying.has(nameKey(name)));
	const drops = gone.map(({name}) => indexStep(item, name, before.name, 'drop index', 'rows are not touched', `DROP INDEX ${identifier(name)}`));
	const builds = made.map(({name, unique, sql}) =>
		indexStep(item, name, after.name, `new ${unique ? 'unique ' : ''}index`, 'the index is built from the rows once', sql),
	);
	const isOnlyIndexes = before === after && item.renames === undefined && sameTable(before, after, item.before, item.after);
	if (isOnlyIndexes) return {steps: [...drops, ...builds], keepsOrder: true};
	const delta = tableDelta({table: before, schema: item.before}, {table: after, schema: item.after});
	const work: TableWork = {...facts, before, after, delta, item};
	const reasons = [...rewriteReasons(work), ...(!facts.features.schemaEdits && needsEdit(work) ? ['plain SQL has no ALTER for it'] : [])];
	// The rewrite builds all indexes after the copy. The old ones are dropped with the old table.
	if (reasons.length > 0) {
		const keepsOrder = isInPlaceNatively(work);
		const copied = keepsOrder ? {...work, after: readTable(inStoredOrder(work))} : work;
		return {
			steps: [
				rewriteStep(
					copied,
					reasons,
					kept,
					kept.filter(({name}) => staying.has(nameKey(name))),
				),
				...referenceEdits(item),
			],
			keepsOrder,
		};
	}
	return {steps: [...drops, ...inPlaceSteps(work), ...builds], keepsOrder: true};
}

/** True for plain SQL whose changes an upgrade makes without a copy. Both must result in the same table. */
function isInPlaceNatively(work: TableWork): boolean {
	const {native} = work.features;
	return native !== undefined && rewriteReasons({...work, features: native}).length === 0;
}

function indexStep({operations}: TableItem, name: string, table: string, summary: string, reason: string, sql: string): Step {
	return {kind: 'statements', strategy: 'index', object: name, table, summary, reason, operations, statements: [sql]};
}

/** True for an index that is the same before and after. Its stored text is kept. */
function stays(index: Index, item: TableItem): boolean {
	const [was, is] = [findIndex(item.before, index.name), findIndex(item.after, index.name)];
	return was !== undefined && is !== undefined && sameName(was.table, is.table) && sameIndex(was, is, item.before, item.after);
}
