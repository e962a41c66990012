import type {RemoteConnection} from '../../engines/engine.ts';
import type {ErrorCode} from '../../errors.ts';
import type {ApplyEvent, Direction} from '../event.ts';
import type {ApplyOptions} from '../run/apply-options.ts';

/**
 * A run over many databases. How to read this folder: `find-targets.ts` finds the databases. `run-fleet.ts` is the whole run: it checks every
 * database before it writes to any (`look-at.ts`), asks for consent once, and runs the pending ones (`run-one.ts`) with the same code as a run on one
 * database. `../run/shared-plans.ts` contains the data that databases in the same state share. `lanes.ts` divides the work among threads
 * (`fleet-worker.ts`). `report.ts` is pure: it counts, groups and names.
 */
export interface FleetOptions {
	readonly targets: readonly FleetTarget[];
	readonly settings: FleetSettings;
	/** The id of the plan for the whole fleet that was shown. */
	readonly plan?: string | undefined;
	/** The number of databases to run first. The run stops if one of them fails. */
	readonly canary?: number | undefined;
	/** True to run the other databases if one fails. */
	readonly keepGoing?: boolean | undefined;
	/** The number of threads. 1 runs everything in this thread. */
	readonly jobs: number;
	/** Stops the run after the databases that are being changed. */
	readonly signal?: AbortSignal | undefined;
	/**
	 * Shows the plan and asks whether to run it, before anything is written. Consent covers exactly the losses of the plan: a database that would lose
	 * anything else by the time it runs is refused.
	 */
	readonly confirm?: ((plan: FleetPlanEvent) => Promise<boolean>) | undefined;
}

/** One database of a fleet. */
export interface FleetTarget {
	/** The path of the file, or the name of a database on a server: `libsql example.turso.io`. */
	readonly database: string;
	readonly backupDir: string;
	/** Set for a database on a server. */
	readonly remote?: RemoteConnection | undefined;
	/** Wrangler's migration table, if it is the history. */
	readonly wranglerTable?: string | undefined;
}

/** The options that all databases share. Plain data, because threads get a copy. */
export interface FleetSettings
	extends Omit<ApplyOptions, 'database' | 'backupDir' | 'wranglerTable' | 'plan' | 'consent' | 'signal' | 'stopWaiting' | 'now'> {
	/** Consent to all losses. */
	readonly consent: boolean;
	/** Names and patterns of objects that lite-migr does not manage. */
	readonly ignore: readonly string[];
	/** The folder of `migrate.toml`, next to which schemas are remembered. */
	readonly projectDir: string;
	/** True if a plan was passed, so its id must be computed. */
	readonly needsPlan: boolean;
	/** True if losses are confirmed as soon as they are known, so each database that would lose something needs a plan to run exactly that. */
	readonly confirmsLosses?: boolean | undefined;
	/** True if the events of each run are needed, not only the results. */
	readonly needsEvents: boolean;
}

/** The newest migration and the schema of a database. */
export interface FileState {
	/** The newest applied migration. Null if none is applied. */
	readonly at: string | null;
	/** A hash of the meaning of the schema, regardless of its spelling, without bookkeeping. Null if it was not read, as on a server. */
	readonly schema: string | null;
}

/** Why a database was not changed. */
export interface FleetFailure {
	readonly code: ErrorCode;
	readonly message: string;
	readonly hint: string | null;
	readonly details: readonly string[];
}

/** The result of checking a database before anything is written. */
export type Look =
	| {readonly kind: 'current'; readonly state: FileState}
	| PendingLook
	/** Locked by another process, or on a server. The effect of a run is determined at the end, when it runs. */
	| {readonly kind: 'later'}
	/** `state` is null if the database cannot be read. */
	| {readonly kind: 'failed'; readonly state: FileState | null; readonly failure: FleetFailure};

export interface PendingLook {
	readonly kind: 'pending';
	readonly state: FileState;
	readonly migrations: readonly string[];
	/** The id of its plan. Null if it is not needed, or known only after statements have run. */
	readonly plan: string | null;
	/** The losses, one per line. */
	readonly losses: readonly string[];
	/** Size of the backup that the run takes first. 0 if it takes none. */
	readonly backupBytes: number;
}

/** The result of a run on one database. */
export type RunOutcome =
	| {readonly kind: 'applied' | 'unchanged'; readonly state: FileState | null; readonly backup: string | null; readonly losses: readonly string[]}
	| {readonly kind: 'failed'; readonly failure: FleetFailure; readonly committed: readonly string[]; readonly state: FileState | null};

/** An event of one database in a fleet. */
export type FileEvent = ApplyEvent & {readonly database: string};

/** Databases that get the same migrations. */
export interface PendingGroup {
	readonly migrations: readonly string[];
	readonly count: number;
	/** The newest migration that is applied in all of them. Null if none is, or if they differ. */
	readonly from: string | null;
}

/** The plan of a fleet run. Comes after every database was checked, and before anything is written. */
export interface FleetPlanEvent {
	readonly type: 'fleetPlan';
	/** Always null, because the event is about all databases. */
	readonly database: null;
	readonly direction: Direction;
	readonly dryRun: boolean;
	readonly total: number;
	/** The databases with something to do, by the migrations that they get. */
	readonly pending: readonly PendingGroup[];
	readonly unchanged: number;
	/** Databases that are locked now, or on a server. They run at the end. */
	readonly later: number;
	readonly failed: number;
	/** The number of backups that will be taken, and their total size. */
	readonly backups: number;
	readonly backupBytes: number;
	/** Bytes that are free in the folder of the backups. Null if there are none, or if the system does not report it. */
	readonly bytesFree: number | null;
	/** The id of the plan for the whole fleet. Null if it is unknown. */
	readonly plan: string | null;
	/** The losses, by database. */
	readonly losses: readonly {readonly database: string; readonly losses: readonly string[]}[];
}

/** The last event of a fleet run. */
export interface FleetEvent {
	readonly type: 'fleet';
	readonly direction: Direction;
	readonly dryRun: boolean;
	/** The number of databases. */
	readonly total: number;
	/** The number of databases that were changed, or that a dry run would change. */
	readonly applied: number;
	/** The number of databases with nothing to do. */
	readonly unchanged: number;
	/** The number of databases that the run did not start on. */
	readonly notStarted: number;
	/** Databases that could not be changed. They are unchanged, unless `message` says something else. */
	readonly failed: readonly {readonly database: string; readonly code: ErrorCode; readonly message: string; readonly hint: string | null}[];
	/** The databases by their current state. `at` is null if no migration is applied, and `schema` is null for databases that cannot be read. */
	readonly groups: readonly {readonly at: string | null; readonly schema: string | null; readonly count: number}[];
	/** The id of the plan for the whole fleet: `upgrade --plan ID` runs exactly that. Null if it is unknown. */
	readonly plan: string | null;
	/** The number of backups that were taken. */
	readonly backups: number;
	/** Why the run stopped before all databases were started. Null if it did not. */
	readonly stopped: {readonly code: ErrorCode; readonly message: string; readonly hint: string | null; readonly details: readonly string[]} | null;
	readonly durationMs: number;
}

/** Progress, for people. `look` counts databases that were checked, `canary` and `run` those that were run. */
export interface FleetProgress {
	readonly type: 'fleetProgress';
	readonly phase: 'look' | 'canary' | 'run';
	readonly done: number;
	readonly failed: number;
	readonly total: number;
	/** A database whose run has just been started. */
	readonly started?: string;
	/** The database that was finished last, with its result. Absent for databases that were checked without a problem. */
	readonly finished?: {readonly database: string; readonly result: RunOutcome | Extract<Look, {readonly kind: 'failed'}>};
}
