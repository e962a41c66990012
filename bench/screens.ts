import {setTimeout} from 'node:timers/promises';
import pty from '@lydell/node-pty';
import {inTurns, measure, milliseconds, type Run, requireSuccess} from './measure.ts';
import {bin, node, project, writeModels} from './project.ts';

const small = 'CREATE TABLE user (id INTEGER PRIMARY KEY, name TEXT);\n';

/** Measures how long a user waits for the menu, and for the response to a key while the engine is busy. */
export async function screens(): Promise<string> {
	const folder = project(small);
	requireSuccess(await measure(node, [bin, 'create', 'start'], {cwd: folder}), 'create');
	requireSuccess(await measure(node, [bin, 'upgrade', '--yes'], {cwd: folder}), 'upgrade');
	const runs = await inTurns(15, {
		'node -e 0': () => measure(node, ['-e', '0']),
		'the menu, first paint': () => timeTo(folder, 'Downgrade'),
		'the menu, after models and drift are checked': () => timeTo(folder, 'models and migrations agree'),
	});
	const answers = (await keyAnswers()).toSorted((a, b) => a - b);
	const long = await keysOfLongPreview();
	const rows = Object.entries(runs).map(([name, run]) => `| ${name} | ${milliseconds(run.milliseconds)} |`);
	return [
		'## Screens',
		'',
		'Measured through a pseudo-terminal, median of 15 runs in turns. Targets: the menu within 150 ms, and a response to a key within 100 ms, even while a million rows are rewritten and in long lists.',
		'',
		'| measurement | time |',
		'| --- | --- |',
		...rows,
		`| a key during a rewrite of 1,000,000 rows, median of ${answers.length} | ${milliseconds(answers[Math.floor(answers.length / 2)] ?? Number.NaN)} |`,
		`| the slowest key | ${milliseconds(answers.at(-1) ?? Number.NaN)} |`,
		...long.map(([name, time]) => `| a preview of 10,000 lines: ${name}, median | ${milliseconds(time)} |`),
	].join('\n');
}

interface Opened {
	readonly output: () => string;
	readonly write: (keys: string) => void;
	readonly kill: () => void;
	readonly onOutput: (listener: () => void) => void;
	readonly exited: Promise<void>;
}

function open(folder: string, argv: readonly string[]): Opened {
	const {CI: _ci, NO_COLOR: _noColor, ...inherited} = process.env;
	const env = Object.fromEntries(
		Object.entries({...inherited, LC_ALL: 'C.UTF-8'}).filter((entry): entry is [string, string] => entry[1] !== undefined),
	);
	const child = pty.spawn(node, [bin, ...argv], {name: 'xterm-256color', cols: 80, rows: 24, cwd: folder, env});
	const listeners: (() => void)[] = [];
	let output = '';
	child.onData((data) => {
		output += data;
		for (const listener of listeners) listener();
	});
	return {
		output: () => output,
		write: (keys) => child.write(keys),
		kill: () => child.kill('SIGKILL'),
		onOutput: (listener) => listeners.push(listener),
		exited: new Promise((resolve) => child.onExit(() => resolve())),
	};
}

async function timeTo(folder: string, text: string): Promise<Run> {
	const started = performance.now();
	const terminal = open(folder, []);
	const shown = await new Promise<number>((resolve) =>
		terminal.onOutput(() => {
			if (terminal.output().includes(text)) resolve(performance.now() - started);
		}),
	);
	terminal.kill();
	await terminal.exited;
	return {milliseconds: shown, megabytes: null, cpu: null, status: 0, output: ''};
}

const longKeys: readonly (readonly [string, string])[] = [
	['one line down', '\u001b[B'],
	['one page down', '\u001b[6~'],
	['the next table', ']'],
	['the end', 'G'],
	['the start', 'g'],
];

/** Measures keys in the preview of a migration that creates 2,500 tables with 2 indexes each: 4 lines per table. */
async function keysOfLongPreview(): Promise<readonly (readonly [string, number])[]> {
	const models = Array.from({length: 2500}, (_, table) =>
		[
			`CREATE TABLE t${table} (id INTEGER PRIMARY KEY, a TEXT, b TEXT);`,
			...['a', 'b'].map((column) => `CREATE INDEX t${table}_${column} ON t${table} (${column});`),
		].join('\n'),
	);
	const terminal = open(project(`${models.join('\n')}\n`), ['create', 'long']);
	const drawn = (from: number, isComplete: (text: string) => boolean): Promise<number> => {
		const started = performance.now();
		return new Promise((resolve) =>
			terminal.onOutput(() => {
				if (isComplete(terminal.output().slice(from))) resolve(performance.now() - started);
			}),
		);
	};
	await drawn(0, (text) => text.includes('write the file'));
	const times = new Map<string, number[]>(longKeys.map(([name]) => [name, []]));
	for (let round = 0; round < 15; round += 1) {
		for (const [name, key] of longKeys) {
			// Keys that arrive together are handled together, so each one waits until the screen is quiet.
			await setTimeout(100);
			const answer = drawn(terminal.output().length, (text) => text !== '');
			terminal.write(key);
			times.get(name)!.push(await answer);
		}
	}

	terminal.kill();
	await terminal.exited;
	return [...times].map(([name, all]) => [name, all.toSorted((a, b) => a - b)[Math.floor(all.length / 2)]!] as const);
}

/** Measures the time from each press of Tab to the change on the screen, until the rewrite ends. */
async function keyAnswers(): Promise<readonly number[]> {
	const folder = project('CREATE TABLE big (id INTEGER PRIMARY KEY, n TEXT, t TEXT);\n');
	requireSuccess(await measure(node, [bin, 'create', 'start'], {cwd: folder}), 'create');
	requireSuccess(await measure(node, [bin, 'upgrade', '--yes'], {cwd: folder}), 'upgrade');
	const fill = `WITH RECURSIVE i(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM i WHERE i < 1000000) INSERT INTO big SELECT i, i, 'some text ' || i FROM i;`;
	requireSuccess(await measure('sqlite3', ['app.db', fill], {cwd: folder}), 'sqlite3');
	writeModels(folder, 'CREATE TABLE big (id INTEGER PRIMARY KEY, n TEXT COLLATE NOCASE, t TEXT UNIQUE);\n');
	requireSuccess(await measure(node, [bin, 'create', 'unique'], {cwd: folder}), 'create');
	const terminal = open(folder, ['upgrade']);
	const answers: number[] = [];
	let isOver = false;
	void terminal.exited.then(() => {
		isOver = true;
	});
	const next = (expected: RegExp): Promise<number> => {
		const from = terminal.output().length;
		const started = performance.now();
		return new Promise((resolve) => {
			const look = (): void => {
				if (expected.test(terminal.output().slice(from))) resolve(performance.now() - started);
			};
			terminal.onOutput(look);
			void terminal.exited.then(() => resolve(Number.NaN));
		});
	};
	await next(/rows\/s/);
	for (let isOpen = false; !isOver; isOpen = !isOpen) {
		const answer = next(isOpen ? /why/ : /less/);
		terminal.write('\t');
		answers.push(await answer);
	}
	return answers.filter((answer) => !Number.isNaN(answer));
}
