import {describe, expect, test} from 'vitest';
import {run, type ScreenRequest, type Surroundings} from '../../../source/commands/line/run.ts';

function around(change: Partial<Surroundings> = {}) {
	const told = {out: '', problems: ''};
	const opened: ScreenRequest[] = [];
	const surroundings: Surroundings = {
		cwd: '/nowhere',
		env: {LANG: 'C.UTF-8'},
		platform: 'linux',
		version: '1.2.3',
		stdinIsTerminal: () => true,
		stdoutIsTerminal: true,
		interrupts: () => new AbortController().signal,
		onSuddenEnd: () => {},
		writeOut: (text) => {
			told.out += text;
		},
		writeProblem: (text) => {
			told.problems += text;
		},
		openScreens: async (request) => {
			opened.push(request);
			return 0;
		},
		...change,
	};
	return {surroundings, told, opened};
}

describe('the gate to the screens', () => {
	test('opens the menu and the screens of a command on a terminal', async () => {
		const {surroundings, opened} = around();
		expect(await run([], surroundings)).toBe(0);
		expect(await run(['create', 'names', '--rename', 'a.b=c', '--db', 'x.db'], surroundings)).toBe(0);
		expect(opened).toMatchObject([
			{command: undefined, version: '1.2.3', cwd: '/nowhere'},
			{command: 'create', argument: 'names', flags: {rename: ['a.b=c'], db: 'x.db'}},
		]);
	});

	test.each([[['status', '--json']], [['upgrade', '--yes']], [['upgrade', '--sql']], [['check']], [['diff']], [['create', 'x', '--empty']]])(
		'stays shut for %j',
		async (argv) => {
			const {surroundings, opened} = around();
			expect(await run(argv, surroundings)).toBe(2);
			expect(opened).toEqual([]);
		},
	);

	test.each([
		['without a terminal to write to', {stdoutIsTerminal: false}],
		['without a terminal to read from', {stdinIsTerminal: () => false}],
		['in CI', {env: {CI: 'true'}}],
		['on a dumb terminal', {env: {TERM: 'dumb'}}],
	])('stays shut %s', async (_, change) => {
		const {surroundings, opened, told} = around(change);
		expect(await run(['status'], surroundings)).toBe(2);
		expect(await run([], surroundings)).toBe(2);
		expect(opened).toEqual([]);
		expect(told.problems).toContain('there is no terminal for the menu');
	});

	test('checks the command line before anything is drawn', async () => {
		const {surroundings, opened} = around();
		expect(await run(['upgrade', '--bogus'], surroundings)).toBe(2);
		expect(opened).toEqual([]);
	});
});

describe('a fault of our own', () => {
	const broken = {
		openScreens: async () => {
			throw new TypeError('x is undefined');
		},
	};

	test('is owned up to, and asks for a report', async () => {
		const {surroundings, told} = around(broken);
		expect(await run(['status'], surroundings)).toBe(1);
		expect(told.problems).toContain('lite-migr itself failed');
		expect(told.problems).toContain('TypeError: x is undefined');
		expect(told.problems).toContain('please report it');
		expect(told.out).toBe('');
	});

	test('is JSON where JSON is wanted', async () => {
		const {surroundings, told} = around({stdoutIsTerminal: false, cwd: '\0'});
		expect(await run(['status', '--json'], surroundings)).toBeGreaterThan(0);
		expect(JSON.parse(told.out)).toMatchObject({error: {exitCode: expect.any(Number), code: expect.any(String)}});
	});
});
