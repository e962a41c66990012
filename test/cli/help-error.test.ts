import {expect, test} from 'vitest';
import {exitCodeOf} from '../../source/commands/line/exit-code.ts';
import {projectFolder, toml} from '../project-folder.ts';

test('help --json lists all error codes, and each of them can be explained', async () => {
	const project = projectFolder();
	const {errorCodes} = JSON.parse((await project.lite('help', '--json')).stdout);
	expect(errorCodes.length).toBeGreaterThan(15);
	for (const each of errorCodes) {
		const {code, stdout} = await project.lite('help', '--error', each.code, '--json');
		expect(code).toBe(0);
		expect(JSON.parse(stdout)).toEqual(each);
		for (const field of ['meaning', 'database', 'next']) expect(each[field]).toMatch(/\w/);
		expect(each.exitCode).toBe(exitCodeOf(each.code));
	}
});

test('the explanation says what the code means, the state of the database and the next step, in lines of at most 80 columns', async () => {
	const {stdout} = await projectFolder().lite('help', '--error', 'hazard');
	expect(stdout).toMatch(/^hazard {6}Existing rows would make the run fail/);
	expect(stdout).toContain('\ndatabase    unchanged.\n');
	expect(stdout).toContain('\nexit code   1\n');
	for (const line of stdout.split('\n')) expect(line.length).toBeLessThanOrEqual(80);
});

test.each([
	[['--error', 'hazrd'], 'did you mean hazard?'],
	[['--error'], 'use one of these codes: usage, '],
	[['--error', '--json'], '--error needs an error code'],
	[['--error', 'evil\u001b[2J'], 'unknown error code evil\\x1b[2J'],
])('help %o suggests a code', async (argv, expected) => {
	const {code, stderr} = await projectFolder().lite('help', ...argv);
	expect(code).toBe(2);
	expect(stderr).toContain(expected);
});

test('each error in JSON names the command that explains it', async () => {
	const project = projectFolder();
	const {error} = JSON.parse((await project.lite('status', '--json')).stdout);
	expect(error).toMatchObject({code: 'config', help: 'lite-migr help --error config'});
	project.write('migrate.toml', toml);
	project.migration('1_a', "\tthrow new Error('no');");
	const events = (await project.lite('upgrade', '--json')).stdout.trim().split('\n');
	expect(JSON.parse(events.at(-1) ?? '')).toMatchObject({type: 'failed', code: 'migration', help: 'lite-migr help --error migration'});
	project.write('migrate.toml', 'nonsense');
	expect(JSON.parse((await project.lite('upgrade', '--json')).stdout)).toMatchObject({type: 'failed', help: 'lite-migr help --error config'});
});
