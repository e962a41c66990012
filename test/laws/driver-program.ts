/**
 * Applies a bundle to a file, with a driver of the runtime it is run with: `node driver-program.ts DRIVER FILE JOB [N]`. Prints the result, or the error.
 * Kills itself before statement N.
 */
import {readFileSync} from 'node:fs';
import type {Connection} from '../../source/core/runtime/connection.ts';
import {
	type BetterSqlite3Database,
	type BunSqliteDatabase,
	betterSqlite3,
	bunSqlite,
	MigrError,
	migrate,
	type NodeSqliteDatabase,
	nodeSqlite,
} from '../../source/runtime.ts';

const [, , driver = '', file = '', job = '', killed = ''] = process.argv;
let statements = 0;

/** Calls a function of a connection, unless the process ends before. */
function counted<T>(run: () => T): T {
	statements += 1;
	if (String(statements) === killed) process.kill(process.pid, 'SIGKILL');
	return run();
}

interface Opened {
	readonly connection: Connection;
	close(): void;
}

interface Closable {
	close(): void;
}

const drivers: Readonly<Record<string, () => Promise<Opened>>> = {
	'bun:sqlite': async () => {
		// Not an import that Node resolves.
		const name = 'bun:sqlite';
		const {Database} = (await import(name)) as {readonly Database: new (file: string) => BunSqliteDatabase & Closable};
		const db = new Database(file);
		db.run('PRAGMA foreign_keys = ON');
		return {connection: bunSqlite({prepare: (sql) => db.prepare(sql), run: (sql) => counted(() => db.run(sql))}), close: () => db.close()};
	},
	'node:sqlite': async () => {
		const {DatabaseSync} = await import('node:sqlite');
		const db = new DatabaseSync(file, {enableForeignKeyConstraints: true}) as NodeSqliteDatabase & Closable;
		return {connection: nodeSqlite({prepare: (sql) => db.prepare(sql), exec: (sql) => counted(() => db.exec(sql))}), close: () => db.close()};
	},
	'better-sqlite3': async () => {
		const {default: Database} = await import('better-sqlite3');
		const db = new Database(file);
		db.pragma('foreign_keys = ON');
		const wrapped: BetterSqlite3Database = {prepare: (sql: string) => db.prepare(sql), exec: (sql: string) => counted(() => db.exec(sql))};
		return {connection: betterSqlite3(wrapped), close: () => void db.close()};
	},
};

const {connection, close} = await (drivers[driver] as () => Promise<Opened>)();
const {bundle, options} = JSON.parse(readFileSync(job, 'utf8'));
try {
	process.stdout.write(JSON.stringify(await migrate(connection, bundle, options)));
} catch (error) {
	if (!(error instanceof MigrError)) throw error;
	const {code, message, details, hint} = error;
	process.stdout.write(JSON.stringify({error: {code, message, details, hint}}));
} finally {
	close();
}
