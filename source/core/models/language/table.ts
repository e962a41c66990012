import {type CallSite, callSite, modelError} from './call-site.ts';
import {type AnyColumnBuilder, type Column, type ColumnTypes, columnOf, definitionOf, type typesSymbol} from './column.ts';
import {type HasModel, modelSymbol} from './model.ts';
import {checkName} from './name.ts';
import {checkOptions} from './options.ts';
import {tableStatements} from './render-table.ts';
import {type Named, nameSymbol} from './sql.ts';
import type {TableDefinition, TableOptions, TablePart} from './table-definition.ts';

export type ColumnMap = Readonly<Record<string, AnyColumnBuilder>>;

type TypesOf<Builder> = Builder extends {readonly [typesSymbol]: infer T extends ColumnTypes} ? T : never;
type NameOf<Key, Builder> = TypesOf<Builder>['name'] extends infer Name extends string ? Name : Key & string;

/** The columns of a table, by their keys in the definition. */
export type TableColumns<C extends ColumnMap> = {readonly [K in keyof C & string]: Column<NameOf<K, C[K]>>};

declare const columnsSymbol: unique symbol;

/** Any table of the table language. */
export interface AnyTable extends Named, HasModel {
	readonly [columnsSymbol]: ColumnMap;
}

interface TableMethods<C extends ColumnMap> {
	strict(): Table<C>;
	withoutRowid(): Table<C>;
	/** Declares the table's name before a rename. It has no effect after the rename is applied. */
	renamedFrom(name: string): Table<C>;
}

interface TableBase<C extends ColumnMap> extends AnyTable {
	readonly [columnsSymbol]: C;
}

/** A table. A column with the same key as a method hides the method. In that case, pass the option as the last argument of `table()`. */
export type Table<C extends ColumnMap = ColumnMap> = TableBase<C> & TableColumns<C> & Omit<TableMethods<C>, keyof C>;

type Flat<T> = {[K in keyof T]: T[K]} & unknown;
type RowValue<T extends ColumnTypes> = T['notNull'] extends true ? T['data'] : T['data'] | null;
type IsOptional<T extends ColumnTypes> = T['notNull'] extends true ? T['hasDefault'] : true;
type ColumnsOf<T extends AnyTable> = T[typeof columnsSymbol];

/** A row as SQLite returns it. Its keys are the column names in the database. */
export type InferRow<T extends AnyTable> = Flat<{
	[K in keyof ColumnsOf<T> as NameOf<K, ColumnsOf<T>[K]>]: RowValue<TypesOf<ColumnsOf<T>[K]>>;
}>;

type InsertKey<K, Builder, Optional extends boolean> = TypesOf<Builder>['generated'] extends true
	? never
	: IsOptional<TypesOf<Builder>> extends Optional
		? NameOf<K, Builder>
		: never;

/** The values of an INSERT. Generated columns are omitted. Nullable columns, defaults and rowids are optional. */
export type InferInsert<T extends AnyTable> = Flat<
	{[K in keyof ColumnsOf<T> as InsertKey<K, ColumnsOf<T>[K], false>]: RowValue<TypesOf<ColumnsOf<T>[K]>>} & {
		[K in keyof ColumnsOf<T> as InsertKey<K, ColumnsOf<T>[K], true>]?: RowValue<TypesOf<ColumnsOf<T>[K]>>;
	}
>;

/**
 * Creates a table. The third argument lists indexes and constraints on several columns. The last argument has the options:
 *
 *     table('user', {id: integer().primaryKey(), name: text().notNull()}, (user) => [index('user_name').on(user.name)], {strict: true})
 */
export function table<C extends ColumnMap>(name: string, columns: C, options?: TableOptions): Table<C>;
export function table<C extends ColumnMap>(
	name: string,
	columns: C,
	parts: (columns: TableColumns<C>) => readonly TablePart[],
	options?: TableOptions,
): Table<C>;
export function table<C extends ColumnMap>(
	name: string,
	columns: C,
	third?: ((columns: TableColumns<C>) => readonly TablePart[]) | TableOptions,
	fourth?: TableOptions,
): Table<C> {
	const site = callSite(table);
	checkName('table', name, site);
	if (typeof columns !== 'object' || columns === null || Object.keys(columns).length === 0) {
		throw modelError(`table ${name} has no columns`, site, `write table('${name}', {id: integer().primaryKey()})`);
	}
	const definitions = Object.entries(columns).map(([key, builder]) => columnDefinition(name, key, builder, site));
	const bound = Object.fromEntries(definitions.map(({key, name: column}) => [key, columnOf(column, name)])) as TableColumns<C>;
	const parts = typeof third === 'function' ? third : undefined;
	if (Array.isArray(third)) throw modelError(`the third argument of table ${name} is a list, not a function`, site, partsHint);
	const options = (typeof third === 'function' ? fourth : third) ?? {};
	checkOptions(`table ${name}`, options, ['strict', 'withoutRowid', 'renamedFrom'], site);
	return assemble<C>({name, columns: definitions, parts: () => listOf(parts?.(bound), name, site), options, site}, bound);
}

const partsHint = 'write (t) => [index(…).on(t.…)]';

function columnDefinition(table: string, key: string, builder: unknown, site: CallSite) {
	const definition = definitionOf(builder);
	if (definition === undefined) {
		throw modelError(`${key} of table ${table} is not a column`, site, 'begin a column with integer(), text(), real(), blob(), numeric() or any()');
	}
	const name = definition.name ?? key;
	checkName(`a column of table ${table}`, name, definition.site);
	return {key, name, definition};
}

function listOf(parts: unknown, table: string, site: CallSite): readonly TablePart[] {
	if (parts === undefined || parts === null) return [];
	if (!Array.isArray(parts)) {
		throw modelError(`the third argument of table ${table} does not return a list`, site, partsHint);
	}
	for (const [at, part] of parts.entries()) {
		if (typeof part !== 'object' || part === null || !('part' in part)) {
			throw modelError(
				`entry ${at + 1} in the list of table ${table} is not an index, unique, check, primaryKey or foreignKey`,
				site,
				'add the columns of an index or unique: index(…).on(t.…)',
			);
		}
	}
	return parts;
}

function assemble<C extends ColumnMap>(definition: TableDefinition, columns: TableColumns<C>): Table<C> {
	const withOptions = (options: TableOptions) => assemble<C>({...definition, options: {...definition.options, ...options}}, columns);
	const methods: TableMethods<C> = {
		strict: () => withOptions({strict: true}),
		withoutRowid: () => withOptions({withoutRowid: true}),
		renamedFrom: (renamedFrom) => withOptions({renamedFrom}),
	};
	const base: Omit<AnyTable, typeof columnsSymbol> = {
		[nameSymbol]: definition.name,
		[modelSymbol]: {
			protocol: 1,
			kind: 'table',
			name: definition.name,
			get source() {
				return definition.site();
			},
			statements: () => tableStatements(definition),
		},
	};
	return {...methods, ...columns, ...base} as unknown as Table<C>;
}
