/** The shapes of what `--json` prints. Public: names and meanings stay; new fields may come. */
import type {Question} from '../core/diff/question.ts';
import type {ErrorCode, ErrorLocation} from '../core/errors.ts';
import type {Restored, RestorePlanned} from '../core/migrations/backup/restore.ts';
import type {ApplyEvent, FailedEvent} from '../core/migrations/event.ts';
import type {Finding} from '../core/migrations/finding.ts';
import type {Hazard} from '../core/operations/hazard.ts';
import type {Operation} from '../core/operations/operation.ts';

/** What any command prints when it fails, as its only or last line. `upgrade` and `downgrade` print a `failed` event: see `FailedRunJson`. */
export interface ErrorJson {
	readonly error: {
		/** `fault` is a fault of lite-migr itself. */
		readonly code: ErrorCode | 'fault';
		readonly message: string;
		readonly hint: string | null;
		readonly location: ErrorLocation | null;
		readonly details: readonly string[];
		readonly exitCode: number;
	};
}

/** `init --json`. */
export interface InitJson {
	/** The path of `migrate.toml`. */
	readonly config: string;
	/** False where it was there already. */
	readonly written: boolean;
	readonly database: string;
	readonly migrations: string;
	readonly models: string;
}

/** `create --json` and `diff --json`. */
export interface ChangesJson {
	/** Open questions; where there are any, nothing is written and the command ends with 3. */
	readonly questions: readonly Question[];
	/** In the order in which they are carried out; without what open questions are about. */
	readonly operations: readonly Operation[];
	readonly hazards: readonly Hazard[];
	/** What the hazards find in the rows of the database. */
	readonly findings: readonly Finding[];
}

export interface DiffJson extends ChangesJson {
	/** With `--format` or `--empty`: the file that `create` would write. */
	readonly text?: string;
}

export interface CreateJson extends ChangesJson {
	/** The name of the migration that was written; null where nothing was. */
	readonly migration: string | null;
	readonly path: string | null;
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
		/** The name in the history of the database, if the file was renamed since. */
		readonly renamedFrom?: string;
	}[];
	readonly pending: readonly {readonly name: string; readonly destructive: boolean}[];
	/** Applied migrations whose file was changed since. */
	readonly edited: readonly string[];
	/** Applied migrations without a file. */
	readonly missing: readonly string[];
	/** Present if the database has migrations that come after all files here: it is newer than this program. */
	readonly databaseNewer?: true;
	/** What differs in the database from what its migrations made, in words. */
	readonly drift: readonly string[];
	/** What the models have that no migration has, in words. */
	readonly ahead: readonly string[];
	/** Open questions of the next `create`. */
	readonly questions: number;
	/** There only where the models do not load, or are not there: what they say is not known then. */
	readonly modelsError?: Omit<ErrorJson['error'], 'exitCode'>;
	/**
	 * There only where a pending migration cannot be read or does not fit the database: its file and line. What the pending ones lose, and what the
	 * models have that they have not, is not known then.
	 */
	readonly pendingError?: Omit<ErrorJson['error'], 'exitCode'>;
	/** True where the models, the migrations and the database agree and nothing is pending. */
	readonly inSync: boolean;
}

/** `check --json`. */
export interface CheckJson {
	readonly ok: boolean;
	readonly problems: readonly CheckProblemJson[];
	/** Problems that `migrate.toml` accepts: `newDatabase` with `new_databases = false`. Absent if there are none. */
	readonly accepted?: readonly CheckProblemJson[];
}

export interface CheckProblemJson {
	/** `newDatabase`: `upgrade` cannot build a new database from the migrations. */
	readonly kind: 'modelsAhead' | 'drift' | 'edited' | 'missing' | 'databaseNewer' | 'renamed' | 'pending' | 'outOfOrder' | 'newDatabase';
	readonly message: string;
	/** What differs: changes, migrations or objects. */
	readonly items: readonly string[];
	readonly hint: string;
}

/** Each line of `upgrade --json` and `downgrade --json`; the last is `done` or `failed`. */
export type RunJson = ApplyEvent;

/** The last line of `upgrade --json` and `downgrade --json` that could not begin: a `failed` event like every other, and the error as any command tells it. */
export type FailedRunJson = FailedEvent & ErrorJson;

/** `baseline --json`. */
export interface BaselineJson {
	readonly database: string;
	/** The migrations that count as applied now. */
	readonly applied: readonly string[];
	/** The file that was written; null where those that are there make this schema. */
	readonly path: string | null;
	/** The applied migration whose edited file was recorded; absent otherwise. */
	readonly recorded?: string;
	readonly tables: number;
	/** Tools whose bookkeeping the database holds; it is left alone. */
	readonly tools: readonly {readonly tool: string; readonly tables: readonly string[]}[];
}

/** `pull --json`. */
export interface PullJson {
	readonly database: string;
	/** The files that were written. */
	readonly paths: readonly string[];
	/** With `--dry-run`: what would have been written. */
	readonly files: readonly {readonly name: string; readonly text: string}[];
	/** What the format cannot say, and what is written otherwise than it is stored, or left out. */
	readonly unsaid: readonly string[];
}

/** `squash --json`. */
export interface SquashJson {
	readonly migration: string;
	readonly path: string;
	/** The migrations that it stands for. */
	readonly parts: readonly string[];
	/** Where their files went. */
	readonly archive: string;
	/** Migrations whose changes of data were left out. */
	readonly leftOut: readonly string[];
}

/** A backup in `restore --json`. */
export interface BackupJson {
	/** What `lite-migr restore` takes. */
	readonly id: string;
	readonly path: string;
	readonly bytes: number;
	/** The migration that it was taken before; null where it was taken for another reason. */
	readonly before: string | null;
}

/** `restore --json`: the backups that there are, newest first. */
export interface BackupsJson {
	readonly backups: readonly BackupJson[];
	/** Files that may be backups of another database: `restore` takes them by their path alone. Absent if there are none. */
	readonly unclaimed?: readonly BackupJson[];
}

/** `restore <backup> --json`: what it would change, or has changed. */
export interface RestoreJson extends RestorePlanned {
	readonly backup: BackupJson;
	/** Null where nothing was done, because `--yes` is missing. */
	readonly restored: Restored | null;
}

/** `upgrade --sql --json` and `downgrade --sql --json`. */
export interface SqlJson {
	/** Empty where there is nothing to do. */
	readonly sql: string;
	readonly migrations: readonly string[];
	/** Migrations with code (`op.run`), which SQL cannot hold. */
	readonly withCode: readonly string[];
}

/** `baseline --from FOLDER --json`. */
export interface TakeoverJson {
	readonly database: string;
	/** The other tool. */
	readonly tool: string;
	/** The files that were written. */
	readonly written: readonly string[];
	readonly applied: readonly string[];
	readonly pending: readonly string[];
	/** What was changed in the imported files so that they mean the same here. */
	readonly notes: readonly string[];
	/** Why `upgrade` cannot build a new database from the imported files; empty if it can. */
	readonly newDatabaseProblems: readonly Omit<ErrorJson['error'], 'exitCode'>[];
}
