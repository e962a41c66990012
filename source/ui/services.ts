import type {Decisions, FillQuestion, Question} from '../core/diff/question.ts';
import type {ErrorCode, ErrorLocation} from '../core/errors.ts';
import type {BackupFile} from '../core/migrations/backup/backup-files.ts';
import type {TableComparison} from '../core/migrations/backup/compare-databases.ts';
import type {Restored} from '../core/migrations/backup/restore.ts';
import type {Caveat} from '../core/migrations/draft/caveats.ts';
import type {Evidence, FillTrial} from '../core/migrations/draft/evidence.ts';
import type {ApplyEvent, Direction, EffectsEvent} from '../core/migrations/event.ts';
import type {Finding} from '../core/migrations/finding.ts';
import type {RunSettings} from '../core/migrations/run/apply-options.ts';
import type {PreviewObject} from '../core/plan/preview.ts';
import type {PulledFile, PullFormat} from '../core/pull/pull.ts';
import type {FoundObject} from '../core/pull/pull-text.ts';

/**
 * What the screens need of the core: plain data in and out, so that it can be asked for in a worker thread, where work on a large database
 * does not keep keys waiting. Every function throws MigrError for what the user can mend.
 */
export interface Services {
	/** The project as it is now; quick, since the menu waits for it. */
	overview(): Promise<Overview>;
	/** What takes longer to know: models and migrations are loaded and replayed. */
	assessment(): Promise<Assessment>;

	/** Models against database with these decisions: what is still open, and what would be done. */
	draft(decisions: Decisions): Promise<Draft>;
	/** What the rows say about a question. */
	evidence(question: Question, decisions: Decisions): Promise<Evidence>;
	/** A fill expression against real rows. */
	tryFill(question: FillQuestion, expression: string, decisions: Decisions): Promise<FillTrial>;
	/**
	 * Writes the migration file (and the decisions to ignore into migrate.toml); no question may be open.
	 *
	 * @param shown the id of the draft that was shown: if models, migrations or database have changed since, nothing is written and it throws MigrError
	 * `answerNeeded`
	 */
	writeMigration(name: string, decisions: Decisions, shown?: string): Promise<WrittenMigration>;

	/**
	 * What an upgrade or downgrade would do to existing rows; writes nothing. If it has statements of its own, it is tried on a private copy.
	 *
	 * @param rehearses false tries it only if it may change or remove existing rows: for a run that is not shown before unless it loses something
	 */
	preflight(request: RunSettings, rehearses?: boolean): Promise<RunPlan>;
	/**
	 * Runs it. The last event is `done` or `failed`. Aborting stops after the running batch and rolls back.
	 *
	 * @param request with the `plan` that was shown, it runs exactly that, or fails with `answerNeeded` and writes nothing
	 */
	run(request: RunSettings, signal: AbortSignal): AsyncIterable<ApplyEvent>;

	history(): Promise<readonly HistoryEntry[]>;
	/** One migration, applied or pending, as its file says. */
	migration(name: string): Promise<MigrationDetails>;

	/** Newest first. */
	backups(): Promise<readonly BackupFile[]>;
	/** What putting a backup back would change. */
	restorePlan(backup: string): Promise<RestorePlan>;
	/** @param plan the id of the restore plan that was shown: if the database has changed since, nothing is restored and it throws MigrError `answerNeeded` */
	restore(backup: string, plan: string): Promise<Restored>;

	/** What there is before a project is set up. */
	beforeSetUp(): Promise<BeforeSetUp>;
	initialise(request: InitRequest): Promise<readonly string[]>;
	/** The database as models, and what writing them would do; writes nothing. */
	pulled(format: PullFormat): Promise<PullPreview>;
	/** Writes files of a preview just as they were shown, over those that were there then, never over one that has come in since; the paths written. */
	writePulled(files: readonly PulledFile[]): Promise<readonly string[]>;
	/** Adopts an existing database; the migration's name. */
	baseline(name: string): Promise<string>;
}

export interface Overview {
	/** Null where there is no migrate.toml. */
	readonly configFile: string | null;
	/** As a person in the working folder would write it. */
	readonly database: string;
	readonly exists: boolean;
	readonly bytes: number;
	readonly sqliteVersion: string;
	readonly applied: readonly {readonly name: string; readonly appliedAt: string}[];
	readonly pending: readonly string[];
	/** Names of applied migrations whose files were changed, or are gone. */
	readonly edited: readonly string[];
	readonly missing: readonly string[];
	readonly backups: readonly BackupFile[];
	readonly hasModels: boolean;
	/** Tables in the database that lite-migr did not make. */
	readonly unmanagedTables: number;
	/** Milliseconds since 1970, for "3 days ago". */
	readonly now: number;
}

export interface Assessment {
	readonly models: ModelsState;
	/** How the database differs from what its migrations made of it, in words. */
	readonly drift: readonly string[];
	/** Names of pending migrations that lose data. */
	readonly destructive: readonly string[];
}

export type ModelsState =
	| {readonly kind: 'same'}
	| {readonly kind: 'ahead'; readonly changes: number; readonly questions: number}
	| {readonly kind: 'failed'; readonly problem: ProblemData /** It is a pending migration that stands in the way. */; readonly isPending?: true};

/** An error as data. */
export interface ProblemData {
	readonly code: ErrorCode | 'fault';
	readonly message: string;
	readonly location: ErrorLocation | null;
	readonly details: readonly string[];
	readonly hint: string | null;
}

export interface Draft {
	/** A hash of what would be written and of what it starts from. */
	readonly id: string;
	readonly questions: readonly Question[];
	readonly changes: readonly ChangedObject[];
	/** The migration as plain SQL, rebuilds spelled out. */
	readonly sql: string;
	readonly cost: Cost;
	/** Rows that would break it, change or be lost. */
	readonly findings: readonly Finding[];
	/** Warnings that stop nothing: a decision that answered nothing. */
	readonly notices: readonly string[];
}

/** An object that changes, as the core describes it, with the rows that it concerns. */
export interface ChangedObject extends PreviewObject {
	/** Rows that are read, copied or dropped; null where no database is there to count in. */
	readonly rows: number | null;
}

export interface Cost {
	/** Rows that are read or copied. */
	readonly rows: number;
	/** Beside the database, for a while. */
	readonly bytes: number;
	/** Null where no backup would be taken. */
	readonly backupBytes: number | null;
}

export interface WrittenMigration {
	/** As a person in the working folder would write it; null where nothing differs. */
	readonly path: string | null;
	readonly changes: number;
	/** The configuration that ignores more names now; null where it was not changed. */
	readonly ignoredIn: string | null;
	/** Why it fits this database alone, where it does. */
	readonly caveats: readonly Caveat[];
}

export interface RunPlan {
	/** The id of the plan; null if there is nothing to do, if it failed on a private copy, and if it was not tried. */
	readonly id: string | null;
	readonly direction: Direction;
	readonly database: string;
	/** The newest applied migration now and afterwards. */
	readonly from: string | null;
	readonly to: string | null;
	readonly migrations: readonly {readonly name: string; readonly isDestructive: boolean; readonly changes: readonly ChangedObject[]}[];
	readonly findings: readonly Finding[];
	/** What trying it on a private copy has shown; null if it has no statements of its own, so that nothing had to be tried. */
	readonly rehearsal: RunRehearsal | null;
	readonly bytesNeeded: number;
	readonly bytesFree: number | null;
	/** Null where none would be taken. */
	readonly backup: {readonly folder: string; readonly bytes: number} | null;
	/** What needs to be known before: an edited file, an older migration out of order. */
	readonly notices: readonly string[];
	/** Applied files that were edited or are missing: running on takes consent. */
	readonly isEdited: boolean;
	/** True where nothing may run without consent. */
	readonly needsConsent: boolean;
}

export interface RunRehearsal {
	readonly durationMs: number;
	/** What the statements of the migrations did to rows. */
	readonly effects: readonly EffectsEvent[];
	/** Why it failed; null if it did not. */
	readonly problem: ProblemData | null;
}

export interface HistoryEntry {
	readonly name: string;
	readonly state: 'applied' | 'pending' | 'edited' | 'missing';
	/** UTC, as SQLite writes it. */
	readonly appliedAt: string | null;
	readonly durationMs: number | null;
	readonly toolVersion: string | null;
	/** The name in the history of the database, if the file was renamed since. */
	readonly renamedFrom?: string;
}

export interface MigrationDetails {
	readonly name: string;
	/** Null where the file is gone. */
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
	/** Migrations that would be pending again. */
	readonly migrations: readonly string[];
	/** Why the database cannot be compared with the backup; absent if it can. */
	readonly damage?: string;
}

export interface BeforeSetUp {
	/** Database files in the working folder. */
	readonly databases: readonly string[];
	/** The migrate.toml that would be written, where it is there already. */
	readonly existing: string | null;
}

/** An existing database as models. */
export interface PullPreview {
	readonly format: PullFormat;
	readonly database: string;
	/** `2 tables, 1 index, 1 view, 1 trigger`. */
	readonly found: string;
	readonly objects: readonly FoundObject[];
	/** What the models do not say as the database does, a line each. */
	readonly notes: readonly string[];
	readonly files: readonly (PulledFile & {readonly path: string})[];
	/** Model files that are in the folder and would stay. */
	readonly others: readonly string[];
}

export interface InitRequest {
	readonly db?: string;
	readonly migrations?: string;
	readonly models?: string;
	/** A model to start from. */
	readonly firstModel: 'ts' | 'sql' | null;
}
