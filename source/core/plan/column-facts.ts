import {columnsIn} from '../ddl/expression.ts';
import {nameKey, sameName} from '../schema/identifiers.ts';
import type {Check, Column, ForeignKey, Index, Table, Unique} from '../schema/schema.ts';

export function uniquesOf(table: Table, column: Column): readonly Unique[] {
	return table.uniques.filter(({columns}) => columns.some(({name}) => sameName(name, column.name)));
}

export function foreignKeysOf(table: Table, column: Column): readonly ForeignKey[] {
	return table.foreignKeys.filter(({columns}) => columns.some((name) => sameName(name, column.name)));
}

/** Returns the checks that mention the column. */
export function checksOf(table: Table, column: Column): readonly Check[] {
	return table.checks.filter(({expression}) => columnsIn(expression.text, table.name).includes(nameKey(column.name)));
}

/** True if the index mentions the column in a key, an expression or its WHERE. */
export function indexMentions(index: Index, column: Column): boolean {
	const texts = [...index.columns.map(({expression}) => expression.text), index.where?.text ?? ''];
	return texts.some((text) => columnsIn(text, index.table).includes(nameKey(column.name)));
}

/** True for a default that is the same for every row and can be computed once: a literal, with a sign or in parentheses, or TRUE, FALSE or NULL. */
export function isConstantDefault(column: Column): boolean {
	const text = column.default?.normal ?? 'null';
	return /^[+-]? ?(\d[\da-fx.]*(e[+-]?\d+)?|'([^']|'')*'|x'[\da-f]*'|true|false|null)$/is.test(text);
}

export function isNullDefault(column: Column): boolean {
	return column.default === undefined || column.default.normal === 'null';
}
