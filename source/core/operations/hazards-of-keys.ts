import {columnsIn} from '../ddl/expression.ts';
import {type Expression, isRemoved} from '../ddl/expression-tree.ts';
import {readExpression} from '../ddl/read-expression.ts';
import {renderIndexed, renderKeyColumns} from '../ddl/render.ts';
import {nameKey, quoted} from '../schema/identifiers.ts';
import {findColumn} from '../schema/lookup.ts';
import {normalUnique} from '../schema/normal-form.ts';
import type {Index, KeyColumn} from '../schema/schema.ts';
import type {ComputedValue, DuplicateHazard} from './hazard.ts';
import {expressionTexts, type HazardPlace, madeValue, placeOf, type TableChange, touchedColumns} from './hazard-row.ts';
import {changedRow, overOldRow} from './over-old-row.ts';
import type {TableDelta} from './table-delta.ts';

/** Finds rows that are equal under a new key, UNIQUE or unique index, or under one whose columns change. */
export function uniqueHazards(change: TableChange, delta: TableDelta): readonly DuplicateHazard[] {
	const {table, lineage} = change.after;
	const touched = touchedColumns(change);
	const place = placeOf(change);
	const isConcerned = (columns: readonly KeyColumn[], isNew: boolean) => isNew || columns.some(({name}) => touched.has(nameKey(name)));
	const added = new Set(delta.uniques.added.map((unique) => normalUnique(unique, table)));
	const key = table.primaryKey;
	const alias = key?.rowidAlias === true ? nameKey(key.columns[0]?.name ?? '') : undefined;
	// Rowids are unique anyway.
	const keepsRowid = alias !== undefined && isRowid(change, alias);
	return [
		...(key !== undefined && !keepsRowid && isConcerned(key.columns, delta.primaryKey || delta.withoutRowid)
			? keyHazards(key.columns, `PRIMARY KEY (${renderKeyColumns(key.columns)})`, change.after, place)
			: []),
		...table.uniques
			.filter((unique) => isConcerned(unique.columns, added.has(normalUnique(unique, table))))
			.flatMap((unique) => keyHazards(unique.columns, `UNIQUE (${renderKeyColumns(unique.columns)})`, change.after, place)),
		...change.indexes
			.filter((index) => indexNames(index).some((name) => touched.has(name)))
			.flatMap((index) => indexHazards(index, {table, lineage}, place)),
	];
}

function isRowid({after}: TableChange, alias: string): boolean {
	const {origin, values} = after.lineage;
	const key = origin.primaryKey;
	const value = values.get(alias);
	if (value === undefined || (value.origin === undefined && value.sql === value.raw && value.sql !== 'NULL')) return true;
	return value.isPlain && key?.rowidAlias === true && value.origin?.name === key.columns[0]?.name;
}

function indexNames({columns, where, table}: Index): readonly string[] {
	return [...columns.flatMap(({expression}) => columnsIn(expression.text, table)), ...columnsIn(where?.text ?? '', table)];
}

/** The new row of a table and its lineage. */
type NewRow = Pick<TableChange['after'], 'table' | 'lineage'>;

/** Returns nothing if the value of a column cannot be determined. */
function keyHazards(columns: readonly KeyColumn[], rule: string, row: NewRow, place: HazardPlace): readonly DuplicateHazard[] {
	const texts = expressionTexts(row);
	const names = columns.map(({name}) => name);
	const found = columns.map(({name}) => texts.get(nameKey(name)));
	if (found.some((text) => text === undefined)) return [];
	const distinct = columns.map(({collate}, index) => withCollation(found[index] as string, collate));
	const made = columns.map(({name, collate}) => madeValue(row, name, collate));
	return distinct.some(isNull) ? [] : [duplicates(place, names, rule, distinct, '', made)];
}

/** Finds rows that are equal under a unique index. */
export function indexHazards(index: Index, row: NewRow, place: HazardPlace): readonly DuplicateHazard[] {
	if (!index.unique) return [];
	const {table, lineage} = row;
	if (indexNames(index).some((name) => findColumn(table, name) !== undefined && !lineage.values.has(name))) return [];
	const changed = changedRow(table, lineage.origin, lineage.values);
	const expressions = index.columns.map(({expression, collate}) => {
		const {sql, collation} = overOldRow(expression.text, changed);
		return withCollation(sql, collate ?? collation);
	});
	const where = index.where === undefined ? '' : overOldRow(index.where.text, changed).sql;
	const columns = index.columns.flatMap(({column}) => (column === undefined ? [] : [column]));
	const rule = `UNIQUE ${renderIndexed(index)}`;
	const made = index.columns.map(({column, collate}) => (column === undefined ? undefined : madeValue(row, column, collate)));
	return expressions.some(isNull) ? [] : [duplicates(place, columns, rule, expressions, where, made)];
}

/** Adds the collation of the key, which overrides that of the column. */
function withCollation(text: string, collate: string | undefined): string {
	return collate === undefined ? text : `(${text}) COLLATE ${quoted(collate)}`;
}

/** True for a constant NULL. NULLs are all different, so no two rows are equal. */
function isNull(expression: string): boolean {
	return /^\(?NULL\)?( COLLATE "([^"]|"")*")?$/.test(expression);
}

function duplicates(
	place: HazardPlace,
	columns: readonly string[],
	rule: string,
	distinct: readonly string[],
	where: string,
	computed: readonly (ComputedValue | undefined)[],
): DuplicateHazard {
	const isMade = computed.every((value) => value !== undefined) && new Set(columns.map(nameKey)).size === computed.length;
	return {
		...place,
		kind: 'duplicate',
		columns,
		...(columns.length === 1 ? {column: columns[0] as string} : {}),
		rule,
		blocking: true,
		where,
		distinct: distinct.map(asTerm),
		...(isMade ? {computed} : {}),
		fillable: false,
	};
}

/**
 * Wraps a term that GROUP BY may read as the position of a result column: a number, or an expression that SQLite replaces with one, such as
 * `a AND FALSE`. The wrapped term keeps a collation of COLLATE.
 */
function asTerm(term: string): string {
	const kind = kindWithin(readExpression(term));
	return kind === 'column' || kind === 'cast' || kind === 'call' || kind === 'case' ? term : `coalesce(${term}, NULL)`;
}

function kindWithin(expression: Expression | undefined): Expression['kind'] | undefined {
	switch (expression?.kind) {
		case 'group':
		case 'plus':
		case 'collate':
			return kindWithin(expression.of);
		case 'call':
			return isRemoved(expression.name) ? kindWithin(expression.parts[0]) : 'call';
		default:
			return expression?.kind;
	}
}
