import {affinityOf} from '../schema/affinity.ts';
import {nameKey} from '../schema/identifiers.ts';
import {normalCollation, normalType} from '../schema/normal-form.ts';
import type {Column, Schema} from '../schema/schema.ts';
import {templateText, textLiteral, variableNames} from '../text/typescript.ts';
import {type DrizzleNames, drizzleNames} from './drizzle-names.ts';

/** Something in the database that drizzle-orm has no words for. */
export interface Unsaid {
	/** The table or column, as a person writes it: `user.email`. */
	readonly object: string;
	/** What is missing or comes out differently, such as `STRICT`. */
	readonly what: string;
}

/** A file of Drizzle models in the making: what its parts need in common. */
export interface Writing {
	readonly schema: Schema;
	/** As `Orm.generation`: 0 is drizzle-orm 0.45, 1 is drizzle-orm 1. */
	readonly generation: 0 | 1;
	readonly names: DrizzleNames;
	/** Tables by key that stand further up in the file. */
	readonly written: Set<string>;
	readonly unsaid: Unsaid[];
	/** Imported from drizzle-orm/sqlite-core. */
	readonly core: Set<string>;
	/** Imported from drizzle-orm. */
	readonly orm: Set<string>;
	/** Variables that hold a custom type, by what it writes as the type. */
	readonly customTypes: Map<string, string>;
	/** Names that no custom type can have. */
	readonly variables: readonly string[];
}

/** SQL as a template of drizzle-orm. */
export function sqlSource(writing: Writing, text: string): string {
	writing.orm.add('sql');
	return `sql\`${templateText(text)}\``;
}

/** An object of the program with what is defined in it, on one line; '' when nothing is. */
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
	return {schema, generation, names, written: new Set(), unsaid: [], core: new Set(), orm: new Set(), customTypes: new Map(), variables};
}

export function exportOf(writing: Writing, name: string): string {
	return writing.names.exports.get(nameKey(name)) ?? '';
}

export function columnKey(writing: Writing, table: string, column: string): string {
	return writing.names.columns.get(nameKey(table))?.get(nameKey(column)) ?? '';
}

/** The call that makes a column of this declared type and collation: `text('name', {length: 20})`. */
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

/** The functions of drizzle-orm and the types that they write. */
const plainTypes: Readonly<Record<string, string>> = {INTEGER: 'integer', TEXT: 'text', REAL: 'real', BLOB: 'blob', NUMERIC: 'numeric'};

function customTypeOf(writing: Writing, type: string): string {
	const known = writing.customTypes.get(type);
	if (known !== undefined) return known;
	writing.core.add('customType');
	const wanted = type === '' ? 'untyped' : type.toLowerCase();
	const variable = variableNames([wanted], [...writing.variables, ...writing.customTypes.values()]).get(wanted) ?? '';
	writing.customTypes.set(type, variable);
	return variable;
}

/** The declarations of the custom types that the columns use. */
export function customTypeSources(writing: Writing): string[] {
	return [...writing.customTypes].map(([type, variable]) => {
		const data =
			type === ''
				? 'unknown'
				: {INTEGER: 'number', REAL: 'number', NUMERIC: 'number', TEXT: 'string', BLOB: 'Buffer'}[affinityOf(type.replace(/ COLLATE .*/, ''))];
		return `const ${variable} = customType<{data: ${data}}>({dataType: () => ${textLiteral(type)}});`;
	});
}
