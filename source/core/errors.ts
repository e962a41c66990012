/** The place in the user's files or database where an error occurred. Only known parts are set. */
export interface ErrorLocation {
	readonly file?: string;
	/** 1-based. */
	readonly line?: number;
	/** 1-based. */
	readonly column?: number;
	readonly table?: string;
	/** A row, identified by its key, such as `id 17`. */
	readonly row?: string;
}

/**
 * The kind of error. Scripts may branch on it, so a code never changes its meaning.
 *
 * - `usage`, `config`: the command line or `migrate.toml` is wrong (exit 2)
 * - `answerNeeded`: a question or a confirmation is open and there is no terminal (exit 3)
 * - `cancelled`: stopped by the user and rolled back (exit 130)
 * - `databaseNewer`: the database has migrations that are newer than all files, and nothing was written (exit 1)
 * - everything else: failed, and the database is unchanged (exit 1)
 */
export type ErrorCode =
	| 'usage'
	| 'config'
	| 'answerNeeded'
	| 'cancelled'
	| 'syntax'
	| 'model'
	| 'migration'
	| 'history'
	| 'databaseNewer'
	| 'plan'
	| 'hazard'
	| 'guard'
	| 'locked'
	| 'database'
	| 'backup'
	| 'files';

export interface MigrErrorOptions {
	/** What to do next, in one or two short lines. */
	readonly hint?: string;
	readonly location?: ErrorLocation;
	/** Facts to show below the message, one per line: sample rows, the SQL that finds all of them. */
	readonly details?: readonly string[];
	readonly cause?: unknown;
}

/** A problem that the user can fix. It says what happened, where, and what to do next. */
export class MigrError extends Error {
	override readonly name = 'MigrError';
	readonly code: ErrorCode;
	readonly hint: string | undefined;
	readonly location: ErrorLocation | undefined;
	readonly details: readonly string[];

	constructor(code: ErrorCode, message: string, options: MigrErrorOptions = {}) {
		super(message, options.cause === undefined ? undefined : {cause: options.cause});
		this.code = code;
		this.hint = options.hint;
		this.location = options.location;
		this.details = options.details ?? [];
	}
}

/** Returns a copy of `error` with some fields replaced, for callers that know more about the problem. The original error becomes the `cause`. */
export function restated(
	error: MigrError,
	{code = error.code, message = error.message, hint = error.hint, location = error.location, details = error.details}: Restatement,
): MigrError {
	return new MigrError(code, message, {
		...(hint === undefined ? {} : {hint}),
		...(location === undefined || location === null ? {} : {location}),
		details,
		cause: error,
	});
}

/** The fields to replace in an error. Fields that are missing or undefined stay unchanged. */
export interface Restatement {
	readonly code?: ErrorCode;
	readonly message?: string;
	readonly hint?: string | undefined;
	/** Null removes the location. */
	readonly location?: ErrorLocation | null | undefined;
	readonly details?: readonly string[];
}
