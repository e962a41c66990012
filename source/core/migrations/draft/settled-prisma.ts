import {columnsIn, readSql, renameColumnIn} from '../../ddl/expression.ts';
import {readTable} from '../../ddl/read.ts';
import {renderTable} from '../../ddl/render.ts';
import type {Decisions} from '../../diff/question.ts';
import {nameKey, sameName} from '../../schema/identifiers.ts';
import {findColumn, findTable} from '../../schema/lookup.ts';
import type {Check, Column, ForeignKey, PrimaryKey, Schema, Sql, Table} from '../../schema/schema.ts';
import {isSamePrismaDefault, isSamePrismaType, prismaFamily} from './prisma-family.ts';

/**
 * Returns the models with the parts of the database that a Prisma schema cannot express, so that they are not a difference: the spelling of types and
 * defaults, AUTOINCREMENT, collations, generated columns, CHECK constraints, the names of foreign keys, deferred ones, STRICT and WITHOUT ROWID.
 */
export function withSettledPrisma(models: Schema, from: Schema, renames: Decisions['renames']): Schema {
	if (!models.tables.some(({writtenIn}) => writtenIn === 'prisma')) return models;
	const oldTable = (name: string) => {
		const answered = renames.find((rename) => rename.column === undefined && sameName(rename.to, name))?.table;
		const old = answered ?? models.tables.find((table) => sameName(table.name, name))?.renamedFrom;
		// A comment may still declare a rename that was made long ago.
		return old !== undefined && findTable(from, old) !== undefined ? old : name;
	};
	return {
		...models,
		tables: models.tables.map((table) => {
			const before = table.writtenIn === 'prisma' ? findTable(from, oldTable(table.name)) : undefined;
			if (before === undefined) return table;
			const isOf = (name: string) => sameName(name, before.name) || sameName(name, table.name);
			return settled(withSwappedSides(table, before, oldTable), before, {
				oldTable,
				oldColumn: ({name, renamedFrom}) =>
					renames.find((rename) => rename.column !== undefined && isOf(rename.table) && sameName(rename.to, name))?.column ?? renamedFrom ?? name,
			});
		}),
	};
}

/**
 * Returns the table of a many-to-many relation with its columns renamed to each other, if the database has them the other way around: Prisma orders A
 * and B by the names of the models, so renaming a model can swap them. Their foreign keys identify the columns.
 */
function withSwappedSides(table: Table, before: Table, oldTable: (name: string) => string): Table {
	const [a, b] = [parentOf(table, 'A'), parentOf(table, 'B')];
	const [oldA, oldB] = [parentOf(before, 'A'), parentOf(before, 'B')];
	if (table.columns.length !== 2 || a === undefined || b === undefined || oldA === undefined || oldB === undefined || sameName(a, b)) return table;
	if (!sameName(oldTable(a), oldB) || !sameName(oldTable(b), oldA)) return table;
	return {...table, columns: table.columns.map((column) => ({...column, renamedFrom: sameName(column.name, 'A') ? 'B' : 'A'}))};
}

function parentOf({foreignKeys}: Table, column: string): string | undefined {
	return foreignKeys.find(({columns}) => columns.length === 1 && sameName(columns[0] ?? '', column))?.parent;
}

interface OldNames {
	readonly oldTable: (name: string) => string;
	readonly oldColumn: (column: Column) => string;
}

function settled(table: Table, before: Table, {oldTable, oldColumn}: OldNames): Table {
	const beforeOf = (column: Column) => findColumn(before, oldColumn(column)) ?? findColumn(before, column.name);
	const columnBefore = new Map(table.columns.map((column) => [nameKey(column.name), beforeOf(column)?.name ?? column.name]));
	const oldName = (name: string) => columnBefore.get(nameKey(name)) ?? name;
	const checks = before.checks.flatMap((check) => settledCheck(check, table, before, oldName));
	const columns = table.columns.map((column) => settledColumn(column, beforeOf(column), table, before, oldName));
	const primaryKey = table.primaryKey === undefined ? undefined : settledPrimaryKey(table.primaryKey, table, before, oldName);
	const changed: Table = {
		...table,
		columns,
		...(primaryKey === undefined ? {} : {primaryKey}),
		foreignKeys: table.foreignKeys.map((key) => settledKey(key, before, oldTable, oldName)),
		checks,
		// Only if the new columns and the new key are possible in such a table.
		strict: before.strict && columns.every(({type}) => /^(?:INT|INTEGER|REAL|TEXT|BLOB|ANY)$/i.test(type)),
		withoutRowid: before.withoutRowid && primaryKey?.autoincrement === false,
	};
	const read = readTable(renderTable(changed));
	return {...changed, ...(read.primaryKey === undefined ? {} : {primaryKey: read.primaryKey}), sql: read.sql};
}

function settledColumn(column: Column, before: Column | undefined, table: Table, old: Table, oldName: (name: string) => string): Column {
	if (before === undefined) return column;
	if (!isSamePrismaType(column.type, before.type)) return column;
	const family = prismaFamily(column.type);
	const expression =
		before.generated === undefined || column.default !== undefined ? undefined : inNewNames(before.generated.expression, table, old, oldName);
	const hasSameDefault =
		column.hasUnstatedDefault === true || (column.default !== undefined && isSamePrismaDefault(family, column.default, before.default));
	return {
		...column,
		type: before.type,
		...(column.notNull === undefined || before.notNull === undefined ? {} : {notNull: before.notNull}),
		...(before.collate === undefined ? {} : {collate: before.collate}),
		...(before.default === undefined || !hasSameDefault ? {} : {default: before.default}),
		...(before.generated === undefined || expression === undefined ? {} : {generated: {...before.generated, expression}}),
	};
}

/** Copies the primary key with the same columns, unless their types change: AUTOINCREMENT depends on them. */
function settledPrimaryKey(key: PrimaryKey, table: Table, old: Table, oldName: (name: string) => string): PrimaryKey {
	const before = old.primaryKey;
	const isSame = ({name}: PrimaryKey['columns'][number], at: number) => {
		const nameBefore = before?.columns[at]?.name ?? '';
		const [column, columnBefore] = [findColumn(table, name), findColumn(old, nameBefore)];
		return sameName(oldName(name), nameBefore) && isSamePrismaType(column?.type ?? '', columnBefore?.type ?? '');
	};
	if (before === undefined || before.columns.length !== key.columns.length || !key.columns.every(isSame)) return key;
	return {...before, columns: before.columns.map((column, at) => ({...column, name: key.columns[at]?.name ?? column.name}))};
}

/** Copies the name and the deferral of the foreign key with the same columns, parent and actions. */
function settledKey(key: ForeignKey, before: Table, oldTable: (name: string) => string, oldName: (name: string) => string): ForeignKey {
	const same = before.foreignKeys.find(
		(other) =>
			sameName(other.parent, oldTable(key.parent)) &&
			other.columns.length === key.columns.length &&
			other.columns.every((name, at) => sameName(name, oldName(key.columns[at] ?? ''))) &&
			other.onDelete === key.onDelete &&
			other.onUpdate === key.onUpdate,
	);
	return same === undefined ? key : {...key, name: same.name, deferred: same.deferred, match: same.match};
}

/** Returns the CHECK constraint with the new names of its columns. Empty if a column of it is dropped. */
function settledCheck(check: Check, table: Table, before: Table, oldName: (name: string) => string): readonly Check[] {
	const expression = inNewNames(check.expression, table, before, oldName);
	if (expression === undefined) return [];
	const column = table.columns.find(({name}) => check.column !== undefined && sameName(oldName(name), check.column));
	const {column: _, ...rest} = check;
	return [{...rest, expression, ...(column === undefined ? {} : {column: column.name})}];
}

/** Returns an expression on the old table with the new names of its columns. Undefined if one of them no longer exists. */
function inNewNames(expression: Sql, table: Table, before: Table, oldName: (name: string) => string): Sql | undefined {
	const newNames = new Map(table.columns.map(({name}) => [nameKey(oldName(name)), name]));
	const used = columnsIn(expression.text, before.name).filter((name) => findColumn(before, name) !== undefined);
	if (used.some((name) => !newNames.has(nameKey(name)))) return undefined;
	const renamed = used.filter((name) => !sameName(newNames.get(nameKey(name)) ?? name, name));
	if (renamed.length === 0) return expression;
	// Through names that no column has, because columns can swap their names: the character is for private use.
	const temporary = (name: string) => `\uf8ff${name}`;
	const away = renamed.reduce((text, name) => renameColumnIn(text, before.name, name, temporary(name)), expression.text);
	return readSql(renamed.reduce((text, name) => renameColumnIn(text, before.name, temporary(name), newNames.get(nameKey(name)) ?? name), away));
}
