import {readColumn} from '../ddl/read.ts';
import {hasSubquery} from '../ddl/subqueries.ts';
import {nameKey} from '../schema/identifiers.ts';
import type {AddColumn, ChangeTable, DropColumn, Operation} from './operation.ts';

/** An operation on a table's definition; all of them between two renames can be made as one. */
export type Alteration = AddColumn | DropColumn | ChangeTable;

export function isAlteration(operation: Operation): operation is Alteration {
	return operation.kind === 'addColumn' || operation.kind === 'dropColumn' || operation.kind === 'changeTable';
}

/** The expressions that an operation gives to columns, by the column's name in lower case. */
export function fillsOf(operation: Alteration): ReadonlyMap<string, string> {
	switch (operation.kind) {
		case 'changeTable':
			return new Map(Object.entries(operation.fill).map(([column, fill]) => [nameKey(column), fill]));
		case 'addColumn':
			return operation.fill === undefined ? new Map() : new Map([[nameKey(readColumn(operation.definition).column.name), operation.fill]]);
		case 'dropColumn':
			return new Map();
	}
}

/** False for a fill with a subquery: that has columns of its own, which the row's cannot be told from. */
export function isOverOneRow(fill: string): boolean {
	return !hasSubquery(fill);
}
