import {isIgnored} from '../../diff/ignore.ts';
import {MigrError} from '../../errors.ts';
import {historyTable} from '../../runtime/history-table.ts';
import {nameKey, sameName} from '../../schema/identifiers.ts';
import {findTable} from '../../schema/lookup.ts';
import type {Schema, Table} from '../../schema/schema.ts';
import {clean} from '../../text/clean.ts';

/** The migration tables of other tools, by tool. `*` matches any characters. */
const toolTables: Readonly<Record<string, readonly string[]>> = {
	alembic: ['alembic_version'],
	aerich: ['aerich'],
	Django: ['django_migrations'],
	Drizzle: ['__drizzle_migrations'],
	Prisma: ['_prisma_migrations'],
	Knex: ['knex_migrations', 'knex_migrations_lock'],
	Kysely: ['kysely_migration', 'kysely_migration_lock'],
	TypeORM: ['typeorm_metadata'],
	MikroORM: ['mikro_orm_migrations'],
	Sequelize: ['SequelizeMeta'],
	goose: ['goose_db_version'],
	Rails: ['ar_internal_metadata'],
	// Rails, golang-migrate and dbmate use the same name.
	dbmate: ['schema_migrations'],
	Flyway: ['flyway_schema_history'],
	Liquibase: ['databasechangelog', 'databasechangeloglock'],
	'sqlite-migrate': ['_sqlite_migrations'],
	sqlx: ['_sqlx_migrations'],
	refinery: ['refinery_schema_history'],
	Diesel: ['__diesel_schema_migrations'],
	EFCore: ['__EFMigrationsHistory', '__EFMigrationsLock'],
	Atlas: ['atlas_schema_revisions'],
	'wrangler (D1)': ['d1_migrations'],
};

/** Tables that belong to a database server or a replication tool, which creates and needs them. */
const serverTables: Readonly<Record<string, readonly string[]>> = {
	'Cloudflare D1': ['_cf_*'],
	libSQL: ['libsql_wasm_func_table', 'libsql_vector_meta_shadow'],
	Litestream: ['_litestream_*'],
};

/** Patterns of tables that are never part of a diff: the migration tables of lite-migr and of other tools, and the tables of servers. */
export const bookkeepingTables: readonly string[] = [historyTable, ...[toolTables, serverTables].flatMap((tables) => Object.values(tables).flat())];

/** Returns the other tools whose tables a schema contains, with those tables. */
export function foreignToolsIn(schema: Schema): readonly {readonly tool: string; readonly tables: readonly string[]}[] {
	const names = schema.tables.map(({name}) => name);
	const owner = ownerOfSchemaMigrations(schema);
	const found = Object.entries(toolTables).flatMap(([tool, patterns]) => {
		const own = tool === owner ? [...patterns, 'schema_migrations'] : tool === 'dbmate' ? [] : patterns;
		const tables = names.filter((name) => isIgnored(name, own));
		return tables.length === 0 ? [] : [{tool, tables}];
	});
	if (owner === 'golang-migrate') found.push({tool: owner, tables: names.filter((name) => sameName(name, 'schema_migrations'))});
	for (const {name, tool} of hiddenTables(schema)) {
		const known = found.findIndex((each) => each.tool === tool);
		if (known === -1) found.push({tool, tables: [name]});
		else found[known] = {tool, tables: [...new Set([...(found[known]?.tables ?? []), name])]};
	}
	return found;
}

function ownerOfSchemaMigrations(schema: Schema): string | undefined {
	const table = findTable(schema, 'schema_migrations');
	if (table === undefined) return undefined;
	if (findTable(schema, 'ar_internal_metadata') !== undefined) return 'Rails';
	return table.columns.some(({name}) => sameName(name, 'dirty')) ? 'golang-migrate' : 'dbmate';
}

/** Returns the migration tables whose name is an ordinary word or can be configured, so only their columns reveal them. */
function hiddenTables(schema: Schema): readonly {readonly name: string; readonly tool: string}[] {
	return schema.tables.flatMap((table) => {
		const {name} = table;
		if (sameName(name, 'migrations') && columnsOf(table) === 'id,timestamp,name') return [{name, tool: 'TypeORM'}];
		if (isKnexHistory(table) || (table.columns.length === 2 && columnsOf(table) === 'index,is_locked' && schema.tables.some(isKnexHistory)))
			return [{name, tool: 'Knex'}];
		if (isKyselyHistory(table, schema) || (isKyselyLock(table) && schema.tables.some(hasKyselyNames))) return [{name, tool: 'Kysely'}];
		return [];
	});
}

/** True for the migration table of Knex, whose name can be configured. */
export function isKnexHistory(table: Table): boolean {
	return table.columns.length === 4 && columnsOf(table) === 'id,name,batch,migration_time';
}

/**
 * True for the migration table of Kysely, whose name can be configured. Its columns have ordinary names, so their types must match, and the table of its
 * lock must exist too.
 */
export function isKyselyHistory(table: Table, schema: Schema): boolean {
	return hasKyselyNames(table) && schema.tables.some(isKyselyLock);
}

function hasKyselyNames(table: Table): boolean {
	return table.columns.length === 2 && typedColumnsOf(table) === 'name varchar(255),timestamp varchar(255)';
}

function isKyselyLock(table: Table): boolean {
	return table.columns.length === 2 && typedColumnsOf(table) === 'id varchar(255),is_locked integer';
}

function typedColumnsOf({columns}: Table): string {
	return columns.map(({name, type}) => `${nameKey(name)} ${type.toLowerCase()}`).join();
}

function columnsOf({columns}: Table): string {
	return columns.map(({name}) => nameKey(name)).join();
}

/** Returns the tables of a schema that tools and servers create for themselves, and that only their definition or their index reveals. */
export function hiddenBookkeeping(schema: Schema): readonly string[] {
	const shadows = schema.indexes.filter(({sql}) => /\blibsql_vector_idx\s*\(/i.test(sql)).map(({name}) => `${name}_shadow`);
	return [...hiddenTables(schema).map(({name}) => name), ...shadows];
}

/**
 * Rejects models of migration tables. A diff ignores these tables in the database, so it would add the model again each time.
 *
 * @throws MigrError `model` with the location of the model, if there is one
 */
export function requireNoBookkeeping(models: Schema): void {
	const found = [...models.tables, ...models.virtualTables, ...models.views].find(({name}) => isIgnored(name, bookkeepingTables));
	if (found === undefined) return;
	const ownerIn = (tables: typeof toolTables) => Object.entries(tables).find(([, patterns]) => isIgnored(found.name, patterns))?.[0];
	const server = ownerIn(serverTables);
	const what = server === undefined ? `the migration table of ${ownerIn(toolTables) ?? 'lite-migr'}` : `a table of ${server}`;
	throw new MigrError('model', `${clean(found.name)} is ${what}, so it cannot be a model`, {
		location: found.source,
		hint: 'remove it from the models, or rename it',
	});
}
