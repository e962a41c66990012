import {enforcedType} from '../schema/affinity.ts';
import {identifier, literal, nameKey} from '../schema/identifiers.ts';
import type {Schema, Table} from '../schema/schema.ts';
import {clean} from '../text/clean.ts';
import {failIf, type GuardTable} from './guard.ts';
import type {StatementWrites} from './step-facts.ts';

/** A generated column of a STRICT table, and the rows whose value does not fit its type. */
export interface GeneratedColumn {
	/** For messages: `values of item.b do not fit: INT`. */
	readonly message: string;
	/** The rest of a query, after FROM. */
	readonly rows: string;
}

/**
 * Returns the generated columns of a table whose values SQLite before 3.50 does not check when a row is inserted. It then cannot read them
 * (https://www.sqlite.org/gencol.html, https://www.sqlite.org/stricttables.html).
 *
 * @param name the current name of the table
 */
export function uncheckedColumns(table: Table, name: string): readonly GeneratedColumn[] {
	return table.columns.flatMap((column) => {
		const type = column.generated === undefined || column.generated.stored ? undefined : enforcedType(table, column);
		if (type === undefined) return [];
		return [
			{
				message: `values of ${clean(table.name)}.${clean(column.name)} do not fit: ${clean(column.type)}`,
				rows: `${identifier(name)} WHERE typeof(${identifier(column.name)}) NOT IN ('null', ${literal(type.toLowerCase())})`,
			},
		];
	});
}

/** Returns the statements that fail if values of generated columns do not fit their types in a STRICT table. @param name the current name of the table */
export function failIfNotFitting(table: Table, name: string, guards: GuardTable): readonly string[] {
	return uncheckedColumns(table, name).map(({message, rows}) => failIf(guards, message, rows));
}

/** Returns these statements for the tables that a statement of a migration has written. */
export function failIfWrittenDoNotFit(schema: Schema, writes: StatementWrites | undefined, guards: GuardTable): readonly string[] {
	return schema.tables.filter(({name}) => writes?.tables.has(nameKey(name)) === true).flatMap((table) => failIfNotFitting(table, table.name, guards));
}
