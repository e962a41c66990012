/** Where in the user's own things an error lies; every part that is known. */
export interface ErrorLocation {
	readonly file?: string;
	/** 1-based. */
	readonly line?: number;
	/** 1-based. */
	readonly column?: number;
	readonly table?: string;
	/** A row by its key, such as `id 17`. */
	readonly row?: string;
}

/**
 * What kind of thing went wrong; scripts may branch on it, so a code never changes its meaning.
 *
 * - `usage`, `config`: the command line or `migrate.toml` is wrong (exit 2)
 * - `answerNeeded`: a question or a confirmation is open and there is no terminal (exit 3)
 * - `cancelled`: stopped by the user; rolled back (exit 130)
 * - `databaseNewer`: the database has migrations that are newer than all files; nothing was written (exit 1)
 * - everything else: it failed; the database is as it was (exit 1)
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
	/** Facts below the message, one a line: sample rows, the SQL that finds them all. */
	readonly details?: readonly string[];
	readonly cause?: unknown;
}

/** A problem that the user can mend: it says what happened, where, and what to do next. */
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

/** The same problem, told otherwise where more is known of it: what `changes` says takes the place of what the error said. The error is the cause. */
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

/** What is left out, or undefined, stays as it was. */
export interface Restatement {
	readonly code?: ErrorCode;
	readonly message?: string;
	readonly hint?: string | undefined;
	/** Null takes it away. */
	readonly location?: ErrorLocation | null | undefined;
	readonly details?: readonly string[];
}
