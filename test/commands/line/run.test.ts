import {describe, expect, test} from 'vitest';
import {run, type ScreenRequest, type Surroundings} from '../../../source/commands/line/run.ts';

function around(change: Partial<Surroundings> = {}) {
	const reported = {out: '', problems: ''};
	const opened: ScreenRequest[] = [];
	const surroundings: Surroundings = {
		cwd: '/nowhere',
		env: {LANG: 'C.UTF-8'},
		platform: 'linux',
		version: '1.2.3',
		stdinIsTerminal: () => true,
		stdoutIsTerminal: true,
		interrupts: () => new AbortController().signal,
		onInterrupt: () => () => {},
		endBySignal: () => () => {},
		readInput: async () => '',
		onSuddenEnd: () => {},
		isAtTerminal: () => false,
		writeOut: (text) => {
			reported.out += text;
		},
		writeProblem: (text) => {
			reported.problems += text;
		},
		openScreens: async (request) => {
			opened.push(request);
			return 0;
		},
		...change,
	};
	return {surroundings, reported, opened};
}

describe('screens', () => {
	test('are opened for the menu and for commands on a terminal', async () => {
		const {surroundings, opened} = around();
		expect(await run([], surroundings)).toBe(0);
		expect(await run(['create', 'names', '--rename', 'a.b=c', '--db', 'x.db'], surroundings)).toBe(0);
		expect(opened).toMatchObject([
			{command: undefined, version: '1.2.3', cwd: '/nowhere'},
			{command: 'create', argument: 'names', flags: {rename: ['a.b=c'], db: 'x.db'}},
		]);
	});

	test.each([[['status', '--json']], [['upgrade', '--yes']], [['upgrade', '--sql']], [['check']], [['diff']], [['create', 'x', '--empty']]])(
		'are not opened for %j',
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
	])('are not opened %s', async (_, change) => {
		const {surroundings, opened, reported} = around(change);
		expect(await run(['status'], surroundings)).toBe(2);
		expect(await run([], surroundings)).toBe(2);
		expect(opened).toEqual([]);
		expect(reported.problems).toContain('no terminal for the menu');
	});

	test('are not opened if the command line is invalid', async () => {
		const {surroundings, opened} = around();
		expect(await run(['upgrade', '--bogus'], surroundings)).toBe(2);
		expect(opened).toEqual([]);
	});
});

describe('an internal error', () => {
	const broken = {
		openScreens: async () => {
			throw new TypeError('x is undefined');
		},
	};

	test('is reported as a bug in lite-migr, with a request to report it', async () => {
		const {surroundings, reported} = around(broken);
		expect(await run(['status'], surroundings)).toBe(1);
		expect(reported.problems).toContain('internal error: this is a bug in lite-migr');
		expect(reported.problems).toContain('TypeError: x is undefined');
		expect(reported.problems).toContain('please report it');
		expect(reported.out).toBe('');
	});

	test('is JSON with --json', async () => {
		const {surroundings, reported} = around({stdoutIsTerminal: false, cwd: '\0'});
		expect(await run(['status', '--json'], surroundings)).toBeGreaterThan(0);
		expect(JSON.parse(reported.out)).toMatchObject({error: {exitCode: expect.any(Number), code: expect.any(String)}});
	});
});
