import {spawnSync} from 'node:child_process';
import {readFileSync} from 'node:fs';
import {join} from 'node:path';

export const repository = join(import.meta.dirname, '..', '..');

/** A fenced block of a page: its language, the file name after it, and its text. */
export interface Block {
	readonly language: string;
	readonly file: string | undefined;
	readonly text: string;
}

export interface ShownCommand {
	readonly command: string;
	readonly output: string;
}

/** Returns the text of a page. The path is relative to the repository. */
export function pageText(path: string): string {
	return readFileSync(join(repository, path), 'utf8');
}

/** Returns the fenced blocks of a page, in order. */
export function blocksOf(text: string): readonly Block[] {
	return [...text.matchAll(/^```(\w+)(?: (\S+))?\n([\s\S]*?)^```$/gm)].map(([, language = '', file, body = '']) => ({language, file, text: body}));
}

/** Returns the commands of a console block, each with its output. */
export function commandsOf({text}: Block): readonly ShownCommand[] {
	return text
		.split(/^\$ /m)
		.slice(1)
		.map((part) => {
			const [command = '', ...output] = part.split('\n');
			return {command, output: output.join('\n').trim()};
		});
}

/** Returns the arguments of a shown `npx lite-migr …`. */
export function argumentsOf({command}: ShownCommand): readonly string[] {
	const [npx, lite, ...argv] = command.split(' ');
	if (npx !== 'npx' || lite !== 'lite-migr') throw new Error(`not a command of lite-migr: ${command}`);
	return argv;
}

/** Starting npx takes several times longer than most commands. */
const npx = 'npx() { "./node_modules/.bin/$@"; }';

/** Runs a command and returns stdout and stderr as the user sees them, in order. */
export function run(command: string, cwd: string): string {
	const {stdout} = spawnSync('sh', ['-c', `${npx}; ${command} 2>&1`], {
		cwd,
		encoding: 'utf8',
		stdio: ['ignore', 'pipe', 'pipe'],
		env: {...process.env, NO_COLOR: '1', LC_ALL: 'C.UTF-8', npm_config_update_notifier: 'false', npm_config_loglevel: 'silent'},
	});
	return stdout;
}

/** Replaces the parts of a text that differ between runs: times, durations and sizes. */
export function normal(text: string): string {
	return text
		.replace(/\d{8}(_|T)\d{6}/g, '<time>')
		.replace(/\d{4}-\d\d-\d\d \d\d:\d\d:\d\d/g, '<time>')
		.replace(/\b[\d,]+(\.\d+)? (ms|s|kB)\b/g, '<size>')
		.trim();
}
