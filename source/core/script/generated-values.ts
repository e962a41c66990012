import {cursorOver, isWord, qualifiedName} from '../ddl/cursor.ts';
import {readColumn} from '../ddl/read.ts';
import {enforcedType} from '../schema/affinity.ts';
import {identifier, literal} from '../schema/identifiers.ts';
import {findTable} from '../schema/lookup.ts';
import type {Schema, Table} from '../schema/schema.ts';
import {clean} from '../text/clean.ts';
import {failIf, type GuardTable} from './guard.ts';

/**
 * Returns the statements that fail if values of generated columns do not fit their types in a STRICT table. Before 3.50, SQLite accepts such rows, and
 * then cannot read them (https://www.sqlite.org/gencol.html, https://www.sqlite.org/stricttables.html).
 *
 * @param name the present name of the table
 */
export function failIfNotFitting(table: Table, name: string, guards: GuardTable): readonly string[] {
	return table.columns.flatMap((column) => {
		const type = column.generated === undefined || column.generated.stored ? undefined : enforcedType(table, column);
		if (type === undefined) return [];
		const message = `values of ${clean(table.name)}.${clean(column.name)} do not fit: ${clean(column.type)}`;
		return [failIf(guards, message, `${identifier(name)} WHERE typeof(${identifier(column.name)}) NOT IN ('null', ${literal(type.toLowerCase())})`)];
	});
}

/** Returns the columns that a statement adds to a table of a schema, as a table. Undefined for other statements. */
export function addedColumns(sql: string, schema: Schema): Table | undefined {
	const {tokens} = cursorOver(sql);
	if (!isWord(tokens[0], 'ALTER') || !isWord(tokens[1], 'TABLE')) return undefined;
	const name = qualifiedName(tokens, 2);
	if (name === undefined || !isWord(tokens[name.next], 'ADD')) return undefined;
	const table = findTable(schema, name.name);
	const first = tokens[name.next + (isWord(tokens[name.next + 1], 'COLUMN') ? 2 : 1)];
	if (table === undefined || first === undefined) return undefined;
	const last = tokens.at(-1);
	return {...table, columns: [readColumn(sql.slice(first.start, last?.text === ';' ? last.start : undefined)).column]};
}
