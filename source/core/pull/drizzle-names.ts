import {nameKey} from '../schema/identifiers.ts';
import type {Schema} from '../schema/schema.ts';
import {variableNames} from '../text/typescript.ts';

/** The TypeScript names of tables, views and columns. */
export interface DrizzleNames {
	/** The export of a table or view, by the key of its name. */
	readonly exports: ReadonlyMap<string, string>;
	/** The keys of a table's columns, by the table's key and then by the column's. */
	readonly columns: ReadonlyMap<string, ReadonlyMap<string, string>>;
}

/** Returns unique names in camel case that do not conflict with `taken` or with drizzle-orm's own members. */
export function drizzleNames(schema: Schema, taken: readonly string[]): DrizzleNames {
	const exported = variableNames(
		[...schema.tables, ...schema.views].map(({name}) => name),
		taken,
	);
	return {
		exports: byKey(exported),
		columns: new Map(schema.tables.map(({name, columns}) => [nameKey(name), columnKeys(columns.map((column) => column.name))])),
	};
}

/** Returns the property keys of columns, by the key of the column's name. */
export function columnKeys(names: readonly string[]): ReadonlyMap<string, string> {
	const variables = variableNames(names, memberNames);
	const used = new Set(variables.values());
	// Reserved words are allowed as property keys.
	const plain = [...variables].map(
		([name, variable]) => [name, variable.endsWith('_') && !used.has(variable.slice(0, -1)) ? variable.slice(0, -1) : variable] as const,
	);
	return byKey(plain);
}

function byKey(names: Iterable<readonly [string, string]>): ReadonlyMap<string, string> {
	return new Map([...names].map(([name, variable]) => [nameKey(name), variable]));
}

/** Keys that drizzle-orm itself defines on a table. */
const memberNames: readonly string[] = [
	'_',
	'$inferSelect',
	'$inferInsert',
	'__proto__',
	'constructor',
	'getSQL',
	'shouldOmitSQLParens',
	'enableRLS',
];
