import type {Connection, Row} from '../connection.ts';
import {syncConnection} from './sync-connection.ts';

/** A database of better-sqlite3. */
export interface BetterSqlite3Database {
	exec(sql: string): unknown;
	prepare(sql: string): {all(): unknown[]};
}

/** Returns a connection of better-sqlite3. */
export function betterSqlite3(db: BetterSqlite3Database): Connection {
	return syncConnection({name: 'better-sqlite3', exec: (sql) => db.exec(sql), all: (sql) => db.prepare(sql).all() as Row[]});
}
