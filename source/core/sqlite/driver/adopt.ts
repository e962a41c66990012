import {type BetterSqlite3Database, betterSqlite3Connection} from './better-sqlite3.ts';
import type {NativeConnection} from './driver.ts';
import {type NodeSqliteDatabase, nodeSqliteConnection} from './node-sqlite.ts';

/** An open connection of better-sqlite3, described by the members that tell it apart. */
export interface BetterSqlite3Connection {
	/** The path, or `:memory:`. */
	readonly name: string;
	readonly open: boolean;
	readonly readonly: boolean;
	readonly inTransaction: boolean;
	exec(sql: string): unknown;
	unsafeMode(unsafe?: boolean): unknown;
}

/** An open connection of node:sqlite (a `DatabaseSync`), described by the members that tell it apart. */
export interface NodeSqliteConnection {
	readonly isOpen: boolean;
	readonly isTransaction: boolean;
	exec(sql: string): void;
	location(name?: string): string | null;
}

/** A connection that the program has opened, on a file or in memory. */
export type OpenConnection = BetterSqlite3Connection | NodeSqliteConnection;

/** A connection of the program, as the core uses it. Its driver is the program's own copy of SQLite. */
export interface AdoptedNative {
	readonly native: NativeConnection;
	/** The path, or `:memory:`. */
	readonly path: string;
	readonly isOpen: boolean;
	/** Undefined if the driver does not say. */
	readonly isReadonly: boolean | undefined;
}

/** Returns an open connection as the core uses it. Undefined for anything else. The program can use it as before. */
export function adoptNative(connection: unknown): AdoptedNative | undefined {
	if (typeof connection !== 'object' || connection === null) return undefined;
	if ('unsafeMode' in connection && 'inTransaction' in connection) {
		const {open: isOpen, readonly: isReadonly, name} = connection as BetterSqlite3Connection;
		return {native: betterSqlite3Connection(connection as BetterSqlite3Database), path: name === '' ? ':memory:' : name, isOpen, isReadonly};
	}
	if ('isTransaction' in connection && 'location' in connection) {
		const {isOpen} = connection as NodeSqliteConnection;
		const path = isOpen ? (connection as NodeSqliteConnection).location() : null;
		return {native: nodeSqliteConnection(connection as NodeSqliteDatabase), path: path ?? ':memory:', isOpen, isReadonly: undefined};
	}
	return undefined;
}
