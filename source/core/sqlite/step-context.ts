import type {Database} from './database.ts';

/** What every kind of step is executed with. A step runs inside the transaction that its caller has begun and will end. */
export interface StepContext {
	readonly db: Database;
	/** Stops the step at the next batch or statement, with MigrError `cancelled`; the caller then rolls back. */
	readonly signal?: AbortSignal;
	/**
	 * False for a migration that says `transaction = false`: `execute` and `run` then stand in no transaction and may begin their own.
	 * True where nothing is said.
	 */
	readonly inTransaction?: boolean;
	/** Sees each statement of the migration, and of its code, just before it is executed. */
	readonly observer?: StatementObserver;
	/** True for a copy in memory: what needs something of another program (a collation, a module) is made there by a stand-in. */
	readonly isCopy?: boolean;
}

/** How far a step has come: rows of the table. */
export interface StepProgress {
	readonly phase: 'copy' | 'index' | 'scan';
	readonly done: number;
	readonly total: number;
}

export interface StepResult {
	/** Rows that were read, copied or changed; null where none could be. */
	readonly rows: number | null;
}

/** Watches what statements write. It must not disturb them: `changes()` and `last_insert_rowid()` stay what they are. */
export interface StatementObserver {
	/** Called before a statement; the returned function is called once it has succeeded. `parameters` are in the driver's own form. */
	before(sql: string, parameters: readonly unknown[]): () => void;
}

export type StepRun = AsyncGenerator<StepProgress, StepResult, void>;
