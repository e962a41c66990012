import {existsSync} from 'node:fs';
import {createRequire} from 'node:module';
import {join} from 'node:path';
import {pathToFileURL} from 'node:url';
import {MigrError} from '../../errors.ts';
import {isKind} from './recognize.ts';

/** The case that drizzle-orm 0 applies to columns without an explicit name. */
export type Casing = 'snake_case' | 'camelCase';

/** A drizzle-orm expression (its class `SQL`). Only drizzle-orm knows its structure. */
export interface OrmSql {
	readonly queryChunks: readonly unknown[];
}

export interface OrmColumn {
	/** The column's name. If `keyAsName` is true, it is the key in the table's definition, before any casing. */
	readonly name: string;
	readonly keyAsName: boolean;
	readonly primary: boolean;
	readonly notNull: boolean;
	readonly default: unknown;
	readonly isUnique: boolean;
	readonly uniqueName: string | undefined;
	readonly generated: {readonly as: unknown; readonly mode?: 'stored' | 'virtual'} | undefined;
	readonly autoIncrement?: boolean;
	readonly table: object;
	getSQLType(): string;
	mapToDriverValue(value: unknown): unknown;
}

export interface OrmForeignKey {
	readonly onUpdate: string | undefined;
	readonly onDelete: string | undefined;
	reference(): {
		readonly name: string | undefined;
		readonly columns: readonly OrmColumn[];
		readonly foreignTable: object;
		readonly foreignColumns: readonly OrmColumn[];
	};
}

/** The result of `getTableConfig`. */
export interface OrmTable {
	readonly name: string;
	readonly columns: readonly OrmColumn[];
	readonly indexes: readonly {
		readonly config: {readonly name: string | undefined; readonly columns: readonly unknown[]; readonly unique: boolean; readonly where: unknown};
	}[];
	readonly foreignKeys: readonly OrmForeignKey[];
	readonly checks: readonly {readonly name: string; readonly value: OrmSql}[];
	readonly primaryKeys: readonly {readonly name: string | undefined; readonly columns: readonly OrmColumn[]}[];
	readonly uniqueConstraints: readonly {
		readonly name: string | undefined;
		readonly isNameExplicit?: boolean;
		readonly columns: readonly OrmColumn[];
	}[];
}

/** The result of `getViewConfig`. A view marked as `.existing()` has no query. */
export interface OrmView {
	readonly name: string;
	readonly query: OrmSql | undefined;
	/** Columns and expressions by key, in objects of any depth. */
	readonly selectedFields: object;
}

/** The part of the project's drizzle-orm that is needed to read a schema. */
export interface Orm {
	readonly version: string;
	/**
	 * How the drizzle-kit of the same generation writes constraints. `0`: unique is a unique index, and keys have no names. `1`: unique is a table
	 * constraint, keys are named, and a primary key does not imply NOT NULL.
	 */
	readonly generation: 0 | 1;
	/** True if column names in the database can differ from their names in the definition. */
	readonly hasCasing: boolean;
	tableConfig(table: object): OrmTable;
	viewConfig(view: object): OrmView;
	columnName(column: OrmColumn): string;
	/** Returns the text of an expression with `?` for its parameters. With `own`, columns are written without their table. */
	render(expression: OrmSql, own: boolean): {readonly sql: string; readonly params: readonly unknown[]};
}

interface Core {
	readonly getTableConfig: (table: object) => OrmTable;
	readonly getViewConfig: (view: object) => OrmView;
	readonly SQLiteDialect?: DialectClass;
	readonly SQLiteSyncDialect?: DialectClass;
}

interface Dialect {
	readonly casing?: {getColumnCasing: (column: OrmColumn) => string; readonly convert: (name: string) => string};
	sqlToQuery(expression: OrmSql, source?: 'indexes'): {readonly sql: string; readonly params: readonly unknown[]};
}

interface DialectClass {
	new (config?: {readonly casing?: Casing}): Dialect;
	readonly prototype: Dialect;
}

/**
 * Loads the drizzle-orm that the model file itself would get from `import 'drizzle-orm'`. `casing` is passed to drizzle-orm 0 as its option of that
 * name.
 *
 * @throws MigrError `model` if drizzle-orm is not installed, `config` if `casing` is set and this drizzle-orm does not have the option
 */
export async function loadOrm(file: string, casing?: Casing): Promise<Orm> {
	const require = createRequire(file);
	const core = await importFrom<Core>(require, 'drizzle-orm/sqlite-core', file);
	const {npmVersion: version} = await importFrom<{readonly npmVersion: string}>(require, 'drizzle-orm/version', file);
	const generation = generationOf(version);
	const Dialect = core.SQLiteSyncDialect ?? core.SQLiteDialect;
	if (Dialect === undefined) throw unusable(version, file);
	const dialect = new Dialect(casing === undefined ? {} : {casing});
	if (casing !== undefined && dialect.casing === undefined) throw noCasing(version, casing);
	const columnName = (column: OrmColumn): string =>
		column.keyAsName && dialect.casing !== undefined ? dialect.casing.convert(column.name) : column.name;
	// drizzle-orm's own result comes from a cache per table, which lacks some columns of a view on several tables.
	if (dialect.casing !== undefined) dialect.casing.getColumnCasing = columnName;
	const withoutTables = Dialect.prototype.sqlToQuery.length > 1 ? undefined : await columnsWithoutTables(require, file);
	return {
		version,
		generation,
		hasCasing: casing !== undefined,
		tableConfig: core.getTableConfig,
		viewConfig: core.getViewConfig,
		columnName,
		render(expression, own) {
			const inlinable = withoutInlining(expression);
			return withoutTables === undefined
				? dialect.sqlToQuery(inlinable, own ? 'indexes' : undefined)
				: dialect.sqlToQuery(own ? withoutTables(inlinable) : inlinable);
		},
	};
}

/** Returns the generation (see `Orm.generation`) of the drizzle-orm that files in a folder would import. Undefined if it is not installed. */
export async function findGeneration(folder: string): Promise<0 | 1 | undefined> {
	const require = createRequire(join(folder, 'model.ts'));
	try {
		require.resolve('drizzle-orm/version');
	} catch {
		return undefined;
	}

	return generationOf((await importFrom<{readonly npmVersion: string}>(require, 'drizzle-orm/version', folder)).npmVersion);
}

function generationOf(version: string): 0 | 1 {
	return version.startsWith('0.') ? 0 : 1;
}

/** Imports a module of drizzle-orm. Each has two files: the one that `require` finds and, next to it, the one that `import` would use. */
async function importFrom<Module>(require: NodeJS.Require, specifier: string, file: string): Promise<Module> {
	let path: string;
	try {
		path = require.resolve(specifier);
	} catch (cause) {
		throw new MigrError('model', `${file} has Drizzle tables, but drizzle-orm cannot be found from there`, {
			hint: 'install it in the project: npm install drizzle-orm',
			location: {file},
			cause,
		});
	}

	const twin = path.replace(/\.cjs$/, '.js');
	const url = pathToFileURL(existsSync(twin) ? twin : path).href;
	return (await import(/* webpackIgnore: true */ /* turbopackIgnore: true */ /* @vite-ignore */ url)) as Module;
}

/**
 * Returns a function that replaces the columns in an expression by their names. drizzle-orm before 0.31 always writes columns with their table, which
 * SQLite does not accept in an index.
 */
async function columnsWithoutTables(require: NodeJS.Require, file: string): Promise<(expression: OrmSql) => OrmSql> {
	const {sql} = await importFrom<{readonly sql: {readonly identifier: (name: string) => unknown}}>(require, 'drizzle-orm/sql', file);
	const replaced = (chunk: unknown): unknown => {
		if (Array.isArray(chunk)) return chunk.map(replaced);
		if (isKind(chunk, 'Column')) return sql.identifier((chunk as OrmColumn).name);
		return isKind(chunk, 'SQL') ? withoutTables(chunk as OrmSql) : chunk;
	};
	const withoutTables = (expression: OrmSql): OrmSql =>
		Object.create(expression, {queryChunks: {value: expression.queryChunks.map(replaced)}}) as OrmSql;
	return withoutTables;
}

/** Stops drizzle-orm from inlining the parameters of a view's query, which loses bytes and large integers. lite-migr inlines them itself. */
function withoutInlining(expression: OrmSql): OrmSql {
	return isKind(expression, 'SQL') ? (Object.create(expression, {shouldInlineParams: {value: false}}) as OrmSql) : expression;
}

function unusable(version: string, file: string): MigrError {
	return new MigrError('model', `drizzle-orm ${version} is not supported`, {
		hint: 'install drizzle-orm 0.29 or later',
		location: {file},
	});
}

function noCasing(version: string, casing: Casing): MigrError {
	return new MigrError('config', `casing = "${casing}" has no effect with drizzle-orm ${version}, which sets the casing in the schema`, {
		hint: `remove casing from migrate.toml, and write ${casing === 'snake_case' ? 'snakeCase' : 'camelCase'}.table(…) instead of sqliteTable(…)`,
	});
}
