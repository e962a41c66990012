import {spawn} from '@lydell/node-pty';
import {measure, milliseconds, requireSuccess} from './measure.ts';
import {bin, node, project} from './project.ts';

const times = 11;

/** How long it takes in a terminal until something of the menu stands there. */
export async function firstPaint(): Promise<string> {
	const folder = project('CREATE TABLE user (id INTEGER PRIMARY KEY, name TEXT);\n');
	requireSuccess(await measure(node, [bin, 'create', 'start'], {cwd: folder}), 'create');
	requireSuccess(await measure(node, [bin, 'upgrade', '--yes'], {cwd: folder}), 'upgrade');
	const paints: number[] = [];
	const bare: number[] = [];
	for (let time = 0; time < times; time++) {
		paints.push(await untilShown([bin], folder, 'lite-migr'));
		bare.push(await untilShown(['-e', "process.stdout.write('shown')"], folder, 'shown'));
	}
	return [
		'## First paint of the menu',
		'',
		`Through a pseudo-terminal, median of ${times}, in turns with Node printing a word. Target: ≤ 200 ms.`,
		'',
		'| what | time |',
		'| --- | --- |',
		`| \`lite-migr\` | ${milliseconds(middle(paints))} |`,
		`| \`node -e\` | ${milliseconds(middle(bare))} |`,
	].join('\n');
}

/** Milliseconds until a text stands in the terminal. */
async function untilShown(args: readonly string[], cwd: string, text: string): Promise<number> {
	const begin = performance.now();
	const {CI: _, ...env} = process.env;
	const terminal = spawn(node, [...args], {cwd, cols: 80, rows: 24, env: {...env, TERM: 'xterm-256color'} as Record<string, string>});
	const exited = new Promise<void>((resolve) => terminal.onExit(() => resolve()));
	const shown = await new Promise<number>((resolve) => {
		let output = '';
		terminal.onData((data) => {
			output += data;
			if (output.includes(text)) resolve(performance.now() - begin);
		});
	});
	terminal.kill();
	await exited;
	return shown;
}

function middle(values: readonly number[]): number {
	return [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)] ?? 0;
}
