import {enforcedType} from '../schema/affinity.ts';
import {identifier, literal, nameKey} from '../schema/identifiers.ts';
import type {Schema, Table} from '../schema/schema.ts';
import {clean} from '../text/clean.ts';
import {failIf, type GuardTable} from './guard.ts';
import type {StatementWrites} from './step-facts.ts';

/**
 * Returns the statements that fail if values of generated columns do not fit their types in a STRICT table. Before 3.50,
 * SQLite inserts such rows, and then cannot read them (https://www.sqlite.org/gencol.html, https://www.sqlite.org/stricttables.html).
 *
 * @param name the current name of the table
 */
export function failIfNotFitting(table: Table, name: string, guards: GuardTable): readonly string[] {
	return table.columns.flatMap((column) => {
		const type = column.generated === undefined || column.generated.stored ? undefined : enforcedType(table, column);
		if (type === undefined) return [];
		const message = `values of ${clean(table.name)}.${clean(column.name)} do not fit: ${clean(column.type)}`;
		return [failIf(guards, message, `${identifier(name)} WHERE typeof(${identifier(column.name)}) NOT IN ('null', ${literal(type.toLowerCase())})`)];
	});
}

/** Returns these statements for the tables that a statement of a migration has written. */
export function failIfWrittenDoNotFit(schema: Schema, writes: StatementWrites | undefined, guards: GuardTable): readonly string[] {
	return schema.tables.filter(({name}) => writes?.tables.has(nameKey(name)) === true).flatMap((table) => failIfNotFitting(table, table.name, guards));
}
