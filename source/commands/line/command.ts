import type {Output} from '../text/output.ts';
import type {ExitCode} from './exit-code.ts';

/** A flag of the command line. The key is its name in camel case: `noBackup` is `--no-backup`. */
export interface Flag {
	/** `strings` can be repeated. */
	readonly type: 'boolean' | 'string' | 'strings' | 'number';
	/** The placeholder for the value in help: `table.column=new`. */
	readonly value?: string;
	readonly help: string;
	readonly choices?: readonly string[];
	/** Set for a number that must be a whole number of at least 1. */
	readonly isCount?: true;
}

export type Flags = Readonly<Record<string, Flag>>;

/** The values of flags. If a flag is not given, booleans are false and lists are empty. */
export type FlagValues<F extends Flags> = {
	readonly [K in keyof F]: F[K]['type'] extends 'boolean'
		? boolean
		: F[K]['type'] extends 'strings'
			? readonly string[]
			: (F[K]['type'] extends 'number' ? number : string) | undefined;
};

export const commonFlags = {
	config: {type: 'string', value: 'FILE', help: 'configuration file (default: migrate.toml in this folder or a parent folder)'},
	db: {type: 'string', value: 'DB', help: 'database: a file, d1:NAME, d1-local:NAME, libsql://HOST or rqlite://HOST; overrides db_path'},
	yes: {type: 'boolean', help: 'confirm the changes shown; does not answer open questions'},
	json: {type: 'boolean', help: 'print JSON to stdout'},
	noColor: {type: 'boolean', help: 'disable colors'},
	help: {type: 'boolean', help: 'show this help'},
	version: {type: 'boolean', help: 'show the version'},
} as const satisfies Flags;

/** The values of the flags of a command and of the global flags. */
export type CommandFlags<F extends Flags> = FlagValues<F & typeof commonFlags> & {
	/** All values of `--db`, for a command that takes several databases. `db` is set only if there is exactly one. */
	readonly databases?: readonly string[];
};

export interface CommandArgument {
	readonly name: string;
	readonly required: boolean;
	readonly help: string;
	/** The values it can have, for completion. */
	readonly choices?: readonly string[];
}

/** The input of a command. */
export interface Context<F extends Flags = Flags> {
	readonly argument: string | undefined;
	readonly flags: CommandFlags<F>;
	/** The working folder. Relative paths in flags are resolved against it. */
	readonly cwd: string;
	/** The environment variables, for the credentials of a database on a server. */
	readonly environment: Readonly<Record<string, string | undefined>>;
	readonly output: Output;
	/** Loads all commands, for a command that is about the others. */
	readonly commands: () => Promise<readonly Command[]>;
	/**
	 * Handles Ctrl-C, SIGTERM and the end of the terminal from now on: the first one aborts the returned signal instead of ending the process. A second
	 * one calls `onSecond`, or ends the process if that is missing. A third one always ends it.
	 */
	readonly interrupts: (onSecond?: () => void) => AbortSignal;
	/**
	 * Calls a function for Ctrl-C, SIGTERM and the end of the terminal, instead of ending the process, until the returned function is called. For a wait in
	 * a command that SQLite's statements may block afterwards: without a handler, the system ends the process. A second signal always ends it.
	 */
	readonly onInterrupt: (handle: () => void) => () => void;
	/**
	 * Lets signals end the process, as without `interrupts`, until the event loop turns after the returned function was called: for work that blocks the
	 * event loop, so signals could not be handled, and that writes nothing.
	 */
	readonly endBySignal: () => () => void;
	/** True if a user at a terminal can press Ctrl-C. */
	readonly isAtTerminal: () => boolean;
	/** Reads stdin to its end. */
	readonly readInput: () => Promise<string>;
	/**
	 * Sets the function that reports when user code ends the process, throws an uncaught error, or waits for a promise that never settles. It is called
	 * when the process exits, so it must be synchronous.
	 */
	readonly onSuddenEnd: (report: (uncaught?: {readonly error: unknown}) => void) => void;
}

export interface Command<F extends Flags = Flags> {
	readonly name: string;
	/** One line for the list of commands. */
	readonly summary: string;
	readonly argument?: CommandArgument;
	readonly flags: F;
	/** Paragraphs for the help of the command. */
	readonly description: readonly string[];
	/** Full command lines, each with a description. */
	readonly examples: readonly (readonly [line: string, what: string])[];
	/** True if `--db` can be repeated, and can be a pattern. */
	readonly takesFleet?: true;
	/** True if a terminal shows screens instead of plain output. Omitted for a command without screens. */
	readonly hasScreens?: (flags: CommandFlags<F>, cwd: string) => boolean;
	/**
	 * Runs the command.
	 *
	 * @throws MigrError for problems that the user can fix
	 */
	run(context: Context<F>): Promise<ExitCode>;
}

/** Defines a command whose `run` gets typed flags. */
export function defineCommand<const F extends Flags>(command: Command<F>): Command {
	return command as unknown as Command;
}

/** Returns the flag for a key: `noBackup` → `--no-backup`. */
export function flagName(key: string): string {
	return `--${key.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`;
}
