import type {ErrorCode} from '../../core/errors.ts';

/** The exit codes of commands. Scripts depend on them, so their meaning never changes. */
export const exitCode = {
	/** Success, or nothing to do. */
	done: 0,
	/** Failed. The database is unchanged unless the message says something else: on a server, that may be unknown. */
	failed: 1,
	/** Invalid usage or configuration. */
	usage: 2,
	/** An answer or a confirmation is required, but there is no terminal. Nothing was written. */
	answerNeeded: 3,
	/** `check` or `bundle --check` found a difference. */
	differs: 4,
	/** Cancelled with Ctrl-C and rolled back. */
	cancelled: 130,
} as const;

export type ExitCode = (typeof exitCode)[keyof typeof exitCode];

export function exitCodeOf(code: ErrorCode): ExitCode {
	switch (code) {
		case 'usage':
		case 'config':
			return exitCode.usage;
		case 'answerNeeded':
			return exitCode.answerNeeded;
		case 'cancelled':
			return exitCode.cancelled;
		default:
			return exitCode.failed;
	}
}
