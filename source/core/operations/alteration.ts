import {readColumn} from '../ddl/read.ts';
import {hasSubquery} from '../ddl/subqueries.ts';
import {nameKey} from '../schema/identifiers.ts';
import type {AddColumn, ChangeTable, DropColumn, Operation} from './operation.ts';

/** An operation on the definition of a table. All alterations between two renames can be combined into one. */
export type Alteration = AddColumn | DropColumn | ChangeTable;

export function isAlteration(operation: Operation): operation is Alteration {
	return operation.kind === 'addColumn' || operation.kind === 'dropColumn' || operation.kind === 'changeTable';
}

/** Returns the fill expressions of an operation, by column name in lower case. */
export function fillsOf(operation: Alteration): ReadonlyMap<string, string> {
	switch (operation.kind) {
		case 'changeTable':
			return new Map(Object.entries(operation.fill).map(([column, fill]) => [nameKey(column), fill]));
		case 'addColumn':
			return operation.fill === undefined ? noFills : new Map([[nameKey(readColumn(operation.definition).column.name), operation.fill]]);
		case 'dropColumn':
			return noFills;
	}
}

const noFills: ReadonlyMap<string, string> = new Map();

/** False for a fill with a subquery, whose columns cannot be distinguished from those of the row. */
export function isOverOneRow(fill: string): boolean {
	return !hasSubquery(fill);
}
