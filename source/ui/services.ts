import type {Decisions, FillQuestion, Question} from '../core/diff/question.ts';
import type {ErrorCode, ErrorLocation} from '../core/errors.ts';
import type {BackupFile} from '../core/migrations/backup/backup-files.ts';
import type {TableComparison} from '../core/migrations/backup/compare-table.ts';
import type {Restored} from '../core/migrations/backup/restore.ts';
import type {Caveat} from '../core/migrations/draft/caveats.ts';
import type {Evidence, FillTrial} from '../core/migrations/draft/evidence.ts';
import type {ApplyEvent, Direction, EffectsEvent} from '../core/migrations/event.ts';
import type {DraftFinding, Finding} from '../core/migrations/finding.ts';
import type {FleetEvent, FleetOptions, FleetPlanEvent, FleetProgress} from '../core/migrations/fleet/fleet.ts';
import type {RunSettings} from '../core/migrations/run/apply-options.ts';
import type {PreviewObject} from '../core/plan/preview.ts';
import type {PulledFile, PullFormat} from '../core/pull/pull.ts';
import type {LockWait} from '../core/sqlite/held-lock.ts';
import type {BeforeSetUp, BrowsedObject, FirstRows, InitRequest, PullPreview} from './existing-database.ts';

/**
 * The parts of the core that screens use. Inputs and outputs are plain data, so calls can run in a worker thread, where work on a large database
 * does not block keys. Every function throws MigrError for problems that the user can fix.
 */
export interface Services {
	/** Returns the current state of the project. Fast, because the menu waits for it. */
	overview(): Promise<Overview>;
	/** Returns a text that changes when models, migrations, the history or the schema change. Changed rows do not change it. */
	stateKey(): Promise<string>;
	/** Returns the facts that take longer, because models and migrations are loaded and replayed. */
	assessment(): Promise<Assessment>;

	/** Compares models and database with these decisions. Returns the questions that are still open and the changes. */
	draft(decisions: Decisions): Promise<DraftPreview>;
	/** Returns the evidence in the rows for a question. */
	evidence(question: Question, decisions: Decisions): Promise<Evidence>;
	/**
	 * Tries a fill expression on real rows.
	 *
	 * @param isFinal true to draft the migration with an expression that fails on the rows: it may read what a pending or this migration creates
	 */
	tryFill(question: FillQuestion, expression: string, decisions: Decisions, isFinal?: boolean): Promise<FillTrial>;
	/**
	 * Writes the migration file, and adds ignored names to migrate.toml. No question may be open.
	 *
	 * @param shown the id of the draft that was shown
	 * @throws MigrError `answerNeeded` if models, migrations or database have changed since then. Nothing is written
	 */
	writeMigration(name: string, decisions: Decisions, shown?: string): Promise<WrittenMigration>;

	/**
	 * Returns what an upgrade or downgrade would do to existing rows, without writing anything. A run with user statements is tried on a private copy.
	 *
	 * @param rehearses false to use the copy only if the run may change or remove existing rows: for a run that is shown only if it loses something
	 */
	preflight(request: RunSettings, rehearses?: boolean): Promise<RunPreview>;
	/**
	 * Runs an upgrade or downgrade. The last event is `done` or `failed`. Aborting stops it within about a second, and rolls back.
	 *
	 * @param request if it contains the `plan` that was shown, the run does exactly that, or fails with `answerNeeded` and writes nothing
	 */
	run(request: RunSettings, signal: AbortSignal): AsyncIterable<ApplyEvent>;

	/**
	 * Runs an upgrade or downgrade of several databases. The last event is `fleet`. After `fleetQuestion`, the run waits for `answerFleet`. Aborting
	 * starts no further database.
	 */
	runFleet(request: FleetRequest, signal: AbortSignal): AsyncIterable<FleetScreenEvent>;
	/** Answers the question of `runFleet`: whether to run the plan that was shown. */
	answerFleet(isConfirmed: boolean): Promise<void>;

	history(): Promise<readonly ListedMigration[]>;
	/** Returns one migration, applied or pending, as described by its file. */
	migration(name: string): Promise<MigrationDetails>;

	/** Lists the backups, newest first. */
	backups(): Promise<readonly ListedBackup[]>;
	/** Returns what restoring a backup would change. */
	restorePlan(backup: string): Promise<RestorePlan>;
	/**
	 * Restores a backup.
	 *
	 * @param plan the id of the restore plan that was shown
	 * @throws MigrError `answerNeeded` if the database has changed since then, `cancelled` if the signal fires. Nothing is restored
	 */
	restore(backup: string, plan: string, signal?: AbortSignal): Promise<Restored>;

	/** Returns the files and models that exist before a project is set up. */
	beforeSetUp(): Promise<BeforeSetUp>;
	/** Returns the tables and views of the database, or of a database file in the working folder. */
	browse(file?: string): Promise<readonly BrowsedObject[]>;
	/** Returns the first rows of a table or view, as text. */
	firstRows(name: string, file?: string): Promise<FirstRows>;
	/**
	 * Checks that a database can be set up. `db` is as given for `--db`; undefined for a new file.
	 *
	 * @param isAdopted true if it is an existing file, which must be readable
	 * @throws MigrError `config` if wrangler has not created its local database yet, or the reason why the file cannot be read
	 */
	requireDatabase(db: string | undefined, isAdopted: boolean): Promise<void>;
	initialise(request: InitRequest): Promise<readonly string[]>;
	/** Generates models from the database, and returns what writing them would do. Writes nothing. */
	pulled(format: PullFormat): Promise<PullPreview>;
	/**
	 * Writes the files of a preview exactly as shown, and returns their paths. Overwrites files that existed when the preview was created, but never a
	 * file that was created later.
	 */
	writePulled(files: readonly PulledFile[]): Promise<readonly string[]>;
	/** Adopts an existing database. Returns the name of the migration. @throws MigrError `cancelled` if the signal fires. Nothing is written */
	baseline(name: string, signal?: AbortSignal): Promise<string>;
}

export interface Overview {
	/** Null if there is no migrate.toml. */
	readonly configFile: string | null;
	/** Relative to the working folder if it is inside it. For a database on a server, its name: `d1 shop`. */
	readonly database: string;
	/** True for a database on a server. */
	readonly isRemote: boolean;
	readonly exists: boolean;
	/** Zero for a database on a server. */
	readonly bytes: number;
	/** Empty for a database on a server. */
	readonly sqliteVersion: string;
	readonly applied: readonly {readonly name: string; readonly appliedAt: string}[];
	readonly pending: readonly string[];
	/** Names of applied migrations whose files were edited, and of those whose files are missing. */
	readonly edited: readonly string[];
	readonly missing: readonly string[];
	readonly backups: readonly BackupFile[];
	readonly hasModels: boolean;
	/** Number of tables in the database that are not in any migration. */
	readonly unmanagedTables: number;
	/** Milliseconds since 1970, for "3 days ago". */
	readonly now: number;
}

export interface Assessment {
	readonly models: ModelsState;
	/** Descriptions of how the database differs from its migrations. */
	readonly drift: readonly string[];
	/** Names of pending migrations that lose data. */
	readonly destructive: readonly string[];
}

export type ModelsState =
	| {readonly kind: 'same'}
	| {readonly kind: 'ahead'; readonly changes: number; readonly questions: number}
	| {readonly kind: 'failed'; readonly problem: ProblemData /** Set if the cause is a pending migration. */; readonly isPending?: true};

/** An error as data. */
export interface ProblemData {
	readonly code: ErrorCode | 'internal';
	readonly message: string;
	readonly location: ErrorLocation | null;
	readonly details: readonly string[];
	readonly hint: string | null;
	/** The state of the database, if the error says it. */
	readonly state?: string | undefined;
}

export interface DraftPreview {
	/** A hash of the text that would be written and of the state it starts from. */
	readonly id: string;
	readonly questions: readonly Question[];
	readonly changes: readonly ChangedObject[];
	/** The migration as plain SQL, rebuilds spelled out. */
	readonly sql: string;
	readonly cost: Cost;
	/** Rows that would break it, change or be lost. */
	readonly findings: readonly DraftFinding[];
	/** Warnings that do not stop the run, such as an unused decision. */
	readonly notices: readonly string[];
}

/** An object that changes, as described by the core, with the number of affected rows. */
export interface ChangedObject extends PreviewObject {
	/** Rows that are read, copied or dropped. Null if there is no database to count them in. */
	readonly rows: number | null;
	/** The definition of a table before and after, one column or constraint per line. Absent if it is unknown. */
	readonly definition?: {readonly before: readonly string[]; readonly after: readonly string[]};
}

export interface Cost {
	/** Rows that are read or copied. */
	readonly rows: number;
	/** Temporary disk space. */
	readonly bytes: number;
	/** Null if no backup would be taken. */
	readonly backupBytes: number | null;
}

export interface WrittenMigration {
	/** Relative to the working folder if it is inside it. Null if nothing differs. */
	readonly path: string | null;
	readonly changes: number;
	/** The configuration file that ignored names were added to. Null if it was not changed. */
	readonly ignoredIn: string | null;
	/** Reasons why the migration only fits this database. */
	readonly caveats: readonly Caveat[];
}

export interface RunPreview {
	/** The id of the plan. Null if there is nothing to do, if the plan failed on a private copy, or if it was not tried. */
	readonly id: string | null;
	readonly direction: Direction;
	readonly database: string;
	/** True for a database on a server, to which the run is sent as one batch. */
	readonly isRemote: boolean;
	/** The newest applied migration now and afterwards. */
	readonly from: string | null;
	readonly to: string | null;
	readonly migrations: readonly {readonly name: string; readonly isDestructive: boolean; readonly changes: readonly ChangedObject[]}[];
	readonly findings: readonly Finding[];
	/** The result of trying the run on a private copy. Null if it has no user statements, so there was no need to try it. */
	readonly rehearsal: RunRehearsal | null;
	readonly bytesNeeded: number;
	readonly bytesFree: number | null;
	/** Null if no backup would be taken. */
	readonly backup: {readonly folder: string; readonly bytes: number} | null;
	/** Warnings to show before the run: an edited file, or an older migration that is out of order. */
	readonly notices: readonly string[];
	/** True if applied files were edited or are missing, so the run needs consent. */
	readonly isEdited: boolean;
	/** True if the run needs consent. */
	readonly needsConsent: boolean;
}

export interface RunRehearsal {
	readonly durationMs: number;
	/** The effects of the statements on rows. */
	readonly effects: readonly EffectsEvent[];
	/** The reason why it failed. Null if it did not. */
	readonly problem: ProblemData | null;
}

/** A run on several databases. Plain data, because the engine runs in its own thread. */
export type FleetRequest = Omit<FleetOptions, 'signal' | 'confirm'>;

/** An event of a run on several databases, for the screens. Paths are relative to the working folder. */
export type FleetScreenEvent =
	| FleetPlanEvent
	| FleetProgress
	| FleetEvent
	/** The run waits for an answer. */
	| {readonly type: 'fleetQuestion'; readonly plan: FleetPlanEvent}
	/** The run of a database waits for the lock of another process, or the lock is free. */
	| {readonly type: 'fleetLock'; readonly database: string; readonly lock: LockWait};

export interface ListedMigration {
	readonly name: string;
	readonly state: 'applied' | 'pending' | 'edited' | 'missing';
	/** UTC, as SQLite writes it. */
	readonly appliedAt: string | null;
	readonly durationMs: number | null;
	readonly toolVersion: string | null;
	/** The name in the history of the database, if the file was renamed later. */
	readonly renamedFrom?: string;
}

export interface MigrationDetails {
	readonly name: string;
	/** Null if the file is missing. */
	readonly path: string | null;
	readonly changes: readonly ChangedObject[];
	readonly file: string;
	readonly hasDowngrade: boolean;
}

export interface RestorePlan {
	/** The id of this comparison, for `restore`. */
	readonly id: string;
	readonly backup: BackupFile;
	readonly database: string;
	/** Tables that differ. */
	readonly tables: readonly TableComparison[];
	/** Migrations that would become pending again. */
	readonly migrations: readonly string[];
	/** The reason why the database cannot be compared with the backup. Absent if it can. */
	readonly damage?: string | undefined;
}

/** A backup, with the reason why it was taken: `before 0012_orders`. Empty if it was taken for another reason. */
export interface ListedBackup extends BackupFile {
	readonly reason: string;
}
