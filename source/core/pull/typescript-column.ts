import {affinityOf} from '../schema/affinity.ts';
import {sameName} from '../schema/identifiers.ts';
import type {Check, Column, ForeignKey, PrimaryKey, Table, Unique} from '../schema/schema.ts';
import {property, templateText, textLiteral} from '../text/typescript.ts';

const functions: Readonly<Record<string, string>> = {INTEGER: 'integer', TEXT: 'text', REAL: 'real', BLOB: 'blob', NUMERIC: 'numeric', ANY: 'any'};

/**
 * Returns a column in the table language, with the constraints that concern only this column.
 *
 * @param isUnique true if the column has a unique index with the name that `.unique()` would choose
 * @param parentVariable returns the variable of a parent table that is already written
 */
export function columnText(column: Column, table: Table, isUnique: boolean, parentVariable: (table: string) => string | undefined): string {
	const {notNull, generated, collate} = column;
	const start = functions[column.type] ?? functions[affinityOf(column.type)] ?? 'blob';
	return [
		`${start}()`,
		...(functions[column.type] === undefined ? [`.type(${textLiteral(column.type)})`] : []),
		...inlineKey(table, column).map(
			(key) =>
				`.primaryKey(${options([key.autoincrement && 'autoIncrement: true', key.columns[0]?.descending === true && "order: 'desc'", ...shared(key)])})`,
		),
		...(notNull === undefined ? [] : [`.notNull(${options(shared(notNull))})`]),
		...(column.default === undefined ? [] : [`.default(${defaultText(column.default.text)})`]),
		...(collate === undefined ? [] : [`.collate(${textLiteral(collate)})`]),
		...(isUnique ? ['.unique()'] : inlineUniques(table, column).map((unique) => `.unique(${options(['constraint: true', ...shared(unique)])})`)),
		...inlineReferences(table, column).map((key) => referenceText(key, parentVariable)),
		...(generated === undefined
			? []
			: [`.generatedAlwaysAs(sql\`${templateText(generated.expression.text)}\`${generated.stored ? ", {mode: 'stored'}" : ''})`]),
		...inlineChecks(table, column).map(
			({expression, name}) => `.check(sql\`${templateText(expression.text)}\`${name === undefined ? '' : `, ${textLiteral(name)}`})`,
		),
	].join('');
}

/** True if the column has no UNIQUE constraint, so `.unique()` can be used for its index. */
export function isWrittenInline(table: Table, column: string): boolean {
	return !table.uniques.some((unique) => unique.columns.length === 1 && sameName(unique.columns[0]?.name ?? '', column));
}

function isAbout(columns: readonly {readonly name: string}[], column: Column): boolean {
	return columns.length === 1 && sameName(columns[0]?.name ?? '', column.name);
}

/** Returns the primary key if it is written on the column. `INTEGER PRIMARY KEY DESC` on a column is not a rowid, but on the table it is. */
export function inlineKey(table: Table, column: Column): readonly PrimaryKey[] {
	const key = table.primaryKey;
	if (key === undefined || !isAbout(key.columns, column) || key.columns[0]?.collate !== undefined) return [];
	return key.rowidAlias && key.columns[0]?.descending === true ? [] : [key];
}

/** Returns the UNIQUE constraint that is written on the column, at most one. Others are written as table constraints. */
export function inlineUniques(table: Table, column: Column): readonly Unique[] {
	return table.uniques
		.filter(({columns}) => isAbout(columns, column) && columns[0]?.collate === undefined && columns[0]?.descending === false)
		.slice(0, 1);
}

export function inlineReferences(table: Table, column: Column): readonly ForeignKey[] {
	return table.foreignKeys.filter(
		({columns, parent, parentColumns}) =>
			columns.length === 1 &&
			sameName(columns[0] ?? '', column.name) &&
			![parent, ...parentColumns].some((name) => name.includes('.') || name.includes('"')),
	);
}

export function inlineChecks(table: Table, column: Column): readonly Check[] {
	return table.checks.filter((check) => check.column !== undefined && sameName(check.column, column.name));
}

function referenceText(key: ForeignKey, parentVariable: (table: string) => string | undefined): string {
	const variable = parentVariable(key.parent);
	const [column] = key.parentColumns;
	const target =
		variable === undefined
			? textLiteral(column === undefined ? key.parent : `${key.parent}.${column}`)
			: `() => ${column === undefined ? variable : property(variable, column)}`;
	const actions = referenceOptionsText(key);
	return `.references(${target}${actions === '' ? '' : `, ${actions}`})`;
}

export function referenceOptionsText(key: ForeignKey): string {
	return options([
		key.onDelete !== undefined && `onDelete: '${key.onDelete.toLowerCase()}'`,
		key.onUpdate !== undefined && `onUpdate: '${key.onUpdate.toLowerCase()}'`,
		key.deferred && 'deferred: true',
		key.match !== undefined && `match: ${textLiteral(key.match)}`,
		key.name !== undefined && `name: ${textLiteral(key.name)}`,
	]);
}

/** Returns the options that several kinds of constraint share. */
export function shared({name, onConflict}: {readonly name?: string | undefined; readonly onConflict?: string}): readonly (string | false)[] {
	return [onConflict !== undefined && `onConflict: '${onConflict.toLowerCase()}'`, name !== undefined && `name: ${textLiteral(name)}`];
}

/** Returns an object literal such as `{a: 1, b: 2}`, or an empty string if there are no entries. */
export function options(entries: readonly (string | false)[]): string {
	const present = entries.filter((entry) => entry !== false);
	return present.length === 0 ? '' : `{${present.join(', ')}}`;
}

function defaultText(sql: string): string {
	if (/^-?\d{1,15}(\.\d{1,15})?$/.test(sql) && String(Number(sql)) === sql) return sql;
	if (/^'([^']|'')*'$/.test(sql)) return textLiteral(sql.slice(1, -1).replaceAll("''", "'"));
	return sql.toUpperCase() === 'NULL' ? 'null' : `sql\`${templateText(sql)}\``;
}
