import type {SqlValue} from '../operations/operation.ts';

export type Row = Readonly<Record<string, SqlValue>>;

/**
 * The little that the core needs of a database, so that another executor (libSQL, D1) can stand in for better-sqlite3.
 * Integers come back as numbers where they are safe, otherwise as bigint; parameters are always bound.
 */
export interface Database {
	/** The file, or ':memory:'. */
	readonly path: string;
	/** `sqlite_version()`, such as `3.54.1`. */
	readonly sqliteVersion: string;
	readonly inTransaction: boolean;
	/** Any number of statements, without results. */
	exec(sql: string): void;
	/** One statement; the number of rows that it changed. */
	run(sql: string, ...parameters: readonly SqlValue[]): number;
	all(sql: string, ...parameters: readonly SqlValue[]): readonly Row[];
	/** Rows as arrays, in the order of the result's columns: also where names stand twice or are numbers. */
	tuples(sql: string, ...parameters: readonly SqlValue[]): readonly (readonly SqlValue[])[];
	/** The same one row at a time: for results that need not be in memory at once. */
	eachTuple(sql: string, ...parameters: readonly SqlValue[]): IterableIterator<readonly SqlValue[]>;
	get(sql: string, ...parameters: readonly SqlValue[]): Row | undefined;
	iterate(sql: string, ...parameters: readonly SqlValue[]): IterableIterator<Row>;
	/** The first column of the first row. */
	value(sql: string, ...parameters: readonly SqlValue[]): SqlValue | undefined;
	/**
	 * Returns the rows of EXPLAIN for one statement (https://www.sqlite.org/lang_explain.html), with its parameters in the driver's own form.
	 * A PRAGMA would be executed.
	 */
	explain(sql: string, parameters: readonly unknown[]): readonly (readonly unknown[])[];
	close(): void;
}
