import {isIgnored} from '../../diff/ignore.ts';
import {MigrError} from '../../errors.ts';
import type {Schema} from '../../schema/schema.ts';
import {clean} from '../../text/clean.ts';

/** Our own bookkeeping table. */
export const historyTable = '_lite_migr';

/** The bookkeeping tables of other tools, by the tool that makes them; `*` stands for any characters. */
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
	dbmate: ['schema_migrations'],
	Rails: ['ar_internal_metadata'],
	Flyway: ['flyway_schema_history'],
	Liquibase: ['databasechangelog', 'databasechangeloglock'],
	'sqlite-migrate': ['_sqlite_migrations'],
	sqlx: ['_sqlx_migrations'],
	refinery: ['refinery_schema_history'],
	Diesel: ['__diesel_schema_migrations'],
	EFCore: ['__EFMigrationsHistory', '__EFMigrationsLock'],
	Atlas: ['atlas_schema_revisions'],
	'wrangler (D1)': ['d1_migrations', '_cf_*'],
	libSQL: ['libsql_wasm_func_table', '_litestream_*'],
};

/** Patterns of tables that are never part of a diff: ours and those of other tools. */
export const bookkeepingTables: readonly string[] = [historyTable, ...Object.values(toolTables).flat()];

/** The other tools whose tables a schema holds, and those tables. */
export function foreignToolsIn(schema: Schema): readonly {readonly tool: string; readonly tables: readonly string[]}[] {
	return Object.entries(toolTables).flatMap(([tool, patterns]) => {
		const tables = schema.tables.map(({name}) => name).filter((name) => isIgnored(name, patterns));
		return tables.length === 0 ? [] : [{tool, tables}];
	});
}

/**
 * A model of a bookkeeping table would be written again and again: such tables are left out of what the database has.
 *
 * @throws MigrError `model` with the place of the model
 */
export function requireNoBookkeeping(models: Schema): void {
	const found = [...models.tables, ...models.virtualTables, ...models.views].find(({name}) => isIgnored(name, bookkeepingTables));
	if (found === undefined) return;
	const owner = Object.entries(toolTables).find(([, patterns]) => isIgnored(found.name, patterns))?.[0] ?? 'lite-migr';
	throw new MigrError('model', `${clean(found.name)} is where ${owner} keeps its own books, which no migration is about`, {
		...(found.source === undefined ? {} : {location: found.source}),
		hint: 'take it out of the models, or give it another name',
	});
}
