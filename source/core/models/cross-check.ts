import {isIgnored} from '../diff/ignore.ts';
import {MigrError} from '../errors.ts';
import {externalContent} from '../operations/full-text.ts';
import {nameKey, sameName} from '../schema/identifiers.ts';
import type {ForeignKey, Index, Schema, SchemaObject, Source, Table, VirtualTable} from '../schema/schema.ts';
import {nearest} from '../text/nearest.ts';

/** A mistake in the models, with the place where it was written. */
export interface Mistake {
	readonly message: string;
	readonly source: Source | undefined;
	readonly hint?: string;
	/** What it is about, where SQLite itself has said it. */
	readonly object?: SchemaObject;
}

/**
 * Mistakes between models, which no single file shows: two models of one object, foreign keys that lead nowhere or to columns that are not
 * unique, full-text indexes of what is not there, indexes and triggers on tables that no model has. Tables that match `ignore` may be referred to; they are not ours to know.
 */
export function crossCheck(schema: Schema, ignore: readonly string[]): readonly Mistake[] {
	const names = namesOf(schema);
	const knows = (name: string) => names.has(nameKey(name)) || isIgnored(name, ignore);
	const uniqueIndexes = Map.groupBy(
		schema.indexes.filter(({unique}) => unique),
		({table}) => nameKey(table),
	);
	const tables = new Map(schema.tables.map((table) => [nameKey(table.name), table]));
	return [
		...duplicates([...schema.tables, ...schema.virtualTables, ...schema.views, ...schema.indexes]),
		...duplicates(schema.triggers),
		...schema.tables.flatMap((table) =>
			table.foreignKeys.flatMap((foreignKey) => {
				const parent = tables.get(nameKey(foreignKey.parent));
				if (parent !== undefined) return brokenKey(table, foreignKey, parent, uniqueIndexes.get(nameKey(parent.name)) ?? []);
				return isIgnored(foreignKey.parent, ignore) ? [] : [parentless(table, foreignKey, schema)];
			}),
		),
		...schema.virtualTables.flatMap((index) => (isIgnored(index.name, ignore) ? [] : brokenContent(index, schema, knows))),
		...[...schema.indexes, ...schema.triggers].filter(({table}) => !knows(table)).map((object) => standsNowhere(object, schema)),
	];
}

/** One error for all mistakes: the first as its message, the others as its details. */
export function mistakesError(mistakes: readonly Mistake[]): MigrError {
	const [first, ...others] = mistakes;
	if (first === undefined) throw new TypeError('no mistake');
	return new MigrError('model', first.message, {
		...(first.source === undefined ? {} : {location: first.source}),
		...(first.hint === undefined ? {} : {hint: first.hint}),
		details: others.map(({message, source}) => (source === undefined ? message : `${source.file}:${source.line}  ${message}`)),
	});
}

const words: Readonly<Record<SchemaObject['kind'], string>> = {
	table: 'table',
	virtualTable: 'virtual table',
	index: 'index',
	view: 'view',
	trigger: 'trigger',
};

/** Tables, views and indexes share one space of names, triggers have their own. */
function duplicates(objects: readonly SchemaObject[]): readonly Mistake[] {
	const seen = new Map<string, SchemaObject>();
	const mistakes: Mistake[] = [];
	for (const object of objects) {
		const key = nameKey(object.name);
		const first = seen.get(key);
		if (first === undefined) {
			seen.set(key, object);
			continue;
		}
		const place = first.source === undefined ? '' : `: the first is at ${first.source.file}:${first.source.line}`;
		const what =
			first.kind === object.kind
				? `two models of ${words[object.kind]} ${object.name}`
				: `${words[first.kind]} and ${words[object.kind]} ${object.name} have one name`;
		mistakes.push({message: `${what}${place}`, source: object.source, hint: 'take one of them out, or rename it'});
	}
	return mistakes;
}

function namesOf(schema: Schema): ReadonlySet<string> {
	return new Set([...schema.tables, ...schema.virtualTables, ...schema.views].map(({name}) => nameKey(name)));
}

function keyText(table: Table, {columns}: ForeignKey): string {
	return columns.length === 1 ? `${table.name}.${columns[0]}` : `${table.name} (${columns.join(', ')})`;
}

/** The line of the column, where the key has but one. */
function keySource(table: Table, {columns}: ForeignKey): Source | undefined {
	const [only] = columns;
	const column = columns.length === 1 ? table.columns.find(({name}) => sameName(name, only ?? '')) : undefined;
	return column?.source ?? table.source;
}

function parentless(table: Table, foreignKey: ForeignKey, schema: Schema): Mistake {
	const {parent} = foreignKey;
	const other = [...schema.views, ...schema.virtualTables].find(({name}) => sameName(name, parent));
	const near = nearest(
		parent,
		schema.tables.map(({name}) => name),
	);
	return {
		message:
			other === undefined
				? `${keyText(table, foreignKey)} refers to table ${parent}, which no model has`
				: `${keyText(table, foreignKey)} refers to ${parent}, which is a ${words[other.kind]}`,
		source: keySource(table, foreignKey),
		hint: near === undefined ? `add a model of ${parent}, or name it in ignore of migrate.toml if it is not yours` : `is ${near} meant?`,
	};
}

/** https://www.sqlite.org/foreignkeys.html#fk_indexes: without these SQLite fails when the first row is written, with "foreign key mismatch". */
function brokenKey(table: Table, foreignKey: ForeignKey, parent: Table, uniqueIndexes: readonly Index[]): readonly Mistake[] {
	const {columns, parentColumns} = foreignKey;
	const mistake = (message: string, hint?: string): readonly Mistake[] => [
		{message: `${keyText(table, foreignKey)} ${message}`, source: keySource(table, foreignKey), ...(hint === undefined ? {} : {hint})},
	];
	const keyColumns = parent.primaryKey?.columns.map(({name}) => name) ?? [];
	if (parentColumns.length === 0) {
		if (keyColumns.length === 0) return mistake(`refers to table ${parent.name}, which has no primary key`, 'name the column that is meant');
		if (keyColumns.length === columns.length) return [];
		return mistake(`has ${columns.length} columns, and the primary key of ${parent.name} has ${keyColumns.length}`);
	}
	const missing = parentColumns.find((name) => !parent.columns.some((column) => sameName(column.name, name)));
	if (missing !== undefined) {
		const near = nearest(
			missing,
			parent.columns.map(({name}) => name),
		);
		return mistake(`refers to ${parent.name}.${missing}, which is no column`, near === undefined ? undefined : `is ${parent.name}.${near} meant?`);
	}
	if (columns.length !== parentColumns.length)
		return mistake(`has ${columns.length} columns, and refers to ${parentColumns.length} of ${parent.name}`);
	if (isKey(parent, parentColumns, uniqueIndexes)) return [];
	return mistake(
		`refers to ${parent.name} (${parentColumns.join(', ')}), which is neither its primary key nor unique`,
		'SQLite needs a primary key, a UNIQUE or a unique index over exactly these columns',
	);
}

function isKey(parent: Table, columns: readonly string[], uniqueIndexes: readonly Index[]): boolean {
	const wanted = columns.map(nameKey).sort();
	const isSame = (names: readonly string[]) =>
		names.length === wanted.length &&
		names
			.map(nameKey)
			.sort()
			.every((name, at) => name === wanted[at]);
	const collates = (name: string, collate: string | undefined) => {
		const column = parent.columns.find((each) => sameName(each.name, name));
		return collate === undefined || sameName(collate, column?.collate ?? 'BINARY');
	};
	const keys = [...(parent.primaryKey === undefined ? [] : [parent.primaryKey]), ...parent.uniques];
	if (keys.some((key) => isSame(key.columns.map(({name}) => name)) && key.columns.every(({name, collate}) => collates(name, collate)))) return true;
	return uniqueIndexes.some(
		(index) =>
			index.where === undefined &&
			isSame(index.columns.map(({column}) => column ?? '')) &&
			index.columns.every(({column, collate}) => column !== undefined && collates(column, collate)),
	);
}

/**
 * A full-text index that reads the rows of another table (https://www.sqlite.org/fts5.html#external_content_tables): SQLite makes it as it is said, and
 * fails when it is read. So it is after a rename of that table or of its columns, which no ALTER writes into it.
 */
function brokenContent(index: VirtualTable, schema: Schema, knows: (name: string) => boolean): readonly Mistake[] {
	const external = externalContent(index);
	if (external === undefined) return [];
	const {content, columns, rowid} = external;
	const mistake = (message: string, near: string | undefined): readonly Mistake[] => [
		{
			message: `virtual table ${index.name} ${message}`,
			source: index.source,
			hint: near === undefined ? 'name it there as it is called now' : `is ${near} meant?`,
		},
	];
	if (!knows(content)) {
		const names = [...schema.tables, ...schema.views].map(({name}) => name);
		return mistake(`has the content of ${content}, which no model has`, nearest(content, names));
	}
	const table = schema.tables.find(({name}) => sameName(name, content));
	if (table === undefined) return [];
	const names = table.columns.map(({name}) => name);
	const known = [...names, 'rowid', '_rowid_', 'oid'];
	const missing =
		columns.find((column) => !names.some((name) => sameName(name, column))) ??
		(known.some((name) => sameName(name, rowid ?? 'rowid')) ? undefined : rowid);
	return missing === undefined ? [] : mistake(`has the content of ${table.name}, which has no column ${missing}`, nearest(missing, names));
}

function standsNowhere(object: Extract<SchemaObject, {kind: 'index' | 'trigger'}>, schema: Schema): Mistake {
	const near = nearest(
		object.table,
		[...schema.tables, ...schema.views].map(({name}) => name),
	);
	return {
		message: `${object.kind} ${object.name} is on ${object.table}, which no model has`,
		source: object.source,
		...(near === undefined ? {} : {hint: `is ${near} meant?`}),
	};
}
