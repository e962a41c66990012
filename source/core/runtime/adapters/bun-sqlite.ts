import type {Connection, Row} from '../connection.ts';
import {syncConnection} from './sync-connection.ts';

/** A `Database` of bun:sqlite. */
export interface BunSqliteDatabase {
	run(sql: string): unknown;
	prepare(sql: string): {all(): unknown[]};
}

/** Returns a connection of bun:sqlite. */
export function bunSqlite(db: BunSqliteDatabase): Connection {
	return syncConnection({name: 'bun:sqlite', exec: (sql) => db.run(sql), all: (sql) => db.prepare(sql).all() as Row[]});
}
