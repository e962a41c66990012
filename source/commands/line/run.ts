import {existsSync} from 'node:fs';
import {hostname} from 'node:os';
import {MigrError} from '../../core/errors.ts';
import {knownFailure} from '../../core/sqlite/failure.ts';
import {clean} from '../../core/text/clean.ts';
import {linkFinder} from '../../core/text/links.ts';
import {nearest} from '../../core/text/nearest.ts';
import {symbolsFor} from '../../core/text/symbols.ts';
import type {ErrorJson, FailedRunJson} from '../json.ts';
import {commands} from '../registry.ts';
import {errorText, helpFor, problemJson} from '../text/error-text.ts';
import {type Output, outputOf} from '../text/output.ts';
import {addressIn} from './address-in.ts';
import {asksFor} from './asks-for.ts';
import type {Command, Context} from './command.ts';
import {type ExitCode, exitCode, exitCodeOf} from './exit-code.ts';
import {parseFlags, splitCommandLine} from './parse.ts';
import {canDrawScreens, supportsLinks, type TerminalFacts, wantsColor} from './terminal.ts';
import {uncaughtError} from './uncaught.ts';

/** The process environment that `cli.tsx` passes in. */
export interface Surroundings extends TerminalFacts {
	readonly cwd: string;
	readonly platform: string;
	readonly version: string;
	readonly interrupts: Context['interrupts'];
	readonly onInterrupt: Context['onInterrupt'];
	readonly endBySignal: Context['endBySignal'];
	readonly onSuddenEnd: Context['onSuddenEnd'];
	readonly isAtTerminal: Context['isAtTerminal'];
	/** Reads stdin to its end. */
	readonly readInput: Context['readInput'];
	readonly writeOut: (text: string) => void;
	readonly writeProblem: (text: string) => void;
	/** Opens the screens of a command, or the menu if no command is given. If absent, all output is plain text. */
	readonly openScreens?: (request: ScreenRequest) => Promise<ExitCode>;
}

/** The input of the terminal UI. */
export interface ScreenRequest extends Pick<Context, 'argument' | 'flags' | 'cwd' | 'environment'> {
	/** Undefined for the menu. */
	readonly command: string | undefined;
	readonly version: string;
}

/** Parses and runs a command line, and returns the exit code. Every error is reported here, as text or JSON. */
export async function run(argv: readonly string[], around: Surroundings): Promise<ExitCode> {
	const output = outputFor(argv, around);
	around.onSuddenEnd((uncaught) => report(uncaught === undefined ? endedEarly() : uncaughtError(uncaught.error), around, output));
	try {
		return await dispatch(argv, around, output);
	} catch (error) {
		return report(error, around, output, isRun(argv));
	}
}

/** True if the command prints events as JSON. `create upgrade` does not. */
function isRun(argv: readonly string[]): boolean {
	if (argv.includes('--sql')) return false;
	// The flags before it may be invalid.
	const command = argv.find((token) => Object.hasOwn(commands, token));
	return command === 'upgrade' || command === 'downgrade';
}

async function dispatch(argv: readonly string[], around: Surroundings, output: Output): Promise<ExitCode> {
	if (asksFor('version', argv)) {
		around.writeOut(`${argv.includes('--json') ? JSON.stringify({version: around.version}) : around.version}\n`);
		return exitCode.done;
	}
	if (asksFor('help', argv)) return await help(argv, around);
	const {command: name, rest} = splitCommandLine(argv);
	if (name === 'help') return await help(argv, around);
	if (name === undefined) return await menu((await parseFlags(rest, {name: '', flags: {}})).flags, around);
	const command = await commandNamed(name);
	const {argument, flags} = await parseFlags(rest, command);
	if (around.openScreens !== undefined && wantsScreens(around, flags) && command.hasScreens?.(flags, around.cwd) === true) {
		return await around.openScreens({command: name, argument, flags, cwd: around.cwd, environment: around.env, version: around.version});
	}
	const {cwd, env, interrupts, onInterrupt, endBySignal, isAtTerminal, readInput, onSuddenEnd} = around;
	const process = {interrupts, onInterrupt, endBySignal, isAtTerminal, readInput, onSuddenEnd};
	return await command.run({argument, flags, cwd, environment: env, output, commands: allCommands, ...process});
}

async function menu(flags: Context['flags'], around: Surroundings): Promise<ExitCode> {
	if (around.openScreens !== undefined && wantsScreens(around, flags)) {
		return await around.openScreens({
			command: undefined,
			argument: undefined,
			flags,
			cwd: around.cwd,
			environment: around.env,
			version: around.version,
		});
	}
	if (flags.json) throw new MigrError('usage', 'no command given', {hint: `use one of these commands: ${Object.keys(commands).join(', ')}`});
	const {programHelp} = await import('./help.ts');
	around.writeProblem(`${programHelp(await allCommands(), around.version)}\n\nlite-migr: no command given, and no terminal for the menu (exit 2)\n`);
	return exitCode.usage;
}

function wantsScreens(around: Surroundings, {yes, json}: {readonly yes: boolean; readonly json: boolean}): boolean {
	return canDrawScreens(around) && !yes && !json;
}

/** Prints the help. `help create`, `create --help` and `--help create` are the same. */
async function help(argv: readonly string[], around: Surroundings): Promise<ExitCode> {
	const code = errorCodeIn(argv);
	if (code !== undefined) return await explainCode(code, argv.includes('--json'), around);
	const name = argv.filter((token) => !token.startsWith('-') && token !== 'help').find((token) => Object.hasOwn(commands, token)) ?? firstName(argv);
	const {commandHelp, helpJson, programHelp} = await import('./help.ts');
	if (argv.includes('--json')) {
		const shown = name === undefined ? await allCommands() : [await commandNamed(name)];
		around.writeOut(`${JSON.stringify(helpJson(shown, around.version))}\n`);
		return exitCode.done;
	}
	const text = name === undefined ? programHelp(await allCommands(), around.version) : commandHelp(await commandNamed(name));
	around.writeOut(`${text}\n`);
	return exitCode.done;
}

/** Returns the value of `--error` in `help --error CODE`. Empty if it is missing. */
function errorCodeIn(argv: readonly string[]): string | undefined {
	if (argv.find((token) => !token.startsWith('-')) !== 'help') return undefined;
	const at = argv.indexOf('--error');
	if (at === -1) return argv.find((token) => token.startsWith('--error='))?.slice('--error='.length);
	const code = argv[at + 1] ?? '';
	return code.startsWith('-') ? '' : code;
}

async function explainCode(code: string, isJson: boolean, around: Surroundings): Promise<ExitCode> {
	const {errorCodes, errorHelp} = await import('./help.ts');
	const found = errorCodes.find((each) => each.code === code);
	if (found === undefined) {
		const codes = errorCodes.map((each) => each.code);
		const near = nearest(code, codes);
		throw new MigrError('usage', code === '' ? '--error needs an error code' : `unknown error code ${clean(code)}`, {
			hint: near === undefined ? `use one of these codes: ${codes.join(', ')}` : `did you mean ${near}?`,
		});
	}
	around.writeOut(isJson ? `${JSON.stringify(found)}\n` : `${errorHelp(found)}\n`);
	return exitCode.done;
}

function firstName(argv: readonly string[]): string | undefined {
	return argv.find((token) => !token.startsWith('-') && token !== 'help');
}

async function allCommands(): Promise<Command[]> {
	return await Promise.all(Object.values(commands).map((load) => load()));
}

async function commandNamed(name: string): Promise<Command> {
	if (Object.hasOwn(commands, name)) return await commands[name as keyof typeof commands]();
	const near = nearest(name, Object.keys(commands));
	throw new MigrError('usage', `unknown command ${clean(name)}`, {
		hint: near === undefined ? `use one of these commands: ${Object.keys(commands).join(', ')}` : `did you mean lite-migr ${near}?`,
	});
}

/** Creates the output before the flags are parsed, because invalid flags are reported through it too. */
function outputFor(argv: readonly string[], around: Surroundings): Output {
	const find = supportsLinks(around) && !argv.includes('--json') ? linkFinder({cwd: around.cwd, host: hostname(), exists: existsSync}) : undefined;
	return outputOf({
		writeOut: around.writeOut,
		writeProblem: around.writeProblem,
		isJson: argv.includes('--json'),
		isTerminal: around.stdoutIsTerminal,
		linksOut: around.stdoutIsTerminal ? find : undefined,
		linksProblem: around.stderrIsTerminal === true ? find : undefined,
		hasColor: wantsColor(around, argv.includes('--no-color')),
		symbols: symbolsFor(around.env, around.platform),
		address: addressIn(argv),
	});
}

function endedEarly(): MigrError {
	return new MigrError('model', 'stopped early: a model or a migration ended the process, or is waiting for a promise that never settles', {
		hint: 'remove process.exit() and promises that never settle from models and migrations',
	});
}

function report(thrown: unknown, around: Surroundings, output: Output, isEvent = false): ExitCode {
	const error = knownFailure(thrown) ?? thrown;
	const code = error instanceof MigrError ? exitCodeOf(error.code) : exitCode.failed;
	output.problem(errorText(error, {cwd: around.cwd}));
	const json = errorJson(error, code);
	output.json(isEvent ? failedRunJson(json) : json);
	return code;
}

/** Adds the fields of a `failed` event, so that every run ends with an event, even if it could not start. */
function failedRunJson(json: ErrorJson): FailedRunJson {
	const {code, message, hint, location, details} = json.error;
	return {
		type: 'failed',
		code: code === 'internal' ? 'database' : code,
		message,
		hint,
		location,
		details,
		migration: null,
		state: 'nothing was written',
		committed: [],
		backup: null,
		help: json.error.help,
		...json,
	};
}

function errorJson(error: unknown, code: ExitCode): ErrorJson {
	if (error instanceof MigrError) {
		return {error: {...problemJson(error), exitCode: code}};
	}
	const message = error instanceof Error ? (error.stack ?? error.message) : String(error);
	const hint = 'please report this: it is a bug in lite-migr';
	return {error: {code: 'internal', message, hint, location: null, details: [], exitCode: code, help: helpFor('internal')}};
}
