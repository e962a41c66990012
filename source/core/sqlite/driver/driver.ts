import type {DriverName} from './driver-connections.ts';

/** Opens connections. All connections of one run come from the same driver, because two copies of SQLite in a process do not see each other's locks. */
export interface Driver {
	readonly name: DriverName;
	/** `sqlite_version()`, such as `3.54.1`. */
	readonly sqliteVersion: string;
	/** True if a backup can wait, with its file locked, before it copies the first page. */
	readonly pausesBackups: boolean;
	/** Opens a file or `:memory:`. @throws the SQLite error, as described at `NativeConnection` */
	open(path: string, options?: NativeOptions): NativeConnection;
	/** Opens a database in memory from the bytes that `serialize` returned. */
	deserialize(bytes: Uint8Array): NativeConnection;
}

export interface NativeOptions {
	readonly readonly?: boolean;
	readonly fileMustExist?: boolean;
	/** Milliseconds that SQLite waits for a lock. */
	readonly timeout?: number;
}

/**
 * The part of a native connection that the core needs. Every driver behaves the same:
 *
 * - Integers are read as bigint.
 * - Text in double quotes is a name, and a statement with too few or too many parameters fails.
 * - Errors of SQLite have the extended result code as `code`, such as `SQLITE_CONSTRAINT_UNIQUE` (https://www.sqlite.org/rescode.html).
 */
export interface NativeConnection {
	readonly driver: Driver;
	readonly inTransaction: boolean;
	/** Compiles exactly one statement. Its rows are objects, or arrays in the order of the columns. */
	prepare(sql: string, rows?: 'objects' | 'arrays'): NativeStatement;
	/** Executes any number of statements. */
	exec(sql: string): void;
	/** Copies the database into a file (https://www.sqlite.org/backup.html). */
	backup(file: string, options: BackupOptions): Promise<{readonly totalPages: number}>;
	/** Returns the bytes of the database (https://www.sqlite.org/c3ref/serialize.html). */
	serialize(): Uint8Array;
	/** Sets whether statements may write `sqlite_schema`, if `PRAGMA writable_schema` is on too (https://www.sqlite.org/c3ref/c_dbconfig_defensive.html). */
	unsafeMode(isOn: boolean): void;
	/** Defines a deterministic function that returns NULL, for any number of arguments. */
	defineStub(name: string): void;
	close(): void;
}

/** Rows are `unknown`: objects or arrays of values. Parameters are values, arrays of values, or objects of named values. */
export interface NativeStatement {
	/** True if the statement returns rows. */
	readonly reader: boolean;
	run(...parameters: readonly unknown[]): {readonly changes: number; readonly lastInsertRowid: number | bigint};
	get(...parameters: readonly unknown[]): unknown;
	all(...parameters: readonly unknown[]): unknown[];
	iterate(...parameters: readonly unknown[]): IterableIterator<unknown>;
}

export interface BackupOptions {
	/** The number of pages per batch. */
	readonly pages: number;
	/**
	 * Called between two batches, while the file is locked and none of them is visible to other connections. False keeps the lock and copies nothing
	 * until the next call, if the driver `pausesBackups`. A thrown error ends the backup.
	 */
	readonly progress: (progress: BackupProgress) => boolean;
}

export interface BackupProgress {
	readonly totalPages: number;
	readonly remainingPages: number;
}
