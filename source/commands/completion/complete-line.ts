import {type Command, commonFlags, type Flag, type Flags, flagName} from '../line/command.ts';
import {errorCodes} from '../line/error-codes.ts';

/** One completion of the word under the cursor. */
export interface Completion {
	/** The whole word. */
	readonly word: string;
	readonly description: string;
}

/** The kind of name that a word is, if only the project contains the names. */
export type NamedThing = 'pending' | 'applied' | 'table' | 'column' | 'renamed' | 'filled' | 'backup';

/** What can be completed at the cursor. */
export type Expected =
	| {readonly kind: 'words'; readonly completions: readonly Completion[]}
	| {readonly kind: 'names'; readonly thing: NamedThing; readonly prefix: string; readonly flags: ProjectFlags}
	| {readonly kind: 'files'};

/** The flags of the line that name the project. */
export interface ProjectFlags {
	readonly config?: string;
	readonly db?: string;
}

const nothing: Expected = {kind: 'words', completions: []};

/** Flags whose values are names of the project. */
const namesOfFlags: Readonly<Record<string, NamedThing>> = {rename: 'renamed', drop: 'column', fill: 'filled', ignore: 'table'};

/** Flags whose values are files. */
const fileFlags: ReadonlySet<string> = new Set(['config', 'db', 'answers', 'out', 'migrations', 'models', 'dbList']);

/** Returns what can be completed at the end of a command line. Pure. */
export function expectedAt(line: string, commands: readonly Command[]): Expected {
	const words = line.trimStart().split(/\s+/);
	const word = words.at(-1) ?? '';
	const before = words.slice(1, -1);
	const {command, flags, open, hasArgument} = readWords(before, commands);
	const known: Flags = {...commonFlags, ...command?.flags};
	const context = {command: command?.name, known, flags};
	if (command === undefined && before.includes('help')) return expectedForHelp(word, before.slice(before.indexOf('help')), commands);
	if (open !== undefined) return expectedValue(open, context, '', word);
	const [, name, value] = /^--([a-z-]+)=(.*)$/.exec(word) ?? [];
	if (name !== undefined && value !== undefined) return expectedValue(keyOf(name), context, `--${name}=`, value);
	if (word.startsWith('-'))
		return matching(
			word,
			Object.entries(known).map(([key, {help}]) => ({word: flagName(key), description: help})),
		);
	if (command === undefined) {
		return matching(word, [...named(commands), {word: 'help', description: 'show the help for a command or an error code'}]);
	}
	if (hasArgument || command.argument === undefined) return nothing;
	if (command.argument.choices !== undefined)
		return matching(
			word,
			command.argument.choices.map((each) => ({word: each, description: ''})),
		);
	return command.name === 'restore' ? {kind: 'names', thing: 'backup', prefix: '', flags} : nothing;
}

function named(commands: readonly Command[]): readonly Completion[] {
	return commands.map(({name, summary}) => ({word: name, description: summary}));
}

/** Completes `help COMMAND` and `help --error CODE`. */
function expectedForHelp(word: string, before: readonly string[], commands: readonly Command[]): Expected {
	const [, prefix = ''] = /^(--error=)/.exec(word) ?? [];
	if (prefix !== '' || before.at(-1) === '--error') {
		return matching(
			word,
			errorCodes.map(({code, meaning}) => ({word: `${prefix}${code}`, description: meaning.replaceAll('`', '')})),
		);
	}
	if (word.startsWith('-')) {
		return matching(word, [
			{word: '--error', description: 'explain an error code'},
			...Object.entries(commonFlags).map(([key, {help}]) => ({word: flagName(key), description: help})),
		]);
	}
	return before.length > 1 ? nothing : matching(word, named(commands));
}

interface ReadWords {
	readonly command: Command | undefined;
	readonly flags: ProjectFlags;
	/** The flag before the cursor, if it still needs a value. */
	readonly open: string | undefined;
	readonly hasArgument: boolean;
}

function readWords(words: readonly string[], commands: readonly Command[]): ReadWords {
	let command: Command | undefined;
	let open: string | undefined;
	let hasArgument = false;
	const flags: {config?: string; db?: string} = {};
	for (const word of words) {
		if (open !== undefined) {
			if (open === 'config' || open === 'db') flags[open] = word;
			open = undefined;
		} else if (word.startsWith('--')) {
			const [name = '', value] = word.slice(2).split(/=(.*)/s);
			const key = keyOf(name);
			const flag: Flag | undefined = ({...commonFlags, ...command?.flags} as Flags)[key];
			if (value !== undefined && (key === 'config' || key === 'db')) flags[key] = value;
			else if (value === undefined && flag !== undefined && flag.type !== 'boolean') open = key;
		} else if (command === undefined) command = commands.find(({name}) => name === word);
		else hasArgument = true;
	}
	return {command, flags, open, hasArgument};
}

function expectedValue(
	key: string,
	{command, known, flags}: {readonly command: string | undefined; readonly known: Flags; readonly flags: ProjectFlags},
	prefix: string,
	value: string,
): Expected {
	const flag = known[key];
	if (flag === undefined || flag.type === 'boolean') return nothing;
	if (flag.choices !== undefined)
		return matching(
			`${prefix}${value}`,
			flag.choices.map((choice) => ({word: `${prefix}${choice}`, description: ''})),
		);
	// The last migration to apply, or the last one to keep.
	const thing = key === 'to' ? (command === 'downgrade' ? 'applied' : 'pending') : namesOfFlags[key];
	if (thing !== undefined) return {kind: 'names', thing, prefix, flags};
	return fileFlags.has(key) ? {kind: 'files'} : nothing;
}

export function matching(word: string, completions: readonly Completion[]): Expected {
	return {kind: 'words', completions: completions.filter((each) => each.word.startsWith(word))};
}

/** `no-backup` → `noBackup`. */
function keyOf(name: string): string {
	return name.replace(/-([a-z])/g, (_, letter: string) => letter.toUpperCase());
}
