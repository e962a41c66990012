import type {Database} from './database.ts';
import type {HasExtension} from './has-extension.ts';
import type {LockWait} from './held-lock.ts';
import type {ParkedSchema} from './parked-schema.ts';

/** The context for executing a step. A step runs inside a transaction that its caller begins and ends. */
export interface StepContext {
	readonly db: Database;
	/** Stops the step at the next batch or statement with MigrError `cancelled`. The caller then rolls back. */
	readonly signal?: AbortSignal | undefined;
	/**
	 * False for a migration with `transaction = false`: `execute` and `run` then run outside a transaction and may begin their own.
	 * Default: true.
	 */
	readonly inTransaction?: boolean;
	/** Sees each statement of the migration, and of its code, just before it is executed. */
	readonly observer?: StatementObserver;
	/** True for an in-memory copy, where stand-ins replace objects that need an extension (a collation, a module). */
	readonly isCopy?: boolean;
	/** For a copy: tells which extensions the connection that runs the steps has. The steps fail in the copy if it does not have one. Default: all. */
	readonly hasExtension?: HasExtension | undefined;
	/** The minimum number of rows for a rewrite to keep indexes that stay valid. Default: 10,000. */
	readonly keepIndexesFrom?: number;
	/** The rows of the schema that are removed while objects are created in a database in memory. */
	readonly parked?: ParkedSchema | undefined;
}

/** The progress of a step, in rows of the table. */
export interface StepProgress {
	readonly phase: 'copy' | 'index' | 'scan';
	readonly done: number;
	readonly total: number;
	/** The index that is built. */
	readonly object?: string;
	/** An estimate of how long the index takes, in milliseconds. Absent for a small table. */
	readonly expectedMs?: number;
}

export interface StepResult {
	/** The number of rows read, copied or changed, or null if the step cannot count rows. */
	readonly rows: number | null;
}

/** Watches what statements write. It must not disturb them: `changes()` and `last_insert_rowid()` must keep their values. */
export interface StatementObserver {
	/** Called before a statement. The returned function is called once the statement has succeeded. `parameters` are in the driver's own form. */
	before(sql: string, parameters: readonly unknown[]): () => void;
}

/** A step outside a transaction waits for the lock of another process, or the lock is free. */
export interface StepWait {
	readonly lock: LockWait;
}

export type StepRun = AsyncGenerator<StepProgress | StepWait, StepResult, void>;
