import {MigrError} from '../../errors.ts';
import type {Orm, OrmColumn, OrmSql, OrmView} from './orm.ts';
import {kindsOf} from './recognize.ts';

/** The names that a casing changes: from the name in the table's definition to the name in the database. */
type Renamed = ReadonlyMap<string, string>;

/**
 * Applies a casing to the query of a view that was built with drizzle-orm 0's query builder. The builder writes selected columns with their names
 * before casing, which do not exist in the database. This function replaces them with the names that drizzle-orm itself queries later.
 *
 * @throws MigrError `model` if an alias has the same name as such a column, so the two cannot be distinguished
 */
export function casedQuery(orm: Orm, view: OrmView, query: OrmSql): OrmSql {
	const columns = [view.selectedFields, query].flatMap(columnsIn).filter((column) => column.keyAsName);
	const renamed = new Map(columns.map((column) => [column.name, orm.columnName(column)] as const).filter(([key, name]) => key !== name));
	return renamed.size === 0 ? query : (recased(query, renamed) as OrmSql);
}

/** Parts of a query that contain no other parts, even though they have `getSQL()`. */
const leaves: ReadonlySet<string> = new Set(['StringChunk', 'Name', 'Param', 'Placeholder']);

function columnsIn(chunk: unknown): OrmColumn[] {
	return kindsOf(chunk).includes('Column') ? [chunk as OrmColumn] : partsOf(chunk).flatMap(columnsIn);
}

function partsOf(chunk: unknown): readonly unknown[] {
	if (chunk === null || typeof chunk !== 'object') return [];
	const kinds = kindsOf(chunk);
	const parts = chunk as Readonly<Record<string | symbol, unknown>>;
	if (kinds.some((kind) => leaves.has(kind))) return [];
	if (kinds.includes('Table')) return Object.values(parts[Symbol.for('drizzle:Columns')] as object);
	if (kinds.includes('View')) return [(parts[Symbol.for('drizzle:ViewBaseConfig')] as OrmView).selectedFields];
	if (kinds.includes('SQL')) return (chunk as OrmSql).queryChunks;
	if (kinds.includes('Subquery')) return [(parts._ as {readonly sql: unknown}).sql];
	if (typeof parts.getSQL === 'function') return [parts.getSQL()];
	return kinds.length === 0 ? Object.values(chunk) : [];
}

/** Returns a copy of a part of the query with the names from the database. The user's objects are not modified. */
function recased(chunk: unknown, renamed: Renamed, before?: unknown): unknown {
	if (Array.isArray(chunk)) return recasedAll(chunk, renamed);
	const kinds = kindsOf(chunk);
	if (kinds.includes('Name')) return recasedName(chunk as {readonly value: string}, renamed, before);
	if (kinds.includes('SQL')) return derived(chunk as object, {queryChunks: recasedAll((chunk as OrmSql).queryChunks, renamed)});
	if (kinds.includes('Subquery')) {
		const {_: inner} = chunk as {readonly _: {readonly sql: unknown}};
		return derived(chunk as object, {_: derived(inner, {sql: recased(inner.sql, renamed)})});
	}

	const isNamed = kinds.some((kind) => leaves.has(kind) || kind === 'Column' || kind === 'Table' || kind === 'View' || kind === 'SQL.Aliased');
	if (isNamed || typeof (chunk as {readonly getSQL?: unknown} | null | undefined)?.getSQL !== 'function') return chunk;
	const sql = recased((chunk as {getSQL(): unknown}).getSQL(), renamed);
	return derived(chunk as object, {getSQL: () => sql});
}

function recasedAll(chunks: readonly unknown[], renamed: Renamed): unknown[] {
	return chunks.map((chunk, index) => recased(chunk, renamed, chunks[index - 1]));
}

function recasedName(name: {readonly value: string}, renamed: Renamed, before: unknown): unknown {
	const to = renamed.get(name.value);
	if (to === undefined) return name;
	const text = kindsOf(before).includes('StringChunk') ? (before as {readonly value: readonly string[]}).value.join('') : '';
	if (!/\bas\s+$/i.test(text)) return derived(name, {value: to});
	throw new MigrError('model', `the view's query has an alias ${name.value}, which is also the name of a column before casing`, {
		hint: `rename the alias, or name the column explicitly: text('${to}')`,
	});
}

function derived<Value extends object>(value: Value, properties: Readonly<Record<string, unknown>>): Value {
	return Object.create(value, Object.fromEntries(Object.entries(properties).map(([key, property]) => [key, {value: property}]))) as Value;
}
