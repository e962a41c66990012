import {nameInExpression} from '../ddl/expression.ts';
import {type Token, tokenName} from '../ddl/lexer.ts';
import {readSubqueries, type TableUse} from '../ddl/subqueries.ts';
import {type ColumnSource, sourceOf} from '../operations/fill-reads.ts';
import {identifier, nameKey, sameName} from '../schema/identifiers.ts';
import {findColumn, findTable} from '../schema/lookup.ts';
import type {Schema} from '../schema/schema.ts';

/** The names of tables and columns when fills run, after the renames of the migration. */
export interface NewNames {
	/** The schema before the renames, and after them. */
	readonly before: Schema;
	readonly after: Schema;
	/** New names of renamed tables, by the old name in lower case. */
	readonly tables: ReadonlyMap<string, string>;
	/** New names of renamed columns, by the table's and then the column's old name in lower case. */
	readonly columns: ReadonlyMap<string, ReadonlyMap<string, string>>;
}

/**
 * Returns a fill with the names that are valid when it runs. The fill is written over the old row, with the old names of its own table and of the tables
 * that its subqueries read. A name that is only in the new schema is left unchanged.
 *
 * @param own the old and the new name of the filled table
 */
export function fillWithNewNames(fill: string, own: {readonly before: string; readonly after: string}, names: NewNames): string {
	const {tables, columns} = readSubqueries(fill);
	const edits: {readonly token: Token; readonly text: string}[] = [];
	const rename = (token: Token, text: string | undefined) => {
		if (text !== undefined) edits.push({token, text});
	};
	for (const {token, name} of tables) rename(token, mapped(names.tables.get(nameKey(name)), identifier));
	for (const column of columns) {
		const source = sourceOf(column, [own.before, own.after], (table, name) => hasColumn(names, table, name));
		const {qualifier} = column;
		const table = oldTable(source, own.before);
		if (table === undefined) continue;
		if (qualifier !== undefined) rename(qualifier, newQualifier(qualifier, source, own, names));
		rename(column.token, mapped(names.columns.get(nameKey(table))?.get(nameKey(column.name)), nameInExpression));
	}
	return edited(fill, edits);
}

/** Returns the table of a column, if there is only one possibility. */
function oldTable({tables, isOwn}: ColumnSource, own: string): string | undefined {
	const [only, another] = tables;
	if (only === undefined) return isOwn ? own : undefined;
	return another === undefined && !isOwn ? only.name : undefined;
}

function newQualifier(
	qualifier: Token,
	{tables}: ColumnSource,
	own: {readonly before: string; readonly after: string},
	names: NewNames,
): string | undefined {
	const [use] = tables as readonly (TableUse | undefined)[];
	if (use === undefined) return sameName(tokenName(qualifier), own.before) && own.before !== own.after ? identifier(own.after) : undefined;
	return use.alias === undefined ? mapped(names.tables.get(nameKey(use.name)), identifier) : undefined;
}

/** True if a table has the column under its old or its new name. Undefined for views and unknown tables. */
function hasColumn({before, after, tables}: NewNames, table: string, column: string): boolean | undefined {
	const [was, is] = [findTable(before, table), findTable(after, tables.get(nameKey(table)) ?? table)];
	if (was === undefined && is === undefined) return undefined;
	return [was, is].some((one) => one !== undefined && findColumn(one, column) !== undefined);
}

function mapped(name: string | undefined, spell: (name: string) => string): string | undefined {
	return name === undefined ? undefined : spell(name);
}

function edited(text: string, edits: readonly {readonly token: Token; readonly text: string}[]): string {
	let result = '';
	let at = 0;
	for (const {token, text: replacement} of [...edits].sort((a, b) => a.token.start - b.token.start)) {
		result += text.slice(at, token.start) + replacement;
		at = token.end;
	}
	return result + text.slice(at);
}
