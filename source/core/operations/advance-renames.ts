import {readSql, renameColumnIn} from '../ddl/expression.ts';
import {readIndex} from '../ddl/read.ts';
import {renderIndex, renderTrigger, withTable} from '../ddl/render.ts';
import {identifier, nameKey, sameName} from '../schema/identifiers.ts';
import type {ForeignKey, Index, KeyColumn, Schema, Sql, Table} from '../schema/schema.ts';
import {withRenderedSql} from './advance-columns.ts';
import {misfit, nameTaken, tableFor} from './fit.ts';
import type {RenameColumn, RenameTable} from './operation.ts';
import {renameQualifier} from './substitute.ts';

/** The schema with a table under a new name, as ALTER TABLE … RENAME TO leaves it: indexes, triggers and foreign keys follow. */
export function renameTable(schema: Schema, operation: RenameTable): Schema {
	const before = tableFor(schema, operation);
	const taken = nameTaken(schema, operation.to);
	if (taken !== undefined && taken !== before) throw misfit(operation, `the name ${operation.to} is taken by a ${taken.kind}`);
	const isMeant = (name: string) => sameName(name, before.name);
	const follow = (sql: Sql) => readSql(renameQualifier(sql.text, before.name, identifier(operation.to)));
	return {
		...schema,
		tables: schema.tables.map((table) => {
			const refers = table.foreignKeys.some(({parent}) => isMeant(parent));
			if (table !== before && !refers) return table;
			const foreignKeys = table.foreignKeys.map((key) => (isMeant(key.parent) ? {...key, parent: operation.to} : key));
			if (table !== before) return withRenderedSql({...table, foreignKeys});
			return withRenderedSql({...inExpressions(table, follow), foreignKeys, name: operation.to});
		}),
		indexes: schema.indexes.map((index) => (isMeant(index.table) ? readIndex(withTable(indexWith(index, follow).sql, operation.to)) : index)),
		triggers: schema.triggers.map((trigger) =>
			isMeant(trigger.table) ? {...trigger, table: operation.to, sql: withTable(trigger.sql, operation.to)} : trigger,
		),
	};
}

/** The schema with a column under a new name, as ALTER TABLE … RENAME COLUMN leaves it: constraints, indexes and foreign keys follow. */
export function renameColumn(schema: Schema, before: Table, operation: RenameColumn): Schema {
	const column = before.columns.find(({name}) => sameName(name, operation.column));
	if (column === undefined) throw misfit(operation, `there is no column ${before.name}.${operation.column}`);
	const taken = before.columns.find(({name}) => sameName(name, operation.to));
	if (taken !== undefined && taken !== column) throw misfit(operation, `${before.name} has a column ${operation.to} already`);
	const rename = (name: string) => (sameName(name, column.name) ? operation.to : name);
	const follow = (sql: Sql) => readSql(renameColumnIn(sql.text, before.name, column.name, operation.to));
	const renameKey = (key: ForeignKey): ForeignKey =>
		sameName(key.parent, before.name) ? {...key, parentColumns: key.parentColumns.map(rename)} : key;
	return {
		...schema,
		tables: schema.tables.map((table) => {
			if (table === before) return withRenderedSql(inColumns(inExpressions(table, follow), rename, renameKey));
			const refers = table.foreignKeys.some(
				(key) => sameName(key.parent, before.name) && key.parentColumns.some((name) => sameName(name, column.name)),
			);
			return refers ? withRenderedSql({...table, foreignKeys: table.foreignKeys.map(renameKey)}) : table;
		}),
		indexes: schema.indexes.map((index) => (sameName(index.table, before.name) ? indexWith(index, follow, rename) : index)),
		triggers: schema.triggers.map((trigger) => {
			if (!sameName(trigger.table, before.name) || !trigger.updateOf.some((name) => nameKey(name) === nameKey(column.name))) return trigger;
			const renamed = {...trigger, updateOf: trigger.updateOf.map(rename)};
			return {...renamed, sql: renderTrigger(renamed)};
		}),
	};
}

function inExpressions(table: Table, follow: (sql: Sql) => Sql): Table {
	return {
		...table,
		columns: table.columns.map((column) =>
			column.generated === undefined ? column : {...column, generated: {...column.generated, expression: follow(column.generated.expression)}},
		),
		checks: table.checks.map((check) => ({...check, expression: follow(check.expression)})),
	};
}

function inColumns(table: Table, rename: (name: string) => string, renameKey: (key: ForeignKey) => ForeignKey): Table {
	const inKey = (columns: readonly KeyColumn[]) => columns.map((column) => ({...column, name: rename(column.name)}));
	return {
		...table,
		columns: table.columns.map((column) => ({...column, name: rename(column.name)})),
		...(table.primaryKey === undefined ? {} : {primaryKey: {...table.primaryKey, columns: inKey(table.primaryKey.columns)}}),
		uniques: table.uniques.map((unique) => ({...unique, columns: inKey(unique.columns)})),
		checks: table.checks.map((check) => (check.column === undefined ? check : {...check, column: rename(check.column)})),
		foreignKeys: table.foreignKeys.map((key) => renameKey({...key, columns: key.columns.map(rename)})),
	};
}

function indexWith(index: Index, follow: (sql: Sql) => Sql, rename: (name: string) => string = (name) => name): Index {
	const columns = index.columns.map((column) => ({
		...column,
		expression: follow(column.expression),
		...(column.column === undefined ? {} : {column: rename(column.column)}),
	}));
	const renamed: Omit<Index, 'sql'> = {...index, columns, ...(index.where === undefined ? {} : {where: follow(index.where)})};
	return readIndex(renderIndex(renamed as Index));
}
