/** The types of the JSON that `--json` prints. Public: names and meanings do not change, but new fields may be added. */
import type {Question} from '../core/diff/question.ts';
import type {ErrorCode, ErrorLocation} from '../core/errors.ts';
import type {Restored} from '../core/migrations/backup/restore.ts';
import type {RestorePlanned} from '../core/migrations/backup/restore-plan.ts';
import type {ApplyEvent, FailedEvent} from '../core/migrations/event.ts';
import type {Finding} from '../core/migrations/finding.ts';
import type {FileEvent, FleetEvent, FleetPlanEvent} from '../core/migrations/fleet/fleet.ts';
import type {Hazard} from '../core/operations/hazard.ts';
import type {Operation} from '../core/operations/operation.ts';
import type {Needs} from '../core/runtime/bundle.ts';

/** The only or last line that a failed command prints. `upgrade` and `downgrade` print a `failed` event: see `FailedRunJson`. */
export interface ErrorJson {
	readonly error: {
		readonly code:
			| ErrorCode
			/**
			 * An internal error: a bug in lite-migr.
			 *
			 * Database: unchanged, because open transactions are rolled back.
			 *
			 * Next: report the bug with the message and the command that you ran.
			 */
			| 'internal';
		readonly message: string;
		readonly hint: string | null;
		readonly location: ErrorLocation | null;
		readonly details: readonly string[];
		/** The state of the database. Absent if the code says it all. */
		readonly state?: string;
		readonly exitCode: number;
		/** The command that explains the code: `lite-migr help --error hazard`. */
		readonly help: string;
	};
}

/** `init --json`. */
export interface InitJson {
	/** The path of `migrate.toml`. */
	readonly config: string;
	/** False if it already existed. */
	readonly written: boolean;
	readonly database: string;
	readonly migrations: string;
	readonly models: string;
}

/** The fields that the JSON of `create` and of `diff` share. */
export interface ChangesJson {
	/** Open questions. If there are any, nothing is written and the command ends with exit code 3. */
	readonly questions: readonly Question[];
	/** In execution order, without the objects that open questions are about. */
	readonly operations: readonly Operation[];
	readonly hazards: readonly Hazard[];
	/** Hazards that existing rows confirm. */
	readonly findings: readonly Finding[];
}

/** `diff --json`. */
export interface DiffJson extends ChangesJson {
	/** With `--format` or `--empty`: the file that `create` would write. */
	readonly text?: string;
}

/** `create --json`. */
export interface CreateJson extends ChangesJson {
	/** The name of the new migration. Null if nothing was written. */
	readonly migration: string | null;
	readonly path: string | null;
	/** The file with the downgrade. Absent if one file contains both directions, as in all formats except `wrangler`. */
	readonly downgradePath?: string;
}

/** `status --json`. */
export interface StatusJson {
	/** The path of the database. */
	readonly database: string;
	readonly exists: boolean;
	readonly applied: readonly {
		readonly name: string;
		/** UTC: `2026-11-22 17:52:00`. */
		readonly appliedAt: string;
		readonly checksum: string | null;
		readonly durationMs: number | null;
		/** Present if its file is missing and the database stores its downgrade: `downgrade` can undo it. */
		readonly stored?: true;
		/** Present if it was marked as applied without being run: undoing it only removes its record. */
		readonly adopted?: true;
		/** The name in the history of the database, if the file was renamed later. */
		readonly renamedFrom?: string;
	}[];
	readonly pending: readonly {readonly name: string; readonly destructive: boolean}[];
	/** Applied migrations whose file was edited after they were applied. */
	readonly edited: readonly string[];
	/** Applied migrations without a file. */
	readonly missing: readonly string[];
	/** Present if the database has migrations that come after all files here: it is newer than this program. */
	readonly databaseNewer?: true;
	/** Descriptions of how the database differs from the schema its migrations build. */
	readonly drift: readonly string[];
	/** Descriptions of model changes that are not in any migration. */
	readonly ahead: readonly string[];
	/** Open questions of the next `create`. */
	readonly questions: number;
	/** Present if the models do not load or do not exist. `ahead` is then unknown. */
	readonly modelsError?: Omit<ErrorJson['error'], 'exitCode'>;
	/**
	 * Present if a pending migration cannot be read or does not fit the database, with its file and line. Data loss of pending migrations and `ahead`
	 * are then unknown.
	 */
	readonly pendingError?: Omit<ErrorJson['error'], 'exitCode'>;
	/** True if the models, the migrations and the database agree and nothing is pending. */
	readonly inSync: boolean;
}

/** `check --json`. */
export interface CheckJson {
	readonly ok: boolean;
	readonly problems: readonly CheckProblemJson[];
	/** Problems that `migrate.toml` accepts: `newDatabase` with `new_databases = false`. Absent if there are none. */
	readonly accepted?: readonly CheckProblemJson[];
}

/** A problem in `check --json`. */
export interface CheckProblemJson {
	/** `newDatabase`: `upgrade` cannot build a new database from the migrations. */
	readonly kind: 'modelsAhead' | 'drift' | 'edited' | 'missing' | 'databaseNewer' | 'renamed' | 'pending' | 'outOfOrder' | 'newDatabase';
	readonly message: string;
	/** The changes, migrations or objects that differ. */
	readonly items: readonly string[];
	readonly hint: string;
}

/** A line of `status --json` for several databases, one per database. The last line is a `FleetSummaryJson`. */
export interface FleetStatusJson extends StatusJson {
	readonly type: 'status';
}

/** A line of `check --json` for several databases, one per database. The last line is a `FleetSummaryJson`. */
export interface FleetCheckJson extends CheckJson {
	readonly type: 'check';
	/** The path of the database. */
	readonly database: string;
}

/**
 * The last line of `status --json` and `check --json` for several databases. For a database that cannot be read, a line of the type `failed` comes
 * earlier.
 */
export interface FleetSummaryJson {
	readonly type: 'fleet';
	readonly total: number;
	/** Databases that cannot be read. */
	readonly failed: FleetEvent['failed'];
	readonly groups: FleetEvent['groups'];
}

/** The additional JSON fields of a `failed` event. */
export interface FailureHelp {
	/** The command that explains the code: `lite-migr help --error hazard`. */
	readonly help: string;
}

/** Each line of `upgrade --json` and `downgrade --json`. The last event is `done` or `failed`. */
export type RunJson = Exclude<ApplyEvent, FailedEvent> | (FailedEvent & FailureHelp);

/**
 * Each line of `upgrade --json` and `downgrade --json` for several databases: the events of their runs, each with its `database`. The last line is
 * `fleet`.
 */
export type FleetRunJson = Exclude<FileEvent, FailedEvent> | (FailedEvent & FailureHelp & {readonly database: string}) | FleetPlanEvent | FleetEvent;

/** The last line of an `upgrade --json` or `downgrade --json` that could not start: a `failed` event with the `error` field of other commands. */
export type FailedRunJson = FailedEvent & FailureHelp & ErrorJson;

/** `baseline --json`. */
export interface BaselineJson {
	readonly database: string;
	/** The migrations that were marked as applied. */
	readonly applied: readonly string[];
	/** The new file. Null if existing migrations already create this schema. */
	readonly path: string | null;
	/** The applied migration whose edited file was recorded. Absent if there is none. */
	readonly recorded?: string;
	readonly tables: number;
	/** Other migration tools with tables in the database. The tables are left in place. */
	readonly tools: readonly {readonly tool: string; readonly tables: readonly string[]}[];
}

/** `pull --json`. */
export interface PullJson {
	readonly database: string;
	/** The new files. */
	readonly paths: readonly string[];
	/** With `--dry-run`: the files that would have been written. */
	readonly files: readonly {readonly name: string; readonly text: string}[];
	/** Limitations: parts of the schema that the format cannot represent, or that are written differently from the database. */
	readonly limitations: readonly string[];
}

/** `squash --json`. */
export interface SquashJson {
	readonly migration: string;
	readonly path: string;
	/** The migrations it replaces. */
	readonly replaces: readonly string[];
	/** The folder their files were moved to. */
	readonly archive: string;
	/** Migrations whose data changes were omitted. */
	readonly omitted: readonly string[];
}

/** A backup in `restore --json`. */
export interface BackupJson {
	/** The argument for `lite-migr restore`. */
	readonly id: string;
	readonly path: string;
	readonly bytes: number;
	/** The migration it was taken before. Null if it was taken for another reason. */
	readonly beforeMigration: string | null;
}

/** `restore --json`: all backups, newest first. */
export interface BackupsJson {
	readonly backups: readonly BackupJson[];
	/** Files that may be backups of another database. `restore` accepts them only by path. Absent if there are none. */
	readonly unclaimed?: readonly BackupJson[];
}

/** `restore <backup> --json`: the changes that it would make, or has made. */
export interface RestoreJson extends RestorePlanned {
	readonly backup: BackupJson;
	/** Null if nothing was done because `--yes` is missing. */
	readonly restored: Restored | null;
}

/** `upgrade --sql --json` and `downgrade --sql --json`. */
export interface SqlJson {
	/** Empty if there is nothing to do. */
	readonly sql: string;
	readonly migrations: readonly string[];
	/** Migrations with code (`op.run`), which cannot be written as SQL. */
	readonly withCode: readonly string[];
}

/** `bundle --json`. */
export interface BundleJson {
	/** The path of the module. */
	readonly out: string;
	/** Its size in bytes, without compression. */
	readonly bytes: number;
	readonly migrations: readonly string[];
	/** Migrations that a device cannot undo. Those without a downgrade are not in the list. */
	readonly withoutDown: readonly {readonly name: string; readonly reason: string}[];
	/** Migrations that not every engine can run, with what they need. */
	readonly needs: readonly {readonly name: string; readonly needs: Needs}[];
	/** True if the file was already up to date. With `--check`, the exit code is 4 if it is not. */
	readonly current: boolean;
}

/** `baseline --from FOLDER --json`. */
export interface ImportJson {
	readonly database: string;
	/** The other tool. */
	readonly tool: string;
	/** The new files. */
	readonly written: readonly string[];
	readonly applied: readonly string[];
	readonly pending: readonly string[];
	/** Edits made to the imported files so that they have the same effect in lite-migr. */
	readonly notes: readonly string[];
	/** Reasons why `upgrade` cannot build a new database from the imported files. Empty if it can. */
	readonly newDatabaseProblems: readonly Omit<ErrorJson['error'], 'exitCode'>[];
}
