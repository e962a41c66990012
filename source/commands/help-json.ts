/** The types of the JSON that describes lite-migr itself: its commands, flags, error codes and completions. Public, like those in `json.ts`. */
import type {ErrorJson} from './json.ts';

/** `completion --json`. */
export interface CompletionJson {
	/** The script of the shell. Null with `--line`. */
	readonly script: string | null;
	/** The completions of the line. Empty without `--line`, and if the shell should complete files. */
	readonly completions: readonly {readonly word: string; readonly description: string}[];
}

/** `help --json`: all commands, or one command for `help <command> --json`. */
export interface HelpJson {
	readonly version: string;
	readonly commands: readonly CommandJson[];
	readonly globalFlags: readonly FlagJson[];
	readonly exitCodes: readonly {readonly code: number; readonly meaning: string}[];
	/** All codes of errors. */
	readonly errorCodes: readonly ErrorCodeJson[];
}

/** An error code in `help --json`, and in `help --error CODE --json`. */
export interface ErrorCodeJson {
	readonly code: ErrorJson['error']['code'];
	/** The exit code of a command that fails with it. */
	readonly exitCode: number;
	readonly meaning: string;
	/** The state of the database after it. */
	readonly database: string;
	/** What to do next. */
	readonly next: string;
}

/** A command in `help --json`. */
export interface CommandJson {
	readonly name: string;
	readonly summary: string;
	readonly argument: {readonly name: string; readonly required: boolean; readonly help: string} | null;
	readonly flags: readonly FlagJson[];
	/** Paragraphs. */
	readonly description: readonly string[];
	readonly examples: readonly {readonly command: string; readonly description: string}[];
}

/** A flag in `help --json`. */
export interface FlagJson {
	/** `--no-backup`. */
	readonly name: string;
	/** A `number` is a decimal number. `strings` can be repeated. */
	readonly type: 'boolean' | 'string' | 'strings' | 'number';
	/** The placeholder of its value. Null for a boolean. */
	readonly value: string | null;
	/** The values it accepts. Null if there is no list of them. */
	readonly choices: readonly string[] | null;
	readonly help: string;
}
