import {existsSync} from 'node:fs';
import {createRequire} from 'node:module';
import {join} from 'node:path';
import {pathToFileURL} from 'node:url';
import {MigrError} from '../../errors.ts';
import {isKind} from './recognise.ts';

/** The case into which drizzle-orm 0 turns the names of columns that have none of their own. */
export type Casing = 'snake_case' | 'camelCase';

/** An expression of drizzle-orm (its class `SQL`); only it knows what is inside. */
export interface OrmSql {
	readonly queryChunks: readonly unknown[];
}

export interface OrmColumn {
	/** The key in the table's definition where `keyAsName`, before any casing. */
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

/** What `getTableConfig` answers. */
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

/** What `getViewConfig` answers; a view that exists already has no query. */
export interface OrmView {
	readonly name: string;
	readonly query: OrmSql | undefined;
	/** Columns and expressions by key, in objects of any depth. */
	readonly selectedFields: object;
}

/** The user's own drizzle-orm, as far as reading a schema needs it. */
export interface Orm {
	readonly version: string;
	/**
	 * How drizzle-kit of the same age writes constraints. `0`: unique is a unique index, keys have no names. `1`: unique is a constraint of the
	 * table, keys are named, and a primary key is not NOT NULL of itself.
	 */
	readonly generation: 0 | 1;
	/** Whether columns have other names in the database than in their definition. */
	readonly hasCasing: boolean;
	tableConfig(table: object): OrmTable;
	viewConfig(view: object): OrmView;
	columnName(column: OrmColumn): string;
	/** The text of an expression with `?` for its parameters; `own` leaves the table out before its columns. */
	render(expression: OrmSql, own: boolean): {readonly sql: string; readonly params: readonly unknown[]};
}

interface Core {
	readonly getTableConfig: (table: object) => OrmTable;
	readonly getViewConfig: (view: object) => OrmView;
	readonly SQLiteDialect?: DialectClass;
	readonly SQLiteSyncDialect?: DialectClass;
}

type DialectClass = new (config?: {
	readonly casing?: Casing;
}) => {
	readonly casing?: {getColumnCasing: (column: OrmColumn) => string; readonly convert: (name: string) => string};
	sqlToQuery(expression: OrmSql, source?: 'indexes'): {readonly sql: string; readonly params: readonly unknown[]};
};

/**
 * Loads the drizzle-orm that the model file itself would get from `import 'drizzle-orm'`. `casing` is what drizzle-orm 0 is given as its option
 * of that name.
 *
 * Throws MigrError('model') where there is none, and MigrError('config') for a casing that this drizzle-orm has no such option for.
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
	// Its own answer comes from a cache by table, which knows only some columns of a view over several tables.
	if (dialect.casing !== undefined) dialect.casing.getColumnCasing = columnName;
	return {
		version,
		generation,
		hasCasing: casing !== undefined,
		tableConfig: core.getTableConfig,
		viewConfig: core.getViewConfig,
		columnName,
		render: (expression, own) => dialect.sqlToQuery(withoutInlining(expression), own ? 'indexes' : undefined),
	};
}

/** The generation (as `Orm.generation`) of the drizzle-orm that files in a folder would get; undefined where there is none. */
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

/** The modules of drizzle-orm come as pairs: the one that `require` finds, and beside it the one that `import` would. */
async function importFrom<Module>(require: NodeJS.Require, specifier: string, file: string): Promise<Module> {
	let path: string;
	try {
		path = require.resolve(specifier);
	} catch (cause) {
		throw new MigrError('model', `${file} holds Drizzle tables, but drizzle-orm is not to be found from there`, {
			hint: 'install it in the project: npm install drizzle-orm',
			location: {file},
			cause,
		});
	}

	const twin = path.replace(/\.cjs$/, '.js');
	return (await import(pathToFileURL(existsSync(twin) ? twin : path).href)) as Module;
}

/** A view's query asks drizzle-orm to write its parameters into the text, which loses bytes and large integers: lite-migr writes them itself. */
function withoutInlining(expression: OrmSql): OrmSql {
	return isKind(expression, 'SQL') ? (Object.create(expression, {shouldInlineParams: {value: false}}) as OrmSql) : expression;
}

function unusable(version: string, file: string): MigrError {
	return new MigrError('model', `drizzle-orm ${version} is not one that lite-migr can read`, {
		hint: 'install drizzle-orm 0.45 or later',
		location: {file},
	});
}

function noCasing(version: string, casing: Casing): MigrError {
	return new MigrError('config', `casing = "${casing}" has no meaning for drizzle-orm ${version}: its schema states the case itself`, {
		hint: `take casing out of migrate.toml, and write ${casing === 'snake_case' ? 'snakeCase' : 'camelCase'}.table(…) instead of sqliteTable(…)`,
	});
}
