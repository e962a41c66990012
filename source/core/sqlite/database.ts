import type {SqlValue} from '../operations/operation.ts';

export type Row = Readonly<Record<string, SqlValue>>;

/**
 * The small part of a database connection that the core needs, so that a file and a database on a server can be used in the same way. Safe integers
 * are returned as numbers, larger ones as bigint. Parameters are always bound.
 */
export interface Database {
	/** The file, or ':memory:'. */
	readonly path: string;
	/** `sqlite_version()`, such as `3.54.1`. */
	readonly sqliteVersion: string;
	readonly inTransaction: boolean;
	/** Executes any number of statements, without results. */
	exec(sql: string): void;
	/** Executes one statement and returns the number of rows it changed. */
	run(sql: string, ...parameters: readonly SqlValue[]): number;
	all(sql: string, ...parameters: readonly SqlValue[]): readonly Row[];
	/** Returns rows as arrays, in the order of the result columns. Works even if column names are repeated or numeric. */
	tuples(sql: string, ...parameters: readonly SqlValue[]): readonly (readonly SqlValue[])[];
	/** Yields the rows of `tuples` one at a time, for results that need not be in memory all at once. */
	eachTuple(sql: string, ...parameters: readonly SqlValue[]): IterableIterator<readonly SqlValue[]>;
	get(sql: string, ...parameters: readonly SqlValue[]): Row | undefined;
	iterate(sql: string, ...parameters: readonly SqlValue[]): IterableIterator<Row>;
	/** Returns the first column of the first row. */
	value(sql: string, ...parameters: readonly SqlValue[]): SqlValue | undefined;
	/**
	 * Returns the rows of EXPLAIN for one statement (https://www.sqlite.org/lang_explain.html). The parameters are in the driver's own form.
	 * A PRAGMA would be executed.
	 */
	explain(sql: string, parameters: readonly unknown[]): readonly (readonly unknown[])[];
	close(): void;
}
