import type {ErrorCode, ErrorLocation} from '../errors.ts';
import type {OperationOrigin, SqlValue} from '../operations/operation.ts';
import type {Strategy} from '../plan/strategy.ts';
import type {LockWait} from '../sqlite/held-lock.ts';
import type {Finding} from './finding.ts';

/** An event of a run in progress. Public: `upgrade --json` prints one event per line, and the terminal UI draws the same events. */
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

/** The first event: the database, and the migrations that the run will apply or undo. */
export interface StartEvent {
	readonly type: 'start';
	readonly database: string;
	readonly direction: Direction;
	/** Their names, in the order of the run. */
	readonly migrations: readonly string[];
	readonly dryRun: boolean;
}

/** The rows that a migration would break, change or lose. */
export interface PreflightEvent {
	readonly type: 'preflight';
	readonly findings: readonly Finding[];
	/** Bytes that the run may need in the folder of the database. */
	readonly bytesNeeded: number;
	/** Bytes that are free there. Null if the system does not report it. */
	readonly bytesFree: number | null;
}

/** The progress of the backup before the run, or its end. */
export interface BackupEvent {
	readonly type: 'backup';
	readonly state: 'progress' | 'done';
	/** The path of the backup file. */
	readonly path: string;
	readonly pagesDone: number;
	readonly pagesTotal: number;
	/** The size of the backup in bytes. 0 until it is done. */
	readonly bytes: number;
	readonly durationMs: number;
}

/** A migration starts. */
export interface MigrationStartEvent {
	readonly type: 'migrationStart';
	readonly migration: string;
	readonly steps: number;
	/** Set if the migration runs outside the shared transaction. Earlier migrations are committed before it starts, and it is committed when it finishes. */
	readonly outsideTransaction?: true;
}

/** A step of a migration starts. */
export interface StepStartEvent {
	readonly type: 'stepStart';
	readonly migration: string;
	/** From 1. */
	readonly step: number;
	readonly steps: number;
	readonly strategy: Strategy;
	/** The object that the step changes. */
	readonly object: string;
	/** One line for users: `add column age`. */
	readonly summary: string;
	/** Why the step uses this strategy. */
	readonly reason: string;
	/** Rows of the table that the step reads or writes. Null if it does neither. */
	readonly rows: number | null;
}

/** The progress of a long step. */
export interface ProgressEvent {
	readonly type: 'progress';
	readonly migration: string;
	readonly step: number;
	readonly phase: 'copy' | 'index' | 'scan';
	/** Rows so far. */
	readonly done: number;
	/** All rows of the step. */
	readonly total: number;
	readonly elapsedMs: number;
	/** The index, in the phase `index`. */
	readonly object?: string;
	/**
	 * An estimate of how long the index takes to build, in milliseconds. SQLite builds it in one statement and reports no progress. Absent for a small
	 * table.
	 */
	readonly expectedMs?: number;
}

/** A step of a migration is done. */
export interface StepDoneEvent {
	readonly type: 'stepDone';
	readonly migration: string;
	readonly step: number;
	readonly durationMs: number;
	/** Rows that were read, copied or changed. Null if the step cannot count them. */
	readonly rows: number | null;
}

/** The effects of a migration's statements and code on existing rows, measured before COMMIT. */
export interface EffectsEvent {
	readonly type: 'effects';
	readonly migration: string;
	/** Tables that were written, by the names they had before the run. */
	readonly tables: readonly TableEffect[];
}

/** The effects on the rows of one table. */
export interface TableEffect {
	/** The table's name before the run, or its current name for a table that the run created. */
	readonly table: string;
	/** Rows before the run. 0 for a table that only received rows, because its other rows were not read. */
	readonly rowsBefore: number;
	/** Rows that no longer exist. */
	readonly rowsGone: number;
	/** Rows that were added. */
	readonly rowsAdded: number;
	/** Rows that still exist with a different value in at least one column. */
	readonly rowsChanged: number;
	/** Columns with at least one lost or changed value. */
	readonly columns: readonly ColumnEffect[];
	/** At most five rows that lost a value or were deleted. If there are none, rows that changed. */
	readonly samples: readonly EffectSample[];
	/** The first statements that wrote the table, in the order they ran. */
	readonly by: readonly EffectCause[];
	/** What cannot be determined, such as which of several equal rows were removed. Null if everything is known. */
	readonly note: string | null;
}

/** A statement that wrote a table. */
export interface EffectCause {
	readonly sql: string;
	/** Where the statement, or the code that ran it, is in the file of its migration. */
	readonly location: OperationOrigin | null;
}

/** The effects on the values of one column. */
export interface ColumnEffect {
	/** The column's name before the run. */
	readonly column: string;
	/** Values that are NULL now or whose column no longer exists. */
	readonly valuesGone: number;
	/** Values that are different now. */
	readonly valuesChanged: number;
	/** How many of these a new column type changed: '007' → 7. */
	readonly valuesConverted: number;
	/** True if many different values became one value or a few. */
	readonly merged: boolean;
}

/** A row that was changed or deleted, with one of its values. */
export interface EffectSample {
	/** `id 17`. */
	readonly row: string;
	/** The column of the value. Null if the whole row was deleted. */
	readonly column: string | null;
	/** The value before the run. Null if the whole row was deleted. */
	readonly before: SqlValue;
	/** The value now. Null if the whole row was deleted. */
	readonly after: SqlValue;
}

/** A migration is applied or undone. It is committed at the end of the run, unless it runs outside the shared transaction. */
export interface MigrationDoneEvent {
	readonly type: 'migrationDone';
	readonly migration: string;
	readonly durationMs: number;
	/** One line for users: `user: rewrite of 12,403 rows; post: instant`. */
	readonly summary: string;
}

/** Information that does not stop the run: an older migration runs out of order, the run waits for a lock. */
export interface NoticeEvent {
	readonly type: 'notice';
	readonly message: string;
	/** Set if the run waits for the lock of another process, and when that wait is over. */
	readonly lock?: LockWait;
}

/** The last event of a run that succeeded. */
export interface DoneEvent {
	readonly type: 'done';
	readonly direction: Direction;
	readonly database: string;
	/** The migrations that ran, in order: applied, or undone in a downgrade. */
	readonly applied: readonly {readonly name: string; readonly durationMs: number; readonly steps: number}[];
	/** The newest applied migration now. Null if none is applied. */
	readonly currentMigration: string | null;
	/** The path of the backup. Null if none was taken. */
	readonly backup: string | null;
	/** Commands that undo the run. If rows or values were lost, the one that restores them comes first. */
	readonly undo: readonly string[];
	/** What undoing the migrations does not restore: `structure only: deleted rows stay deleted`. Null if it restores everything. */
	readonly undoLimits: string | null;
	/**
	 * The id of the plan that ran, or that a dry run tried. `upgrade --plan ID` runs exactly that plan. Null if there was nothing to do, or if a run
	 * with consent to everything skipped the id because it would have required reading a large table.
	 */
	readonly plan: string | null;
	readonly durationMs: number;
	readonly dryRun: boolean;
}

/** The run failed. Everything except the migrations in `committed` was rolled back. */
export interface FailedEvent {
	readonly type: 'failed';
	readonly code: ErrorCode;
	readonly message: string;
	readonly hint: string | null;
	readonly location: ErrorLocation | null;
	readonly details: readonly string[];
	/** The migration that was running. Null if none was. */
	readonly migration: string | null;
	/** The state of the database as text: `everything was rolled back: app.db is still at 0007_add_orders`. */
	readonly state: string;
	/** The names of the committed migrations. */
	readonly committed: readonly string[];
	/** The path of the backup. Null if none was kept. */
	readonly backup: string | null;
	/** What the run did to rows. Present if it was rolled back because these effects needed consent. */
	readonly tables?: readonly TableEffect[];
	/** The id of the plan that did not run. Null if unknown. */
	readonly plan?: string | null;
}
