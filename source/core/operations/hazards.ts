import {readIndex} from '../ddl/read.ts';
import {nameKey} from '../schema/identifiers.ts';
import {findTable, findVirtualTable, indexesOf} from '../schema/lookup.ts';
import type {Schema} from '../schema/schema.ts';
import {advance} from './advance.ts';
import type {Hazard} from './hazard.ts';
import {indexHazards} from './hazards-of-keys.ts';
import {tableHazards} from './hazards-of-table.ts';
import {advanceLineages, type Lineages, lineagesOf} from './lineage.ts';
import type {Operation} from './operation.ts';

/**
 * What a list of operations may lose, change or fail on, found from the schema alone and told in the names that stand before it.
 * Behind an `execute` or `run` rows are no longer what they were: from there on only drops are told.
 */
export function hazardsOf(from: Schema, operations: readonly Operation[]): readonly Hazard[] {
	const hazards: Hazard[] = [];
	let schema = from;
	let lineages = lineagesOf(from);
	for (const [index, operation] of operations.entries()) {
		const after = advance(schema, operation);
		const lineagesAfter = advanceLineages(lineages, operation, schema, after);
		hazards.push(...hazardsOfOne(operation, index, {schema, lineages}, {schema: after, lineages: lineagesAfter}));
		lineages = lineagesAfter;
		schema = after;
	}
	return hazards;
}

interface State {
	readonly schema: Schema;
	readonly lineages: Lineages;
}

function hazardsOfOne(operation: Operation, index: number, before: State, after: State): readonly Hazard[] {
	switch (operation.kind) {
		case 'dropTable': {
			const table = findTable(before.schema, operation.table) ?? findVirtualTable(before.schema, operation.table);
			if (table === undefined && operation.ifExists === true) return [];
			const lineage = before.lineages.get(nameKey(operation.table));
			return [{kind: 'dropTable', operation: index, table: lineage?.table ?? table?.name ?? operation.table}];
		}
		case 'addColumn':
		case 'dropColumn':
		case 'changeTable': {
			const [was, is] = [findTable(before.schema, operation.table), findTable(after.schema, operation.table)];
			if (was === undefined || is === undefined) return [];
			const filled = operation.kind === 'changeTable' ? Object.keys(operation.fill) : [];
			return tableHazards({
				operation: index,
				before: {table: was, schema: before.schema, lineage: before.lineages.get(nameKey(was.name))},
				after: {table: is, schema: after.schema, lineage: after.lineages.get(nameKey(is.name))},
				filled,
				indexes: indexesOf(after.schema, is.name),
				parentOf: (name) => before.lineages.get(nameKey(name)),
			});
		}
		case 'createIndex': {
			const created = readIndex(operation.sql);
			const table = findTable(after.schema, created.table);
			const lineage = after.lineages.get(nameKey(created.table));
			return table === undefined || lineage === undefined
				? []
				: indexHazards(created, table, lineage.values, {operation: index, table: lineage.table});
		}
		default:
			return [];
	}
}
