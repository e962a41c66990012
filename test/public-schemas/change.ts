import {readSql} from '../../source/core/ddl/expression.ts';
import {renderTable} from '../../source/core/ddl/render.ts';
import {advanceAll} from '../../source/core/operations/advance.ts';
import type {Operation} from '../../source/core/operations/operation.ts';
import {columnAffinity} from '../../source/core/schema/affinity.ts';
import {quoted, sameName} from '../../source/core/schema/identifiers.ts';
import {isInPrimaryKey} from '../../source/core/schema/key-columns.ts';
import {indexesOf} from '../../source/core/schema/lookup.ts';
import type {Column, Schema, Table} from '../../source/core/schema/schema.ts';
import {introspect} from '../../source/core/sqlite/introspect.ts';
import {openInMemory} from '../../source/core/sqlite/open.ts';

/** A change of the models: the new schema, the flags that answer the questions about it, and a description of the change. */
export interface Change {
	readonly schema: Schema;
	readonly flags: readonly string[];
	readonly renamed: {readonly table: string; readonly column: string; readonly to: string} | undefined;
}

export const addedColumn = 'lite_migr_note';

/**
 * Changes a schema the way an application does: adds a column and changes a default in the table that most depends on, renames the column that most
 * objects name, and drops a NOT NULL.
 *
 * @param adds false to add no column
 */
export function changeOf(before: Schema, adds: boolean): Change {
	const {schema, renamed} = withRename(before);
	const [main] = schema.tables.toSorted((a, b) => weight(schema, b) - weight(schema, a));
	if (main === undefined) throw new Error('the schema has no table');
	const others = schema.tables.filter((table) => table !== main);
	const relaxed = others.find((table) => requiredColumn(table) !== undefined);
	const loose = relaxed === undefined ? undefined : requiredColumn(relaxed);
	const operations: Operation[] = [changeTable(withDefault(main))];
	if (adds) operations.push({kind: 'addColumn', table: main.name, definition: `${addedColumn} TEXT`});
	if (relaxed !== undefined && loose !== undefined) {
		const {notNull: _, ...nullable} = loose;
		operations.push(changeTable(withColumn(relaxed, nullable)));
	}
	return {
		schema: advanceAll(schema, operations),
		flags: renamed === undefined ? [] : ['--rename', `${renamed.table}.${renamed.column}=${renamed.to}`],
		renamed,
	};
}

function changeTable(table: Omit<Table, 'sql'>): Operation {
	return {kind: 'changeTable', table: table.name, sql: renderTable(table), fill: {}};
}

/** Returns the table with another default, which needs a rewrite. */
function withDefault(table: Table): Omit<Table, 'sql'> {
	const plain = table.columns.filter((column) => isPlain(table, column));
	const column = plain.find((candidate) => candidate.default !== undefined) ?? plain[0];
	if (column === undefined) return table;
	return withColumn(table, {...column, default: readSql(columnAffinity(column.type, table.strict) === 'TEXT' ? "'changed'" : '42')});
}

function requiredColumn(table: Table): Column | undefined {
	return table.columns.find((candidate) => isPlain(table, candidate) && candidate.notNull !== undefined);
}

/** How much depends on a table: foreign keys, views and triggers first. */
function weight(schema: Schema, {name, columns}: Table): number {
	const keys = schema.tables.flatMap(({foreignKeys}) => foreignKeys).filter(({parent}) => sameName(parent, name)).length;
	const mentions = [...schema.views, ...schema.triggers].filter((object) => object.mentions.includes(name.toLowerCase())).length;
	return keys * 100 + mentions * 100 + indexesOf(schema, name).length * 10 + columns.length / 100;
}

function isPlain(table: Table, column: Column): boolean {
	return !isInPrimaryKey(table, column) && column.generated === undefined;
}

function withColumn(table: Omit<Table, 'sql'>, column: Column): Omit<Table, 'sql'> {
	return {...table, columns: table.columns.map((present) => (present.name === column.name ? column : present))};
}

/** Renames the column that most views, triggers and indexes name, if SQLite can: in these objects too, as its ALTER TABLE does. */
function withRename(schema: Schema): Pick<Change, 'schema' | 'renamed'> {
	for (const renamed of renames(schema)) {
		const db = openInMemory();
		try {
			for (const {sql} of [...schema.tables, ...schema.virtualTables, ...schema.indexes, ...schema.views, ...schema.triggers]) db.exec(sql);
			db.exec(`ALTER TABLE ${quoted(renamed.table)} RENAME COLUMN ${quoted(renamed.column)} TO ${quoted(renamed.to)}`);
			return {schema: introspect(db), renamed};
		} catch (error) {
			if (!/after rename/.test((error as Error).message)) throw error;
		} finally {
			db.close();
		}
	}
	return {schema, renamed: undefined};
}

function renames(schema: Schema): readonly NonNullable<Change['renamed']>[] {
	const candidates = schema.tables.flatMap((table) =>
		table.columns
			.filter((column) => !isInPrimaryKey(table, column))
			.map((column) => ({table: table.name, column: column.name, to: `${column.name}_new`})),
	);
	const dependents = [...schema.views, ...schema.triggers].map(({mentions}) => mentions);
	const indexes = (table: string, column: string) =>
		indexesOf(schema, table).filter(({columns}) => columns.some((part) => part.column !== undefined && sameName(part.column, column)));
	const score = ({table, column}: (typeof candidates)[number]) =>
		dependents.filter((names) => names.includes(table.toLowerCase()) && names.includes(column.toLowerCase())).length * 10 +
		indexes(table, column).length;
	return candidates.toSorted((a, b) => score(b) - score(a));
}
