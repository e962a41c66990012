import type {ErrorCode, ErrorLocation} from '../errors.ts';
import type {OperationOrigin, SqlValue} from '../operations/operation.ts';
import type {Strategy} from '../plan/step.ts';
import type {Finding} from './finding.ts';

/** What a run tells while it goes on. Public: `upgrade --json` prints these, one a line; the terminal UI draws the same. */
export type ApplyEvent =
	| StartEvent
	| PreflightEvent
	| BackupEvent
	| MigrationStartEvent
	| StepStartEvent
	| ProgressEvent
	| StepDoneEvent
	| EffectsEvent
	| MigrationDoneEvent
	| NoticeEvent
	| DoneEvent
	| FailedEvent;

export type Direction = 'upgrade' | 'downgrade';

export interface StartEvent {
	readonly type: 'start';
	readonly database: string;
	readonly direction: Direction;
	readonly migrations: readonly string[];
	readonly dryRun: boolean;
}

/** The rows that a migration would break, change or lose. */
export interface PreflightEvent {
	readonly type: 'preflight';
	readonly findings: readonly Finding[];
	/** Bytes that the run may need beside the database, and that are free there. */
	readonly bytesNeeded: number;
	readonly bytesFree: number | null;
}

export interface BackupEvent {
	readonly type: 'backup';
	readonly state: 'progress' | 'done';
	readonly path: string;
	readonly pagesDone: number;
	readonly pagesTotal: number;
	readonly bytes: number;
	readonly durationMs: number;
}

export interface MigrationStartEvent {
	readonly type: 'migrationStart';
	readonly migration: string;
	readonly steps: number;
	/** There where it runs outside of the one transaction: when it starts, what came before it is committed, and when it is done, so is it. */
	readonly isAlone?: true;
}

export interface StepStartEvent {
	readonly type: 'stepStart';
	readonly migration: string;
	/** From 1. */
	readonly step: number;
	readonly steps: number;
	readonly strategy: Strategy;
	readonly object: string;
	readonly summary: string;
	readonly reason: string;
	/** Rows of the table that the step reads or writes, where it does. */
	readonly rows: number | null;
}

export interface ProgressEvent {
	readonly type: 'progress';
	readonly migration: string;
	readonly step: number;
	readonly phase: 'copy' | 'index' | 'scan';
	readonly done: number;
	readonly total: number;
	readonly elapsedMs: number;
}

export interface StepDoneEvent {
	readonly type: 'stepDone';
	readonly migration: string;
	readonly step: number;
	readonly durationMs: number;
	readonly rows: number | null;
}

/** What the statements and the code of a migration did to existing rows, measured before COMMIT. */
export interface EffectsEvent {
	readonly type: 'effects';
	readonly migration: string;
	/** Tables that were written, by the names they had before the run. */
	readonly tables: readonly TableEffect[];
}

export interface TableEffect {
	/** The table's name before the run; its name now for a table that the run created. */
	readonly table: string;
	/** Rows before the run; 0 for a table that only received rows, whose other rows were not read. */
	readonly rowsBefore: number;
	/** Rows that no longer exist. */
	readonly rowsGone: number;
	readonly rowsAdded: number;
	/** Rows that still exist with another value in at least one column. */
	readonly rowsChanged: number;
	/** Columns with at least one value that is gone or changed. */
	readonly columns: readonly ColumnEffect[];
	/** At most five rows that lost something, or if none did, that changed. */
	readonly samples: readonly EffectSample[];
	/** The first statements that wrote the table, in the order they ran. */
	readonly by: readonly EffectCause[];
	/** What cannot be determined, such as which of several equal rows were removed; null if everything is known. */
	readonly note: string | null;
}

export interface EffectCause {
	readonly sql: string;
	/** Where the statement, or the code that ran it, is in the file of its migration. */
	readonly location: OperationOrigin | null;
}

export interface ColumnEffect {
	/** The column's name before the run. */
	readonly column: string;
	/** Values that are NULL now or whose column no longer exists. */
	readonly valuesGone: number;
	/** Values that are another value now. */
	readonly valuesChanged: number;
	/** How many of the changed ones another column type changed: '007' → 7. */
	readonly valuesConverted: number;
	/** True if many different values became one or few. */
	readonly merged: boolean;
}

export interface EffectSample {
	/** `id 17`. */
	readonly row: string;
	/** The column whose value is shown; null if the whole row is gone. */
	readonly column: string | null;
	readonly before: SqlValue;
	readonly after: SqlValue;
}

export interface MigrationDoneEvent {
	readonly type: 'migrationDone';
	readonly migration: string;
	readonly durationMs: number;
	/** One line for people: `user: rewrite of 12,403 rows; post: instant`. */
	readonly summary: string;
}

/** Something to know that stops nothing: an older migration applied out of order, a lock waited for. */
export interface NoticeEvent {
	readonly type: 'notice';
	readonly message: string;
}

export interface DoneEvent {
	readonly type: 'done';
	readonly direction: Direction;
	readonly database: string;
	readonly applied: readonly {readonly name: string; readonly durationMs: number; readonly steps: number}[];
	/** The newest applied migration now; null when there is none. */
	readonly at: string | null;
	readonly backup: string | null;
	/** Commands that take it back. If rows or values were lost, the one that restores them comes first. */
	readonly undo: readonly string[];
	/** What undoing the migrations does not restore: `structure only: deleted rows stay deleted`. Null if it restores everything. */
	readonly undoLimits: string | null;
	/**
	 * The id of the plan that ran, or that a dry run tried: `upgrade --plan ID` runs exactly that. Null if there was nothing to do, and if a run with
	 * consent to everything did not read a large table only for its id.
	 */
	readonly plan: string | null;
	readonly durationMs: number;
	readonly dryRun: boolean;
}

/** It failed and everything was rolled back, unless `committed` names migrations that run outside one transaction. */
export interface FailedEvent {
	readonly type: 'failed';
	readonly code: ErrorCode;
	readonly message: string;
	readonly hint: string | null;
	readonly location: ErrorLocation | null;
	readonly details: readonly string[];
	readonly migration: string | null;
	/** In words: `rolled back: app.db is still at 0007_add_orders`. */
	readonly state: string;
	readonly committed: readonly string[];
	readonly backup: string | null;
	/** What the run did to rows before it was rolled back, if that was not consented to. */
	readonly tables?: readonly TableEffect[];
	/** The id of the plan that did not run, if it is known. */
	readonly plan?: string | null;
}
