import type {Output} from '../text/output.ts';
import type {ExitCode} from './exit-code.ts';

/** A flag of the command line. The key is its name in camel case: `noBackup` is `--no-backup`. */
export interface Flag {
	/** `strings` may be given many times. */
	readonly type: 'boolean' | 'string' | 'strings' | 'number';
	/** What stands for the value in help: `table.column=new`. */
	readonly value?: string;
	readonly help: string;
	readonly choices?: readonly string[];
	/** Of a number: whole, and from 1 on. */
	readonly isCount?: true;
}

export type Flags = Readonly<Record<string, Flag>>;

/** The values of flags: booleans are false and lists empty where the flag is not given. */
export type FlagValues<F extends Flags> = {
	readonly [K in keyof F]: F[K]['type'] extends 'boolean'
		? boolean
		: F[K]['type'] extends 'strings'
			? readonly string[]
			: (F[K]['type'] extends 'number' ? number : string) | undefined;
};

export const commonFlags = {
	config: {type: 'string', value: 'FILE', help: 'the configuration (default: migrate.toml here or in a parent folder)'},
	db: {type: 'string', value: 'FILE', help: 'the database, instead of db_path'},
	yes: {type: 'boolean', help: 'confirm what is shown; never answers a question'},
	json: {type: 'boolean', help: 'JSON on stdout'},
	noColor: {type: 'boolean', help: 'no colours'},
	help: {type: 'boolean', help: 'this text'},
	version: {type: 'boolean', help: 'the version'},
} as const satisfies Flags;

export interface CommandArgument {
	readonly name: string;
	readonly required: boolean;
	readonly help: string;
}

/** What a command gets to do its work. */
export interface Context<F extends Flags = Flags> {
	readonly argument: string | undefined;
	readonly flags: FlagValues<F & typeof commonFlags>;
	/** The working folder; relative paths of flags are relative to it. */
	readonly cwd: string;
	readonly output: Output;
	/** Takes Ctrl-C and SIGTERM over from now on: they abort the signal instead of ending the process. */
	readonly interrupts: () => AbortSignal;
	/**
	 * Takes over what is said when code of the user's ends the process, throws where nobody can catch it, or waits for what never comes. It is called at
	 * the very end, and cannot wait.
	 */
	readonly onSuddenEnd: (tell: (uncaught?: {readonly error: unknown}) => void) => void;
}

export interface Command<F extends Flags = Flags> {
	readonly name: string;
	/** One line for the list of commands. */
	readonly summary: string;
	readonly argument?: CommandArgument;
	readonly flags: F;
	/** Paragraphs for the command's own help. */
	readonly description: readonly string[];
	/** Whole command lines, with what they do. */
	readonly examples: readonly (readonly [line: string, what: string])[];
	/** True where a terminal gets screens instead of plain output; left out for never. */
	readonly hasScreens?: (flags: FlagValues<F & typeof commonFlags>) => boolean;
	/** Throws MigrError for what the user can mend. */
	run(context: Context<F>): Promise<ExitCode>;
}

/** Ties the types of flags and `run` together. */
export function defineCommand<const F extends Flags>(command: Command<F>): Command {
	return command as unknown as Command;
}

/** `noBackup` → `--no-backup`. */
export function flagName(key: string): string {
	return `--${key.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`;
}
