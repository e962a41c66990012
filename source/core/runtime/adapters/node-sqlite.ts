import type {Connection, Row} from '../connection.ts';
import {syncConnection} from './sync-connection.ts';

/** A `DatabaseSync` of node:sqlite. */
export interface NodeSqliteDatabase {
	exec(sql: string): void;
	prepare(sql: string): {all(): unknown[]; setReturnArrays?(enabled: boolean): void};
}

/** Returns a connection of node:sqlite. */
export function nodeSqlite(db: NodeSqliteDatabase): Connection {
	return syncConnection({name: 'node:sqlite', exec: (sql) => db.exec(sql), all: (sql) => rowsOf(db, sql)});
}

/** A program can open its connection with `returnArrays`. */
function rowsOf(db: NodeSqliteDatabase, sql: string): readonly Row[] {
	const statement = db.prepare(sql);
	statement.setReturnArrays?.(false);
	return statement.all() as Row[];
}
