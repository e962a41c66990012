import {type CallSite, callSite, modelError} from './call-site.ts';
import {checkOptions, referenceOptions, uniqueOptions} from './options.ts';
import type {Named, SqlExpression, SqlLiteral} from './sql.ts';
import {isSql, keyPart, nameSymbol} from './sql.ts';

export type ConflictAction = 'rollback' | 'abort' | 'fail' | 'ignore' | 'replace';
export type ReferenceAction = 'cascade' | 'restrict' | 'set null' | 'set default' | 'no action';

/** The properties of a column that determine the row types. */
export interface ColumnTypes {
	readonly kind: 'integer' | 'other';
	readonly data: unknown;
	/** The explicit name. Undefined if the key is used as the name. */
	readonly name: string | undefined;
	readonly notNull: boolean;
	readonly hasDefault: boolean;
	readonly generated: boolean;
}

type With<T extends ColumnTypes, Changed extends Partial<ColumnTypes>> = {
	readonly [K in keyof ColumnTypes]: K extends keyof Changed ? Changed[K] : T[K];
} & ColumnTypes;

/** The options of `.primaryKey()`. */
export interface PrimaryKeyOptions {
	/** AUTOINCREMENT: an id is never reused (https://www.sqlite.org/autoinc.html). Only for `integer()`. */
	readonly autoIncrement?: boolean;
	/** `PRIMARY KEY DESC`. An integer column is then not an alias of the rowid. */
	readonly order?: 'asc' | 'desc';
	readonly onConflict?: ConflictAction;
	/** The constraint's name. */
	readonly name?: string;
}

/** The options of `.notNull()`. */
export interface NotNullOptions {
	readonly onConflict?: ConflictAction;
	readonly name?: string;
}

/** The options of `.unique()` and `unique()`. */
export interface UniqueOptions {
	/** The name of the index, or of the constraint. */
	readonly name?: string;
	/** True for a UNIQUE constraint in the table instead of a unique index. Adding one to a table with rows copies the table. */
	readonly constraint?: boolean;
	/** The conflict clause, which makes this a UNIQUE constraint. */
	readonly onConflict?: ConflictAction;
}

/** The options of a foreign key. */
export interface ReferenceOptions {
	readonly onDelete?: ReferenceAction;
	readonly onUpdate?: ReferenceAction;
	/** DEFERRABLE INITIALLY DEFERRED: checked when the transaction commits. */
	readonly deferred?: boolean;
	/** MATCH, which SQLite reads and ignores. */
	readonly match?: string;
	readonly name?: string;
}

/**
 * The target of a foreign key. Either a function that returns a column (or a table, for its primary key) and is called when the models are loaded,
 * or a name, for a table that is defined elsewhere: `'user.id'`, `'user'`.
 */
export type ReferenceTarget = (() => AnyColumn | Named) | string;

export interface ColumnDefinition {
	readonly site: CallSite;
	readonly name: string | undefined;
	readonly type: string;
	readonly primaryKey?: PrimaryKeyOptions;
	readonly notNull?: NotNullOptions;
	readonly default?: SqlLiteral | SqlExpression;
	readonly unique?: UniqueOptions;
	readonly references: readonly {readonly target: ReferenceTarget; readonly options: ReferenceOptions}[];
	readonly checks: readonly {readonly expression: SqlExpression | (() => SqlExpression); readonly name?: string | undefined}[];
	readonly collate?: string;
	readonly generated?: {readonly expression: SqlExpression | (() => SqlExpression); readonly stored: boolean};
	readonly renamedFrom?: string;
}

export declare const typesSymbol: unique symbol;
const definitionSymbol: unique symbol = Symbol.for('lite-migr.column');

/** Any column under construction. */
export interface AnyColumnBuilder {
	readonly [definitionSymbol]: ColumnDefinition;
	readonly [typesSymbol]: ColumnTypes;
}

/** A column under construction. Each method returns a new builder. */
export interface ColumnBuilder<T extends ColumnTypes = ColumnTypes> extends AnyColumnBuilder {
	readonly [typesSymbol]: T;
	/** Makes this column the PRIMARY KEY. An `integer()` becomes the rowid. Any other type allows NULL unless `.notNull()` is added. */
	primaryKey(options?: PrimaryKeyOptions): ColumnBuilder<With<T, {notNull: true; hasDefault: T['kind'] extends 'integer' ? true : T['hasDefault']}>>;
	notNull(options?: NotNullOptions): ColumnBuilder<With<T, {notNull: true}>>;
	/** Sets the default: a value, or an `sql` expression. */
	default(value: T['data'] | SqlExpression | boolean | null): ColumnBuilder<With<T, {hasDefault: true}>>;
	/** Adds a unique index. Its default name is `<table>_<column>_unique`. */
	unique(nameOrOptions?: string | UniqueOptions): ColumnBuilder<T>;
	/** Adds a foreign key to `() => user.id`, or by name, to `'user.id'`. */
	references(target: ReferenceTarget, options?: ReferenceOptions): ColumnBuilder<T>;
	/** Sets the collating sequence, such as `'NOCASE'`. */
	collate(name: string): ColumnBuilder<T>;
	check(expression: SqlExpression | (() => SqlExpression), name?: string): ColumnBuilder<T>;
	/** Computes the column from other columns: when it is read (`virtual`, the default), or when the row is written (`stored`). */
	generatedAlwaysAs(
		expression: SqlExpression | (() => SqlExpression),
		options?: {readonly mode?: 'virtual' | 'stored'},
	): ColumnBuilder<With<T, {generated: true}>>;
	/** Sets the declared type, such as `'VARCHAR(255)'`. Use `''` for no type. */
	type(declared: string): ColumnBuilder<With<T, {kind: 'other'}>>;
	/** Sets the type of the values in `InferRow`. The database is not affected. */
	$type<Data>(): ColumnBuilder<With<T, {data: Data}>>;
	/** Declares the column's name before a rename. It has no effect after the rename is applied. */
	renamedFrom(name: string): ColumnBuilder<T>;
}

/** A column of a table. */
export interface Column<Name extends string = string> extends Named {
	readonly [nameSymbol]: Name;
	readonly [tableSymbol]: string;
	/** Sorts in descending order in an index or a key. */
	desc(): ReturnType<typeof keyPart>;
	asc(): ReturnType<typeof keyPart>;
	collate(name: string): ReturnType<typeof keyPart>;
}

/** The return type for a reference from a table to itself: `.references((): AnyColumn => category.id)`. */
export type AnyColumn = Column;

/** The name of the table that a column belongs to. */
export const tableSymbol: unique symbol = Symbol.for('lite-migr.table');

export function columnOf<Name extends string>(name: Name, table: string): Column<Name> {
	const column: Column<Name> = {
		[nameSymbol]: name,
		[tableSymbol]: table,
		desc: () => keyPart(column, true),
		asc: () => keyPart(column),
		collate: (collation) => keyPart(column, false, collation),
	};
	return column;
}

export function definitionOf(builder: unknown): ColumnDefinition | undefined {
	return typeof builder === 'object' && builder !== null ? (builder as Partial<AnyColumnBuilder>)[definitionSymbol] : undefined;
}

function builder<T extends ColumnTypes>(definition: ColumnDefinition): ColumnBuilder<T> {
	const next = (changes: Partial<ColumnDefinition>) => builder<never>({...definition, ...changes});
	const checked = <Options>(what: string, options: Options, known: readonly string[]): Options => {
		checkOptions(what, options, known, definition.site);
		return options;
	};
	const methods: Omit<ColumnBuilder<T>, typeof typesSymbol> = {
		[definitionSymbol]: definition,
		primaryKey: (options = {}) => next({primaryKey: checked('primaryKey()', options, ['autoIncrement', 'order', 'onConflict', 'name'])}),
		notNull: (options = {}) => next({notNull: checked('notNull()', options, ['onConflict', 'name'])}),
		default: (value) => next({default: value as SqlLiteral | SqlExpression}),
		unique: (given = {}) => next({unique: typeof given === 'string' ? {name: given} : checked('unique()', given, uniqueOptions)}),
		references: (target, options = {}) => {
			if (typeof target !== 'function' && typeof target !== 'string') {
				throw modelError('references() takes a function or a name', definition.site, "write .references(() => user.id), or .references('user.id')");
			}
			return next({references: [...definition.references, {target, options: checked('references()', options, referenceOptions)}]});
		},
		collate: (name) => next({collate: name}),
		check: (expression, name) => next({checks: [...definition.checks, {expression, name}]}),
		generatedAlwaysAs: (expression, options = {}) => {
			if (!isSql(expression) && typeof expression !== 'function') {
				throw modelError('generatedAlwaysAs() takes an expression', definition.site, 'write it as sql`…`');
			}
			return next({generated: {expression, stored: checked('generatedAlwaysAs()', options, ['mode']).mode === 'stored'}});
		},
		type: (declared) => next({type: declared}),
		$type: () => next({}),
		renamedFrom: (name) => next({renamedFrom: name}),
	};
	return methods as ColumnBuilder<T>;
}

/** A type alias instead of an interface, so a project's generated declarations can expand it. */
type Fresh<Kind extends 'integer' | 'other', Data, Name extends string | undefined> = {
	readonly kind: Kind;
	readonly data: Data;
	readonly name: Name;
	readonly notNull: false;
	readonly hasDefault: false;
	readonly generated: false;
};

function fresh<T extends ColumnTypes>(type: string, name: string | undefined, site: CallSite, more: readonly unknown[] = []): ColumnBuilder<T> {
	if ((name !== undefined && typeof name !== 'string') || more.length > 0) {
		const hint = 'remove the options: rows are typed as SQLite stores them, so there are no modes';
		throw modelError(`${type.toLowerCase()}() takes the name of the column and no options`, site, hint);
	}
	return builder<T>({site, name, type, references: [], checks: []});
}

/** Creates an INTEGER column. As the primary key it is the rowid. The default name is the column's key. */
export function integer(): ColumnBuilder<Fresh<'integer', number, undefined>>;
export function integer<Name extends string>(name: Name): ColumnBuilder<Fresh<'integer', number, Name>>;
export function integer(name?: string, ...more: readonly unknown[]): ColumnBuilder<Fresh<'integer', number, string | undefined>> {
	return fresh('INTEGER', name, callSite(integer), more);
}

/** Creates a TEXT column. `enum` only narrows the row type. To let SQLite enforce it, add a check. */
export function text<const Values extends string = string>(config?: {
	readonly enum?: readonly Values[];
}): ColumnBuilder<Fresh<'other', Values, undefined>>;
export function text<Name extends string, const Values extends string = string>(
	name: Name,
	config?: {readonly enum?: readonly Values[]},
): ColumnBuilder<Fresh<'other', Values, Name>>;
export function text(name?: string | object, config?: object): ColumnBuilder<Fresh<'other', string, string | undefined>> {
	const site = callSite(text);
	checkOptions('text()', (typeof name === 'string' ? config : name) ?? {}, ['enum'], site);
	return fresh('TEXT', typeof name === 'string' ? name : undefined, site);
}

/** Creates a REAL column. */
export function real(): ColumnBuilder<Fresh<'other', number, undefined>>;
export function real<Name extends string>(name: Name): ColumnBuilder<Fresh<'other', number, Name>>;
export function real(name?: string, ...more: readonly unknown[]): ColumnBuilder<Fresh<'other', number, string | undefined>> {
	return fresh('REAL', name, callSite(real), more);
}

/** Creates a BLOB column. */
export function blob(): ColumnBuilder<Fresh<'other', Uint8Array, undefined>>;
export function blob<Name extends string>(name: Name): ColumnBuilder<Fresh<'other', Uint8Array, Name>>;
export function blob(name?: string, ...more: readonly unknown[]): ColumnBuilder<Fresh<'other', Uint8Array, string | undefined>> {
	return fresh('BLOB', name, callSite(blob), more);
}

/** Creates a NUMERIC column. */
export function numeric(): ColumnBuilder<Fresh<'other', number, undefined>>;
export function numeric<Name extends string>(name: Name): ColumnBuilder<Fresh<'other', number, Name>>;
export function numeric(name?: string, ...more: readonly unknown[]): ColumnBuilder<Fresh<'other', number, string | undefined>> {
	return fresh('NUMERIC', name, callSite(numeric), more);
}

/** Creates a column of type ANY. In a STRICT table it stores values without conversion (https://www.sqlite.org/stricttables.html#the_any_datatype). */
export function any(): ColumnBuilder<Fresh<'other', string | number | bigint | Uint8Array, undefined>>;
export function any<Name extends string>(name: Name): ColumnBuilder<Fresh<'other', string | number | bigint | Uint8Array, Name>>;
export function any(
	name?: string,
	...more: readonly unknown[]
): ColumnBuilder<Fresh<'other', string | number | bigint | Uint8Array, string | undefined>> {
	return fresh('ANY', name, callSite(any), more);
}
