import {affinityOf} from '../schema/affinity.ts';
import {nameKey} from '../schema/identifiers.ts';
import {normalCollation, normalType} from '../schema/normal-form.ts';
import type {Column, Schema} from '../schema/schema.ts';
import {templateText, textLiteral, variableNames} from '../text/typescript.ts';
import {type DrizzleNames, drizzleNames} from './drizzle-names.ts';

/** A feature of the database that drizzle-orm cannot represent. */
export interface Limitation {
	/** The table or column, such as `user.email`. */
	readonly object: string;
	/** The feature that is missing or different, such as `STRICT`. */
	readonly what: string;
}

/** The state of a Drizzle model file that is being written. */
export interface Writing {
	readonly schema: Schema;
	/** The same as `Orm.generation`: 0 for drizzle-orm 0.45, 1 for drizzle-orm 1. */
	readonly generation: 0 | 1;
	readonly names: DrizzleNames;
	/** The variables of tables that are already written. */
	readonly written: Set<string>;
	readonly limitations: Limitation[];
	/** The names of unique indexes for UNIQUE constraints that are already written, as keys. */
	readonly indexNames: Set<string>;
	/** Imported from drizzle-orm/sqlite-core. */
	readonly core: Set<string>;
	/** Imported from drizzle-orm. */
	readonly orm: Set<string>;
	/** The variable of each custom type, by its SQL type. */
	readonly customTypes: Map<string, string>;
	/** Names that no custom type can have. */
	readonly variables: readonly string[];
}

/** Returns SQL as a drizzle-orm template. */
export function sqlSource(writing: Writing, text: string): string {
	writing.orm.add('sql');
	return `sql\`${templateText(text)}\``;
}

/** Returns an object literal with the defined properties, on one line. Empty if no property is defined. */
export function objectSource(properties: Readonly<Record<string, string | undefined>>): string {
	const written = Object.entries(properties).flatMap(([key, value]) => (value === undefined ? [] : [`${key}: ${value}`]));
	return written.length === 0 ? '' : `{${written.join(', ')}}`;
}

const coreNames =
	`AnySQLiteColumn blob check customType foreignKey index integer numeric primaryKey real sqliteTable sqliteView text unique uniqueIndex`.split(' ');
const ormNames = ['desc', 'sql'];

export function startWriting(schema: Schema, generation: 0 | 1): Writing {
	const names = drizzleNames(schema, [...coreNames, ...ormNames]);
	const variables = [...coreNames, ...ormNames, ...names.exports.values(), 'table'];
	return {
		schema,
		generation,
		names,
		written: new Set(),
		limitations: [],
		indexNames: new Set(),
		core: new Set(),
		orm: new Set(),
		customTypes: new Map(),
		variables,
	};
}

export function exportOf(writing: Writing, name: string): string {
	return writing.names.exports.get(nameKey(name)) ?? '';
}

export function columnKey(writing: Writing, table: string, column: string): string {
	return writing.names.columns.get(nameKey(table))?.get(nameKey(column)) ?? '';
}

/** Returns the call that creates a column with this declared type and collation: `text('name', {length: 20})`. */
export function columnSource(writing: Writing, {name, type, collate}: Pick<Column, 'name' | 'type' | 'collate'>): string {
	const text = textLiteral(name);
	const length = /^TEXT\((\d+)\)$/.exec(normalType(type))?.[1];
	const builder = length === undefined ? plainTypes[normalType(type)] : 'text';
	if (builder === undefined || normalCollation(collate) !== 'binary')
		return `${customTypeOf(writing, collate === undefined ? type : `${type} COLLATE ${collate}`.trim())}(${text})`;
	writing.core.add(builder);
	if (builder === 'blob') return `blob(${text}, {mode: 'buffer'})`;
	return length === undefined ? `${builder}(${text})` : `text(${text}, {length: ${length}})`;
}

/** The drizzle-orm column builders, by the SQL type they generate. */
const plainTypes: Readonly<Record<string, string>> = {INTEGER: 'integer', TEXT: 'text', REAL: 'real', BLOB: 'blob', NUMERIC: 'numeric'};

function customTypeOf(writing: Writing, type: string): string {
	const known = writing.customTypes.get(type);
	if (known !== undefined) return known;
	writing.core.add('customType');
	const name = type === '' ? 'untyped' : type.toLowerCase();
	const variable = variableNames([name], [...writing.variables, ...writing.customTypes.values()]).get(name) ?? '';
	writing.customTypes.set(type, variable);
	return variable;
}

/** Returns the declarations of the custom types that the columns use. */
export function customTypeSources(writing: Writing): string[] {
	return [...writing.customTypes].map(([type, variable]) => {
		const data =
			type === ''
				? 'unknown'
				: {INTEGER: 'number', REAL: 'number', NUMERIC: 'number', TEXT: 'string', BLOB: 'Buffer'}[affinityOf(type.replace(/ COLLATE .*/, ''))];
		return `const ${variable} = customType<{data: ${data}}>({dataType: () => ${textLiteral(type)}});`;
	});
}
