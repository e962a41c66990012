import {nameKey} from '../../../../schema/identifiers.ts';
import type {Table} from '../../../../schema/schema.ts';
import type {CodeTool} from './code-tool.ts';
import type {ToolConnection} from './recorder.ts';

interface Kysely {
	connection(): {execute(work: (db: Kysely) => Promise<unknown>): Promise<unknown>};
	destroy(): Promise<void>;
}

interface KyselyPackage {
	readonly Kysely: new (config: {readonly dialect: object}) => Kysely;
	readonly SqliteDialect: new (config: {readonly database: ToolConnection}) => object;
}

const columnsOf = ({columns}: Table) => columns.map(({name}) => nameKey(name)).join();

/** https://kysely.dev/docs/migrations */
export const kyselyTool: CodeTool = {
	tool: 'Kysely',
	package: 'kysely',
	latest: "Kysely's migrateToLatest",
	owns: (text) => /\bkysely\b/i.test(text),
	historyTable: 'kysely_migration',
	// The columns are ordinary names, so the table of the lock has to be there too.
	isHistory: (table, {tables}) => columnsOf(table) === 'name,timestamp' && tables.some((other) => columnsOf(other) === 'id,is_locked'),
	order: (a, b) => a.localeCompare(b),
	settle: (sql) => sql,
	async run(migration, direction, connection, context) {
		const {Kysely, SqliteDialect} = context.package as KyselyPackage;
		const kysely = new Kysely({dialect: new SqliteDialect({database: connection})});
		try {
			// Kysely runs migrations of SQLite on one connection, without a transaction.
			await kysely.connection().execute(async (db) => void (await (migration[direction] as (db: Kysely) => unknown)(db)));
		} finally {
			await kysely.destroy();
		}
	},
};
