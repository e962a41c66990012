import {columnAffinity} from '../../source/core/schema/affinity.ts';
import {quoted, sameName} from '../../source/core/schema/identifiers.ts';
import {findTable} from '../../source/core/schema/lookup.ts';
import type {Schema, Table} from '../../source/core/schema/schema.ts';
import type {Database} from '../../source/core/sqlite/database.ts';
import {columnOf, type Model, type ModelColumn, type ModelTable, tableOf} from './generate/model.ts';

/** The rows of a table as sorted texts. Each value has its type, and nothing is rounded. */
export type Rows = readonly string[];

/** Returns a name for the rowid of a table. Undefined if it has none. */
export function rowidOf(table: ModelTable): string | undefined {
	if (table.withoutRowid) return undefined;
	return ['rowid', '_rowid_', 'oid'].find((name) => !table.columns.some((column) => sameName(column.name, name)));
}

function rowidAlias(schema: Schema, name: string): string | undefined {
	const {primaryKey} = findTable(schema, name) as Table;
	return primaryKey?.rowidAlias === true ? primaryKey.columns[0]?.name : undefined;
}

/** The expected rows of a table that both schemas have. */
export interface Expectation {
	readonly table: number;
	readonly name: string;
	/** The SELECT that reads the kept columns after the change. */
	readonly select: string;
	readonly rows: Rows;
}

interface Both {
	readonly from: Model;
	readonly to: Model;
	readonly fromSchema: Schema;
	readonly toSchema: Schema;
	/** The SQL over the old row that gives the value of a column, by column number. */
	readonly fills: ReadonlyMap<number, string>;
}

/**
 * Returns the expected rows of each kept table, as SQLite itself computes them: each kept value stored in a column of the new type, each new column
 * from its fill or default, and the rowid if both tables have an implicit one.
 */
export function expectations(db: Database, both: Both): readonly Expectation[] {
	return both.from.tables.flatMap((before) => {
		const after = tableOf(both.to, before.id);
		return after === undefined ? [] : [expectation(db, before, after, both)];
	});
}

function expectation(db: Database, before: ModelTable, after: ModelTable, both: Both): Expectation {
	const definitions: string[] = [];
	const targets: string[] = [];
	const expressions: string[] = [];
	const reads: string[] = [];
	if (keepsRowids(before, after, both)) {
		definitions.push(after.strict ? 'r INTEGER' : 'r');
		targets.push('r');
		expressions.push(rowidOf(before) as string);
		reads.push(rowidOf(after) as string);
	}
	for (const column of after.columns) {
		const value = expectedValue(column, before, after, both);
		if (value === undefined) continue;
		const name = `c${column.id}`;
		const isNew = columnOf(before, column.id) === undefined;
		const standard = isNew && column.default !== undefined ? ` DEFAULT ${column.default}` : '';
		definitions.push(`${name} ${column.type}${standard}${isAlias(column, after, both) ? ' PRIMARY KEY' : ''}`);
		reads.push(quoted(column.name));
		if (value === 'default') continue;
		targets.push(name);
		expressions.push(value);
	}
	if (targets.length === 0) {
		definitions.push('n INTEGER');
		targets.push('n');
		expressions.push('1');
		reads.push('1');
	}
	const strict = after.strict ? ' STRICT' : '';
	db.exec('DROP TABLE IF EXISTS temp.expected');
	db.exec(`CREATE TEMP TABLE expected (${definitions.join(', ')})${strict}`);
	db.exec(`INSERT INTO temp.expected (${targets.join(', ')}) SELECT ${expressions.join(', ')} FROM main.${quoted(before.name)}`);
	const columns = definitions.map((definition) => definition.split(' ')[0] as string);
	// `n` comes last and is not a column of the table.
	const rows = readRows(db, `SELECT ${columns.map(shown).join(', ')} FROM temp.expected`);
	db.exec('DROP TABLE temp.expected');
	return {table: after.id, name: after.name, select: `SELECT ${reads.map(shown).join(', ')} FROM ${quoted(after.name)}`, rows};
}

/** True if the column is an alias of the rowid, which accepts a REAL that other integer columns refuse. */
function isAlias(column: ModelColumn, after: ModelTable, {toSchema}: Both): boolean {
	const alias = rowidAlias(toSchema, after.name);
	return alias !== undefined && sameName(alias, column.name);
}

/** Returns the SQL over the old row, or `default` for the default of the column. Undefined if the value cannot be predicted. */
function expectedValue(column: ModelColumn, before: ModelTable, after: ModelTable, both: Both): string | undefined {
	const {fills} = both;
	if (column.generated !== undefined) return undefined;
	const fill = fills.get(column.id);
	const old = columnOf(before, column.id);
	if (old !== undefined) {
		if (fill === undefined) return quoted(old.name);
		return isForMissing(fill, old, column) ? `coalesce(${quoted(old.name)}, (${fill}))` : `(${fill})`;
	}
	if (fill !== undefined) return `(${fill})`;
	if (isAlias(column, after, both)) return undefined;
	return /^current|random/i.test(column.default ?? '') ? undefined : 'default';
}

/** True if the fill only replaces NULL. A fill that converts to another type or reads the column sets the value of every row. */
function isForMissing(fill: string, old: ModelColumn, column: ModelColumn): boolean {
	if (old.type.toUpperCase() === column.type.toUpperCase()) return true;
	const becomesNotNull = old.notNull === undefined && column.notNull !== undefined;
	return becomesNotNull && !fill.toLowerCase().includes(quoted(old.name).toLowerCase());
}

/** True if rowids are kept: they are implicit before and after, or aliases of the same column. */
function keepsRowids(before: ModelTable, after: ModelTable, {fromSchema, toSchema, fills}: Both): boolean {
	if (rowidOf(before) === undefined || rowidOf(after) === undefined) return false;
	const [was, is] = [rowidAlias(fromSchema, before.name), rowidAlias(toSchema, after.name)];
	if (is === undefined) return true;
	const column = after.columns.find(({name}) => sameName(name, is)) as ModelColumn;
	const old = columnOf(before, column.id);
	if (old === undefined) return !fills.has(column.id);
	return was !== undefined && sameName(was, old.name);
}

function shown(expression: string): string {
	return `typeof(${expression}) || ' ' || quote(${expression})`;
}

export function readRows(db: Database, select: string): Rows {
	return db
		.tuples(select)
		.map((row) => row.join(' | '))
		.sort();
}

/** True if both columns store values with the same affinity. */
export function sameAffinity(a: ModelColumn, b: ModelColumn, before: ModelTable, after: ModelTable): boolean {
	return columnAffinity(a.type, before.strict) === columnAffinity(b.type, after.strict);
}
