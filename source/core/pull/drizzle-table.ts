import {asOperand} from '../ddl/expression.ts';
import {nameKey, sameName} from '../schema/identifiers.ts';
import {findColumn, findIndex, findTable, indexesOf, parentColumnsOf} from '../schema/lookup.ts';
import type {Column, ForeignKey, Index, IndexColumn, KeyColumn, PrimaryKey, Table, Unique} from '../schema/schema.ts';
import {property, textLiteral} from '../text/typescript.ts';
import {actionSource, columnProperty} from './drizzle-column.ts';
import {columnKey, exportOf, objectSource, sqlSource, type Writing} from './drizzle-writing.ts';

/**
 * Returns a table with its indexes as `export const user = sqliteTable(…)`. Features that drizzle-orm cannot represent are omitted and recorded in
 * `writing.limitations`.
 */
export function tableSource(writing: Writing, table: Table): string {
	writing.core.add('sqliteTable');
	noteOptions(writing, table);
	const key = primaryKey(writing, table);
	const uniques = uniquesOf(writing, table);
	const references = referencesOf(writing, table);
	// Each column can have only one `.unique()`.
	const inline = new Map(uniques.filter((unique) => unique.isInline).map((unique) => [nameKey(unique.columns[0] ?? ''), unique]));
	const properties = table.columns.map((column) => {
		const isColumn = (name: string | undefined): boolean => name !== undefined && sameName(name, column.name);
		const unique = inline.get(nameKey(column.name));
		return columnProperty(writing, table, sayableColumn(writing, table, column), {
			isKey: key?.isInline === true && isColumn(key.columns[0]),
			autoincrement: table.primaryKey?.autoincrement === true,
			isUnique: unique !== undefined,
			uniqueName: unique?.name,
			references: references.inline.filter(({columns}) => isColumn(columns[0])),
		});
	});
	const extras = [
		...(key === undefined || key.isInline ? [] : [keyExtra(writing, table, key)]),
		...uniques.filter((unique) => ![...inline.values()].includes(unique)).map((unique) => uniqueExtra(writing, table, unique)),
		...references.extra.map((foreignKey) => foreignKeyExtra(writing, table, foreignKey)),
		...table.checks.map(({name, expression}, index) => {
			if (name === undefined) note(writing, table, `an unnamed CHECK, which gets a name: ${expression.text}`);
			writing.core.add('check');
			return `check(${textLiteral(name ?? `${table.name}_check_${index + 1}`)}, ${sqlSource(writing, expression.text)})`;
		}),
		...indexesOf(writing.schema, table.name)
			.filter((index) => !isSaidAsUnique(writing, table, index))
			.map((index) => indexExtra(writing, table, index)),
	];
	const variable = exportOf(writing, table.name);
	writing.written.add(variable);
	const columns = properties.map((property) => `\t${property},\n`).join('');
	if (extras.length === 0) return `export const ${variable} = sqliteTable(${textLiteral(table.name)}, {\n${columns}});`;
	return `export const ${variable} = sqliteTable(${textLiteral(table.name)}, {\n${columns}}, (table) => [\n${extras.map((extra) => `\t${extra},\n`).join('')}]);`;
}

function note(writing: Writing, table: Table, what: string): void {
	writing.limitations.push({object: table.name, what});
}

function noteOptions(writing: Writing, table: Table): void {
	if (table.strict) note(writing, table, 'STRICT');
	if (table.withoutRowid) note(writing, table, 'WITHOUT ROWID');
}

/** Returns the column without its collation if it is AUTOINCREMENT. Only drizzle-orm's `integer()` supports that, and it has no collation. */
function sayableColumn(writing: Writing, table: Table, column: Column): Column {
	const isCounted = table.primaryKey?.autoincrement === true && sameName(table.primaryKey.columns[0]?.name ?? '', column.name);
	if (!isCounted || column.collate === undefined) return column;
	writing.limitations.push({object: `${table.name}.${column.name}`, what: `COLLATE ${column.collate}`});
	const {collate, ...rest} = column;
	return rest;
}

interface Key {
	readonly name: string | undefined;
	readonly columns: readonly string[];
	/** True if it is written as a call on its column. */
	readonly isInline: boolean;
}

function primaryKey(writing: Writing, table: Table): Key | undefined {
	const key = table.primaryKey;
	if (key === undefined) return undefined;
	const columns = key.columns.map(({name}) => name);
	if (key.onConflict !== undefined) note(writing, table, 'the conflict clause of the primary key');
	noteColumns(writing, table, 'the primary key', key.columns);
	if (writing.generation === 0 && key.name !== undefined) note(writing, table, 'the name of the primary key (not supported by drizzle-orm 0.45)');
	const kitName = writing.generation === 1 && columns.length > 1 ? `${table.name}_pk` : undefined;
	if (writing.generation === 1 && key.name === undefined && kitName !== undefined)
		note(writing, table, `an unnamed primary key, which gets the name ${kitName}`);
	const name = writing.generation === 1 ? key.name : undefined;
	const isInline = columns.length === 1 && name === undefined && saysNotNull(writing, table, key);
	if (key.autoincrement && !isInline) note(writing, table, 'AUTOINCREMENT');
	return {name: name === kitName ? undefined : name, columns, isInline};
}

/** True if `.primaryKey()` results in the right NOT NULL. drizzle-orm 0.45 adds NOT NULL, drizzle-orm 1 removes it. For a rowid it has no effect. */
function saysNotNull(writing: Writing, table: Table, key: PrimaryKey): boolean {
	if (key.rowidAlias) return true;
	const column = findColumn(table, key.columns[0]?.name ?? '');
	return (column?.notNull !== undefined) === (writing.generation === 0);
}

function keyExtra(writing: Writing, table: Table, key: Key): string {
	writing.core.add('primaryKey');
	return `primaryKey(${objectSource({name: key.name === undefined ? undefined : textLiteral(key.name), columns: columnList(writing, table, key.columns)})})`;
}

/** Returns the UNIQUE constraints. For drizzle-orm 0.45, includes the unique indexes that it creates for `.unique()`. */
function uniquesOf(writing: Writing, table: Table): Key[] {
	const constraints = table.uniques.flatMap((unique) => uniqueConstraint(writing, table, unique) ?? []);
	const indexes = indexesOf(writing.schema, table.name).filter((index) => isSaidAsUnique(writing, table, index));
	return [
		...constraints,
		...indexes.map(({columns}) => ({name: undefined, columns: columns.map(({column}) => column ?? ''), isInline: columns.length === 1})),
	];
}

function uniqueConstraint(writing: Writing, table: Table, unique: Unique): Key | undefined {
	const columns = unique.columns.map(({name}) => name);
	const kitName = `${table.name}_${columns.join('_')}_unique`;
	const list = columns.join(', ');
	if (writing.generation === 0) {
		const name = freeName(writing, unique.name ?? kitName, kitName);
		note(writing, table, `UNIQUE (${list}), which drizzle-orm 0.45 turns into the unique index ${name}`);
		return {name: name === kitName ? undefined : name, columns, isInline: columns.length === 1};
	}

	if (unique.onConflict !== undefined) note(writing, table, `the conflict clause of UNIQUE (${list})`);
	noteColumns(writing, table, `UNIQUE (${list})`, unique.columns);
	if (unique.name === undefined && columns.length > 1) note(writing, table, `an unnamed UNIQUE (${list}), which gets the name ${kitName}`);
	// For a single column, drizzle-orm uses its default name only if it is written out.
	const isDefaultName = unique.name === kitName && columns.length > 1;
	return {
		name: isDefaultName ? undefined : unique.name,
		columns,
		isInline: columns.length === 1 && !hasUniqueIndex(writing, table, columns[0] ?? ''),
	};
}

/** Returns a name for the unique index that drizzle-orm 0 creates for a UNIQUE constraint. Constraint names can repeat, index names cannot. */
function freeName({schema, indexNames}: Writing, preferred: string, kitName: string): string {
	const isFree = (name: string) => findIndex(schema, name) === undefined && !indexNames.has(nameKey(name));
	const numbered = Array.from({length: indexNames.size + schema.indexes.length + 1}, (_, index) => `${kitName}_${index + 2}`);
	const name = [preferred, kitName, ...numbered].find(isFree) ?? preferred;
	indexNames.add(nameKey(name));
	return name;
}

/** True if the column has its own unique index. drizzle-orm 1 ignores `.unique()` on such a column. */
function hasUniqueIndex(writing: Writing, table: Table, column: string): boolean {
	return indexesOf(writing.schema, table.name).some(
		({unique, columns}) => unique && columns.length === 1 && isPlain(columns[0]) && sameName(columns[0]?.column ?? '', column),
	);
}

/** True for a unique index that drizzle-orm 0.45 creates for `.unique()` or `unique().on()`. */
function isSaidAsUnique(writing: Writing, table: Table, index: Index): boolean {
	if (writing.generation !== 0 || !index.unique || index.where !== undefined || !index.columns.every(isPlain)) return false;
	return index.name === `${table.name}_${index.columns.map(({column}) => column ?? '').join('_')}_unique`;
}

function isPlain(column: IndexColumn | undefined): boolean {
	return column?.column !== undefined && column.collate === undefined && !column.descending;
}

function uniqueExtra(writing: Writing, table: Table, unique: Key): string {
	writing.core.add('unique');
	return `unique(${unique.name === undefined ? '' : textLiteral(unique.name)}).on(${columnArguments(writing, table, unique.columns)})`;
}

function indexExtra(writing: Writing, table: Table, index: Index): string {
	const make = index.unique ? 'uniqueIndex' : 'index';
	writing.core.add(make);
	const columns = index.columns.map((column) => {
		const name = column.column === undefined ? undefined : findColumn(table, column.column)?.name;
		const source = name === undefined ? undefined : memberOf(writing, table, name);
		if (source !== undefined && isPlain(column)) return source;
		if (source !== undefined && column.collate === undefined) {
			writing.orm.add('desc');
			return `desc(${source})`;
		}

		const {text} = column.expression;
		return sqlSource(
			writing,
			`${name === undefined && column.collate !== undefined ? asOperand(text) : text}${column.collate === undefined ? '' : ` COLLATE ${column.collate}`}${column.descending ? ' DESC' : ''}`,
		);
	});
	const condition = index.where === undefined ? '' : `.where(${sqlSource(writing, index.where.text)})`;
	return `${make}(${textLiteral(index.name)}).on(${columns.join(', ')})${condition}`;
}

function referencesOf(writing: Writing, table: Table): {inline: ForeignKey[]; extra: ForeignKey[]} {
	const keys = table.foreignKeys.flatMap((key) => sayable(writing, table, key) ?? []);
	const isInline = (key: ForeignKey): boolean => key.columns.length === 1 && key.name === undefined;
	return {inline: keys.filter(isInline), extra: keys.filter((key) => !isInline(key))};
}

/** Returns the key as drizzle-orm can represent it: with all columns listed, and without a name if drizzle-orm sets the name itself. */
function sayable(writing: Writing, table: Table, key: ForeignKey): ForeignKey | undefined {
	const rule = `FOREIGN KEY (${key.columns.join(', ')})`;
	const parent = findTable(writing.schema, key.parent);
	const parentColumns = parentColumnsOf(key, parent);
	if (parent === undefined || parentColumns.length !== key.columns.length || parentColumns.some((name) => findColumn(parent, name) === undefined)) {
		note(writing, table, `${rule}, omitted because ${key.parent} (${parentColumns.join(', ')}) does not exist`);
		return undefined;
	}

	if (key.deferred) note(writing, table, `DEFERRABLE INITIALLY DEFERRED of ${rule}`);
	if (key.match !== undefined) note(writing, table, `MATCH of ${rule}`);
	const kitName = `fk_${[table.name, ...key.columns, parent.name, ...parentColumns].join('_')}_fk`;
	if (writing.generation === 0 && key.name !== undefined) note(writing, table, `the name of ${rule} (not supported by drizzle-orm 0.45)`);
	if (writing.generation === 1 && key.name === undefined) note(writing, table, `an unnamed ${rule}, which gets the name ${kitName}`);
	const {name, ...rest} = key;
	const isSaid = writing.generation === 1 && name !== undefined && name !== kitName;
	return {...rest, parentColumns, ...(isSaid ? {name} : {})};
}

function foreignKeyExtra(writing: Writing, table: Table, key: ForeignKey): string {
	writing.core.add('foreignKey');
	const parent = nameKey(key.parent) === nameKey(table.name) ? 'table' : exportOf(writing, key.parent);
	const config = objectSource({
		name: key.name === undefined ? undefined : textLiteral(key.name),
		columns: columnList(writing, table, key.columns),
		foreignColumns: `[${key.parentColumns.map((column) => property(parent, columnKey(writing, key.parent, column))).join(', ')}]`,
	});
	const [onUpdate, onDelete] = [actionSource(key.onUpdate), actionSource(key.onDelete)];
	return `foreignKey(${config})${onUpdate === undefined ? '' : `.onUpdate(${onUpdate})`}${onDelete === undefined ? '' : `.onDelete(${onDelete})`}`;
}

function noteColumns(writing: Writing, table: Table, rule: string, columns: readonly KeyColumn[]): void {
	if (columns.some(({collate, descending}) => collate !== undefined || descending)) note(writing, table, `COLLATE or DESC in ${rule}`);
}

function columnList(writing: Writing, table: Table, columns: readonly string[]): string {
	return `[${columnArguments(writing, table, columns)}]`;
}

function columnArguments(writing: Writing, table: Table, columns: readonly string[]): string {
	return columns.map((column) => memberOf(writing, table, column)).join(', ');
}

function memberOf(writing: Writing, table: Table, column: string): string {
	return property('table', columnKey(writing, table.name, column));
}
