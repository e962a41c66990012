import type {Connection, Row} from '../connection.ts';
import {syncConnection} from './sync-connection.ts';

/** A `DatabaseSync` of node:sqlite. */
export interface NodeSqliteDatabase {
	exec(sql: string): void;
	prepare(sql: string): {all(): unknown[]};
}

/** Returns a connection of node:sqlite. */
export function nodeSqlite(db: NodeSqliteDatabase): Connection {
	return syncConnection({name: 'node:sqlite', exec: (sql) => db.exec(sql), all: (sql) => db.prepare(sql).all() as Row[]});
}
