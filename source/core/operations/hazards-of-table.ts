import {namesIn} from '../ddl/expression.ts';
import {columnAffinity} from '../schema/affinity.ts';
import {nameKey, quoted, sameName} from '../schema/identifiers.ts';
import {findTable} from '../schema/lookup.ts';
import {normalUnique} from '../schema/normal-form.ts';
import type {Column, ForeignKey, Index, Schema, Table} from '../schema/schema.ts';
import {conversion} from './conversion.ts';
import type {Hazard, ValueHazard} from './hazard.ts';
import {type HazardPlace, indexHazards, keyHazards} from './hazards-of-keys.ts';
import type {Lineage} from './lineage.ts';
import {substituteColumns} from './substitute.ts';
import {type TableDelta, tableDelta} from './table-delta.ts';

export interface TableChange {
	readonly operation: number;
	readonly before: TableWithLineage;
	readonly after: TableWithLineage;
	/** Columns that a fill is given for. */
	readonly filled: readonly string[];
	/** Indexes that stand on the table. */
	readonly indexes: readonly Index[];
	readonly parentOf: (table: string) => Lineage | undefined;
}

interface TableWithLineage {
	readonly table: Table;
	readonly schema: Schema;
	readonly lineage: Lineage | undefined;
}

/** What a change of a table's definition may lose, change or fail on. */
export function tableHazards(change: TableChange): readonly Hazard[] {
	const delta = tableDelta(change.before, change.after);
	const place: HazardPlace = {operation: change.operation, table: change.before.lineage?.table ?? change.before.table.name};
	const drops = delta.dropped
		.filter(({generated}) => generated === undefined)
		.map((column): Hazard => ({...place, kind: 'dropColumn', column: originalName(change.before.lineage, column)}));
	const values = change.after.lineage?.values;
	if (values === undefined) return drops;
	return [
		...drops,
		...nullHazards(change, delta, values, place),
		...typeHazards(change, values, place),
		...uniqueHazards(change, delta, converted(change, delta, values), place),
		...checkHazards(change, delta, values, place),
		...delta.foreignKeys.added.flatMap((foreignKey) => orphanHazards(change, foreignKey, values, place)),
	];
}

/** The name that a column has in the database before the migration. */
function originalName(lineage: Lineage | undefined, column: Column): string {
	const value = lineage?.values.get(nameKey(column.name));
	const qualifier = `${quoted(lineage?.table ?? '')}.`;
	return value?.startsWith(qualifier) ? value.slice(qualifier.length + 1, -1).replaceAll('""', '"') : column.name;
}

function nullHazards(
	{after, filled}: TableChange,
	delta: TableDelta,
	values: ReadonlyMap<string, string>,
	place: HazardPlace,
): readonly ValueHazard[] {
	const key = after.table.primaryKey;
	const isKey = (column: Column) => key?.columns.some(({name}) => sameName(name, column.name)) ?? false;
	const isRowid = (column: Column) => isKey(column) && key?.rowidAlias === true;
	return after.table.columns.flatMap((column) => {
		const isNew = delta.added.includes(column);
		const changed = delta.changed.find((one) => one.after === column);
		const entersKey = isKey(column) && (delta.primaryKey || delta.withoutRowid) && (isRowid(column) ? !isNew : after.table.withoutRowid);
		const becomesNotNull =
			column.notNull !== undefined && !isRowid(column) && (isNew || changed?.notNull === 'set' || filled.some((name) => sameName(name, column.name)));
		if (!entersKey && !becomesNotNull) return [];
		const value = values.get(nameKey(column.name));
		if (value === undefined) return [];
		return [
			{
				...place,
				kind: entersKey ? 'nullKey' : 'null',
				column: column.name,
				columns: [column.name],
				rule: entersKey ? 'PRIMARY KEY' : 'NOT NULL',
				fails: true,
				where: `${value} IS NULL`,
				distinct: [],
				fillable: true,
			} as const,
		];
	});
}

function typeHazards({before, after, filled}: TableChange, values: ReadonlyMap<string, string>, place: HazardPlace): readonly ValueHazard[] {
	const becomesRowid = after.table.primaryKey?.rowidAlias === true && before.table.primaryKey?.rowidAlias !== true;
	const isRowid = (column: Column) => becomesRowid && (after.table.primaryKey?.columns.some(({name}) => sameName(name, column.name)) ?? false);
	return after.table.columns.flatMap((column): readonly ValueHazard[] => {
		const old = before.table.columns.find(({name}) => sameName(name, column.name));
		const value = values.get(nameKey(column.name));
		if (old === undefined || value === undefined || column.generated !== undefined) return [];
		const affinity = columnAffinity(column.type, after.table.strict);
		const isFilled = filled.some((name) => sameName(name, column.name));
		const isStrict = (after.table.strict && column.type.toUpperCase() !== 'ANY') || isRowid(column);
		const isStricter = isRowid(column) || (isStrict && (!before.table.strict || old.type.toUpperCase() !== column.type.toUpperCase()));
		const isConverted = converts(columnAffinity(old.type, before.table.strict), affinity);
		if (!isConverted && !isStricter) return [];
		const becomes = conversion(value, affinity, isStrict, affinity === 'INTEGER');
		const blobMisfits = affinity === 'BLOB' && isStrict ? `typeof(${value}) NOT IN ('blob', 'null')` : becomes.misfits;
		const shared = {
			...place,
			column: column.name,
			columns: [column.name],
			rule: `${old.type || 'no type'} → ${column.type || 'no type'}`,
			distinct: [],
			from: value,
			fillable: true,
		};
		return [
			...(becomes.changes === undefined || isFilled || !isConverted
				? []
				: [{...shared, kind: 'convert' as const, fails: false, where: becomes.changes, to: becomes.value}]),
			...(blobMisfits === undefined || (isFilled && !isStrict)
				? []
				: [{...shared, kind: 'misfit' as const, fails: isStrict, where: blobMisfits, to: value}]),
		];
	});
}

function converts(from: string, to: string): boolean {
	const isNumber = (affinity: string) => affinity === 'INTEGER' || affinity === 'NUMERIC';
	return from !== to && !(isNumber(from) && isNumber(to));
}

/** The values as they will be stored, for keys: '007' and '7' are one value under INTEGER. */
function converted({after}: TableChange, delta: TableDelta, values: ReadonlyMap<string, string>): ReadonlyMap<string, string> {
	const result = new Map(values);
	for (const {after: column, affinity} of delta.changed) {
		const value = values.get(nameKey(column.name));
		if (affinity && value !== undefined) {
			const target = columnAffinity(column.type, after.table.strict);
			result.set(nameKey(column.name), `(${conversion(value, target, after.table.strict, target === 'INTEGER').value})`);
		}
	}
	return result;
}

function uniqueHazards(change: TableChange, delta: TableDelta, values: ReadonlyMap<string, string>, place: HazardPlace): readonly ValueHazard[] {
	const {table} = change.after;
	const isTouched = (name: string) =>
		delta.added.some((column) => sameName(column.name, name)) ||
		delta.changed.some(({after, affinity, collate}) => (affinity || collate) && sameName(after.name, name)) ||
		change.filled.some((filled) => sameName(filled, name));
	const isConcerned = (columns: readonly {readonly name: string}[], isNew: boolean) => isNew || columns.some(({name}) => isTouched(name));
	const names = (columns: readonly {readonly name: string}[]) => columns.map(({name}) => name).join(', ');
	const added = new Set(delta.uniques.added.map((unique) => normalUnique(unique, table)));
	const key = table.primaryKey;
	const isOwnRowid = key?.rowidAlias === true && !values.has(nameKey(key.columns[0]?.name ?? ''));
	return [
		...(key !== undefined && !isOwnRowid && isConcerned(key.columns, delta.primaryKey)
			? keyHazards(key.columns, `PRIMARY KEY (${names(key.columns)})`, table, values, place)
			: []),
		...table.uniques
			.filter((unique) => isConcerned(unique.columns, added.has(normalUnique(unique, table))))
			.flatMap((unique) => keyHazards(unique.columns, `UNIQUE (${names(unique.columns)})`, table, values, place)),
		...change.indexes
			.filter((index) => index.columns.some(({expression}) => namesIn(expression.text).some(isTouched)))
			.flatMap((index) => indexHazards(index, table, values, place)),
	];
}

function checkHazards(
	{after, filled}: TableChange,
	delta: TableDelta,
	values: ReadonlyMap<string, string>,
	place: HazardPlace,
): readonly ValueHazard[] {
	const touched = [...delta.added.map(({name}) => name), ...delta.changed.filter(({type}) => type).map((one) => one.after.name), ...filled].map(
		nameKey,
	);
	return after.table.checks
		.filter((check) => delta.checks.added.includes(check) || namesIn(check.expression.text).some((name) => touched.includes(name)))
		.filter((check) => after.table.columns.every(({name}) => values.has(nameKey(name)) || !namesIn(check.expression.text).includes(nameKey(name))))
		.map((check) => ({
			...place,
			kind: 'check',
			columns: check.column === undefined ? [] : [check.column],
			...(check.column === undefined ? {} : {column: check.column}),
			rule: `CHECK (${check.expression.text})`,
			fails: true,
			where: `NOT (${substituteColumns(check.expression.text, after.table.name, values)})`,
			...valueIn(values, check.column),
			distinct: [],
			fillable: false,
		}));
}

function orphanHazards(
	{after, parentOf}: TableChange,
	foreignKey: ForeignKey,
	values: ReadonlyMap<string, string>,
	place: HazardPlace,
): readonly ValueHazard[] {
	const parent = findTable(after.schema, foreignKey.parent);
	const lineage = parentOf(foreignKey.parent);
	if (parent === undefined || lineage === undefined) return [];
	const parentColumns = foreignKey.parentColumns.length > 0 ? foreignKey.parentColumns : (parent.primaryKey?.columns.map(({name}) => name) ?? []);
	const children = foreignKey.columns.map((name) => values.get(nameKey(name)));
	const alias = quoted('_parent');
	const parents = parentColumns.map((name) => lineage.values.get(nameKey(name))?.replaceAll(`${quoted(lineage.table)}.`, `${alias}.`));
	if (parents.length !== children.length || [...children, ...parents].some((value) => value === undefined)) return [];
	const given = children.map((value) => `${value} IS NOT NULL`).join(' AND ');
	const match = children.map((value, index) => `${parents[index]} = ${value}`).join(' AND ');
	return [
		{
			...place,
			kind: 'orphan',
			columns: foreignKey.columns,
			...(foreignKey.columns.length === 1 ? {column: foreignKey.columns[0] as string} : {}),
			rule: `FOREIGN KEY (${foreignKey.columns.join(', ')}) REFERENCES ${foreignKey.parent}(${parentColumns.join(', ')})`,
			foreignKey,
			fails: true,
			...valueIn(values, foreignKey.columns.length === 1 ? foreignKey.columns[0] : undefined),
			where: `${given} AND NOT EXISTS (SELECT 1 FROM ${quoted(lineage.table)} AS ${alias} WHERE ${match})`,
			distinct: [],
			fillable: false,
		},
	];
}

/** The value that a row has where a hazard is about one column. */
function valueIn(values: ReadonlyMap<string, string>, column: string | undefined): {readonly from?: string} {
	const value = column === undefined ? undefined : values.get(nameKey(column));
	return value === undefined ? {} : {from: value};
}
