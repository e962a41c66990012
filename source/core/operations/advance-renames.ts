import {readSql, renameColumnIn} from '../ddl/expression.ts';
import {readIndex} from '../ddl/read.ts';
import {renderIndex, renderTrigger, withTable} from '../ddl/render.ts';
import {identifier, nameKey, sameName} from '../schema/identifiers.ts';
import type {Index, Schema, Sql, Table} from '../schema/schema.ts';
import {withText} from './advance-columns.ts';
import {renameColumnInDefinition, renameParentColumnIn, renameTableIn} from './definition-text.ts';
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
			return table === before || refers ? withText(table, renameTableIn(table.sql, before.name, operation.to)) : table;
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
	return {
		...schema,
		tables: schema.tables.map((table) => {
			if (table === before) return withText(table, renameColumnInDefinition(table.sql, before.name, column.name, operation.to));
			const refers = table.foreignKeys.some(
				(key) => sameName(key.parent, before.name) && key.parentColumns.some((name) => sameName(name, column.name)),
			);
			return refers ? withText(table, renameParentColumnIn(table.sql, before.name, column.name, operation.to)) : table;
		}),
		indexes: schema.indexes.map((index) => (sameName(index.table, before.name) ? indexWith(index, follow, rename) : index)),
		triggers: schema.triggers.map((trigger) => {
			if (!sameName(trigger.table, before.name) || !trigger.updateOf.some((name) => nameKey(name) === nameKey(column.name))) return trigger;
			const renamed = {...trigger, updateOf: trigger.updateOf.map(rename)};
			return {...renamed, sql: renderTrigger(renamed)};
		}),
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
