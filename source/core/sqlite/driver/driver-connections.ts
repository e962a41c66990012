import type {DatabaseSync} from 'node:sqlite';
import type BetterSqlite3 from 'better-sqlite3';

/** The connection that each driver opens. */
export interface DriverConnections {
	readonly 'better-sqlite3': BetterSqlite3.Database;
	readonly 'node:sqlite': DatabaseSync;
}

/** The package or module that opens the connections of a program. */
export type DriverName = keyof DriverConnections;
