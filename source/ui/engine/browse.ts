import {columnText} from '../../core/ddl/definition-lines.ts';
import {renderIndexed, renderKeyColumns} from '../../core/ddl/render.ts';
import {quoted, sameName} from '../../core/schema/identifiers.ts';
import type {ForeignKey, Schema, Table} from '../../core/schema/schema.ts';
import type {Database} from '../../core/sqlite/database.ts';
import {introspect} from '../../core/sqlite/introspect.ts';
import {columnFacts, countRows} from '../../core/sqlite/table-facts.ts';
import {valueText} from '../../core/text/value.ts';
import type {BrowsedObject, FirstRows} from '../existing-database.ts';

/** Returns the tables and views of a database, with what belongs to each. */
export function browsedObjects(db: Database): readonly BrowsedObject[] {
	const schema = introspect(db);
	return [
		...schema.tables.map((table) => browsedTable(db, table, schema)),
		...schema.virtualTables.map(({name, sql, module}) => ({
			...bare(name, sql),
			kind: `virtual table (${module})`,
			rows: countRows(db, name),
			...reportedColumns(db, name),
			triggers: triggersOf(name, schema),
		})),
		...schema.views.map(({name, sql}) => ({
			...bare(name, sql),
			kind: 'view',
			...reportedColumns(db, name),
			triggers: triggersOf(name, schema),
		})),
	];
}

/** Returns the columns of a view or virtual table as SQLite reports them, because its SQL need not list them. */
function reportedColumns(db: Database, name: string): Pick<BrowsedObject, 'columns' | 'problem'> {
	try {
		const facts = columnFacts(db, name).filter(({hidden}) => Number(hidden) !== 1);
		return {columns: facts.map((column) => ({name: String(column.name), text: String(column.type)}))};
	} catch (error) {
		return {columns: [], problem: (error as Error).message};
	}
}

/** The number of rows that are shown. */
const mostRows = 20;

/** Returns the first rows of a table or view, as text. */
export function firstRowsOf(db: Database, name: string): FirstRows {
	const columns = db.tuples('SELECT name FROM pragma_table_info(?)', name).map(([column]) => String(column));
	const rows = db.tuples(`SELECT * FROM ${quoted(name)} LIMIT ${mostRows}`);
	return {columns, rows: rows.map((row) => row.map((value) => valueText(value, 24)))};
}

function bare(name: string, sql: string): BrowsedObject {
	return {name, kind: 'table', rows: null, columns: [], constraints: [], indexes: [], keysOut: [], keysIn: [], triggers: [], sql};
}

function browsedTable(db: Database, table: Table, schema: Schema): BrowsedObject {
	const {name} = table;
	const isKey = (column: string) => table.primaryKey?.columns.some((key) => sameName(key.name, column)) === true;
	return {
		...bare(name, table.sql),
		rows: countRows(db, name),
		columns: table.columns.map((column) => ({name: column.name, text: columnText(column, isKey(column.name))})),
		constraints: [
			...(table.primaryKey !== undefined && table.primaryKey.columns.length > 1
				? [`primary key (${renderKeyColumns(table.primaryKey.columns)})`]
				: []),
			...table.uniques.map((unique) => `unique (${renderKeyColumns(unique.columns)})`),
			...table.checks.map(({expression}) => `check (${expression.text})`),
		],
		indexes: schema.indexes
			.filter((index) => sameName(index.table, name))
			.map((index) => `${index.unique ? 'unique ' : ''}${index.name} ${renderIndexed(index)}`),
		keysOut: table.foreignKeys.map((key) => `${key.columns.join(', ')} → ${parentOf(key)}${actionsOf(key)}`),
		keysIn: schema.tables.flatMap((child) =>
			child.foreignKeys.filter(({parent}) => sameName(parent, name)).map((key) => `${child.name}.${key.columns.join(', ')}${actionsOf(key)}`),
		),
		triggers: triggersOf(name, schema),
	};
}

function parentOf({parent, parentColumns}: ForeignKey): string {
	return parentColumns.length === 0 ? parent : `${parent}.${parentColumns.join(', ')}`;
}

function actionsOf({onDelete, onUpdate}: ForeignKey): string {
	return `${onDelete === undefined ? '' : `, on delete ${onDelete.toLowerCase()}`}${onUpdate === undefined ? '' : `, on update ${onUpdate.toLowerCase()}`}`;
}

function triggersOf(name: string, {triggers}: Schema): readonly string[] {
	return triggers
		.filter(({table}) => sameName(table, name))
		.map((trigger) => `${trigger.name} (${trigger.timing.toLowerCase()} ${trigger.event.toLowerCase()})`);
}
