import {type Command, commonFlags, type Flags, flagName} from './command.ts';

/** The whole program's help: commands, flags for all, exit codes. */
export function programHelp(commands: readonly Command[], version: string): string {
	return [
		`lite-migr ${version}   SQLite migrations that start from your data models and keep every row`,
		'',
		...section('Usage', ['lite-migr                   the guided menu, on a terminal', 'lite-migr <command> [flags]']),
		...section('Commands', columns(commands.map((command) => [commandLine(command), command.summary]))),
		...section('Flags for all', columns(flagRows(commonFlags))),
		...section('Exit codes', columns(exitCodes)),
		...section(
			'Start with',
			columns([
				['lite-migr init', 'writes migrate.toml'],
				['lite-migr help create', 'what a command takes'],
			]),
		),
	]
		.join('\n')
		.trimEnd();
}

const exitCodes = [
	['0', 'done, or nothing to do'],
	['1', 'it failed; the database is as it was'],
	['2', 'wrong usage or configuration'],
	['3', 'an answer or a confirmation is needed, and there is no terminal'],
	['4', 'check found that something differs'],
	['130', 'cancelled with Ctrl-C; rolled back'],
] as const;

/** One command's help. */
export function commandHelp(command: Command): string {
	const {argument} = command;
	return [
		...heading(command),
		'',
		...command.description.flatMap((paragraph) => [...wrapped(paragraph), '']),
		...(argument === undefined ? [] : section('Argument', columns([[placeholder(argument), argument.help]]))),
		...(Object.keys(command.flags).length === 0 ? [] : section('Flags', columns(flagRows(command.flags)))),
		...section('Flags for all', columns(flagRows(commonFlags))),
		...section('Examples', exampleLines(command.examples)),
	]
		.join('\n')
		.trimEnd();
}

/** The summary stands behind the command, or below it where the line would be too wide. */
function heading(command: Command): string[] {
	const line = `lite-migr ${commandLine(command)}`;
	return wrapped(command.summary, 78 - line.length - 3).length === 1
		? [`${line}   ${command.summary}`]
		: [line, ...wrapped(command.summary).map((row) => `  ${row}`)];
}

/** What a line does stands behind it, or is plain from the line. */
function exampleLines(examples: Command['examples']): string[] {
	const width = Math.max(0, ...examples.filter(([, what]) => what !== '').map(([line]) => line.length));
	return examples.map(([line, what]) => (what === '' ? line : `${line.padEnd(width)}   ${what}`));
}

function commandLine({name, argument}: Command): string {
	return argument === undefined ? name : `${name} ${placeholder(argument)}`;
}

function placeholder({name, required}: NonNullable<Command['argument']>): string {
	return required ? `<${name}>` : `[${name}]`;
}

function flagRows(flags: Flags): (readonly [string, string])[] {
	return Object.entries(flags).map(([key, flag]) => {
		const repeated = flag.type === 'strings' ? ' (can be repeated)' : '';
		return [`${flagName(key)}${flag.type === 'boolean' ? '' : ` ${flag.value ?? 'VALUE'}`}`, `${flag.help}${repeated}`];
	});
}

function section(title: string, lines: readonly string[]): string[] {
	return [title, ...lines.map((line) => `  ${line}`), ''];
}

const helpColumn = 30;

/** Two columns; the left one has a line of its own where it is too wide. */
function columns(rows: readonly (readonly [string, string])[]): string[] {
	const width = Math.min(helpColumn, Math.max(...rows.map(([left]) => left.length)));
	return rows.flatMap(([left, right]) => {
		const [first = '', ...more] = wrapped(right, 78 - width - 5);
		const rest = more.map((line) => ' '.repeat(width + 2) + line);
		return left.length > width ? [left, ' '.repeat(width + 2) + first, ...rest] : [left.padEnd(width + 2) + first, ...rest];
	});
}

function wrapped(text: string, width = 78): string[] {
	const lines: string[] = [];
	for (const word of text.split(' ')) {
		const last = lines.at(-1);
		if (last === undefined || last.length + 1 + word.length > width) lines.push(word);
		else lines[lines.length - 1] = `${last} ${word}`;
	}
	return lines;
}
