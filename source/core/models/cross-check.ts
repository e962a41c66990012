import {isIgnored} from '../diff/ignore.ts';
import {MigrError} from '../errors.ts';
import {externalContent, missingColumn} from '../operations/full-text.ts';
import {nameKey, sameName} from '../schema/identifiers.ts';
import {isRowidName} from '../schema/key-columns.ts';
import type {ForeignKey, Index, Schema, SchemaObject, Source, Table, VirtualTable} from '../schema/schema.ts';
import {nearest} from '../text/nearest.ts';

/** A mistake in the models, with its location. */
export interface Mistake {
	readonly message: string;
	readonly source: Source | undefined;
	readonly hint?: string | undefined;
	/** The object with the mistake, if SQLite reported it. */
	readonly object?: SchemaObject;
}

/**
 * Finds mistakes between models: objects defined twice, foreign keys to missing or non-unique columns, full-text indexes of missing tables, and
 * indexes and triggers on missing tables. Models may refer to tables that match `ignore`, since lite-migr does not manage those.
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
		...[...schema.indexes, ...schema.triggers].filter(({table}) => !knows(table)).map((object) => onMissingTable(object, schema)),
	];
}

/** Returns one error for all mistakes: the first is the message, the others are the details. */
export function mistakesError(mistakes: readonly Mistake[]): MigrError {
	const [first, ...others] = mistakes;
	if (first === undefined) throw new TypeError('no mistake');
	return new MigrError('model', first.message, {
		location: first.source,
		hint: first.hint,
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

/** Finds objects with the same name. Tables, views and indexes share one namespace. Triggers have a separate one. */
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
		const place = first.source === undefined ? '' : `: first defined at ${first.source.file}:${first.source.line}`;
		const what =
			first.kind === object.kind
				? `${words[object.kind]} ${object.name} is defined twice`
				: `${words[first.kind]} and ${words[object.kind]} ${object.name} have the same name`;
		mistakes.push({message: `${what}${place}`, source: object.source, hint: 'remove or rename one of them'});
	}
	return mistakes;
}

function namesOf(schema: Schema): ReadonlySet<string> {
	return new Set([...schema.tables, ...schema.virtualTables, ...schema.views].map(({name}) => nameKey(name)));
}

function keyText(table: Table, {columns}: ForeignKey): string {
	return columns.length === 1 ? `${table.name}.${columns[0]}` : `${table.name} (${columns.join(', ')})`;
}

/** Returns the location of the column if the key has only one, and of the table otherwise. */
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
				? `${keyText(table, foreignKey)} refers to table ${parent}, which is not in the models`
				: `${keyText(table, foreignKey)} refers to ${parent}, which is a ${words[other.kind]}`,
		source: keySource(table, foreignKey),
		hint:
			near === undefined
				? `add a model for ${parent}, or add it to ignore in migrate.toml if lite-migr should not manage it`
				: `did you mean ${near}?`,
	};
}

/** Checks https://www.sqlite.org/foreignkeys.html#fk_indexes. Otherwise SQLite fails with "foreign key mismatch" when the first row is written. */
function brokenKey(table: Table, foreignKey: ForeignKey, parent: Table, uniqueIndexes: readonly Index[]): readonly Mistake[] {
	const {columns, parentColumns} = foreignKey;
	const mistake = (message: string, hint?: string): readonly Mistake[] => [
		{message: `${keyText(table, foreignKey)} ${message}`, source: keySource(table, foreignKey), hint},
	];
	const keyColumns = parent.primaryKey?.columns.map(({name}) => name) ?? [];
	if (parentColumns.length === 0) {
		if (keyColumns.length === 0) return mistake(`refers to table ${parent.name}, which has no primary key`, 'name the referenced column');
		if (keyColumns.length === columns.length) return [];
		return mistake(`has ${columns.length} columns, but the primary key of ${parent.name} has ${keyColumns.length}`);
	}
	const missing = parentColumns.find((name) => !parent.columns.some((column) => sameName(column.name, name)));
	if (missing !== undefined) {
		const near = nearest(
			missing,
			parent.columns.map(({name}) => name),
		);
		return mistake(
			`refers to ${parent.name}.${missing}, which does not exist`,
			near === undefined ? undefined : `did you mean ${parent.name}.${near}?`,
		);
	}
	if (columns.length !== parentColumns.length)
		return mistake(`has ${columns.length} columns, but refers to ${parentColumns.length} columns of ${parent.name}`);
	if (isKey(parent, parentColumns, uniqueIndexes)) return [];
	return mistake(
		`refers to ${parent.name} (${parentColumns.join(', ')}), which is neither its primary key nor unique`,
		'add a primary key, a UNIQUE constraint or a unique index on exactly these columns',
	);
}

function isKey(parent: Table, columns: readonly string[], uniqueIndexes: readonly Index[]): boolean {
	const expected = columns.map(nameKey).sort();
	const isSame = (names: readonly string[]) =>
		names.length === expected.length &&
		names
			.map(nameKey)
			.sort()
			.every((name, at) => name === expected[at]);
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
 * Checks a full-text index that reads the rows of another table (https://www.sqlite.org/fts5.html#external_content_tables). If the table or column is
 * missing, SQLite creates the index but fails when it is read. This happens after a rename, since ALTER TABLE does not update the index.
 */
function brokenContent(index: VirtualTable, schema: Schema, knows: (name: string) => boolean): readonly Mistake[] {
	const external = externalContent(index);
	if (external === undefined) return [];
	const {content} = external;
	const mistake = (message: string, near: string | undefined, hint = 'use the current name in the virtual table'): readonly Mistake[] => [
		{
			message: `virtual table ${index.name} ${message}`,
			source: index.source,
			hint: near === undefined ? hint : `did you mean ${near}?`,
		},
	];
	if (!knows(content)) {
		const names = [...schema.tables, ...schema.views].map(({name}) => name);
		return mistake(`indexes the content of ${content}, which is not in the models`, nearest(content, names));
	}
	const table = schema.tables.find(({name}) => sameName(name, content));
	if (table === undefined) return [];
	const missing = missingColumn(external, table);
	if (missing === undefined) return [];
	if (isRowidName(missing))
		return mistake(`indexes the content of ${table.name}, which is WITHOUT ROWID`, undefined, "name its integer key with content_rowid='…'");
	const names = table.columns.map(({name}) => name);
	return mistake(`indexes the content of ${table.name}, which has no column ${missing}`, nearest(missing, names));
}

function onMissingTable(object: Extract<SchemaObject, {kind: 'index' | 'trigger'}>, schema: Schema): Mistake {
	const near = nearest(
		object.table,
		[...schema.tables, ...schema.views].map(({name}) => name),
	);
	return {
		message: `${object.kind} ${object.name} is on ${object.table}, which is not in the models`,
		source: object.source,
		hint: near === undefined ? undefined : `did you mean ${near}?`,
	};
}
