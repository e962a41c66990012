import type {ErrorCode} from '../../core/errors.ts';

/** What a command ends with; scripts branch on these, so they never change their meaning. */
export const exitCode = {
	/** Done, or nothing to do. */
	done: 0,
	/** It failed; the database is as it was. */
	failed: 1,
	/** Wrong usage or configuration. */
	usage: 2,
	/** An answer or a confirmation is needed and there is no terminal; nothing was written. */
	answerNeeded: 3,
	/** `check` found that something differs. */
	differs: 4,
	/** Cancelled with Ctrl-C; rolled back. */
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
