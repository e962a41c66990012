import {affinityOf} from '../../../source/core/schema/affinity.ts';
import {chance, type Die, dice, pick} from './dice.ts';
import type {Model, ModelColumn, ModelTable, Template} from './model.ts';
import {nameFor} from './names.ts';

export const columnDice = dice('name', 'type', 'notNull', 'default', 'collate', 'generated', 'check', 'unique');
export type ColumnDice = Readonly<Record<'name' | 'type' | 'notNull' | 'default' | 'collate' | 'generated' | 'check' | 'unique', Die>>;

const types = [
	'INTEGER',
	'TEXT',
	'REAL',
	'BLOB',
	'NUMERIC',
	'',
	'INT',
	'VARCHAR(20)',
	'DOUBLE PRECISION',
	'DECIMAL(10, 2)',
	'DATE',
	'BOOLEAN',
	'ANY',
	'BIGINT',
	'JSON',
	'text',
	'"odd type"',
];
export const strictTypes = ['INTEGER', 'TEXT', 'REAL', 'BLOB', 'ANY', 'INT'];
export const conflicts = ['ROLLBACK', 'FAIL', 'IGNORE', 'REPLACE', 'ABORT'];
export const collations = ['NOCASE', 'RTRIM', 'BINARY'];

const strictDefaults: Readonly<Record<string, readonly string[]>> = {
	INTEGER: ['0', '-1', '9223372036854775807', '(1 + 2)', 'TRUE'],
	INT: ['0', '42'],
	TEXT: ["''", "'it''s'", "'007'", 'CURRENT_TIMESTAMP', "(lower('X'))", 'bare', '"quoted name"'],
	REAL: ['0.5', '-1e3', '1'],
	BLOB: ["x'00ff'", "x''"],
	ANY: ['0', "'x'", 'NULL', "x'ff'"],
};

export function pickType(strict: boolean, number: Die): string {
	return pick(strict ? strictTypes : types, number);
}

/** Returns the same type, or the nearest type that a STRICT table allows. */
export function typeFor(strict: boolean, type: string): string {
	if (!strict) return type;
	const upper = type.toUpperCase();
	if (strictTypes.includes(upper)) return upper;
	const affinity = affinityOf(type);
	return affinity === 'NUMERIC' || type === '' ? 'ANY' : affinity;
}

export function pickDefault(strict: boolean, type: string, number: Die): string {
	const fitting = strictDefaults[typeFor(true, type)] ?? [];
	return pick(strict ? fitting : [...fitting, 'NULL', "'x'", '7', "('a' || 'b')", '(abs(-5))', 'current_date'], number);
}

/** Returns an expression over another column with a value of the type. */
export function generatedExpression(type: string, strict: boolean, from: ModelColumn, number: Die): Template {
	const column = `{c${from.id}}`;
	const fitting: Readonly<Record<string, readonly string[]>> = {
		INTEGER: [`length(${column})`, `coalesce(length(${column}), 0) + 1`, `${column} > '2'`],
		INT: [`length(${column})`],
		TEXT: [`'' || length(${column})`, `upper(quote(${column}))`, `CASE WHEN ${column} IS NULL THEN 'end' ELSE 'some' END`],
		REAL: [`length(${column}) * 1.0`],
		BLOB: [`CAST(${column} AS BLOB)`],
		ANY: [`length(${column})`, `quote(${column})`],
	};
	return pick(
		(strict ? fitting[type] : undefined) ?? [
			`length(${column})`,
			`${column} || 'x'`,
			`quote(${column})`,
			`${column} IS NULL`,
			`${column} < '5'`,
			`${column} IN (1, 'A', '007')`,
			`CASE ${column} WHEN '1e3' THEN 'thousand' ELSE ${column} END`,
			`max(${column}, 'a')`,
		],
		number,
	);
}

/** Returns a CHECK expression that most rows satisfy. */
export function checkExpression(table: ModelTable, column: ModelColumn, number: Die): Template {
	const name = `{c${column.id}}`;
	const other = pick(table.columns, number + 77);
	return pick(
		[
			`${name} IS NULL OR length(${name}) < 100`,
			`${name} <> 'bad'`,
			`typeof(${name}) <> 'blob' OR ${name} <> x'00'`,
			`{t${table.id}}.${name} IS NOT 'worse'`,
			`${name} IS NOT 'a' OR {c${other.id}} IS NOT 'zz'`,
			`CASE WHEN ${name} = 'end' THEN 0 ELSE 1 END`,
			`${name} NOT BETWEEN '40' AND 43 OR ${name} = 42`,
			`${name} IS NOT '007' OR ${name} = {c${other.id}}`,
			`nullif(${name}, 'A') IS NOT NULL OR ${name} NOT IN ('a', 1) OR ${name} IS NULL`,
			`${name} IN (1, 2, 3) OR ${name} NOT LIKE '%forbidden%' OR ${name} IS NULL`,
		],
		number,
	);
}

export function pickNotNull(number: Die): ModelColumn['notNull'] {
	return {
		...(chance(number, 20) ? {name: nameFor(number + 13, [])} : {}),
		...(chance(number + 31, 25) ? {onConflict: pick(conflicts, number)} : {}),
	};
}

/** Adds a column at the end of the table. */
export function addColumn(model: Model, table: ModelTable, numbers: ColumnDice, taken: readonly string[] = []): ModelColumn {
	const column: ModelColumn = {
		id: model.next++,
		name: nameFor(numbers.name, [...table.columns.map(({name}) => name), ...taken]),
		type: pickType(table.strict, numbers.type),
	};
	const stored = table.columns.filter(({generated}) => generated === undefined);
	if (chance(numbers.generated, 12) && stored.length > 0) {
		const from = pick(stored, numbers.generated + 7);
		column.generated = {expression: generatedExpression(column.type, table.strict, from, numbers.default), stored: chance(numbers.collate, 50)};
	} else if (chance(numbers.default, 30)) column.default = pickDefault(table.strict, column.type, numbers.default + 3);
	if (chance(numbers.notNull, 25)) column.notNull = pickNotNull(numbers.notNull);
	if (chance(numbers.collate, 15)) column.collate = pick(collations, numbers.collate);
	table.columns.push(column);
	if (chance(numbers.check, 15)) table.checks.push(checkOn(table, column, numbers.check));
	if (chance(numbers.unique, 8)) {
		table.uniques.push({
			columns: [{column: column.id}],
			isInline: true,
			...(chance(numbers.unique + 3, 50) ? {name: nameFor(numbers.unique, [])} : {}),
			...(chance(numbers.unique + 5, 50) ? {onConflict: pick(conflicts, numbers.unique)} : {}),
		});
	}
	return column;
}

export function checkOn(table: ModelTable, column: ModelColumn, number: Die): ModelTable['checks'][number] {
	return {
		...(chance(number + 11, 50) ? {} : {column: column.id}),
		...(chance(number + 17, 40) ? {name: nameFor(number + 1, [])} : {}),
		expression: checkExpression(table, column, number),
	};
}
