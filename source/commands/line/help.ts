import type {CommandJson, FlagJson, HelpJson} from '../help-json.ts';
import {wrapped} from '../text/wrapped.ts';
import {type Command, commonFlags, type Flags, flagName} from './command.ts';
import {errorCodes} from './error-codes.ts';

export {errorCodes, errorHelp} from './error-codes.ts';

/** Returns the help of the program: commands, global flags and exit codes. */
export function programHelp(commands: readonly Command[], version: string): string {
	return [
		`lite-migr ${version}`,
		'SQLite migrations that start from your data models and keep every row',
		'',
		...section(
			'Usage',
			columns([
				['lite-migr', 'open the interactive menu (needs a terminal)'],
				['lite-migr <command> [flags]', 'run one command'],
			]),
		),
		...section('Commands', columns(commands.map((command) => [commandLine(command), command.summary]))),
		...section('Global flags', columns(flagRows(commonFlags))),
		...section('Exit codes', columns(exitCodes)),
		...section(
			'Getting started',
			columns([
				['lite-migr init', 'create migrate.toml'],
				['lite-migr help create', 'show the help for a command'],
				['lite-migr help --error hazard', 'explain an error code of --json'],
			]),
		),
	]
		.join('\n')
		.trimEnd();
}

/** The exit codes of all commands, with their meaning. */
export const exitCodes = [
	['0', 'success, or nothing to do'],
	['1', 'failed; the database is unchanged unless the message says something else'],
	['2', 'invalid usage or configuration'],
	['3', 'an answer or a confirmation is required, but there is no terminal'],
	['4', 'check or bundle --check found a difference'],
	['130', 'cancelled: nothing was changed, or everything was rolled back'],
] as const;

/** Returns the help of commands as data, for programs. */
export function helpJson(commands: readonly Command[], version: string): HelpJson {
	return {
		version,
		commands: commands.map(commandJson),
		globalFlags: flagsJson(commonFlags),
		exitCodes: exitCodes.map(([code, meaning]) => ({code: Number(code), meaning})),
		errorCodes,
	};
}

function commandJson({name, summary, argument, flags, description, examples}: Command): CommandJson {
	return {
		name,
		summary,
		argument: argument === undefined ? null : {name: argument.name, required: argument.required, help: argument.help},
		flags: flagsJson(flags),
		description,
		examples: examples.map(([command, what]) => ({command, description: what})),
	};
}

function flagsJson(flags: Flags): readonly FlagJson[] {
	return Object.entries(flags).map(([key, {type, value = 'VALUE', choices = null, help}]) => ({
		name: flagName(key),
		type,
		value: type === 'boolean' ? null : value,
		choices,
		help,
	}));
}

/** Returns the help of one command. */
export function commandHelp(command: Command): string {
	const {argument} = command;
	return [
		...heading(command),
		'',
		...command.description.flatMap((paragraph) => [...wrapped(paragraph), '']),
		...(argument === undefined ? [] : section('Argument', columns([[placeholder(argument), argument.help]]))),
		...(Object.keys(command.flags).length === 0 ? [] : section('Flags', columns(flagRows(command.flags)))),
		...section('Global flags', columns(flagRows(commonFlags))),
		...section('Examples', exampleLines(command.examples)),
	]
		.join('\n')
		.trimEnd();
}

/** Puts the summary after the command, or below it if the line would be too wide. */
function heading(command: Command): string[] {
	const line = `lite-migr ${commandLine(command)}`;
	return wrapped(command.summary, 78 - line.length - 3).length === 1
		? [`${line}   ${command.summary}`]
		: [line, ...wrapped(command.summary).map((row) => `  ${row}`)];
}

/** Puts the description, if there is one, after each command line. */
function exampleLines(examples: Command['examples']): string[] {
	const width = Math.max(0, ...examples.filter(([, what]) => what !== '').map(([line]) => line.length));
	return examples.map(([line, what]) => (what === '' ? line : `${line.padEnd(width)}   ${what}`));
}

/** Returns the name of a command with its argument: `create <name>`. */
export function commandLine({name, argument}: Command): string {
	return argument === undefined ? name : `${name} ${placeholder(argument)}`;
}

/** Returns the argument as help shows it: `<name>`, or `[name]` if it is optional. */
export function placeholder({name, required}: NonNullable<Command['argument']>): string {
	return required ? `<${name}>` : `[${name}]`;
}

/** Returns each flag, with the placeholder of its value, and its description. */
export function flagRows(flags: Flags): (readonly [string, string])[] {
	return Object.entries(flags).map(([key, flag]) => {
		const repeated = flag.type === 'strings' ? ' (repeatable)' : '';
		return [`${flagName(key)}${flag.type === 'boolean' ? '' : ` ${flag.value ?? 'VALUE'}`}`, `${flag.help}${repeated}`];
	});
}

function section(title: string, lines: readonly string[]): string[] {
	return [title, ...lines.map((line) => `  ${line}`), ''];
}

const helpColumn = 30;

/** Formats two columns. A left cell that is too wide gets its own line. */
function columns(rows: readonly (readonly [string, string])[]): string[] {
	const width = Math.min(helpColumn, Math.max(...rows.map(([left]) => left.length)));
	return rows.flatMap(([left, right]) => {
		const [first = '', ...more] = wrapped(right, 78 - width - 5);
		const rest = more.map((line) => ' '.repeat(width + 2) + line);
		return left.length > width ? [left, ' '.repeat(width + 2) + first, ...rest] : [left.padEnd(width + 2) + first, ...rest];
	});
}
