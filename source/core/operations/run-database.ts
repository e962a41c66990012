/** The database in `op.run(({db}) => …)`: the part of better-sqlite3 that data changes need. */
export interface RunDatabase {
	prepare(sql: string): RunStatement;
	/** Executes several statements. None may begin or end a transaction, or change the schema. */
	exec(sql: string): unknown;
}

/** A prepared statement. Parameters are bound to its placeholders. */
export interface RunStatement {
	run(...parameters: unknown[]): {readonly changes: number; readonly lastInsertRowid: number | bigint};
	get(...parameters: unknown[]): unknown;
	all(...parameters: unknown[]): unknown[];
	iterate(...parameters: unknown[]): IterableIterator<unknown>;
}
