import {columnsIn} from '../ddl/expression.ts';
import {columnAffinity, enforcedType} from '../schema/affinity.ts';
import {nameKey, quoted} from '../schema/identifiers.ts';
import {isRowidAlias} from '../schema/key-columns.ts';
import {findColumn} from '../schema/lookup.ts';
import type {Column, Table} from '../schema/schema.ts';
import {conversion, converts} from './conversion.ts';
import type {CheckHazard, ConvertHazard, Hazard, IncompatibleHazard, NullHazard} from './hazard.ts';
import {placeOf, type TableChange, touchedColumns} from './hazard-row.ts';
import {uniqueHazards} from './hazards-of-keys.ts';
import {forbidsNull} from './needs-value.ts';
import {changedRow, overOldRow} from './over-old-row.ts';
import {type TableDelta, tableDelta} from './table-delta.ts';
import type {TracedValue} from './traced-value.ts';

/** Finds data that a change of a table's definition may lose or change, and rows that may make it fail. Excludes foreign keys. */
export function tableHazards(change: TableChange): readonly Hazard[] {
	if (isPlainAddition(change)) return [];
	const delta = tableDelta(change.before, change.after);
	return [
		...dropHazards(change, delta),
		...nullHazards(change, delta),
		...typeHazards(change),
		...uniqueHazards(change, delta),
		...checkHazards(change, delta),
	];
}

/**
 * True if an ADD COLUMN brings no rule that a row could break. It changes no other value, unless an expression already uses its name: as a string in double
 * quotes, or as the rowid.
 */
function isPlainAddition({before: {table: old}, after: {table, lineage}, addsColumn, indexes}: TableChange): boolean {
	const column = table.columns.at(-1);
	if (addsColumn !== true || column === undefined || column.generated !== undefined || table.strict) return false;
	if (table.columns.length !== old.columns.length + 1 || table.checks.length !== old.checks.length || table.uniques.length !== old.uniques.length)
		return false;
	const isNamed = (sql: string | undefined) => sql !== undefined && nameKey(sql).includes(nameKey(column.name));
	if (old.checks.some(({expression}) => isNamed(expression.text)) || old.columns.some(({generated}) => isNamed(generated?.expression.text)))
		return false;
	if (indexes.some(({sql}) => isNamed(sql))) return false;
	if (column.notNull === undefined) return true;
	const value = lineage.values.get(nameKey(column.name));
	return value !== undefined && isLiteral(value.raw);
}

/** Finds columns whose values are dropped, even if an expression replaces them. Columns that the migration itself added have no old values. */
function dropHazards(change: TableChange, delta: TableDelta): readonly Hazard[] {
	return [...delta.dropped, ...computed(delta)]
		.filter(({generated}) => generated === undefined)
		.flatMap((column): readonly Hazard[] => {
			const origin = change.before.lineage.values.get(nameKey(column.name))?.origin;
			return origin === undefined ? [] : [{...placeOf(change), kind: 'dropColumn', column: origin.name}];
		});
}

/** Returns columns that had stored values and become generated. */
function computed({changed}: TableDelta): readonly Column[] {
	return changed.filter(({before, after}) => before.generated === undefined && after.generated !== undefined).map(({before}) => before);
}

/** Finds dropped columns if the lineage of the rows is no longer known. */
export function dropsWithoutLineage(before: Table, after: Table, operation: number): readonly Hazard[] {
	const isGone = (name: string) => findColumn(after, name) === undefined || findColumn(after, name)?.generated !== undefined;
	return before.columns
		.filter(({name, generated}) => generated === undefined && isGone(name))
		.map(({name}): Hazard => ({kind: 'dropColumn', operation, table: before.name, column: name}));
}

function nullHazards(change: TableChange, delta: TableDelta): readonly NullHazard[] {
	const {table, lineage} = change.after;
	const touched = touchedColumns(change);
	const isRowid = (column: Column) => isRowidAlias(table, column);
	return table.columns.flatMap((column): readonly NullHazard[] => {
		const old = findColumn(change.before.table, column.name);
		const wasForbidden = old !== undefined && forbidsNull(change.before.table, old);
		const isAsItWas = wasForbidden && !touched.has(nameKey(column.name)) && !delta.primaryKey;
		const becomesRowid = isRowid(column) && (delta.primaryKey || touched.has(nameKey(column.name)));
		if (!(becomesRowid || (!isRowid(column) && forbidsNull(table, column) && !isAsItWas))) return [];
		const value = lineage.values.get(nameKey(column.name));
		// A value that cannot be NULL needs no query.
		if (value === undefined || isLiteral(value.raw) || (value.isPlain && value.origin !== undefined && forbidsNull(lineage.origin, value.origin)))
			return [];
		const isKey = becomesRowid || column.notNull === undefined;
		return [
			{
				...placeOf(change),
				kind: isKey ? 'nullKey' : 'null',
				column: column.name,
				columns: [column.name],
				rule: becomesRowid ? 'INTEGER PRIMARY KEY' : isKey ? 'PRIMARY KEY' : 'NOT NULL',
				blocking: true,
				where: `${value.raw} IS NULL`,
				distinct: [],
				fillable: column.generated === undefined,
			},
		];
	});
}

/** True for a default that is not an expression, such as `(0)`. False for NULL. */
function isLiteral(sql: string): boolean {
	return /^\(?[+-]? ?(\d[\da-fx.]*(e[+-]?\d+)?|x?'([^']|'')*'|true|false)\)?$/is.test(sql);
}

type TypeHazard = ConvertHazard | IncompatibleHazard;

/** The fields that the hazards of one column have in common. */
type ColumnHazard = Omit<ConvertHazard, 'kind' | 'blocking' | 'where' | 'from' | 'to' | 'prefilter' | 'byFill'>;

/** Finds values that the new type changes or cannot store. */
function typeHazards(change: TableChange): readonly TypeHazard[] {
	const {before, after} = change;
	const place = placeOf(change);
	const anyCollates = before.lineage.origin.columns.some(({collate}) => collate !== undefined);
	return after.table.columns.flatMap((column): readonly TypeHazard[] => {
		const old = findColumn(before.table, column.name);
		const value = after.lineage.values.get(nameKey(column.name));
		if (value === undefined) return [];
		const was = before.lineage.values.get(nameKey(column.name));
		const affinity = columnAffinity(column.type, after.table.strict);
		const isKept = old !== undefined && was?.sql === value.raw && column.generated === undefined;
		const staysOwn = old !== undefined && (isKept || value.own === 'kept');
		const isConverted = staysOwn && converts(columnAffinity(old.type, before.table.strict), affinity);
		const rule = enforcedType(after.table, column);
		const isStricter = rule !== undefined && (!isKept || enforcedType(before.table, old) !== rule);
		const isReplaced = value.own === 'replaced' && was?.origin !== undefined;
		const isByFill = value.own === 'converted' && was?.origin !== undefined;
		if (!isConverted && !isStricter && !isReplaced && !isByFill) return [];
		const becomes = conversion(value.raw, {
			affinity,
			isStrict: rule !== undefined,
			isInteger: affinity === 'INTEGER',
			isRowid: isRowidAlias(after.table, column),
			mayCollate: isKept && was?.isPlain === true ? was.origin?.collate !== undefined : anyCollates,
		});
		const incompatible = affinity === 'BLOB' && rule !== undefined ? `typeof(${value.raw}) NOT IN ('blob', 'null')` : becomes.incompatible;
		const shared: ColumnHazard = {
			...place,
			column: column.name,
			columns: [column.name],
			rule: typeRule(staysOwn || isReplaced || isByFill ? old : undefined, column, after.table, before.table),
			distinct: [],
			fillable: column.generated === undefined,
			...(value.own === 'kept' ? {keepsExisting: true} : {}),
		};
		const existing = {...shared, from: value.raw, ...(becomes.prefilter === undefined ? {} : {prefilter: becomes.prefilter})};
		return [
			...(becomes.changes === undefined || !(isConverted || isByFill)
				? []
				: [{...existing, kind: 'convert' as const, blocking: false as const, where: becomes.changes, to: becomes.value}]),
			...(isReplaced ? [replacedHazard(shared, was.sql, value.sql)] : []),
			...(isByFill ? [lostByFill(shared, was.sql, value, before.lineage.origin.name)] : []),
			...(incompatible === undefined || !(isConverted || isStricter)
				? []
				: [{...existing, kind: 'incompatible' as const, blocking: rule !== undefined, where: incompatible, to: value.raw}]),
		];
	});
}

/** Describes a fill that ignores the old value of the row, so the old value is lost. */
function replacedHazard(shared: ColumnHazard, was: string, becomes: string): ConvertHazard {
	return {...shared, kind: 'convert', blocking: false, from: was, to: becomes, where: `${was} IS NOT NULL AND ${was} IS NOT ${becomes}`};
}

/** Describes a fill that converts some values to NULL, or several values to the same one. Other conversions are intended and not reported. */
function lostByFill(shared: ColumnHazard, was: string, {sql, raw}: TracedValue, table: string): ConvertHazard {
	const becomes = `${raw} COLLATE BINARY`;
	const old = `${was} COLLATE BINARY`;
	const merged = `SELECT ${becomes} FROM ${quoted(table)} GROUP BY 1 HAVING min(${old}) IS NOT max(${old})`;
	return {
		...shared,
		kind: 'convert',
		blocking: false,
		from: was,
		to: sql,
		where: `${was} IS NOT NULL AND (${raw} IS NULL OR ${becomes} IN (${merged}))`,
		byFill: true,
	};
}

function typeRule(old: Column | undefined, column: Column, table: Table, before: Table): string {
	if (old === undefined) return column.type;
	if (old.type.toUpperCase() === column.type.toUpperCase()) {
		if (table.strict) return `${column.type} in a STRICT table`;
		return before.strict && !isRowidAlias(table, column) ? `${column.type} without STRICT` : `${column.type} PRIMARY KEY`;
	}
	return `${old.type || 'no type'} → ${column.type || 'no type'}`;
}

function checkHazards(change: TableChange, delta: TableDelta): readonly CheckHazard[] {
	const {table, lineage} = change.after;
	if (table.checks.length === 0) return [];
	const touched = touchedColumns(change);
	const row = changedRow(table, lineage.origin, lineage.values);
	return table.checks.flatMap((check): readonly CheckHazard[] => {
		const names = columnsIn(check.expression.text, table.name).filter((name) => findColumn(table, name) !== undefined);
		if (!(delta.checks.added.includes(check) || names.some((name) => touched.has(name))) || names.some((name) => !lineage.values.has(name)))
			return [];
		const value = check.column === undefined ? undefined : lineage.values.get(nameKey(check.column))?.sql;
		const valueTuple = names.flatMap((name) => lineage.values.get(nameKey(name))?.sql ?? []);
		return [
			{
				...placeOf(change),
				kind: 'check',
				columns: check.column === undefined ? [] : [check.column],
				rule: `CHECK (${check.expression.text})`,
				blocking: true,
				where: `NOT (${overOldRow(check.expression.text, row).sql})`,
				...(check.column === undefined
					? {valueTuple}
					: value === undefined
						? {column: check.column, valueTuple}
						: {column: check.column, from: value}),
				distinct: [],
				fillable: false,
			},
		];
	});
}
