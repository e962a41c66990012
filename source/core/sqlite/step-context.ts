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
	/** Tables from which a statement of the migration itself says that it removes rows. */
	readonly removesFrom: readonly string[];
}

export type StepRun = AsyncGenerator<StepProgress, StepResult, void>;
