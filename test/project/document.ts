import {spawnSync} from 'node:child_process';
import {mkdirSync, writeFileSync} from 'node:fs';
import {dirname, join} from 'node:path';

/** A fenced block of a page: `console` with commands and what they print, or a file whose first line names it. */
export interface Block {
	readonly language: string;
	readonly lines: readonly string[];
}

export interface ShownCommand {
	readonly command: string;
	readonly output: string;
}

export function blocksOf(text: string): readonly Block[] {
	return [...text.matchAll(/^```(console|ts|sql)\n([\s\S]*?)^```$/gm)].map(([, language = '', body = '']) => ({
		language,
		lines: body.split('\n').slice(0, -1),
	}));
}

export function commandsOf({lines}: Block): readonly ShownCommand[] {
	const commands: {command: string; output: string[]}[] = [];
	for (const line of lines) {
		if (line.startsWith('$ ')) commands.push({command: line.slice(2), output: []});
		else commands.at(-1)?.output.push(line);
	}
	return commands.map(({command, output}) => ({command, output: output.join('\n')}));
}

/** Writes the file that a block shows; its first line is a comment with the path. */
export function writeShownFile({lines}: Block, folder: string): void {
	const path = join(folder, lines[0]?.replace(/^(\/\/|--) /, '') ?? '');
	mkdirSync(dirname(path), {recursive: true});
	writeFileSync(path, `${lines.slice(1).join('\n')}\n`);
}

/** What a person sees of a command: both streams, in order. */
export function run(command: string, cwd: string): string {
	const {stdout} = spawnSync('sh', ['-c', `${command} 2>&1`], {
		cwd,
		encoding: 'utf8',
		stdio: ['ignore', 'pipe', 'pipe'],
		env: {...process.env, NO_COLOR: '1', LC_ALL: 'C.UTF-8', npm_config_update_notifier: 'false', npm_config_loglevel: 'silent'},
	});
	return stdout;
}

/** Times, durations and sizes differ from run to run. */
export function normal(text: string): string {
	return text
		.replace(/\d{8}(_|T)\d{6}/g, '<time>')
		.replace(/\d+(\.\d+)? (ms|s|kB)\b/g, '<size>')
		.trim();
}
