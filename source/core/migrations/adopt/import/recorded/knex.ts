import {quoted} from '../../../../schema/identifiers.ts';
import {isKnexHistory} from '../../../history/foreign-tools.ts';
import type {CodeTool} from './code-tool.ts';
import type {ToolConnection} from './recorder.ts';

interface Knex {
	readonly client: {readonly config: {client: unknown}};
	transaction(work: (trx: Knex) => Promise<unknown>): Promise<unknown>;
	destroy(): Promise<void>;
}

type KnexPackage = (config: object) => Knex;

interface KnexQuery {
	readonly sql: string;
	readonly bindings: readonly unknown[];
	response?: unknown;
	context?: {readonly lastID: number; readonly changes: number};
}

/** The class of https://github.com/knex/knex/blob/master/lib/dialects/sqlite3/index.js. Custom dialects extend it too. */
type SqliteClient = new (config: object) => object;

type Migrate = (knex: Knex, promise: PromiseConstructor) => unknown;

const silent = () => undefined;

/** https://knexjs.org/guide/migrations.html */
export const knexTool: CodeTool = {
	tool: 'Knex',
	package: 'knex',
	latest: 'npx knex migrate:latest',
	owns: (text) => /\bknex\b/i.test(text),
	historyTable: 'knex_migrations',
	orderBy: 'id',
	isHistory: isKnexHistory,
	order: (a, b) => (a < b ? -1 : a > b ? 1 : 0),
	settle: (sql, columnsOf) => copyByName(sql.replace(/\b_knex_temp_alter\d+\b/g, '_knex_temp_alter'), columnsOf),
	async run(migration, direction, connection, {package: knexPackage, require, driver}) {
		const name = driver === 'sqlite3' ? 'sqlite3' : 'better-sqlite3';
		const turns = connectionTurns();
		const knex = (knexPackage as KnexPackage)({
			client: clientFor(require('knex/lib/dialects/sqlite3') as SqliteClient, {connection, turns, name}),
			connection: {filename: ':memory:'},
			// The pool of Knex has timers, which would hide that a migration awaits a promise that never settles.
			pool: {max: 0},
			useNullAsDefault: true,
			log: {warn: silent, error: silent, deprecate: silent, debug: silent},
		});
		// Migrations for several databases read the name.
		knex.client.config.client = name;
		try {
			const migrate = migration[direction] as Migrate;
			// Knex before 0.18 passed its promises.
			const run = async (db: Knex) => void (await migrate.call(migration, db, Promise));
			const {transaction} = (migration.config ?? {}) as {readonly transaction?: unknown};
			if (transaction === false) await run(knex);
			else await knex.transaction(run);
			// Queries that the migration does not await belong to it too.
			await turns.allDone();
		} finally {
			await knex.destroy();
		}
	},
};

/**
 * Names the columns of a copy. Knex writes `SELECT *`, because it creates the new table from the definition of the old one. In another database, the
 * columns may have a different order.
 */
function copyByName(sql: string, columnsOf: (table: string) => readonly string[]): string {
	const [, into = '', from = ''] = /^INSERT INTO "(_knex_temp_alter)" SELECT \* FROM "([^"]+)"$/.exec(sql) ?? [];
	const columns = columnsOf(from);
	if (columns.length === 0 || columnsOf(into).join('\n') !== columns.join('\n')) return sql;
	const list = columns.map(quoted).join(', ');
	return `INSERT INTO ${quoted(into)} (${list}) SELECT ${list} FROM ${quoted(from)}`;
}

interface Turns {
	take(): Promise<void>;
	end(): void;
	allDone(): Promise<void>;
}

/** Gives the only connection to one query or transaction at a time. */
function connectionTurns(): Turns {
	let isTaken = false;
	const waiting: (() => void)[] = [];
	const take = () => {
		if (isTaken) return new Promise<void>((resolve) => void waiting.push(resolve));
		isTaken = true;
		return Promise.resolve();
	};
	const end = () => {
		const next = waiting.shift();
		if (next === undefined) isTaken = false;
		else next();
	};
	return {
		take,
		end,
		async allDone() {
			await take();
			end();
		},
	};
}

interface ClientOptions {
	readonly connection: ToolConnection;
	readonly turns: Turns;
	readonly name: 'sqlite3' | 'better-sqlite3';
}

/** Returns a dialect of Knex that runs queries on a connection of lite-migr, and converts values like the client of this name. */
function clientFor(base: SqliteClient, {connection, turns, name}: ClientOptions): SqliteClient {
	class RecordingClient extends base {
		_driver() {
			return {};
		}

		async acquireConnection() {
			await turns.take();
			return connection;
		}

		async releaseConnection() {
			turns.end();
		}

		async _query(to: ToolConnection, query: KnexQuery): Promise<KnexQuery> {
			if (query.sql === '') throw new Error('The query is empty');
			const statement = to.prepare(query.sql);
			if (statement.reader) return Object.assign(query, {response: statement.all(query.bindings)});
			const {changes, lastInsertRowid} = statement.run(query.bindings);
			return Object.assign(query, {
				response: name === 'sqlite3' ? [] : {changes, lastInsertRowid},
				context: {lastID: lastInsertRowid, changes},
			});
		}
	}
	Object.assign(RecordingClient.prototype, {driverName: name});
	return RecordingClient;
}
