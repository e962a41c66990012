import {readSql, renameColumnIn} from '../ddl/expression.ts';
import {readIndex} from '../ddl/read.ts';
import {renderIndex, renderTrigger, withTable} from '../ddl/render.ts';
import {identifier, nameKey, sameName} from '../schema/identifiers.ts';
import {indexesOf, replacedIn, triggersOf} from '../schema/lookup.ts';
import type {ForeignKey, Index, Schema, Sql, Table, Trigger} from '../schema/schema.ts';
import {withText} from './advance-columns.ts';
import {renameColumnInDefinition, renameParentColumnIn, renameTableIn} from './definition-text.ts';
import {cannotApply, nameTaken, tableFor} from './fit.ts';
import type {RenameColumn, RenameTable} from './operation.ts';
import {renameQualifier} from './substitute.ts';

/** Returns the schema with a table renamed as by ALTER TABLE … RENAME TO. Indexes, triggers and foreign keys follow. */
export function renameTable(schema: Schema, operation: RenameTable): Schema {
	const before = tableFor(schema, operation);
	const taken = nameTaken(schema, operation.to);
	if (taken !== undefined && taken !== before) throw cannotApply(operation, `the ${taken.kind} ${operation.to} already exists`);
	const follow = (sql: Sql) => readSql(renameQualifier(sql.text, before.name, identifier(operation.to)));
	const concerned = [before, ...referringTo(schema, before).filter((table) => table !== before)];
	const tables = changed(schema, 'tables', concerned, (table) => withText(table, renameTableIn(table.sql, before.name, operation.to)));
	const indexes = changed(tables, 'indexes', indexesOf(schema, before), (index) => readIndex(withTable(indexWith(index, follow).sql, operation.to)));
	return changed(indexes, 'triggers', triggersOf(schema, before), (trigger) => ({
		...trigger,
		table: operation.to,
		sql: withTable(trigger.sql, operation.to),
	}));
}

/** Returns the schema with some of its objects changed. */
function changed<Name extends keyof Schema>(
	schema: Schema,
	list: Name,
	some: readonly Schema[Name][number][],
	change: (object: Schema[Name][number]) => Schema[Name][number],
): Schema {
	return some.reduce<Schema>((now, object) => replacedIn(now, list, object, change(object)), schema);
}

/** Returns the tables with a foreign key to this one, including itself. */
function referringTo({tables}: Schema, {name}: Table): readonly Table[] {
	const key = nameKey(name);
	return tables.filter(({foreignKeys}) => foreignKeys.some(({parent}) => parent.length === name.length && nameKey(parent) === key));
}

/** Returns the schema with a column renamed as by ALTER TABLE … RENAME COLUMN. Constraints, indexes and foreign keys follow. */
export function renameColumn(schema: Schema, before: Table, operation: RenameColumn): Schema {
	const column = before.columns.find(({name}) => sameName(name, operation.column));
	if (column === undefined) throw cannotApply(operation, `there is no column ${before.name}.${operation.column}`);
	const taken = before.columns.find(({name}) => sameName(name, operation.to));
	if (taken !== undefined && taken !== column) throw cannotApply(operation, `column ${before.name}.${operation.to} already exists`);
	const rename = (name: string) => (sameName(name, column.name) ? operation.to : name);
	const follow = (sql: Sql) => readSql(renameColumnIn(sql.text, before.name, column.name, operation.to));
	const isNamed = ({parent, parentColumns}: ForeignKey) => sameName(parent, before.name) && parentColumns.some((name) => sameName(name, column.name));
	const children = referringTo(schema, before).filter((table) => table !== before && table.foreignKeys.some(isNamed));
	const isNaming = (trigger: Trigger) => trigger.updateOf.some((name) => sameName(name, column.name));
	const tables = changed(schema, 'tables', [before, ...children], (table) =>
		withText(
			table,
			table === before
				? renameColumnInDefinition(table.sql, before.name, column.name, operation.to)
				: renameParentColumnIn(table.sql, before.name, column.name, operation.to),
		),
	);
	const indexes = changed(tables, 'indexes', indexesOf(schema, before), (index) => indexWith(index, follow, rename));
	return changed(indexes, 'triggers', triggersOf(schema, before).filter(isNaming), (trigger) => {
		const renamed = {...trigger, updateOf: trigger.updateOf.map(rename)};
		return {...renamed, sql: renderTrigger(renamed)};
	});
}

function indexWith(index: Index, follow: (sql: Sql) => Sql, rename: (name: string) => string = (name) => name): Index {
	const columns = index.columns.map((column) => ({
		...column,
		expression: follow(column.expression),
		column: column.column === undefined ? undefined : rename(column.column),
	}));
	const renamed: Omit<Index, 'sql'> = {...index, columns, where: index.where && follow(index.where)};
	return readIndex(renderIndex(renamed as Index));
}
