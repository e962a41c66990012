import {rowidOf} from '../operations/rowid.ts';
import {columnAffinity} from '../schema/affinity.ts';
import {quoted} from '../schema/identifiers.ts';
import {isRowidAlias} from '../schema/key-columns.ts';
import {findColumn} from '../schema/lookup.ts';
import {normalCollation} from '../schema/normal-form.ts';
import type {Column, Index, IndexColumn, Table} from '../schema/schema.ts';
import type {Copy, KeptIndex} from './step.ts';
import type {TableWork} from './table-work.ts';

/**
 * Returns the indexes whose entries a copy leaves unchanged, so they need not be built again (docs/decisions/0020). An entry consists of the values of
 * the indexed columns and the rowid, in the order of the collations (https://www.sqlite.org/fileformat2.html#representation_of_sql_indices). So all of
 * these must be the same before and after the copy: the rowids, and for each indexed column its values, its affinity and its collation.
 *
 * @param indexes the indexes whose definitions do not change
 */
export function keptIndexes({before, after, item}: TableWork, copy: Copy, indexes: readonly Index[]): readonly KeptIndex[] {
	if (item.renames !== undefined || before.name !== after.name || !keepsRowids(before, after, copy)) return [];
	return indexes.flatMap((index) => {
		// The conditions of partial indexes and the values of expressions may depend on more than these columns.
		if (index.where !== undefined) return [];
		const conditions = index.columns.map((part) => whyStale(part, before, after, copy));
		return conditions.includes(undefined) ? [] : [{name: index.name, stale: conditions.join(' OR ')}];
	});
}

function keepsRowids(before: Table, after: Table, copy: Copy): boolean {
	const [was, is] = [rowidOf(before), rowidOf(after)];
	return was !== undefined && is !== undefined && expressionOf(copy, is) === was;
}

/** Returns the expression that a copy assigns to a column. */
function expressionOf({columns, expressions}: Copy, column: string): string | undefined {
	return expressions[columns.indexOf(column)];
}

/**
 * Returns a condition that is true for values that the copy could change, although the column does not change. They can only come from an edit of the
 * schema by another program. Undefined if the column or its order changes.
 */
function whyStale({column, collate}: IndexColumn, before: Table, after: Table, copy: Copy): string | undefined {
	const [was, is] = column === undefined ? [] : [findColumn(before, column), findColumn(after, column)];
	if (was === undefined || is === undefined || was.generated !== undefined || is.generated !== undefined) return undefined;
	if (expressionOf(copy, quoted(is.name)) !== quoted(was.name)) return undefined;
	if (collate === undefined && normalCollation(was.collate) !== normalCollation(is.collate)) return undefined;
	const affinity = affinityIn(was, before);
	if (affinity !== affinityIn(is, after) || isRowidAlias(before, was) !== isRowidAlias(after, is)) return undefined;
	const value = quoted(was.name);
	switch (affinity) {
		case 'TEXT':
			return `typeof(${value}) IN ('integer', 'real')`;
		case 'INTEGER':
		case 'NUMERIC':
			return `typeof(${value}) = 'text' OR (typeof(${value}) = 'real' AND CAST(${value} AS INTEGER) = ${value})`;
		case 'REAL':
			// SQLite reads a stored INTEGER as a REAL, so no query shows whether the copy changes it.
			return undefined;
		case 'BLOB':
			return 'FALSE';
	}
}

function affinityIn({type}: Column, {strict}: Table) {
	return columnAffinity(type, strict);
}
