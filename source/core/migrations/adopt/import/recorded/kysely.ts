import {isKyselyHistory} from '../../../history/foreign-tools.ts';
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

/** https://kysely.dev/docs/migrations */
export const kyselyTool: CodeTool = {
	tool: 'Kysely',
	package: 'kysely',
	latest: "Kysely's migrateToLatest",
	owns: (text) => /\bkysely\b/i.test(text),
	historyTable: 'kysely_migration',
	orderBy: 'timestamp, rowid',
	isHistory: isKyselyHistory,
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
