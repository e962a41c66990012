import {MigrError} from '../../core/errors.ts';
import {clean} from '../../core/text/clean.ts';
import {nearest} from '../../core/text/nearest.ts';
import {type Command, type CommandFlags, commonFlags, type Flag, type Flags, flagName} from './command.ts';

/** A command line, split into the command name and everything else. */
export interface CommandLine {
	/** Undefined if no command is given. */
	readonly command: string | undefined;
	/** All other arguments, including flags before the command. */
	readonly rest: readonly string[];
}

/** Finds the command name: the first argument that is neither a flag nor the value of a flag. */
export function splitCommandLine(argv: readonly string[]): CommandLine {
	for (let index = 0; index < argv.length; index++) {
		const token = argv[index] ?? '';
		if (token === '--') break;
		if (!token.startsWith('-')) return {command: token, rest: argv.toSpliced(index, 1)};
		const flag = flagOf(token, commonFlags);
		if (flag === undefined) throw unknownFlag(token, commonFlags, 'put command flags after the command name');
		if (flag.type !== 'boolean' && !token.includes('=')) index++;
	}
	return {command: undefined, rest: argv};
}

export interface ParsedFlags<F extends Flags> {
	readonly argument: string | undefined;
	readonly flags: CommandFlags<F>;
}

/**
 * Parses the flags and the argument of a command.
 *
 * @param argv all arguments except the command name
 * @throws MigrError `usage` for an unknown flag (with the nearest known one), a missing or unexpected value, or too many arguments
 */
export async function parseFlags(
	argv: readonly string[],
	command: Pick<Command, 'name' | 'argument' | 'flags' | 'takesFleet'>,
): Promise<ParsedFlags<Flags>> {
	const allFlags: Flags = {...commonFlags, ...(command.takesFleet ? {db: {...commonFlags.db, type: 'strings'}} : {}), ...command.flags};
	checkTokens(argv, allFlags, command.name);
	// Loading the parser would take a tenth of the time of `status`.
	const {input, values} = onlySwitches(argv, allFlags) ?? (await parsed(argv, allFlags));
	const flags = Object.fromEntries(Object.entries(allFlags).map(([key, flag]) => [key, flagValue(key, flag, values[meowKey(key, flag)])]));
	return {argument: argumentOf(input, command), flags: (command.takesFleet ? withDatabases(flags) : flags) as CommandFlags<Flags>};
}

function withDatabases(flags: Readonly<Record<string, unknown>>): Readonly<Record<string, unknown>> {
	const databases = flags.db as readonly string[];
	return {...flags, db: databases.length === 1 ? databases[0] : undefined, databases};
}

interface Parsed {
	readonly input: readonly string[];
	readonly values: Readonly<Record<string, unknown>>;
}

/** Returns the values of a command line that has only flags without values, such as `--yes --json`. Undefined for all others. */
function onlySwitches(argv: readonly string[], known: Flags): Parsed | undefined {
	const values: Record<string, boolean> = {};
	for (const token of argv) {
		const [key, flag] = Object.entries(known).find(([each]) => flagName(each) === token) ?? [];
		if (key === undefined || flag?.type !== 'boolean') return undefined;
		values[meowKey(key, flag)] = meowKey(key, flag) === key;
	}
	return {input: [], values};
}

async function parsed(argv: readonly string[], known: Flags): Promise<Parsed> {
	const {default: meow} = await import('meow');
	const {input, flags} = meow('', {
		argv: joinDashes(argv, known).map(keepQuotes),
		importMeta: import.meta,
		// Passed explicitly, because meow would otherwise look for a package.json in every parent folder.
		pkg: {name: 'lite-migr'},
		autoHelp: false,
		autoVersion: false,
		booleanDefault: undefined as unknown as boolean,
		flags: Object.fromEntries(Object.entries(known).map(([key, flag]) => [meowKey(key, flag), meowFlag(flag)])),
	});
	return {input, values: flags};
}

/** Writes a value of `-`, which means stdin, as `--flag=-`. The parser would take it for an argument. */
function joinDashes(argv: readonly string[], known: Flags): readonly string[] {
	const takesNext = (token = '') => !token.includes('=') && (flagOf(token, known)?.type ?? 'boolean') !== 'boolean';
	return argv.flatMap((token, index) => {
		if (token === '-' && takesNext(argv[index - 1])) return [];
		return argv[index + 1] === '-' && takesNext(token) ? [`${token}=-`] : [token];
	});
}

/** Adds a second pair of quotes around the value of `--flag="value"`, because the parser removes one pair as if the shell had not. */
function keepQuotes(token: string): string {
	return token.replace(/^(--[^=]+=)((["'])[\s\S]*\3)$/, '$1$3$2$3');
}

/** Returns the key for meow, which treats `--no-backup` as the negation of a flag `backup`. */
function meowKey(key: string, flag: Flag): string {
	return flag.type === 'boolean' && /^no[A-Z]/.test(key) ? key.charAt(2).toLowerCase() + key.slice(3) : key;
}

function meowFlag(flag: Flag): {type: 'boolean' | 'string'; isMultiple?: boolean} {
	if (flag.type === 'boolean') return {type: 'boolean'};
	return flag.type === 'strings' ? {type: 'string', isMultiple: true} : {type: 'string'};
}

function flagValue(key: string, flag: Flag, value: unknown): unknown {
	const name = flagName(key);
	switch (flag.type) {
		case 'boolean':
			return meowKey(key, flag) === key ? value === true : value === false;
		case 'strings':
			return value ?? [];
		case 'string':
			if (flag.choices !== undefined && value !== undefined && !flag.choices.includes(String(value))) {
				throw new MigrError('usage', `${name} must be ${flag.choices.join(' or ')}, not ${clean(String(value))}`);
			}
			return value;
		case 'number': {
			if (value === undefined) return undefined;
			const number = Number(value);
			const isRight = flag.isCount === true ? Number.isSafeInteger(number) && number > 0 : Number.isFinite(number) && number >= 0;
			if (String(value).trim() === '' || !isRight) throw wrongNumber(name, flag, String(value));
			return number;
		}
	}
}

function wrongNumber(name: string, {isCount}: Flag, value: string): MigrError {
	return new MigrError('usage', `${name} must be a ${isCount === true ? 'whole number of at least 1' : 'number'}, not ${clean(value)}`);
}

function argumentOf(input: readonly string[], command: Pick<Command, 'name' | 'argument'>): string | undefined {
	const [first, ...more] = input;
	const extra = command.argument === undefined ? first : more[0];
	if (extra !== undefined && command.name === '') {
		throw new MigrError('usage', `unexpected argument ${clean(extra)}: a command cannot follow --`, {hint: 'run lite-migr <command> [flags]'});
	}
	if (extra !== undefined) {
		const takes = command.argument === undefined ? 'no argument' : 'one argument';
		throw new MigrError('usage', `unexpected argument ${clean(extra)}: ${command.name} takes ${takes}`, {hint: helpHint(command.name)});
	}
	if (command.argument === undefined) return undefined;
	if (command.argument.required && (first === undefined || first === '')) {
		throw new MigrError('usage', `${command.name} needs a ${command.argument.name}`, {
			hint: `run lite-migr ${command.name} <${command.argument.name}>`,
		});
	}
	return first;
}

/** Checks that every flag is known and has the value it needs, because meow ignores unknown flags. */
function checkTokens(argv: readonly string[], known: Flags, command: string): void {
	const given = new Set<string>();
	for (let index = 0; index < argv.length; index++) {
		const token = argv[index] ?? '';
		if (token === '--') return;
		if (!token.startsWith('-') || token === '-') continue;
		const flag = flagOf(token, known);
		const name = clean(token.split('=')[0] ?? '');
		if (flag === undefined) throw unknownFlag(token, known, helpHint(command));
		if (given.has(name) && flag.type !== 'strings' && flag.type !== 'boolean') throw new MigrError('usage', `${name} is given twice`);
		given.add(name);
		if (flag.type === 'boolean') {
			if (token.includes('=')) throw new MigrError('usage', `${name} takes no value`, {hint: helpHint(command)});
			continue;
		}
		const value = token.includes('=') ? token.slice(token.indexOf('=') + 1) : argv[++index];
		if (flag.type === 'number' && /^-\d/.test(value ?? '')) throw wrongNumber(name, flag, value ?? '');
		if (value === undefined || value === '' || (!token.includes('=') && /^-./.test(value))) {
			throw new MigrError('usage', `${name} needs a value`, {hint: `write ${name} ${flag.value ?? 'VALUE'}`});
		}
	}
}

function flagOf(token: string, known: Flags): Flag | undefined {
	if (token === '-h' || token === '-v') return {type: 'boolean', help: ''};
	const name = token.split('=')[0] ?? '';
	return Object.entries(known).find(([key]) => flagName(key) === name)?.[1];
}

function unknownFlag(token: string, known: Flags, hint: string): MigrError {
	const name = token.split('=')[0] ?? '';
	const near = nearest(name, Object.keys(known).map(flagName));
	return new MigrError('usage', `unknown flag ${clean(name)}`, {hint: near === undefined ? hint : `did you mean ${near}?`});
}

function helpHint(command: string): string {
	return command === '' ? 'run lite-migr help to list the commands and flags' : `run lite-migr help ${command} to list its flags`;
}
