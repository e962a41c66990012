import fc from 'fast-check';
import {describe, expect, test} from 'vitest';
import {asksFor} from '../../../source/commands/line/asks-for.ts';
import {type Command, commonFlags, type Flags, flagName} from '../../../source/commands/line/command.ts';
import {parseFlags, splitCommandLine} from '../../../source/commands/line/parse.ts';
import {commands} from '../../../source/commands/registry.ts';
import type {MigrError} from '../../../source/core/errors.ts';

const flags: Flags = {
	rename: {type: 'strings', value: 'TABLE.OLD=NEW', help: ''},
	noRenames: {type: 'boolean', help: ''},
	noBackup: {type: 'boolean', help: ''},
	to: {type: 'string', value: 'NAME', help: ''},
	steps: {type: 'number', help: ''},
	format: {type: 'string', choices: ['ts', 'sql'], help: ''},
};
const command = {name: 'create', argument: {name: 'name', required: true, help: ''}, flags};

async function parse(...argv: string[]): Promise<Readonly<Record<string, unknown>>> {
	const parsed = await parseFlags(argv, command);
	return {argument: parsed.argument, ...parsed.flags};
}

async function failure(action: () => unknown): Promise<Pick<MigrError, 'code' | 'message' | 'hint'>> {
	try {
		await action();
	} catch (error) {
		const {code, message, hint} = error as MigrError;
		return {code, message, hint};
	}
	throw new Error('it did not fail');
}

describe('splitCommandLine', () => {
	test('finds the command after global flags', () => {
		expect(splitCommandLine(['--db', 'create', '--yes', 'upgrade', '--to', 'x'])).toEqual({
			command: 'upgrade',
			rest: ['--db', 'create', '--yes', '--to', 'x'],
		});
		expect(splitCommandLine(['--config=a.toml', 'status'])).toEqual({command: 'status', rest: ['--config=a.toml']});
		expect(splitCommandLine(['--json'])).toEqual({command: undefined, rest: ['--json']});
		expect(splitCommandLine([])).toEqual({command: undefined, rest: []});
	});

	test('rejects an unknown flag before the command', async () => {
		expect(await failure(() => splitCommandLine(['--jsn', 'status']))).toMatchObject({
			code: 'usage',
			message: 'unknown flag --jsn',
			hint: 'did you mean --json?',
		});
		expect(await failure(() => splitCommandLine(['--rename', 'a=b', 'create']))).toMatchObject({hint: 'put command flags after the command name'});
	});
});

describe('parseFlags', () => {
	test('reads flags anywhere, with and without an equals sign', async () => {
		expect(await parse('names', '--rename', 'user.name=full_name', '--rename=user=account', '--to=x', '--steps', '3', '--yes')).toMatchObject({
			argument: 'names',
			rename: ['user.name=full_name', 'user=account'],
			to: 'x',
			steps: 3,
			yes: true,
			json: false,
			noRenames: false,
		});
	});

	test('keeps quotes in values', async () => {
		expect((await parse('n', '--rename', '"my table"."a"="b"', '--rename="x"="y"')).rename).toEqual(['"my table"."a"="b"', '"x"="y"']);
		expect((await parse('n', '--to', '"x"')).to).toBe('"x"');
	});

	test('reads the flags that start with no', async () => {
		expect(await parse('n', '--no-renames', '--no-backup', '--no-color')).toMatchObject({noRenames: true, noBackup: true, noColor: true});
		expect(await parse('n')).toMatchObject({noRenames: false, noBackup: false, noColor: false, rename: [], to: undefined, steps: undefined});
	});

	test('takes everything after -- literally', async () => {
		expect((await parse('--', '--odd')).argument).toBe('--odd');
	});

	test('reads flags without values the same without the full parser', async () => {
		const loaded = await Promise.all(Object.values(commands).map((load) => load()));
		await fc.assert(
			fc.asyncProperty(fc.constantFrom(...loaded), fc.infiniteStream(fc.nat()), async (one: Command, numbers) => {
				const switches = Object.entries({...commonFlags, ...one.flags}).flatMap(([key, {type}]) => (type === 'boolean' ? [flagName(key)] : []));
				const argv = [...numbers.take(5)].map((number) => switches[number % switches.length] as string);
				const read = (given: readonly string[]) =>
					parseFlags(given, {name: one.name, flags: one.flags, ...(one.takesFleet === true ? {takesFleet: true} : {})});
				// With `--`, the full parser reads the same flags.
				expect(await read(argv)).toEqual(await read([...argv, '--']));
			}),
		);
	});

	test.each([
		[['n', '--bogus'], 'unknown flag --bogus', 'run lite-migr help create to list its flags'],
		[['n', '--renam=a=b'], 'unknown flag --renam', 'did you mean --rename?'],
		[['n', '--no-rename'], 'unknown flag --no-rename', 'did you mean --no-renames?'],
		[['n', '--renames'], 'unknown flag --renames', 'did you mean --rename?'],
		[['n', '--noRenames'], 'unknown flag --noRenames', 'did you mean --no-renames?'],
		[['n', '-x'], 'unknown flag -x', 'run lite-migr help create to list its flags'],
		[['n', '--to'], '--to needs a value', 'write --to NAME'],
		[['n', '--to='], '--to needs a value', 'write --to NAME'],
		[['n', '--to', '--yes'], '--to needs a value', 'write --to NAME'],
		[['n', '--yes=no'], '--yes takes no value', 'run lite-migr help create to list its flags'],
		[['n', '--to', 'a', '--to', 'b'], '--to is given twice', undefined],
		[['n', '--steps', 'two'], '--steps must be a number, not two', undefined],
		[['n', '--format', 'py'], '--format must be ts or sql, not py', undefined],
		[['n', 'm'], 'unexpected argument m: create takes one argument', 'run lite-migr help create to list its flags'],
		[[], 'create needs a name', 'run lite-migr create <name>'],
		[['n', '--\u001b[31m'], 'unknown flag --\\x1b[31m', 'run lite-migr help create to list its flags'],
	])('rejects %j', async (argv, message, hint) => {
		expect(await failure(() => parse(...argv))).toEqual({code: 'usage', message, hint});
	});

	test('rejects an argument for a command without one', async () => {
		expect((await failure(() => parseFlags(['x'], {name: 'status', flags: {}}))).message).toBe('unexpected argument x: status takes no argument');
	});
});

test('asksFor finds help and version flags anywhere before --', () => {
	expect(asksFor('help', ['create', '--rename', '--help'])).toBe(true);
	expect(asksFor('help', ['-h'])).toBe(true);
	expect(asksFor('version', ['-v'])).toBe(true);
	expect(asksFor('help', ['create', '--', '--help'])).toBe(false);
});
