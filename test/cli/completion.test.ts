import {execFileSync} from 'node:child_process';
import {chmodSync, existsSync} from 'node:fs';
import {delimiter, join} from 'node:path';
import {beforeEach, describe, expect, onTestFinished, test} from 'vitest';
import {projectForEachTest, toml} from '../project-folder.ts';
import {openProgram} from '../ui/command-terminal.ts';
import {builtBin} from './built-bin.ts';

const project = projectForEachTest();
beforeEach(() => project.write('migrate.toml', toml));
const completed = async (line: string): Promise<readonly string[]> => {
	const {code, stdout, stderr} = await project.lite('completion', 'bash', `--line=${line}`);
	expect({code, stderr}).toEqual({code: 0, stderr: ''});
	return stdout.split('\n').flatMap((row) => (row === '' ? [] : [row.split('\t')[0] as string]));
};

describe('completion of a line', () => {
	test('completes commands, including for help, and the shells of completion', async () => {
		expect(await completed('lite-migr up')).toEqual(['upgrade']);
		expect(await completed('lite-migr --db x.db sta')).toEqual(['status']);
		expect(await completed('lite-migr help re')).toEqual(['restore']);
		expect(await completed('lite-migr help --er')).toEqual(['--error']);
		expect(await completed('lite-migr help --error ha')).toEqual(['hazard']);
		expect(await completed('lite-migr help --error=ha')).toEqual(['--error=hazard']);
		expect(await completed('lite-migr help restore re')).toEqual([]);
		expect(await completed('lite-migr completion ')).toEqual(['bash', 'zsh', 'fish']);
	});

	test('completes flags of the command and their values', async () => {
		expect(await completed('lite-migr upgrade --no')).toEqual(['--no-color', '--no-backup', '--no-samples']);
		expect(await completed('lite-migr create x --format s')).toEqual(['sql']);
		expect(await completed('lite-migr create x --format=s')).toEqual(['--format=sql']);
		expect(await completed('lite-migr upgrade --sql --engine ')).toEqual(['sqlite', 'd1', 'libsql', 'rqlite']);
		expect(await completed('lite-migr status --db ')).toEqual([':files']);
		expect(await completed('lite-migr create na')).toEqual([]);
	});

	test('completes migrations, tables, columns and backups of the project', async () => {
		project.write('migrations/20260101_000000_start.sql', '-- upgrade\nCREATE TABLE start (id);\n');
		project.database((db) => db.exec('CREATE TABLE user (id INTEGER PRIMARY KEY, name TEXT); CREATE TABLE "odd name" (id)'));
		expect(await completed('lite-migr upgrade --to 2026')).toEqual(['20260101_000000_start']);
		expect(await completed('lite-migr create x --drop us')).toEqual(['user', 'user.id', 'user.name']);
		expect(await completed('lite-migr create x --rename user.n')).toEqual(['user.name=']);
		expect(await completed('lite-migr create x --fill=user.n')).toEqual(['--fill=user.name=']);
		expect(await completed('lite-migr create x --ignore odd')).toEqual([]);
		await project.lite('upgrade', '--yes');
		expect(await completed('lite-migr restore ')).toEqual([]);
		expect(await completed('lite-migr create x --drop _')).toEqual([]);
	});

	test('completes pending migrations for upgrade, and for downgrade applied ones that can be kept', async () => {
		const [one, two, three, four] = ['20260101_000000_a', '20260102_000000_b', '20260103_000000_c', '20260104_000000_d'] as const;
		for (const [index, name] of [one, two, three].entries()) project.migration(name, `\top.execute('CREATE TABLE t${index} (x)');`, '');
		expect(await completed('lite-migr upgrade --to ')).toEqual([one, two, three]);
		expect((await project.lite('upgrade', '--yes')).code).toBe(0);
		project.migration(four, "\top.execute('CREATE TABLE t4 (x)');", '');
		expect(await completed('lite-migr upgrade --to ')).toEqual([four]);
		expect(await completed('lite-migr upgrade --to=2026')).toEqual([`--to=${four}`]);
		expect(await completed('lite-migr downgrade --to ')).toEqual([one, two]);
		expect(await completed('lite-migr downgrade --db tenants/*.db --to ')).toEqual([one, two, three, four]);
		project.write('broken.db', 'not a database, but some text that is long enough');
		expect(await completed('lite-migr upgrade --db broken.db --to ')).toEqual([one, two, three, four]);
	});

	test('is empty, without an error, if there is no project', async () => {
		project.remove('migrate.toml');
		expect(await completed('lite-migr upgrade --to ')).toEqual([]);
	});

	test('rejects an unknown shell', async () => {
		expect(await project.lite('completion', 'tcsh')).toMatchObject({code: 2, stderr: expect.stringContaining('use one of these: bash, zsh, fish')});
	});
});

/** How each shell is started without the configuration of the user, and how it loads the script. */
const shells: Readonly<Record<string, {readonly argv: readonly string[]; readonly load: string}>> = {
	bash: {argv: ['--noprofile', '--norc', '-i'], load: 'eval "$(lite-migr completion bash)"'},
	zsh: {argv: ['-f', '-i'], load: 'autoload -Uz compinit && compinit -u -D && eval "$(lite-migr completion zsh)"'},
	fish: {argv: ['--no-config', '-i'], load: 'lite-migr completion fish | source'},
};

function programOf(shell: string): string | undefined {
	return (process.env.PATH ?? '')
		.split(delimiter)
		.map((folder) => join(folder, shell))
		.find(existsSync);
}

describe.each(Object.entries(shells))('in a real %s', (shell, {argv, load}) => {
	test.skipIf(programOf(shell) === undefined)('the Tab key completes commands, flags and columns', {timeout: 60_000}, async () => {
		project.database((db) => db.exec('CREATE TABLE user (id INTEGER PRIMARY KEY, full_name TEXT)'));
		project.write('bin/lite-migr', `#!/bin/sh\nexec '${process.execPath}' '${builtBin()}' "$@"\n`);
		chmodSync(join(project.path, 'bin', 'lite-migr'), 0o755);
		execFileSync(join(project.path, 'bin', 'lite-migr'), ['--version']);
		const terminal = openProgram(programOf(shell) as string, project.path, argv, {
			columns: 120,
			env: {PATH: `${join(project.path, 'bin')}${delimiter}${process.env.PATH}`, PS1: 'ready> ', HOME: project.path, fish_greeting: ''},
		});
		onTestFinished(() => terminal.kill('SIGKILL'));
		const ready = /(?:ready>|%|#|\$|>) $/m;
		await terminal.waitFor(/\S/);
		terminal.press(`${load}; echo loaded''-now\r`);
		await terminal.waitFor('loaded-now');
		await terminal.waitFor((frame) => ready.test(`${frame.split('\n').at(-1)} `));
		terminal.press('lite-migr upg\t');
		await terminal.waitFor('lite-migr upgrade');
		terminal.press('--no-b');
		await terminal.still();
		terminal.press('\t');
		await terminal.waitFor('upgrade --no-backup');
		terminal.press('\u0015lite-migr create x --drop user.fu\t');
		await terminal.waitFor('--drop user.full_name');
	});
});
