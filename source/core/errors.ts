import type {Advice} from './text/advice.ts';

/** The place in the user's files or database where an error occurred. Only known parts are set. */
export interface ErrorLocation {
	readonly file?: string | undefined;
	/** 1-based. */
	readonly line?: number | undefined;
	/** 1-based. */
	readonly column?: number | undefined;
	readonly table?: string;
	/** A row, identified by its key, such as `id 17`. */
	readonly row?: string;
}

/**
 * The kind of error. Scripts may branch on it, so a code never changes its meaning.
 *
 * "Rolled back" does not include migrations with `transaction = false`. The migrations before such a migration are committed before it starts, and the
 * `failed` event lists committed migrations as `committed`. If the migration itself fails, the changes of its earlier statements stay.
 */
export type ErrorCode =
	/**
	 * The command line is invalid: an unknown command, a flag with a wrong value, or flags that cannot be combined.
	 *
	 * Database: unchanged.
	 *
	 * Next: correct the command. `lite-migr help <command>` lists its flags.
	 */
	| 'usage'
	/**
	 * `migrate.toml` is missing or invalid, or a path in it does not exist.
	 *
	 * Database: unchanged.
	 *
	 * Next: correct the setting that the message names, or create the file with `lite-migr init`.
	 */
	| 'config'
	/**
	 * A question is open, a loss needs confirmation, or the plan or state that was confirmed has changed since. There is no terminal to ask in.
	 *
	 * Database: unchanged. A run that had already started is rolled back.
	 *
	 * Next: add the flags that the message lists and run the command again.
	 */
	| 'answerNeeded'
	/**
	 * The run was stopped by Ctrl-C, SIGTERM or the `signal` of the caller, or the user left a question, a preview or a confirmation.
	 *
	 * Database: unchanged, or rolled back to its state before the run.
	 *
	 * Next: run the command again when you are ready.
	 */
	| 'cancelled'
	/**
	 * SQL text cannot be read: in a model, in a migration, or in a definition that the database stores.
	 *
	 * Database: unchanged.
	 *
	 * Next: correct the SQL at the file and line of the location.
	 */
	| 'syntax'
	/**
	 * A model cannot be loaded, or the models together do not describe a valid schema.
	 *
	 * Database: unchanged.
	 *
	 * Next: correct the model at the file and line of the location.
	 */
	| 'model'
	/**
	 * A migration file is invalid, or one of its statements or its code failed.
	 *
	 * Database: rolled back to its state before the run.
	 *
	 * Next: correct the migration at the file and line of the location.
	 */
	| 'migration'
	/**
	 * The migration history in the database and the migration files do not fit together: files are missing or edited, the order matters, or there is no downgrade.
	 *
	 * Database: unchanged.
	 *
	 * Next: restore the files, for example from git, or do what the hint says. `lite-migr status` shows the history.
	 */
	| 'history'
	/**
	 * The database has migrations that are newer than all migration files.
	 *
	 * Database: unchanged.
	 *
	 * Next: use the newer version of the program, or step back with `lite-migr downgrade --to NAME`.
	 */
	| 'databaseNewer'
	/**
	 * The server did not answer after a migration was sent to it.
	 *
	 * Database: unchanged or completely migrated. The migration may also still be running.
	 *
	 * Next: run `lite-migr status` to see whether the migration was applied.
	 */
	| 'outcomeUnknown'
	/**
	 * An operation cannot be applied to the schema: for example, it names a table that does not exist or exists already.
	 *
	 * Database: unchanged.
	 *
	 * Next: correct the operation in the migration file.
	 */
	| 'plan'
	/**
	 * Existing rows would make the run fail: they violate a new constraint, or they cannot be checked.
	 *
	 * Database: unchanged.
	 *
	 * Next: correct the rows, or set values with `--fill` in a new migration. The details contain a query that finds the rows.
	 */
	| 'hazard'
	/**
	 * A check of the result failed: the schema is not the planned one, rows would have no parent, or rows were changed that should not be.
	 *
	 * Database: rolled back to its state before the run.
	 *
	 * Next: correct the statement that the message names.
	 */
	| 'guard'
	/**
	 * Another process holds a lock on the database.
	 *
	 * Database: unchanged by this run. The other process may still change it.
	 *
	 * Next: wait for the other process to finish, or wait longer with `--wait SECONDS`.
	 */
	| 'locked'
	/**
	 * The database cannot be opened, read or written: it is missing, damaged or not a database, the disk is full, or the driver that the configuration requires does not load.
	 *
	 * Database: unchanged by this run, or rolled back.
	 *
	 * Next: remove the cause that the message names. If the file is damaged, restore a backup with `lite-migr restore`.
	 */
	| 'database'
	/**
	 * A backup cannot be taken, copied or restored, or is damaged.
	 *
	 * Database: unchanged, unless the message says that it is damaged after a restore.
	 *
	 * Next: check the backup folder and its free space, or use another backup.
	 */
	| 'backup'
	/**
	 * A file or folder cannot be read or written: permissions, a missing folder, a broken link, or no space.
	 *
	 * Database: unchanged.
	 *
	 * Next: correct the path or the permissions that the message names.
	 */
	| 'files';

/** The optional parts of an error. */
export interface MigrErrorOptions {
	/** What to do next, in one or two short lines. */
	readonly hint?: string | Advice | undefined;
	readonly location?: ErrorLocation | undefined;
	/** Facts to show below the message, one per line: sample rows, the SQL that finds all of them. */
	readonly details?: readonly string[] | undefined;
	/** The state of the database after the error, if it needs saying. */
	readonly state?: string | undefined;
	readonly cause?: unknown;
}

/** The hints for programs that use the library, if they differ. Not a property, because programs print errors with all properties. */
const programHints = new WeakMap<MigrError, string>();

/** A problem that the user can fix. It says what happened, where, and what to do next. */
export class MigrError extends Error {
	override readonly name = 'MigrError';
	readonly code: ErrorCode;
	readonly hint: string | undefined;
	readonly location: ErrorLocation | undefined;
	readonly details: readonly string[];
	/** The state of the database: `nothing was restored: app.db is unchanged`. Undefined if the code says it all. */
	readonly state: string | undefined;

	constructor(code: ErrorCode, message: string, options: MigrErrorOptions = {}) {
		super(message, options.cause === undefined ? undefined : {cause: options.cause});
		this.code = code;
		const {hint} = options;
		this.hint = typeof hint === 'object' ? hint.command : hint;
		if (typeof hint === 'object') programHints.set(this, hint.program);
		this.location = options.location;
		this.details = options.details ?? [];
		this.state = options.state;
	}
}

/** Returns a copy of `error` with some fields replaced, for callers that know more about the problem. The original error becomes the `cause`. */
export function restated(
	error: MigrError,
	{
		code = error.code,
		message = error.message,
		hint = hintOf(error),
		location = error.location,
		details = error.details,
		state = error.state,
	}: Restatement,
): MigrError {
	return new MigrError(code, message, {
		hint,
		location: location ?? undefined,
		details,
		state,
		cause: error,
	});
}

/** @internal Returns the hint of an error, for another error about the same problem. */
export function hintOf(error: MigrError): string | Advice | undefined {
	const {hint} = error;
	const program = programHints.get(error);
	return hint === undefined || program === undefined ? hint : {command: hint, program};
}

/** @internal Returns the error with the hint for programs, and with the same cause and stack. */
export function forPrograms(error: MigrError): MigrError {
	const hint = programHints.get(error);
	if (hint === undefined) return error;
	const {code, message, location, details, state, cause, stack} = error;
	const same = new MigrError(code, message, {hint, location, details, state, cause});
	if (stack !== undefined) same.stack = stack;
	return same;
}

/** The fields to replace in an error. Fields that are missing or undefined stay unchanged. */
export interface Restatement {
	readonly code?: ErrorCode;
	readonly message?: string;
	readonly hint?: string | Advice | undefined;
	/** Null removes the location. */
	readonly location?: ErrorLocation | null | undefined;
	readonly details?: readonly string[];
	readonly state?: string | undefined;
}
